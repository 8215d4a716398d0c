/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as DER: the reader stays inside, and whatever is made of them is text that can be printed. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/instant.h"
#include "x509/name.h"
#include "x509/oid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Valid UTF-8 without control characters; emptied afterwards. */
static void require_printable(struct bytes *text)
{
    struct slice rest = slice_of(text);

    while (rest.length > 0) {
        uint32_t character = 0;
        size_t length = utf8_take(rest, &character);

        require(length != 0 && !utf8_is_control(character));
        rest.data += length;
        rest.length -= length;
    }
    bytes_clear(text);
}

/* Walk the values; each lies inside of what it was read from. */
static void walk(struct slice whole)
{
    struct slice rest = whole;
    struct der_item item;

    while (der_read(&rest, &item) == 1) {
        require(item.whole.data >= whole.data && item.whole.length >= 2);
        require(item.whole.data + item.whole.length == rest.data);
        require(item.content.data + item.content.length == rest.data);
        require(rest.data + rest.length == whole.data + whole.length);
    }
}

static void show(struct slice whole)
{
    struct bytes text = BYTES_EMPTY;
    struct oid oid;

    require(general_name_format(whole, &text) == 0);
    require_printable(&text);
    require(general_name_format_constraint(whole, &text) == 0);
    require_printable(&text);
    if (name_format(whole, &text) == 0) {
        require_printable(&text);
    }
    require(text.length == 0);
    require(name_common_name(whole, &text) == 1 ? utf8_is_valid(slice_of(&text)) : text.length == 0);
    bytes_clear(&text);
    if (oid_format(whole, &text) == 0) {
        require(oid_parse(bytes_text(&text), &oid) == 0 && oid_equal(&oid, whole));
    }
    bytes_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice whole = {data, size};
    struct bytes text = BYTES_EMPTY;
    struct der_item item;
    struct slice rest = whole;
    instant value;

    walk(whole);
    show(whole);
    if (der_is_well_formed(whole)) {
        require(der_expect(&rest, data[0], &item) == 0 && rest.length == 0);
    }
    if (size > 0) {
        struct slice content = {data + 1, size - 1};

        if (asn1_string_to_utf8(data[0], content, &text) == 0) {
            require(utf8_is_valid(slice_of(&text)));
        } else {
            require(text.length == 0);
        }
        if (instant_parse_asn1(data[0], content, &value) == 0) {
            require(value >= INSTANT_MIN && value <= INSTANT_MAX);
        }
    }
    bytes_free(&text);
    return 0;
}
