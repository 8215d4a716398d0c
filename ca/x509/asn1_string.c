/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1 strings: each type is so many octets a character; what remains is which characters it may hold. */
#include "x509/asn1_string.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "x509/der.h"

bool asn1_string_is_printable(unsigned char character)
{
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') ||
           (character != '\0' && strchr(" '()+,-./:=?", character) != NULL);
}

/* Octets a character of @p tag; 0: no string type. UTF-8 is looked at on its own. */
static size_t octets_per_character(unsigned char tag)
{
    switch (tag) {
    case DER_NUMERIC_STRING:
    case DER_PRINTABLE_STRING:
    case DER_TELETEX_STRING:
    case DER_IA5_STRING:
    case DER_VISIBLE_STRING:
        return 1;
    case DER_BMP_STRING:
        return 2;
    case DER_UNIVERSAL_STRING:
        return 4;
    default:
        return 0;
    }
}

/* The big-endian number of @p size octets at @p at. */
static uint32_t read_unit(const unsigned char *at, size_t size)
{
    uint32_t value = 0;

    for (size_t i = 0; i < size; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* Two surrogates at the front of @p rest make one character; anything else is as it is. */
static size_t join_surrogates(struct slice rest, uint32_t *character)
{
    uint32_t low;

    if (*character < 0xd800 || *character > 0xdbff || rest.length < 4) {
        return 2;
    }
    low = read_unit(rest.data + 2, 2);
    if (low < 0xdc00 || low > 0xdfff) {
        return 2;
    }
    *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

int asn1_string_to_utf8(unsigned char tag, struct slice content, struct bytes *text)
{
    size_t unit = octets_per_character(tag);
    size_t length = text->length;

    if (tag == DER_UTF8_STRING) {
        return utf8_is_valid(content) ? bytes_append(text, content.data, content.length) : -1;
    }
    if (unit == 0 || content.length % unit != 0) {
        return -1;
    }
    while (content.length > 0) {
        uint32_t character = read_unit(content.data, unit);
        size_t taken = tag == DER_BMP_STRING ? join_surrogates(content, &character) : unit;

        if ((unit == 1 && tag != DER_TELETEX_STRING && character > 0x7f) ||
            utf8_append(text, character) != 0) {
            goto failed;
        }
        content.data += taken;
        content.length -= taken;
    }
    return 0;
failed:
    text->length = length;
    if (text->data != NULL) {
        text->data[length] = '\0';
    }
    return -1;
}
