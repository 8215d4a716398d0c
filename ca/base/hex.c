/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal digits; the second is looked at only behind a first, so a text may end anywhere. */
#include "base/hex.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int hex_octet(const char *digits)
{
    int high = digit(digits[0]);
    int low = high < 0 ? -1 : digit(digits[1]);

    return low < 0 ? -1 : high * 16 + low;
}
