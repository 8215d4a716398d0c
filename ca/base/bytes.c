/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes: memory is only ever taken by malloc and given back after wiping; realloc would leave the old copy lying about. */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define SMALLEST_CAPACITY 64

int bytes_reserve(struct bytes *bytes, size_t extra)
{
    size_t capacity = bytes->capacity;
    unsigned char *data;
    size_t needed;

    if (extra >= SIZE_MAX - bytes->length) {
        return -1;
    }
    needed = bytes->length + extra + 1;
    if (needed <= capacity) {
        return 0;
    }
    capacity = capacity > SIZE_MAX / 2 ? SIZE_MAX : 2 * capacity;
    capacity = capacity < needed ? needed : capacity;
    capacity = capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : capacity;
    data = malloc(capacity);
    if (data == NULL) {
        return -1;
    }
    if (bytes->data != NULL) {
        memcpy(data, bytes->data, bytes->length);
        OPENSSL_cleanse(bytes->data, bytes->capacity);
        free(bytes->data);
    }
    data[bytes->length] = '\0';
    bytes->data = data;
    bytes->capacity = capacity;
    return 0;
}

int bytes_append(struct bytes *bytes, const void *data, size_t length)
{
    if (bytes_reserve(bytes, length) != 0) {
        return -1;
    }
    if (length != 0) {
        memcpy(bytes->data + bytes->length, data, length);
        bytes->length += length;
        bytes->data[bytes->length] = '\0';
    }
    return 0;
}

int bytes_append_text(struct bytes *bytes, const char *text)
{
    return bytes_append(bytes, text, strlen(text));
}

int bytes_append_byte(struct bytes *bytes, unsigned char byte)
{
    return bytes_append(bytes, &byte, 1);
}

/* Try the room that is there; a longer text tells its length and is formatted once more. */
int bytes_printf(struct bytes *bytes, const char *format, ...)
{
    va_list values;
    size_t room;
    int length;

    if (bytes_reserve(bytes, 0) != 0) {
        return -1;
    }
    room = bytes->capacity - bytes->length;
    va_start(values, format);
    length = vsnprintf((char *)bytes->data + bytes->length, room, format, values);
    va_end(values);
    if (length >= 0 && (size_t)length >= room) {
        bytes->data[bytes->length] = '\0';
        if (bytes_reserve(bytes, (size_t)length) != 0) {
            return -1;
        }
        va_start(values, format);
        length = vsnprintf((char *)bytes->data + bytes->length, (size_t)length + 1, format, values);
        va_end(values);
    }
    if (length < 0) {
        bytes->data[bytes->length] = '\0';
        return -1;
    }
    bytes->length += (size_t)length;
    return 0;
}

int bytes_append_hex(struct bytes *bytes, struct slice slice, char separator)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char *out;

    if (slice.length > SIZE_MAX / 3 || bytes_reserve(bytes, 3 * slice.length) != 0) {
        return -1;
    }
    out = bytes->data + bytes->length;
    for (size_t i = 0; i < slice.length; i++) {
        if (separator != '\0' && i != 0) {
            *out++ = (unsigned char)separator;
        }
        *out++ = (unsigned char)digits[slice.data[i] >> 4];
        *out++ = (unsigned char)digits[slice.data[i] & 0xf];
    }
    *out = '\0';
    bytes->length = (size_t)(out - bytes->data);
    return 0;
}

/* Encode @p length octets, padded, to @p out. Gives the end. */
static unsigned char *encode_base64(unsigned char *out, const unsigned char *data, size_t length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (; length >= 3; length -= 3, data += 3) {
        unsigned int group = (unsigned int)data[0] << 16 | (unsigned int)data[1] << 8 | data[2];

        *out++ = (unsigned char)alphabet[group >> 18];
        *out++ = (unsigned char)alphabet[group >> 12 & 0x3f];
        *out++ = (unsigned char)alphabet[group >> 6 & 0x3f];
        *out++ = (unsigned char)alphabet[group & 0x3f];
    }
    if (length != 0) {
        unsigned int group = (unsigned int)data[0] << 16 | (length == 2 ? (unsigned int)data[1] << 8 : 0U);

        *out++ = (unsigned char)alphabet[group >> 18];
        *out++ = (unsigned char)alphabet[group >> 12 & 0x3f];
        *out++ = length == 2 ? (unsigned char)alphabet[group >> 6 & 0x3f] : '=';
        *out++ = '=';
    }
    return out;
}

int bytes_append_base64(struct bytes *bytes, struct slice slice, size_t line)
{
    size_t octets = line == 0 ? SIZE_MAX : line < 8 ? 3 : line / 4 * 3; /* in one line */
    size_t lines = slice.length / octets + 1;
    unsigned char *out;

    /* 4 characters for 3 octets, and at most as many line ends as characters */
    if (slice.length > SIZE_MAX / 4 || bytes_reserve(bytes, slice.length / 3 * 4 + 4 + lines) != 0) {
        return -1;
    }
    out = bytes->data + bytes->length;
    while (slice.length != 0) {
        size_t length = slice.length < octets ? slice.length : octets;

        out = encode_base64(out, slice.data, length);
        if (line != 0) {
            *out++ = '\n';
        }
        slice.data += length;
        slice.length -= length;
    }
    *out = '\0';
    bytes->length = (size_t)(out - bytes->data);
    return 0;
}

void bytes_clear(struct bytes *bytes)
{
    if (bytes->data != NULL) {
        OPENSSL_cleanse(bytes->data, bytes->capacity);
        bytes->data[0] = '\0';
        bytes->length = 0;
    }
}

void bytes_free(struct bytes *bytes)
{
    if (bytes->data != NULL) {
        OPENSSL_cleanse(bytes->data, bytes->capacity);
        free(bytes->data);
    }
    *bytes = (struct bytes)BYTES_EMPTY;
}

void bytes_move(struct bytes *to, struct bytes *from)
{
    if (to != from) {
        bytes_free(to);
        *to = *from;
        *from = (struct bytes)BYTES_EMPTY;
    }
}

const char *bytes_text(const struct bytes *bytes)
{
    return bytes->data != NULL ? (const char *)bytes->data : "";
}

struct slice slice_of(const struct bytes *bytes)
{
    return (struct slice){bytes->data, bytes->length};
}

struct slice slice_of_text(const char *text)
{
    return (struct slice){(const unsigned char *)text, strlen(text)};
}

bool slice_equal(struct slice one, struct slice other)
{
    return one.length == other.length && (one.length == 0 || memcmp(one.data, other.data, one.length) == 0);
}

char *slice_copy(struct slice slice)
{
    char *copy = malloc(slice.length + 1);

    if (copy != NULL) {
        if (slice.length > 0) {
            memcpy(copy, slice.data, slice.length);
        }
        copy[slice.length] = 0;
    }
    return copy;
}
