/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate from a stranger. What the view shows must lie inside the octets it was given, and be what asking for one extension
 * shows.
 */
#include <stdint.h>
#include <stdlib.h>

#include "x509/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice part, const uint8_t *data, size_t size)
{
    if (part.length != 0 &&
        (part.data < data || part.length > size || part.data + part.length > data + size)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate_view view;
    struct slice value = {NULL, 0};
    bool critical = false;

    if (certificate_view_read((struct slice){data, size}, &view) != 0) {
        return 0;
    }
    const struct slice parts[] = {view.whole,
                                  view.tbs,
                                  view.serial,
                                  view.issuer,
                                  view.subject,
                                  view.spki,
                                  view.public_key,
                                  view.signature_algorithm,
                                  view.signature,
                                  view.extensions,
                                  view.subject_key_identifier,
                                  view.authority_key_identifier,
                                  view.subject_alternative_names,
                                  view.extended_key_usage};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        inside(parts[i], data, size);
    }
    if (view.version < 1 || view.version > 3 || view.path_length < -1 || view.serial.length == 0 ||
        certificate_find_extension(&view, certificate_fixture_mark(), &value, &critical) !=
            (view.fixture ? 1 : 0)) {
        abort();
    }
    inside(value, data, size);
    return 0;
}
