/* SPDX-License-Identifier: Apache-2.0 */
/* base/digest: SHA-256 over pieces that cannot run into each other. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/digest.h"

static struct context *context;
static struct digester *digester;

static void set_up(void)
{
    context = context_new(NULL);
    digester = digester_new(context);
}

static void tear_down(void)
{
    digester_free(digester);
    context_free(context);
}

TestSuite(digest, .init = set_up, .fini = tear_down);

static void assert_digest(const struct digest *digest, const char *expected)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(bytes_append_hex(&text, (struct slice){digest->octets, DIGEST_LENGTH}, 0), 0);
    cr_assert_str_eq(bytes_text(&text), expected);
    bytes_free(&text);
}

/* The examples that NIST publishes for SHA-256: "", "abc" and 56 letters. */
Test(digest, known_answers)
{
    static const char *const cases[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct digest digest;

        cr_assert_eq(digest_of(context, slice_of_text(cases[i][0]), &digest), 0);
        assert_digest(&digest, cases[i][1]);
    }
}

Test(digest, pieces_and_reuse)
{
    struct digest whole;
    struct digest pieces;

    for (int round = 0; round < 3; round++) {
        digester_add(digester, slice_of_text("a"));
        digester_add(digester, (struct slice){NULL, 0});
        digester_add(digester, slice_of_text("bc"));
        cr_assert_eq(digester_final(digester, &pieces), 0);
        assert_digest(&pieces, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    cr_assert_eq(digest_of(context, slice_of_text("abc"), &whole), 0);
    cr_assert(digest_equal(&whole, &pieces));
    whole.octets[31] ^= 1;
    cr_assert_not(digest_equal(&whole, &pieces));
}

/* Goal: what is stored beside outputs for years is made of exactly these octets. */
Test(digest, fields_and_numbers_are_eight_octets_big_endian)
{
    static const unsigned char expected[] = {0, 0, 0,   0,   0,   0,   0,   2,   'a', 'b', 0, 0,
                                             0, 0, 0,   0,   0,   0,   1,   2,   3,   4,   5, 6,
                                             7, 8, 255, 255, 255, 255, 255, 255, 255, 254};
    struct digest made;
    struct digest whole;

    digester_add_field(digester, slice_of_text("ab"));
    digester_add_field(digester, (struct slice){NULL, 0});
    digester_add_number(digester, INT64_C(0x0102030405060708));
    digester_add_number(digester, -2);
    cr_assert_eq(digester_final(digester, &made), 0);
    cr_assert_eq(digest_of(context, (struct slice){expected, sizeof(expected)}, &whole), 0);
    cr_assert(digest_equal(&made, &whole));
}

Test(digest, fields_do_not_run_into_each_other)
{
    struct digest one;
    struct digest other;

    digester_add_field(digester, slice_of_text("ab"));
    digester_add_field(digester, slice_of_text("c"));
    cr_assert_eq(digester_final(digester, &one), 0);
    digester_add_field(digester, slice_of_text("a"));
    digester_add_field(digester, slice_of_text("bc"));
    cr_assert_eq(digester_final(digester, &other), 0);
    cr_assert_not(digest_equal(&one, &other));
    digester_free(NULL);
}
