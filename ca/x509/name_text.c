/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text form of names (RFC 4514), both ways. Text has the last RDN first, so the parser collects the attributes as they are
 * written and then copies the RDNs from the back; within an RDN the written order stays.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/name.h"
#include "x509/name_type.h"

/* Longest attribute type in text. */
#define TYPE_MAX 255

static const char *const complaints[NAME_TYPE_COMPLAINTS] = {
    [NAME_TYPE_FINE] = NULL,
    [NAME_TYPE_EMPTY] = "has an attribute without a value",
    [NAME_TYPE_NO_UTF8] = "has a value that is not valid UTF-8",
    [NAME_TYPE_CONTROL] = "has a control character in a value",
    [NAME_TYPE_LONG] = "has a value that is longer than its attribute type allows",
    [NAME_TYPE_NO_PRINTABLE] =
        "has a value with a character its attribute type does not take; C, serialNumber and dnQualifier "
        "take ASCII letters, digits, space and '()+,-./:=?",
    [NAME_TYPE_NO_ASCII] =
        "has a value with a character outside ASCII, which its attribute type does not take",
    [NAME_TYPE_NO_COUNTRY] = "has a country code that is not two letters, such as C=US",
    [NAME_TYPE_COUNTRY_CASE] = "has a country code in lower case; write it in upper case, such as C=US",
};

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

static void skip_spaces(const char **at)
{
    while (**at == ' ') {
        *at += 1;
    }
}

/* "CN =" up to behind the equals sign. */
static int read_type(const char **at, struct oid *type, const char **why)
{
    char word[TYPE_MAX + 1];
    size_t length = strcspn(*at, "=,+;\\\"<>#");
    const char *after = *at + length;

    if (*after != '=') {
        *why = "has a part that is not TYPE=VALUE; a name reads as CN=server,O=Example,C=US";
        return -1;
    }
    while (length > 0 && (*at)[length - 1] == ' ') {
        length -= 1;
    }
    if (length > TYPE_MAX) {
        length = 0; /* no type is that long */
    }
    memcpy(word, *at, length);
    word[length] = '\0';
    if (name_type_parse(word, type) != 0) {
        *why = "has an unknown attribute type; the types are CN, O, OU, L, ST, C, DC, UID, emailAddress, "
               "serialNumber and more, or "
               "dotted object identifiers";
        return -1;
    }
    *at = after + 1;
    return 0;
}

/* "#0c0141": the DER of a string, whose text is appended. */
static int read_hex_value(const char **at, struct bytes *value, const char **why)
{
    struct bytes encoded = BYTES_EMPTY;
    struct slice rest;
    struct der_item item;
    int status = -1;
    int octet;

    *why = "has a #value that is not the hexadecimal DER of a string";
    for (*at += 1; (octet = hex_octet(*at)) >= 0; *at += 2) {
        if (bytes_append_byte(&encoded, (unsigned char)octet) != 0) {
            *why = "does not fit into memory";
            goto out;
        }
    }
    if (**at != '\0' && strchr(" ,+", **at) == NULL) {
        goto out;
    }
    rest = slice_of(&encoded);
    if (der_read(&rest, &item) != 1 || rest.length != 0 ||
        asn1_string_to_utf8(item.tag, item.content, value) != 0) {
        goto out;
    }
    status = 0;
out:
    bytes_free(&encoded);
    return status;
}

/* A backslash and what it stands before: one octet, taken. -1: nothing that may be escaped. */
static int read_escape(const char **at)
{
    int octet = hex_octet(*at + 1);

    if (octet >= 0) {
        *at += 3;
        return octet;
    }
    octet = (unsigned char)(*at)[1];
    if (octet == '\0' || strchr("\"+,;<>\\ #=", octet) == NULL) {
        return -1;
    }
    *at += 2;
    return octet;
}

/* A value in characters, up to the separator behind it. Spaces at its end count only when escaped. */
static int read_string_value(const char **at, struct bytes *value, const char **why)
{
    size_t kept = 0; /* length without unescaped spaces at the end */

    while (**at != '\0' && **at != ',' && **at != '+') {
        bool escaped = **at == '\\';
        int octet = (unsigned char)**at;

        if (escaped) {
            octet = read_escape(at);
            if (octet < 0) {
                *why = "has a backslash before neither a special character nor two hexadecimal digits; write "
                       "\\\\ for a "
                       "backslash";
                return -1;
            }
        } else if (strchr("\";<>", octet) != NULL) {
            *why = "has one of \" ; < > in a value without a backslash before it; values are not quoted, "
                   "write O=Example\\, Inc.";
            return -1;
        } else {
            *at += 1;
        }
        if (bytes_append_byte(value, (unsigned char)octet) != 0) {
            *why = "does not fit into memory";
            return -1;
        }
        if (escaped || octet != ' ') {
            kept = value->length;
        }
    }
    if (value->data != NULL) {
        value->length = kept;
        value->data[kept] = '\0';
    }
    return 0;
}

/* One TYPE=VALUE, added to @p written. */
static int read_attribute(const char **at, bool joins_last, struct name *written, const char **why)
{
    struct bytes value = BYTES_EMPTY;
    struct oid type;
    int status = -1;
    int read;

    skip_spaces(at);
    if (read_type(at, &type, why) != 0) {
        goto out;
    }
    skip_spaces(at);
    read = **at == '#' ? read_hex_value(at, &value, why) : read_string_value(at, &value, why);
    if (read != 0) {
        goto out;
    }
    *why = complaints[name_type_check(oid_slice(&type), slice_of(&value))];
    if (*why != NULL) {
        goto out;
    }
    status = name_add(written, &type, bytes_text(&value), joins_last, why);
    skip_spaces(at);
out:
    bytes_free(&value);
    return status;
}

/* Copy the RDNs of @p written to @p name, from the last to the first. */
static int reverse(const struct name *written, struct name *name, const char **why)
{
    size_t end = written->count;

    while (end > 0) {
        size_t start = end - 1;

        while (written->attributes[start].joins_last) {
            start -= 1;
        }
        for (size_t i = start; i < end; i++) {
            const struct name_attribute *attribute = &written->attributes[i];

            if (name_add(name, &attribute->type, attribute->value, attribute->joins_last, why) != 0) {
                return -1;
            }
        }
        end = start;
    }
    return 0;
}

/* All attributes of a text that is not empty, in the order they are written. */
static int read_attributes(const char *at, struct name *written, const char **why)
{
    bool joins_last = false;

    for (;;) {
        if (read_attribute(&at, joins_last, written, why) != 0) {
            return -1;
        }
        if (*at == '\0') {
            return 0;
        }
        if (*at != ',' && *at != '+') {
            *why = "has something behind a value that is neither a comma nor a plus sign";
            return -1;
        }
        joins_last = *at == '+';
        at += 1;
    }
}

int name_parse(const char *text, struct name *name, const char **why)
{
    struct name written = {NULL, 0};
    struct name reversed = {NULL, 0};
    const char *at = text;
    int status = -1;

    if (*text == '/') {
        *why = "is written with slashes; write it last part first with commas, as CN=server,O=Example,C=US";
        goto out;
    }
    skip_spaces(&at);
    if (*at != '\0' && read_attributes(at, &written, why) != 0) {
        goto out;
    }
    if (reverse(&written, &reversed, why) != 0) {
        goto out;
    }
    name_free(name);
    *name = reversed;
    reversed = (struct name){NULL, 0};
    status = 0;
out:
    name_free(&written);
    name_free(&reversed);
    return status;
}

/* ---- formatting -------------------------------------------------------------------------------------------------- */

/* One character of a value; @p first and @p last say where it stands. */
static int put_character(struct slice octets, uint32_t character, bool first, bool last, struct bytes *text)
{
    bool edge_space = character == ' ' && (first || last);
    bool special = character < 0x80 && character != 0 && strchr("\"+,;<>\\", (int)character) != NULL;

    if (utf8_is_control(character)) {
        for (size_t i = 0; i < octets.length; i++) {
            if (bytes_printf(text, "\\%02X", octets.data[i]) != 0) {
                return -1;
            }
        }
        return 0;
    }
    if ((edge_space || special || (first && character == '#')) && bytes_append_byte(text, '\\') != 0) {
        return -1;
    }
    return bytes_append(text, octets.data, octets.length);
}

static int put_string(struct slice value, struct bytes *text)
{
    bool first = true;

    while (value.length > 0) {
        uint32_t character;
        size_t length = utf8_take(value, &character);

        if (length == 0 || put_character((struct slice){value.data, length}, character, first,
                                         length == value.length, text) != 0) {
            return -1;
        }
        value.data += length;
        value.length -= length;
        first = false;
    }
    return 0;
}

static int put_hex(struct slice encoded, struct bytes *text)
{
    return bytes_append_byte(text, '#') != 0 ? -1 : bytes_append_hex(text, encoded, '\0');
}

/* One AttributeTypeAndValue (the content of its SEQUENCE). */
static int put_attribute(struct slice content, struct bytes *text)
{
    struct bytes string = BYTES_EMPTY;
    struct der_item type;
    struct der_item value;
    const char *name;
    int status = -1;

    if (der_expect(&content, DER_OID, &type) != 0 || der_read(&content, &value) != 1 || content.length != 0) {
        goto out;
    }
    name = name_type_short(type.content);
    if ((name == NULL ? oid_format(type.content, text) : bytes_append_text(text, name)) != 0 ||
        bytes_append_byte(text, '=') != 0) {
        goto out;
    }
    if (name == NULL || asn1_string_to_utf8(value.tag, value.content, &string) != 0) {
        status = put_hex(value.whole, text);
    } else {
        status = put_string(slice_of(&string), text);
    }
out:
    bytes_free(&string);
    return status;
}

/* One RelativeDistinguishedName (the content of its SET). */
static int put_rdn(struct slice set, struct bytes *text)
{
    bool first = true;

    do {
        struct der_item attribute;

        if (der_expect(&set, DER_SEQUENCE, &attribute) != 0 ||
            (!first && bytes_append_byte(text, '+') != 0) || put_attribute(attribute.content, text) != 0) {
            return -1;
        }
        first = false;
    } while (set.length > 0);
    return 0;
}

/* The RDNs of a Name's content: their number, and where each is when @p rdns is not NULL. -1: malformed. */
static int list_rdns(struct slice content, struct slice *rdns, size_t *count)
{
    *count = 0;
    while (content.length > 0) {
        struct der_item rdn;

        if (der_expect(&content, DER_SET, &rdn) != 0) {
            return -1;
        }
        if (rdns != NULL) {
            rdns[*count] = rdn.content;
        }
        *count += 1;
    }
    return 0;
}

int name_format(struct slice der, struct bytes *text)
{
    struct bytes whole = BYTES_EMPTY;
    struct slice *rdns = NULL;
    struct der_item name;
    size_t count;
    int status = -1;

    if (der_expect(&der, DER_SEQUENCE, &name) != 0 || der.length != 0 ||
        list_rdns(name.content, NULL, &count) != 0) {
        goto out;
    }
    if (count > 0) {
        rdns = calloc(count, sizeof(*rdns));
        if (rdns == NULL || list_rdns(name.content, rdns, &count) != 0) {
            goto out;
        }
    }
    for (size_t i = count; i > 0; i--) {
        if (put_rdn(rdns[i - 1], &whole) != 0 || (i > 1 && bytes_append_byte(&whole, ',') != 0)) {
            goto out;
        }
    }
    status = bytes_append(text, whole.data, whole.length);
out:
    bytes_free(&whole);
    free(rdns);
    return status;
}
