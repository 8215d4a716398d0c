/* SPDX-License-Identifier: Apache-2.0 */
/* base/context: randomness and time come from where the caller says. */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "base/context.h"
#include "base/seed.h"

static int counting(void *state, unsigned char *bytes, size_t length)
{
    unsigned char *next = state;

    for (size_t i = 0; i < length; i++) {
        bytes[i] = (*next)++;
    }
    return 0;
}

static int failing(void *state, unsigned char *bytes, size_t length)
{
    (void)state;
    (void)bytes;
    (void)length;
    return 1;
}

static instant fixed(void *state)
{
    return *(const instant *)state;
}

Test(context, the_systems_randomness_and_clock)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    struct context *context = context_new(libctx);
    unsigned char one[100000] = {0};
    unsigned char other[32] = {0};
    size_t zeros = 0;
    instant before = (instant)time(NULL);
    instant now;

    cr_assert_eq(context_libctx(context), libctx);
    cr_assert_eq(context_random(context, one, sizeof(one)), 0);
    cr_assert_eq(context_random(context, other, sizeof(other)), 0);
    cr_assert_neq(memcmp(one, other, sizeof(other)), 0);
    for (size_t i = 0; i < sizeof(one); i++) {
        zeros += one[i] == 0 ? 1 : 0;
    }
    cr_assert_lt(zeros, 600, "about 390 of 100,000 octets are 0, to the last one");
    cr_assert_eq(context_random(context, NULL, 0), 0);
    now = context_now(context);
    cr_assert(now >= before && now <= (instant)time(NULL));
    context_free(context);
    OSSL_LIB_CTX_free(libctx);
}

Test(context, replaced_and_restored)
{
    struct context *context = context_new(NULL);
    unsigned char next = 7;
    unsigned char got[3] = {0};
    instant past = -5;

    cr_assert_null(context_libctx(context));
    context_set_random(context, counting, &next);
    context_set_clock(context, fixed, &past);
    cr_assert_eq(context_random(context, got, 3), 0);
    cr_assert_arr_eq(got, ((unsigned char[]){7, 8, 9}), 3);
    cr_assert_eq(context_now(context), -5);
    context_set_random(context, failing, NULL);
    cr_assert_eq(context_random(context, got, 3), -1);
    context_set_random(context, NULL, NULL);
    context_set_clock(context, NULL, NULL);
    cr_assert_eq(context_random(context, got, 3), 0);
    cr_assert_gt(context_now(context), 1700000000);
    context_free(context);
    context_free(NULL);
}

Test(context, a_clock_that_stands)
{
    struct context *base = context_new(NULL);
    struct seed *seed = seed_new(NULL, slice_of_text("a seed for tests"));
    struct context *context;

    context_set_time(base, -5);
    context = context_new_seeded(base, seed);
    cr_assert_eq(context_now(base), -5);
    cr_assert_eq(context_now(context), -5);
    context_set_time(context, SEED_TIME);
    cr_assert_eq(context_now(context), 1577836800);
    cr_assert_eq(context_now(base), -5, "each has its own");
    context_set_clock(base, NULL, NULL);
    cr_assert_gt(context_now(base), 1700000000);
    context_free(context);
    context_free(base);
    seed_free(seed);
}

Test(context, seeded)
{
    struct seed *seed = seed_new(NULL, slice_of_text("a seed for tests"));
    struct context *base = context_new(NULL);
    struct context *context;
    struct seed_stream *stream = seed_stream_new(seed);
    instant past = 1600000000;
    unsigned char got[40];
    unsigned char expected[40];

    context_set_clock(base, fixed, &past);
    context = context_new_seeded(base, seed);
    cr_assert(context_is_fixture(context));
    cr_assert(!context_is_fixture(base));
    cr_assert_eq(context_now(context), past);
    cr_assert_eq(context_libctx(context), context_libctx(base));
    cr_assert_eq(context_random(context, got, sizeof(got)), -1, "nothing was begun");
    cr_assert_eq(context_begin(context, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(context_random(context, got, sizeof(got)), 0);
    cr_assert_eq(seed_stream_begin(stream, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(seed_stream_read(stream, expected, sizeof(expected)), 0);
    cr_assert_arr_eq(got, expected, sizeof(got));
    cr_assert_eq(context_begin(context, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(context_random(context, got, sizeof(got)), 0);
    cr_assert_arr_eq(got, expected, sizeof(got), "begun again, it is the same");
    cr_assert_eq(context_begin(context, slice_of_text("phone"), slice_of_text("serial")), 0);
    cr_assert_eq(context_random(context, got, sizeof(got)), 0);
    cr_assert_arr_neq(got, expected, sizeof(got));
    seed_stream_free(stream);
    context_free(context);
    context_free(base);
    seed_free(seed);
}

Test(context, to_begin_is_nothing_where_there_is_no_seed)
{
    struct context *context = context_new(NULL);
    unsigned char one[32];
    unsigned char other[32];

    cr_assert_eq(context_begin(context, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(context_random(context, one, sizeof(one)), 0);
    cr_assert_eq(context_begin(context, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(context_random(context, other, sizeof(other)), 0);
    cr_assert_arr_neq(one, other, sizeof(one));
    context_free(context);
}
