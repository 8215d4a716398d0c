/* SPDX-License-Identifier: Apache-2.0 */
/* BMPString to UTF-8 and back. */
#include "x509/bmp.h"

#include <stdint.h>

#include "base/utf8.h"

#define SURROGATE_HIGH 0xd800u
#define SURROGATE_LOW  0xdc00u
#define SURROGATE_END  0xe000u
#define BEYOND_BMP     0x10000u

static int append_unit(struct bytes *bmp, uint32_t unit)
{
    const unsigned char octets[2] = {(unsigned char)(unit >> 8), (unsigned char)(unit & 0xff)};

    return bytes_append(bmp, octets, sizeof(octets));
}

int bmp_from_utf8(struct slice utf8, struct bytes *bmp)
{
    while (utf8.length > 0) {
        uint32_t point = 0;
        size_t length = utf8_take(utf8, &point);
        int status;

        if (length == 0) {
            return -1;
        }
        if (point >= BEYOND_BMP) {
            point -= BEYOND_BMP;
            status = append_unit(bmp, SURROGATE_HIGH | point >> 10);
            if (status == 0) {
                status = append_unit(bmp, SURROGATE_LOW | (point & 0x3ff));
            }
        } else {
            status = append_unit(bmp, point);
        }
        if (status != 0) {
            return -1;
        }
        utf8.data += length;
        utf8.length -= length;
    }
    return 0;
}

static int append_point(struct bytes *utf8, uint32_t point)
{
    unsigned char octets[4];
    size_t length;

    if (point < 0x80) {
        octets[0] = (unsigned char)point;
        length = 1;
    } else if (point < 0x800) {
        octets[0] = (unsigned char)(0xc0 | point >> 6);
        octets[1] = (unsigned char)(0x80 | (point & 0x3f));
        length = 2;
    } else if (point < BEYOND_BMP) {
        octets[0] = (unsigned char)(0xe0 | point >> 12);
        octets[1] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
        octets[2] = (unsigned char)(0x80 | (point & 0x3f));
        length = 3;
    } else {
        octets[0] = (unsigned char)(0xf0 | point >> 18);
        octets[1] = (unsigned char)(0x80 | (point >> 12 & 0x3f));
        octets[2] = (unsigned char)(0x80 | (point >> 6 & 0x3f));
        octets[3] = (unsigned char)(0x80 | (point & 0x3f));
        length = 4;
    }
    return bytes_append(utf8, octets, length);
}

static uint32_t unit_at(struct slice bmp, size_t at)
{
    return (uint32_t)bmp.data[at] << 8 | bmp.data[at + 1];
}

int bmp_to_utf8(struct slice bmp, struct bytes *utf8)
{
    if (bmp.length % 2 != 0) {
        return -1;
    }
    for (size_t at = 0; at < bmp.length; at += 2) {
        uint32_t point = unit_at(bmp, at);

        if (point >= SURROGATE_LOW && point < SURROGATE_END) {
            return -1;
        }
        if (point >= SURROGATE_HIGH && point < SURROGATE_LOW) {
            uint32_t low;

            at += 2;
            low = at < bmp.length ? unit_at(bmp, at) : 0;
            if (low < SURROGATE_LOW || low >= SURROGATE_END) {
                return -1;
            }
            point = BEYOND_BMP + ((point & 0x3ff) << 10 | (low & 0x3ff));
        }
        if (append_point(utf8, point) != 0) {
            return -1;
        }
    }
    return 0;
}
