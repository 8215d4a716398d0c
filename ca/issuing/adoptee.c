/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate that an entry adopts, read and judged.
 */
#include "issuing/adoptee.h"

#include <fcntl.h>

#include "base/file.h"
#include "x509/certificate.h"
#include "x509/pem.h"

int adoptee_read(const struct entry *entry, struct bytes *der, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct certificate_list list = {0};
    struct certificate_view view;
    const char *path = entry->adopt_certificate;
    int status = -1;

    if (file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, faults) != 0 ||
        certificate_list_read(slice_of(&content), path, &list, faults) != 0) {
        goto out;
    }
    if (certificate_view_read(slice_of(&list.items[0]), &view) != 0) {
        fault_error(faults, &entry->place, entry->name, NULL, "%s is not a certificate", path);
        goto out;
    }
    if (!view.has_basic_constraints || !view.ca ||
        (view.has_key_usage && (view.key_usage & (1u << 5)) == 0)) {
        fault_error(faults, &entry->place, entry->name, "adopt a certificate with CA:TRUE and keyCertSign",
                    "%s is not the certificate of an authority", path);
        goto out;
    }
    if (view.fixture) {
        fault_error(faults, &entry->place, entry->name, NULL,
                    "%s carries the fixture mark: its key is public, it cannot be adopted", path);
        goto out;
    }
    bytes_move(der, &list.items[0]);
    status = 0;
out:
    certificate_list_free(&list);
    bytes_free(&content);
    return status;
}
