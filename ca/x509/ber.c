/* SPDX-License-Identifier: Apache-2.0 */
/* BER made definite: one pass, recursion bounded by the writer's depth. */
#include "x509/ber.h"

#include <stdbool.h>
#include <stdint.h>

#include "x509/der.h"

#define CONSTRUCTED           0x20
#define TAG_NUMBER            0x1f
#define INDEFINITE            0x80
#define OCTET_STRING_IN_PARTS (DER_OCTET_STRING | CONSTRUCTED)

struct header {
    unsigned char tag;
    bool indefinite;
    size_t length; /* of the content; 0 when indefinite */
};

/* Tag and length at the front of *rest, which is advanced to the content. */
static int read_header(struct slice *rest, struct header *header)
{
    size_t count;

    if (rest->length < 2 || (rest->data[0] & TAG_NUMBER) == TAG_NUMBER) {
        return -1;
    }
    header->tag = rest->data[0];
    header->indefinite = rest->data[1] == INDEFINITE;
    header->length = 0;
    count = rest->data[1];
    rest->data += 2;
    rest->length -= 2;
    if (header->indefinite) {
        return (header->tag & CONSTRUCTED) != 0 ? 0 : -1;
    }
    if (count < 0x80) {
        header->length = count;
    } else {
        count &= 0x7f;
        if (count > rest->length) {
            return -1;
        }
        for (; count > 0; count--) {
            if (header->length > (SIZE_MAX >> 8)) {
                return -1;
            }
            header->length = header->length << 8 | rest->data[0];
            rest->data += 1;
            rest->length -= 1;
        }
    }
    return header->length <= rest->length ? 0 : -1;
}

static int rewrite(struct slice *rest, struct der *der, bool pieces, size_t depth);

/* What a constructed value holds: up to its end, or up to the end-of-contents octets. */
static int rewrite_parts(struct slice *rest, const struct header *header, struct der *der, bool pieces,
                         size_t depth)
{
    struct slice content;

    if (header->indefinite) {
        for (;;) {
            if (rest->length < 2) {
                return -1;
            }
            if (rest->data[0] == 0 && rest->data[1] == 0) {
                rest->data += 2;
                rest->length -= 2;
                return 0;
            }
            if (rewrite(rest, der, pieces, depth) != 0) {
                return -1;
            }
        }
    }
    content.data = rest->data;
    content.length = header->length;
    rest->data += header->length;
    rest->length -= header->length;
    while (content.length > 0) {
        if (rewrite(&content, der, pieces, depth) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One value. @p pieces: it is a part of an OCTET STRING, so its content alone is written. */
static int rewrite(struct slice *rest, struct der *der, bool pieces, size_t depth)
{
    struct header header;
    struct slice content;
    int status;

    if (depth >= DER_DEPTH_MAX || read_header(rest, &header) != 0 || header.tag == 0 || der->failed) {
        return -1;
    }
    if (pieces && header.tag != DER_OCTET_STRING && header.tag != OCTET_STRING_IN_PARTS) {
        return -1;
    }
    if ((header.tag & CONSTRUCTED) == 0) {
        content.data = rest->data;
        content.length = header.length;
        rest->data += header.length;
        rest->length -= header.length;
        if (pieces) {
            der_raw(der, content);
        } else {
            der_value(der, header.tag, content);
        }
        return 0;
    }
    if (header.tag == OCTET_STRING_IN_PARTS) {
        if (!pieces) {
            der_begin(der, DER_OCTET_STRING);
        }
        status = rewrite_parts(rest, &header, der, true, depth + 1);
        if (!pieces) {
            der_end(der);
        }
        return status;
    }
    der_begin(der, header.tag);
    status = rewrite_parts(rest, &header, der, false, depth + 1);
    der_end(der);
    return status;
}

int ber_read(struct slice *rest, struct bytes *der)
{
    struct der writer;

    der_start(&writer, der);
    if (rewrite(rest, &writer, false, 0) != 0) {
        return -1;
    }
    return der_finish(&writer);
}

int ber_append_string(unsigned char tag, struct slice content, struct bytes *string)
{
    struct der_item item;

    if ((tag & CONSTRUCTED) == 0) {
        return bytes_append(string, content.data, content.length);
    }
    while (content.length > 0) {
        if (der_expect(&content, DER_OCTET_STRING, &item) != 0 ||
            bytes_append(string, item.content.data, item.content.length) != 0) {
            return -1;
        }
    }
    return 0;
}
