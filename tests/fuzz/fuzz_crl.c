/* SPDX-License-Identifier: Apache-2.0 */
/* A revocation list from a stranger. What the view shows lies inside the octets given, and every entry counted can be read again. */
#include <stdint.h>
#include <stdlib.h>

#include "x509/crl.h"

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
    struct crl_view view;
    struct crl_entry entry;
    struct slice rest;
    size_t count = 0;

    if (crl_view_read((struct slice){data, size}, &view) != 0) {
        return 0;
    }
    const struct slice parts[] = {
        view.whole,     view.tbs,     view.issuer,     view.signature_algorithm,
        view.signature, view.entries, view.extensions, view.authority_key_identifier,
        view.number};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        inside(parts[i], data, size);
    }
    rest = view.entries;
    while (crl_entry_read(&rest, &entry) == 1) {
        struct crl_entry found;

        inside(entry.serial, data, size);
        if (entry.reason < 0 || entry.reason > 255 || entry.serial.length == 0 ||
            (count < 10 && crl_find(&view, entry.serial, &found) != 1)) {
            abort();
        }
        count += 1;
    }
    if (rest.length != 0 || count != view.count || view.version < 1 || view.version > 2) {
        abort();
    }
    return 0;
}
