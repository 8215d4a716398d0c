/* SPDX-License-Identifier: Apache-2.0 */
/* base/utf8: every code point there is goes through, and nothing else does. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/utf8.h"

/* Write @p point the long way round, without a look at what is allowed. */
static size_t encode(uint32_t point, unsigned char *out)
{
    if (point < 0x80) {
        out[0] = (unsigned char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (unsigned char)(0xc0 | point >> 6);
        out[1] = (unsigned char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (unsigned char)(0xe0 | point >> 12);
        out[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | point >> 18);
    out[1] = (unsigned char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (point & 0x3f));
    return 4;
}

Test(utf8, every_code_point)
{
    for (uint32_t point = 0; point < 0x110400; point++) {
        unsigned char octets[4];
        size_t length = encode(point, octets);
        uint32_t taken = 0;
        bool good = point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);

        cr_assert_eq(utf8_take((struct slice){octets, length}, &taken), good ? length : 0, "U+%X", point);
        if (good) {
            cr_assert_eq(taken, point);
            cr_assert_eq(utf8_take((struct slice){octets, length - 1}, NULL), 0, "U+%X cut off", point);
        }
    }
}

/* Goal: of all sequences of two octets, exactly those are taken that two or one octet may be. */
Test(utf8, every_pair_of_octets)
{
    size_t taken[3] = {0, 0, 0};

    for (unsigned int first = 0; first < 256; first++) {
        for (unsigned int second = 0; second < 256; second++) {
            const unsigned char octets[2] = {(unsigned char)first, (unsigned char)second};

            taken[utf8_take((struct slice){octets, 2}, NULL)] += 1;
        }
    }
    cr_assert_eq(taken[1], 128 * 256);
    cr_assert_eq(taken[2], (0x800 - 0x80));
    cr_assert_eq(taken[0], 65536 - 128 * 256 - (0x800 - 0x80));
}

Test(utf8, overlong_forms_are_refused)
{
    static const char *const cases[] = {
        "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80",        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80\x80"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(utf8_take((struct slice){(const unsigned char *)cases[i], strlen(cases[i])}, NULL), 0,
                     "case %zu", i);
    }
}

Test(utf8, validity_looks_at_all_of_it)
{
    cr_assert(utf8_is_valid((struct slice){NULL, 0}));
    cr_assert(utf8_is_valid(slice_of_text("K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x94\x91")));
    cr_assert(utf8_is_valid((struct slice){(const unsigned char *)"a\0b", 3}));
    cr_assert_not(utf8_is_valid(slice_of_text("K\xc3\xb6ln \xe2\x82")));
    cr_assert_not(utf8_is_valid(slice_of_text("\xff")));
}

Test(utf8, what_can_be_shown_is_valid_and_without_controls)
{
    cr_assert(utf8_is_printable((struct slice){NULL, 0}));
    cr_assert(utf8_is_printable(slice_of_text("K\xc3\xb6ln \xe2\x82\xac")));
    cr_assert_not(utf8_is_printable((struct slice){(const unsigned char *)"a\0b", 3}));
    cr_assert_not(utf8_is_printable(slice_of_text("a\n")));
    cr_assert_not(utf8_is_printable(slice_of_text("a\xe2\x80\xae")));
    cr_assert_not(utf8_is_printable(slice_of_text("K\xc3")));
}

Test(utf8, controls)
{
    static const uint32_t controls[] = {0, 9, 0x1f, 0x7f, 0x80, 0x9f, 0x2028, 0x202e, 0x2066, 0x2069};
    static const uint32_t plain[] = {0x20, 0x7e, 0xa0, 0xe9, 0x2027, 0x202f, 0x2065, 0x206a, 0x1f511};

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        cr_assert(utf8_is_control(controls[i]), "U+%X", controls[i]);
    }
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        cr_assert_not(utf8_is_control(plain[i]), "U+%X", plain[i]);
    }
}
