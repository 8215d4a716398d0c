/* SPDX-License-Identifier: Apache-2.0 */
/* "kind:value" text: what is taken is well-formed DER of a known kind, and its text gives the same DER again. */
#include <stdint.h>
#include <stdlib.h>

#include "x509/der.h"
#include "x509/general_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

typedef int (*parse_fn)(const char *text, enum general_name_kind *kind, struct bytes *der, const char **why);
typedef int (*format_fn)(struct slice der, struct bytes *text);

static void round_trip(const char *input, parse_fn parse, format_fn format)
{
    struct bytes der = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    enum general_name_kind kind;
    enum general_name_kind same;
    const char *why = NULL;

    if (parse(input, &kind, &der, &why) != 0) {
        require(why != NULL && der.length == 0);
        goto out;
    }
    require(der_is_well_formed(slice_of(&der)));
    require(general_name_kind_of(slice_of(&der), &same) == 0 && same == kind);
    require(format(slice_of(&der), &text) == 0);
    require(parse(bytes_text(&text), &same, &again, &why) == 0);
    require(same == kind && slice_equal(slice_of(&der), slice_of(&again)));
out:
    bytes_free(&der);
    bytes_free(&text);
    bytes_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = BYTES_EMPTY;

    require(bytes_append(&text, data, size) == 0);
    round_trip(bytes_text(&text), general_name_parse, general_name_format);
    round_trip(bytes_text(&text), general_name_parse_constraint, general_name_format_constraint);
    bytes_free(&text);
    return 0;
}
