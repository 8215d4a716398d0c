/* SPDX-License-Identifier: Apache-2.0 */
/* base/bytes: a buffer that grows, encodes, and leaves nothing behind. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/bytes.h"

Test(bytes, starts_empty)
{
    struct bytes bytes = BYTES_EMPTY;

    cr_assert_str_eq(bytes_text(&bytes), "");
    cr_assert_eq(slice_of(&bytes).length, 0);
    cr_assert_eq(bytes_append(&bytes, NULL, 0), 0);
    cr_assert_str_eq(bytes_text(&bytes), "");
    bytes_clear(&bytes);
    bytes_free(&bytes);
    bytes_free(&bytes);
    cr_assert_null(bytes.data);
}

Test(bytes, grows_octet_by_octet)
{
    struct bytes bytes = BYTES_EMPTY;

    for (size_t i = 0; i < 100000; i++) {
        cr_assert_eq(bytes_append_byte(&bytes, (unsigned char)(i % 251)), 0);
        cr_assert_eq(bytes.data[bytes.length], '\0');
    }
    cr_assert_eq(bytes.length, 100000);
    for (size_t i = 0; i < bytes.length; i++) {
        cr_assert_eq(bytes.data[i], i % 251);
    }
    bytes_free(&bytes);
}

/* Goal: a length that cannot be is refused, and the content stays. */
Test(bytes, overflow_is_refused)
{
    struct bytes bytes = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&bytes, "kept"), 0);
    cr_assert_eq(bytes_reserve(&bytes, SIZE_MAX), -1);
    cr_assert_eq(bytes_reserve(&bytes, SIZE_MAX - 4), -1);
    cr_assert_eq(bytes_append_hex(&bytes, (struct slice){(const unsigned char *)"", SIZE_MAX / 2}, 0), -1);
    cr_assert_eq(bytes_append_base64(&bytes, (struct slice){(const unsigned char *)"", SIZE_MAX / 2}, 0), -1);
    cr_assert_str_eq(bytes_text(&bytes), "kept");
    bytes_free(&bytes);
}

Test(bytes, clear_wipes_and_keeps_the_memory)
{
    struct bytes bytes = BYTES_EMPTY;
    const unsigned char *data;
    size_t capacity;

    cr_assert_eq(bytes_append_text(&bytes, "a passphrase of some length"), 0);
    data = bytes.data;
    capacity = bytes.capacity;
    bytes.length = 3; /* what was cut off by hand is wiped too */
    bytes_clear(&bytes);
    cr_assert_eq(bytes.data, data);
    cr_assert_eq(bytes.length, 0);
    for (size_t i = 0; i < capacity; i++) {
        cr_assert_eq(bytes.data[i], 0, "octet %zu", i);
    }
    bytes_free(&bytes);
}

Test(bytes, printf_short_long_and_exact)
{
    struct bytes bytes = BYTES_EMPTY;
    char text[301];

    memset(text, 'x', sizeof(text));
    text[300] = '\0';
    for (size_t length = 0; length <= 300; length++) {
        bytes_free(&bytes);
        cr_assert_eq(bytes_append_text(&bytes, "ab"), 0);
        cr_assert_eq(bytes_printf(&bytes, "%.*s%d", (int)length, text, 7), 0);
        cr_assert_eq(bytes.length, length + 3, "length %zu", length);
        cr_assert_eq(bytes.data[bytes.length], '\0');
        cr_assert_eq(bytes.data[bytes.length - 1], '7', "length %zu", length);
    }
    cr_assert_eq(bytes_printf(&bytes, "%s", ""), 0);
    bytes_free(&bytes);
}

Test(bytes, hexadecimal)
{
    static const unsigned char octets[] = {0x00, 0x0f, 0xa5, 0xff};
    struct bytes bytes = BYTES_EMPTY;

    cr_assert_eq(bytes_append_hex(&bytes, (struct slice){octets, 4}, 0), 0);
    cr_assert_str_eq(bytes_text(&bytes), "000fa5ff");
    cr_assert_eq(bytes_append_hex(&bytes, (struct slice){octets, 4}, ':'), 0);
    cr_assert_str_eq(bytes_text(&bytes), "000fa5ff00:0f:a5:ff");
    cr_assert_eq(bytes_append_hex(&bytes, (struct slice){NULL, 0}, ':'), 0);
    cr_assert_eq(bytes_append_hex(&bytes, (struct slice){octets, 1}, ':'), 0);
    cr_assert_str_eq(bytes_text(&bytes), "000fa5ff00:0f:a5:ff00");
    bytes_free(&bytes);
}

/* The examples of RFC 4648, section 10. */
Test(bytes, base64_of_the_rfc)
{
    static const char *const cases[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    struct bytes bytes = BYTES_EMPTY;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bytes_clear(&bytes);
        cr_assert_eq(bytes_append_base64(&bytes, slice_of_text(cases[i][0]), 0), 0);
        cr_assert_str_eq(bytes_text(&bytes), cases[i][1]);
    }
    bytes_free(&bytes);
}

/* Every length up to several lines, beside what OpenSSL makes of it. */
Test(bytes, base64_in_lines_as_openssl)
{
    unsigned char octets[300];
    struct bytes bytes = BYTES_EMPTY;

    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (unsigned char)(i * 89 + 7);
    }
    for (size_t length = 0; length <= sizeof(octets); length++) {
        unsigned char expected[600] = "";
        int made = 0;
        int tail = 0;
        EVP_ENCODE_CTX *encoder = EVP_ENCODE_CTX_new();

        EVP_EncodeInit(encoder);
        EVP_EncodeUpdate(encoder, expected, &made, octets, (int)length);
        EVP_EncodeFinal(encoder, expected + made, &tail);
        EVP_ENCODE_CTX_free(encoder);
        bytes_clear(&bytes);
        cr_assert_eq(bytes_append_base64(&bytes, (struct slice){octets, length}, 64), 0);
        cr_assert_str_eq(bytes_text(&bytes), (const char *)expected, "length %zu", length);
        cr_assert_eq(bytes.length, strlen(bytes_text(&bytes)));
    }
    bytes_free(&bytes);
}

Test(bytes, base64_lines_of_odd_lengths_are_rounded)
{
    struct bytes bytes = BYTES_EMPTY;

    cr_assert_eq(bytes_append_base64(&bytes, slice_of_text("foobar"), 1), 0);
    cr_assert_str_eq(bytes_text(&bytes), "Zm9v\nYmFy\n");
    bytes_clear(&bytes);
    cr_assert_eq(bytes_append_base64(&bytes, slice_of_text("foobarf"), 11), 0);
    cr_assert_str_eq(bytes_text(&bytes), "Zm9vYmFy\nZg==\n");
    bytes_free(&bytes);
}

Test(bytes, move_hands_over)
{
    struct bytes to = BYTES_EMPTY;
    struct bytes from = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&to, "old"), 0);
    cr_assert_eq(bytes_append_text(&from, "new"), 0);
    bytes_move(&to, &from);
    cr_assert_str_eq(bytes_text(&to), "new");
    cr_assert_null(from.data);
    bytes_move(&to, &to);
    cr_assert_str_eq(bytes_text(&to), "new");
    bytes_free(&to);
}

Test(bytes, slices_compare)
{
    struct slice nothing = {NULL, 0};

    cr_assert(slice_equal(nothing, slice_of_text("")));
    cr_assert(slice_equal(slice_of_text("ab"), slice_of_text("ab")));
    cr_assert_not(slice_equal(slice_of_text("ab"), slice_of_text("abc")));
    cr_assert_not(slice_equal(slice_of_text("ab"), slice_of_text("ac")));
}
