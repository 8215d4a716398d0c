/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GeneralNames to text. They come from strangers' certificates: whatever could mislead a reader or a terminal is written as a
 * backslash and two hexadecimal digits, and what cannot be shown as text at all in hexadecimal.
 */
#include <string.h>

#include "base/utf8.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/name.h"
#include "x509/oid.h"

/* "word:" and IA5 text, of which all but graphic characters, the backslash and the characters of @p also are escaped. */
static int put_ia5(const char *word, struct slice content, const char *also, struct bytes *text)
{
    if (bytes_printf(text, "%s:", word) != 0) {
        return -1;
    }
    for (size_t i = 0; i < content.length; i++) {
        unsigned char c = content.data[i];
        bool harmless = c > 0x20 && c < 0x7f && c != '\\' && strchr(also, c) == NULL;

        if ((harmless ? bytes_append_byte(text, c) : bytes_printf(text, "\\%02X", c)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Whether text can stand as it is and be parsed again: not empty, valid, nothing that changes how it is shown. */
static bool is_plain(struct slice value, bool ascii)
{
    bool plain = value.length > 0;

    while (plain && value.length > 0) {
        uint32_t character = 0;
        size_t length = utf8_take(value, &character);

        plain = length != 0 && !utf8_is_control(character) && !(ascii && character > 0x7f);
        value.data += length;
        value.length -= length;
    }
    return plain;
}

/* Whether something stands before and behind an @, as general_name_parse wants of a UPN. */
static bool has_inner_at(struct slice value)
{
    return value.length > 2 && memchr(value.data + 1, '@', value.length - 2) != NULL && value.data[0] != '@';
}

/* The value of an otherName: as text where parsing that gives the same DER again, else in hexadecimal. */
static int put_other_value(const char *dotted, const struct der_item *value, bool is_upn, struct bytes *text)
{
    bool utf8 = value->tag == DER_UTF8_STRING && is_plain(value->content, false);
    bool ia5 = value->tag == DER_IA5_STRING && is_plain(value->content, true);

    if (utf8 && is_upn && has_inner_at(value->content)) {
        if (bytes_append_text(text, "upn:") != 0) {
            return -1;
        }
    } else if (bytes_printf(text, "other:%s;%s:", dotted, utf8 ? "utf8" : ia5 ? "ia5" : "der") != 0) {
        return -1;
    }
    if (utf8 || ia5) {
        return bytes_append(text, value->content.data, value->content.length);
    }
    return bytes_append_hex(text, value->whole, '\0');
}

static int put_other(struct slice content, bool is_upn, struct bytes *text)
{
    struct bytes dotted = BYTES_EMPTY;
    struct der_item type;
    struct der_item wrapped;
    struct der_item value;
    int status = -1;

    if (der_expect(&content, DER_OID, &type) == 0 && oid_format(type.content, &dotted) == 0 &&
        der_expect(&content, DER_CONTEXT_CONSTRUCTED(0), &wrapped) == 0 && content.length == 0 &&
        der_read(&wrapped.content, &value) == 1 && wrapped.content.length == 0) {
        status = put_other_value(bytes_text(&dotted), &value, is_upn, text);
    }
    bytes_free(&dotted);
    return status;
}

/* Bits of a mask that are set, all of them in front; -1 when others are. */
static int prefix_of(struct slice mask)
{
    int prefix = 0;

    for (size_t bit = 0; bit < mask.length * 8; bit++) {
        bool set = (mask.data[bit / 8] & (0x80u >> (bit % 8))) != 0;

        if (set && prefix != (int)bit) {
            return -1;
        }
        prefix += set ? 1 : 0;
    }
    return prefix;
}

/* "10.0.0.0/8", or "10.0.0.0/255.0.255.0" for a mask with gaps. */
static int put_network(struct slice content, struct bytes *text)
{
    struct slice address = {content.data, content.length / 2};
    struct slice mask = {content.data + content.length / 2, content.length / 2};
    int prefix;

    if (content.length != 8 && content.length != 32) {
        return -1;
    }
    prefix = prefix_of(mask);
    if (bytes_append_text(text, "ip:") != 0 || host_format_address(address, text) != 0) {
        return -1;
    }
    if (prefix >= 0) {
        return bytes_printf(text, "/%d", prefix);
    }
    return bytes_append_byte(text, '/') != 0 ? -1 : host_format_address(mask, text);
}

static int put_address(struct slice content, struct bytes *text)
{
    return bytes_append_text(text, "ip:") != 0 ? -1 : host_format_address(content, text);
}

/* One well-formed name. -1 also when it turns out not to be; then what was appended counts for nothing. */
static int put_name(struct slice der, bool constraint, struct bytes *text)
{
    enum general_name_kind kind;
    struct der_item item;

    if (general_name_kind_of(der, &kind) != 0 || der_read(&der, &item) != 1) {
        return -1;
    }
    switch (kind) {
    case GENERAL_NAME_DNS:
        return put_ia5("dns", item.content, ",\"'", text);
    case GENERAL_NAME_EMAIL:
        return put_ia5("email", item.content, ",\"", text);
    case GENERAL_NAME_URI:
        return put_ia5("uri", item.content, "\"", text);
    case GENERAL_NAME_IP:
        return constraint ? put_network(item.content, text) : put_address(item.content, text);
    case GENERAL_NAME_RID:
        return bytes_append_text(text, "rid:") != 0 ? -1 : oid_format(item.content, text);
    case GENERAL_NAME_DIRNAME:
        return bytes_append_text(text, "dirname:") != 0 ? -1 : name_format(item.content, text);
    case GENERAL_NAME_UPN:
    case GENERAL_NAME_OTHER:
        return put_other(item.content, kind == GENERAL_NAME_UPN, text);
    }
    return -1;
}

static int format(struct slice der, bool constraint, struct bytes *text)
{
    struct bytes shown = BYTES_EMPTY;
    int status = -1;

    if (put_name(der, constraint, &shown) != 0) {
        bytes_clear(&shown);
        if (bytes_append_text(&shown, "other:#") != 0 || bytes_append_hex(&shown, der, '\0') != 0) {
            goto out;
        }
    }
    status = bytes_append(text, shown.data, shown.length);
out:
    bytes_free(&shown);
    return status;
}

int general_name_format(struct slice der, struct bytes *text)
{
    return format(der, false, text);
}

int general_name_format_constraint(struct slice der, struct bytes *text)
{
    return format(der, true, text);
}
