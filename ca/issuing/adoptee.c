/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate that an entry adopts, read and judged.
 */
#include "issuing/adoptee.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "x509/certificate.h"
#include "x509/pem.h"

bool adoptee_is_gone(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, 0) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

int adoptee_read(const struct entry *entry, struct bytes *der, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct certificate_list list = {0};
    struct certificate_view view;
    const struct entry_spot spot = {ENTRY_ADOPT_CERTIFICATE, NULL};
    const char *path = entry->adopt_certificate;
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (file_read_named(path, FILE_LIMIT_CERTIFICATES, &content, why) != 0 ||
        certificate_list_read(slice_of(&content), path, &list, why) != 0) {
        entry_faults_move(faults, entry, spot, why);
        goto out;
    }
    if (certificate_view_read(slice_of(&list.items[0]), &view) != 0) {
        entry_error_at(faults, entry, spot, NULL, "%s is not a certificate", path);
        goto out;
    }
    if (!view.has_basic_constraints || !view.ca ||
        (view.has_key_usage && (view.key_usage & (1u << 5)) == 0)) {
        entry_error_at(faults, entry, spot, "adopt a certificate with CA:TRUE and keyCertSign",
                       "%s is not the certificate of an authority", path);
        goto out;
    }
    if (view.fixture) {
        entry_error_at(faults, entry, spot, NULL,
                       "%s carries the fixture mark: its key is public, it cannot be adopted", path);
        goto out;
    }
    bytes_move(der, &list.items[0]);
    status = 0;
out:
    faults_free(why);
    certificate_list_free(&list);
    bytes_free(&content);
    return status;
}
