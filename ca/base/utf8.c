/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: the ranges are those of RFC 3629, section 4. */
#include "base/utf8.h"

size_t utf8_take(struct slice slice, uint32_t *point)
{
    const unsigned char *octet = slice.data;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    uint32_t value;
    size_t length;

    if (slice.length == 0) {
        return 0;
    }
    if (octet[0] < 0x80) {
        length = 1;
        value = octet[0];
    } else if (octet[0] >= 0xc2 && octet[0] <= 0xdf) {
        length = 2;
        value = octet[0] & 0x1fU;
    } else if (octet[0] >= 0xe0 && octet[0] <= 0xef) {
        length = 3;
        value = octet[0] & 0x0fU;
        low = octet[0] == 0xe0 ? 0xa0 : low;   /* overlong below */
        high = octet[0] == 0xed ? 0x9f : high; /* surrogates above */
    } else if (octet[0] >= 0xf0 && octet[0] <= 0xf4) {
        length = 4;
        value = octet[0] & 0x07U;
        low = octet[0] == 0xf0 ? 0x90 : low;   /* overlong below */
        high = octet[0] == 0xf4 ? 0x8f : high; /* beyond U+10FFFF above */
    } else {
        return 0;
    }
    if (slice.length < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (octet[i] < low || octet[i] > high) {
            return 0;
        }
        value = value << 6 | (octet[i] & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    if (point != NULL) {
        *point = value;
    }
    return length;
}

int utf8_append(struct bytes *bytes, uint32_t point)
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned char octets[4];
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return -1;
    }
    for (size_t i = length - 1; i > 0; i--) {
        octets[i] = (unsigned char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    octets[0] = (unsigned char)(leads[length] | point);
    return bytes_append(bytes, octets, length);
}

bool utf8_is_valid(struct slice slice)
{
    while (slice.length != 0) {
        size_t length = utf8_take(slice, NULL);

        if (length == 0) {
            return false;
        }
        slice.data += length;
        slice.length -= length;
    }
    return true;
}

bool utf8_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

bool utf8_is_printable(struct slice slice)
{
    uint32_t point = 0;

    while (slice.length != 0) {
        size_t length = utf8_take(slice, &point);

        if (length == 0 || utf8_is_control(point)) {
            return false;
        }
        slice.data += length;
        slice.length -= length;
    }
    return true;
}

int utf8_append_printable(struct bytes *bytes, struct slice text)
{
    while (text.length != 0) {
        uint32_t point = 0;
        size_t length = utf8_take(text, &point);
        bool plain = length != 0 && !utf8_is_control(point);
        int status = 0;

        length = length == 0 ? 1 : length;
        if (plain) {
            status = bytes_append(bytes, text.data, length);
        }
        for (size_t i = 0; !plain && status == 0 && i < length; i++) {
            status = bytes_printf(bytes, "\\x%02X", text.data[i]);
        }
        if (status != 0) {
            return -1;
        }
        text.data += length;
        text.length -= length;
    }
    return 0;
}
