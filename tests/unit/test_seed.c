/* SPDX-License-Identifier: Apache-2.0 */
/* base/seed: each owner and purpose has a stream of its own, which nothing else changes; and it never changes. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/seed.h"

#define LENGTH 32

static struct seed *seed;

static void set_up(void)
{
    seed = seed_new(NULL, slice_of_text("a seed for tests"));
}

static void tear_down(void)
{
    seed_free(seed);
}

TestSuite(seed, .init = set_up, .fini = tear_down);

/* The first octets of a stream, in hexadecimal. */
static const char *first_of(struct seed *of, const char *owner, const char *purpose, struct bytes *text)
{
    struct seed_stream *stream = seed_stream_new(of);
    unsigned char octets[LENGTH];

    cr_assert_not_null(stream);
    cr_assert_eq(seed_stream_begin(stream, slice_of_text(owner), slice_of_text(purpose)), 0);
    cr_assert_eq(seed_stream_read(stream, octets, LENGTH), 0);
    seed_stream_free(stream);
    bytes_clear(text);
    cr_assert_eq(bytes_append_hex(text, (struct slice){octets, LENGTH}, 0), 0);
    return bytes_text(text);
}

/* Computed by hand as the head of base/seed.c has it, with Python's hmac and hashlib. */
Test(seed, golden)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_str_eq(first_of(seed, "phone", "key", &text),
                     "5ef3deff0dad1f2e25b36cb96c8fbbfe2f7fe15390d64d3853c31bdd22d45560");
    cr_assert_str_eq(first_of(seed, "", "", &text),
                     "100a0e7085f071dc2cd14681678a4058c75953a804e53156c233a02db347f540");
    bytes_clear(&text);
    cr_assert_eq(bytes_append_hex(&text, seed_mark(seed), 0), 0);
    cr_assert_str_eq(bytes_text(&text), "1b92a4f87cbf45594b301507decf1e0834329f15c2ccd4b24ae6e9adf02d29ab");
    bytes_free(&text);
}

Test(seed, streams_differ)
{
    static const char *const names[][2] = {{"phone", "key"}, {"phone", "serial"}, {"server", "key"},
                                           {"phonek", "ey"}, {"phon", "ekey"},    {"phonekey", ""},
                                           {"", "phonekey"}, {"key", "phone"}};
#define NAMES (sizeof(names) / sizeof(names[0]))
    char got[NAMES + 1][2 * LENGTH + 1];
    struct seed *other = seed_new(NULL, slice_of_text("a seed for test"));
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < NAMES; i++) {
        memcpy(got[i], first_of(seed, names[i][0], names[i][1], &text), sizeof(got[i]));
    }
    memcpy(got[NAMES], first_of(other, "phone", "key", &text), sizeof(got[NAMES]));
    for (size_t i = 0; i <= NAMES; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(got[i], got[j], "%zu and %zu", i, j);
        }
    }
    cr_assert(!slice_equal(seed_mark(seed), seed_mark(other)));
    bytes_free(&text);
    seed_free(other);
}

Test(seed, neither_order_nor_neighbours_matter)
{
    struct seed_stream *stream = seed_stream_new(seed);
    unsigned char octets[LENGTH];
    struct bytes expected = BYTES_EMPTY;
    struct bytes got = BYTES_EMPTY;

    cr_assert_eq(seed_stream_begin(stream, slice_of_text("one"), slice_of_text("key")), 0);
    cr_assert_eq(seed_stream_read(stream, octets, 7), 0);
    cr_assert_eq(seed_stream_begin(stream, slice_of_text("phone"), slice_of_text("key")), 0);
    cr_assert_eq(seed_stream_read(stream, octets, LENGTH), 0);
    cr_assert_eq(bytes_append_hex(&got, (struct slice){octets, LENGTH}, 0), 0);
    cr_assert_str_eq(bytes_text(&got), first_of(seed, "phone", "key", &expected));
    /* and it goes on, rather than beginning again */
    cr_assert_eq(seed_stream_read(stream, octets, LENGTH), 0);
    bytes_clear(&got);
    cr_assert_eq(bytes_append_hex(&got, (struct slice){octets, LENGTH}, 0), 0);
    cr_assert_str_neq(bytes_text(&got), bytes_text(&expected));
    seed_stream_free(stream);
    bytes_free(&expected);
    bytes_free(&got);
}

Test(seed, nothing_before_it_is_begun)
{
    struct seed_stream *stream = seed_stream_new(seed);
    unsigned char octets[LENGTH];

    cr_assert_eq(seed_stream_read(stream, octets, LENGTH), -1);
    seed_stream_free(stream);
    seed_stream_free(NULL);
    seed_free(NULL);
}
