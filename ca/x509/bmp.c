/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 to BMPString. */
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
