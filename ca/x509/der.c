/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER, written forward and read with distrust. An open value has one length octet kept free, which is all most values need;
 * closing a longer one moves its content once to make room.
 */
#include "x509/der.h"

#include <string.h>

#include "x509/instant.h"

/* How many constructed values der_is_well_formed follows into one another. */
#define READ_DEPTH_MAX 32

/* ---- writer ------------------------------------------------------------------------------------------------------ */

void der_start(struct der *der, struct bytes *out)
{
    der->out = out;
    der->depth = 0;
    der->failed = false;
}

static void append(struct der *der, const void *data, size_t length)
{
    if (!der->failed && bytes_append(der->out, data, length) != 0) {
        der->failed = true;
    }
}

void der_begin(struct der *der, unsigned char tag)
{
    const unsigned char header[2] = {tag, 0};

    if (der->depth == DER_DEPTH_MAX) {
        der->failed = true;
    }
    append(der, header, sizeof(header));
    if (!der->failed) {
        der->open[der->depth++] = der->out->length;
    }
}

void der_begin_bits(struct der *der)
{
    const unsigned char unused = 0;

    der_begin(der, DER_BIT_STRING);
    append(der, &unused, 1);
}

/* Length octets beyond the first that a content of @p length needs. */
static size_t long_octets(size_t length)
{
    size_t count = 0;

    if (length >= 0x80) {
        for (; length != 0; length >>= 8) {
            count += 1;
        }
    }
    return count;
}

/* Write the length octets; @p at has room for 1 + @p extra. */
static void put_length(unsigned char *at, size_t length, size_t extra)
{
    if (extra == 0) {
        at[0] = (unsigned char)length;
        return;
    }
    at[0] = (unsigned char)(0x80 | extra);
    for (size_t i = extra; i > 0; i--) {
        at[i] = (unsigned char)(length & 0xff);
        length >>= 8;
    }
}

void der_end(struct der *der)
{
    static const unsigned char room[sizeof(size_t)] = {0};
    size_t start;
    size_t length;
    size_t extra;

    if (der->failed) {
        return;
    }
    if (der->depth == 0 || der->open[der->depth - 1] > der->out->length) {
        der->failed = true;
        return;
    }
    start = der->open[--der->depth];
    length = der->out->length - start;
    extra = long_octets(length);
    if (extra != 0) {
        append(der, room, extra);
        if (der->failed) {
            return;
        }
        memmove(der->out->data + start + extra, der->out->data + start, length);
    }
    put_length(der->out->data + start - 1, length, extra);
}

void der_value(struct der *der, unsigned char tag, struct slice content)
{
    unsigned char header[2 + sizeof(size_t)];
    size_t extra = long_octets(content.length);

    header[0] = tag;
    put_length(header + 1, content.length, extra);
    append(der, header, 2 + extra);
    append(der, content.data, content.length);
}

void der_raw(struct der *der, struct slice encoded)
{
    append(der, encoded.data, encoded.length);
}

void der_boolean(struct der *der, bool value)
{
    const unsigned char encoded[] = {DER_BOOLEAN, 1, value ? 0xff : 0};

    append(der, encoded, sizeof(encoded));
}

void der_null(struct der *der)
{
    const unsigned char encoded[] = {DER_NULL, 0};

    append(der, encoded, sizeof(encoded));
}

void der_number(struct der *der, uint64_t value)
{
    unsigned char octets[sizeof(value)];

    for (size_t i = sizeof(octets); i > 0; i--) {
        octets[i - 1] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
    der_unsigned(der, (struct slice){octets, sizeof(octets)});
}

void der_unsigned(struct der *der, struct slice magnitude)
{
    static const unsigned char zero = 0;
    unsigned char header[2 + sizeof(size_t)];
    bool pad;
    size_t extra;

    while (magnitude.length > 0 && magnitude.data[0] == 0) {
        magnitude.data += 1;
        magnitude.length -= 1;
    }
    pad = magnitude.length == 0 || (magnitude.data[0] & 0x80) != 0;
    extra = long_octets(magnitude.length + (pad ? 1 : 0));
    header[0] = DER_INTEGER;
    put_length(header + 1, magnitude.length + (pad ? 1 : 0), extra);
    append(der, header, 2 + extra);
    if (pad) {
        append(der, &zero, 1);
    }
    append(der, magnitude.data, magnitude.length);
}

void der_named_bits(struct der *der, unsigned char tag, uint32_t bits)
{
    unsigned char content[1 + sizeof(bits)] = {0};
    size_t length = 1;

    for (unsigned int bit = 0; bit < 32; bit++) {
        if ((bits & (UINT32_C(1) << bit)) != 0) {
            content[1 + bit / 8] |= (unsigned char)(0x80u >> (bit % 8));
            content[0] = (unsigned char)(7 - bit % 8);
            length = 2 + bit / 8;
        }
    }
    der_value(der, tag, (struct slice){content, length});
}

static void put_two_digits(unsigned char *at, int value)
{
    at[0] = (unsigned char)('0' + value / 10);
    at[1] = (unsigned char)('0' + value % 10);
}

static void put_time(struct der *der, instant value, bool generalized)
{
    struct instant_fields fields;
    unsigned char encoded[2 + 15];
    unsigned char *at = encoded + 2;

    if (instant_split(value, &fields) != 0) {
        der->failed = true;
        return;
    }
    if (!generalized && fields.year >= 1950 && fields.year <= 2049) {
        encoded[0] = DER_UTC_TIME;
    } else {
        encoded[0] = DER_GENERALIZED_TIME;
        put_two_digits(at, fields.year / 100);
        at += 2;
    }
    put_two_digits(at, fields.year % 100);
    put_two_digits(at + 2, fields.month);
    put_two_digits(at + 4, fields.day);
    put_two_digits(at + 6, fields.hour);
    put_two_digits(at + 8, fields.minute);
    put_two_digits(at + 10, fields.second);
    at[12] = 'Z';
    encoded[1] = (unsigned char)(at + 13 - (encoded + 2));
    append(der, encoded, 2u + encoded[1]);
}

void der_time(struct der *der, instant value)
{
    put_time(der, value, false);
}

void der_generalized_time(struct der *der, instant value)
{
    put_time(der, value, true);
}

int der_finish(struct der *der)
{
    return der->failed || der->depth != 0 ? -1 : 0;
}

/* ---- reader ------------------------------------------------------------------------------------------------------ */

int der_read(struct slice *rest, struct der_item *item)
{
    const unsigned char *data = rest->data;
    size_t header = 2;
    size_t length;

    if (rest->length == 0) {
        return 0;
    }
    if (rest->length < 2 || (data[0] & 0x1f) == 0x1f) {
        return -1;
    }
    length = data[1];
    if (length >= 0x80) {
        size_t count = length & 0x7f;

        /* No indefinite form; four octets of length are more than anything here holds. */
        if (count == 0 || count > 4 || count > rest->length - 2 || data[2] == 0) {
            return -1;
        }
        length = 0;
        for (size_t i = 0; i < count; i++) {
            length = length << 8 | data[2 + i];
        }
        if (length < 0x80) {
            return -1;
        }
        header += count;
    }
    if (length > rest->length - header) {
        return -1;
    }
    item->tag = data[0];
    item->content = (struct slice){data + header, length};
    item->whole = (struct slice){data, header + length};
    rest->data += header + length;
    rest->length -= header + length;
    return 1;
}

int der_expect(struct slice *rest, unsigned char tag, struct der_item *item)
{
    return rest->length > 0 && rest->data[0] == tag && der_read(rest, item) == 1 ? 0 : -1;
}

/* Whether the first nine bits are not all the same, as the shortest two's complement has it (X.690, 8.3.2). */
static bool integer_is_minimal(struct slice content)
{
    if (content.length == 0) {
        return false;
    }
    return content.length == 1 || !((content.data[0] == 0x00 && (content.data[1] & 0x80) == 0) ||
                                    (content.data[0] == 0xff && (content.data[1] & 0x80) != 0));
}

/* Unused bits: at most seven, none without octets, all of them zero (X.690, 8.6.2 and 11.2.1). */
static bool bits_are_valid(struct slice content)
{
    unsigned char unused;

    if (content.length == 0) {
        return false;
    }
    unused = content.data[0];
    if (unused > 7 || (content.length == 1 && unused != 0)) {
        return false;
    }
    return (content.data[content.length - 1] & ((1u << unused) - 1)) == 0 || unused == 0;
}

/* Each arc ends, and none begins with a needless octet (X.690, 8.19.2). */
static bool oid_is_valid(struct slice content)
{
    bool at_start = true;

    for (size_t i = 0; i < content.length; i++) {
        if (at_start && content.data[i] == 0x80) {
            return false;
        }
        at_start = (content.data[i] & 0x80) == 0;
    }
    return content.length > 0 && at_start;
}

/* Whether form and content of one value fit its tag; the values inside a constructed one are looked at by the caller. */
static bool item_is_valid(const struct der_item *item)
{
    bool constructed = (item->tag & 0x20) != 0;
    unsigned int number = item->tag & 0x1f;

    if ((item->tag & 0xc0) != 0) {
        return true; /* not universal: the form is its definition's business */
    }
    switch (number) {
    case 0x10: /* SEQUENCE */
    case 0x11: /* SET */
    case 0x08: /* EXTERNAL */
    case 0x0b: /* EMBEDDED PDV */
    case 0x1d: /* CHARACTER STRING */
        return constructed;
    case 0x00: /* end of contents: indefinite lengths only */
    case 0x0f:
        return false;
    default:
        break;
    }
    if (constructed) {
        return false; /* DER has no strings in pieces */
    }
    switch (number) {
    case DER_BOOLEAN:
        return item->content.length == 1 && (item->content.data[0] == 0 || item->content.data[0] == 0xff);
    case DER_INTEGER:
    case DER_ENUMERATED:
        return integer_is_minimal(item->content);
    case DER_BIT_STRING:
        return bits_are_valid(item->content);
    case DER_NULL:
        return item->content.length == 0;
    case DER_OID:
        return oid_is_valid(item->content);
    default:
        return true;
    }
}

bool der_is_well_formed(struct slice encoded)
{
    struct slice
        levels[READ_DEPTH_MAX + 1]; /* what is left to read of each open value; [0] holds the whole */
    size_t depth = 1;
    bool first = true;

    levels[0] = encoded;
    while (depth > 0) {
        struct der_item item;
        int status = der_read(&levels[depth - 1], &item);

        if (status == 0) {
            depth -= 1;
            continue;
        }
        if (status < 0 || !item_is_valid(&item) || (depth == 1 && !first)) {
            return false;
        }
        first = false;
        if ((item.tag & 0x20) != 0) {
            if (depth > READ_DEPTH_MAX) {
                return false;
            }
            levels[depth++] = item.content;
        }
    }
    return !first;
}
