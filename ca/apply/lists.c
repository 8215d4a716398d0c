/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation lists of a manifest's authorities. */
#include "apply/lists.h"

#include <string.h>

#include "base/file_stamp.h"
#include "issuing/revocation_list.h"

int lists_path(const struct entry *entry, size_t index, struct bytes *path)
{
    if (index >= REVOCATION_LIST_FILES) {
        return 0;
    }
    return revocation_list_path(entry->name, 0, true, (enum revocation_list_file)index, path) == 0 ? 1 : -1;
}

int lists_make(const struct lists_place *place, const struct plan_step *step,
               void (*written)(void *state, const char *name, const char *path), void *state,
               struct faults *faults)
{
    const struct authority_at_work *authority = crew_authority(place->crew, step->entry, faults);
    struct revocation_list list = {.name = step->name, .current = true};
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int status = -1;

    if (authority == NULL) {
        return -1;
    }
    list.generation = authority->generation;
    list.certificate = slice_of(&authority->certificate);
    list.signer = issuer_signer(authority->issuer);
    list.next_update = step->entry->crl.next_update;
    if (revocation_list_publish(place->context, &list, place->ledger, place->publisher, NULL, faults) != 0) {
        goto out;
    }
    for (i = 0; (status = lists_path(step->entry, i, &path)) == 1; i++) {
        if (written != NULL) {
            written(state, step->name, bytes_text(&path));
        }
        bytes_clear(&path);
    }
    if (status != 0) {
        fault_memory(faults);
    }
out:
    bytes_free(&path);
    return status;
}

/** Record the file at @p path when it is not recorded so. */
static int remember(const struct lists_place *place, const struct ledger_certificate *certificate,
                    const char *path, struct faults *faults)
{
    struct ledger_output row = {.kind = (int)OUTPUT_CRL};
    struct ledger_output known = {0};
    const char *why = NULL;
    int status;

    memset(&row.stamp, 0, sizeof(row.stamp));
    if (file_stamp_read(place->directory, path, &row.stamp, &why) != 1) {
        return 0;
    }
    status = ledger_find_output(place->ledger, path, &known, faults);
    if (status == 1 && known.certificate == certificate->id &&
        memcmp(&known.stamp, &row.stamp, sizeof(row.stamp)) == 0) {
        status = 0;
    } else if (status >= 0) {
        row.certificate = certificate->id;
        memcpy(row.name, certificate->name, sizeof(row.name));
        row.path = (char *)path;
        status = ledger_put_output(place->ledger, &row, faults);
    }
    ledger_output_free(&known);
    return status;
}

/** The files of one authority. */
static int remember_all(const struct lists_place *place, const struct entry *entry, struct faults *faults)
{
    struct ledger_certificate row = {0};
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int found = ledger_find_certificate(place->ledger, entry->name, &row, faults);
    int status = found < 0 ? -1 : 0;

    for (i = 0; found == 1 && status == 0 && lists_path(entry, i, &path) == 1; i++) {
        status = remember(place, &row, bytes_text(&path), faults);
        bytes_clear(&path);
    }
    ledger_certificate_free(&row);
    bytes_free(&path);
    return status;
}

int lists_remember(const struct lists_place *place, const struct manifest *manifest, struct faults *faults)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;
    int status = 0;

    while (status == 0 && (entry = manifest_next(&cursor)) != NULL && entry->kind == ENTRY_AUTHORITY) {
        status = entry->crl.wanted ? remember_all(place, entry, faults) : 0;
    }
    return status;
}
