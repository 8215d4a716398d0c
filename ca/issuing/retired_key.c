/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a generation that is replaced, found and given another name. */
#include "issuing/retired_key.h"

#include "base/file.h"

int retired_key_keep(int directory, struct ledger *ledger, const struct entry *entry,
                     struct publisher *publisher, struct faults *faults)
{
    struct ledger_certificate row = {0};
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct file_stamp stamp;
    const char *why = NULL;
    int found;
    int status = -1;

    found = ledger_find_certificate(ledger, entry->name, &row, faults);
    if (found <= 0) {
        return found;
    }
    if (bytes_printf(&path, "%s.key", entry->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_stamp_read(directory, bytes_text(&path), &stamp, &why) == 0) {
        status = 0; /* moved away: nothing to keep */
        goto out;
    }
    if (file_read(directory, bytes_text(&path), FILE_LIMIT_KEY, &content, faults) != 0) {
        goto out;
    }
    bytes_clear(&path);
    if (bytes_printf(&path, "%s.generation-%lld.key", entry->name, (long long)row.own_generation) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_stamp_read(directory, bytes_text(&path), &stamp, &why) == 1) {
        status = 0; /* a run that was cut off kept it; NAME.key is already another one */
        goto out;
    }
    status = publisher_add(publisher, bytes_text(&path), slice_of(&content), 0600, faults);
out:
    ledger_certificate_free(&row);
    bytes_free(&content);
    bytes_free(&path);
    return status;
}
