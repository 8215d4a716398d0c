/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4514 text: whatever is taken as a name encodes, formats to text without control characters, and that text is the same name
 * again. Object identifiers, durations and times are read from the same input.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "x509/der.h"
#include "x509/instant.h"
#include "x509/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void require_printable(struct slice text)
{
    while (text.length > 0) {
        uint32_t character = 0;
        size_t length = utf8_take(text, &character);

        require(length != 0 && !utf8_is_control(character));
        text.data += length;
        text.length -= length;
    }
}

static void round_trip(const struct name *name)
{
    struct bytes der = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    struct name same = {NULL, 0};
    const char *why = NULL;

    require(name_encode(name, &der) == 0);
    require(der_is_well_formed(slice_of(&der)));
    require(name_is_empty(slice_of(&der)) == (name->count == 0));
    require(name_format(slice_of(&der), &text) == 0);
    require_printable(slice_of(&text));
    require(name_parse(bytes_text(&text), &same, &why) == 0);
    require(same.count == name->count);
    require(name_encode(&same, &again) == 0);
    require(slice_equal(slice_of(&der), slice_of(&again)));
    name_free(&same);
    bytes_free(&der);
    bytes_free(&text);
    bytes_free(&again);
}

static void other_texts(const char *text)
{
    struct bytes formatted = BYTES_EMPTY;
    struct duration duration;
    struct duration same;
    const char *why = NULL;
    struct oid oid;
    struct oid again;
    instant value;

    (void)name_type_nearest(text);
    if (oid_parse(text, &oid) == 0) {
        require(oid_format(oid_slice(&oid), &formatted) == 0);
        require(oid_parse(bytes_text(&formatted), &again) == 0 && oid_equal(&again, oid_slice(&oid)));
    }
    bytes_clear(&formatted);
    if (duration_parse(text, true, &duration, &why) == 0) {
        require(duration_format(&duration, &formatted) == 0);
        require(duration_parse(bytes_text(&formatted), true, &same, &why) == 0);
        require(same.months == duration.months && same.seconds == duration.seconds);
    }
    if (instant_parse(text, &value, &why) == 0) {
        require(value >= INSTANT_MIN && value <= INSTANT_MAX);
    } else {
        require(why != NULL);
    }
    bytes_free(&formatted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = BYTES_EMPTY;
    struct name name = {NULL, 0};
    const char *why = NULL;

    require(bytes_append(&text, data, size) == 0);
    if (name_parse(bytes_text(&text), &name, &why) == 0) {
        round_trip(&name);
    } else {
        require(why != NULL && name.count == 0);
    }
    other_texts(bytes_text(&text));
    name_free(&name);
    bytes_free(&text);
    return 0;
}
