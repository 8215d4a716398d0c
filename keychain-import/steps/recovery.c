/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery of one store. */
#include "steps/recovery.h"

#include <string.h>

#include "steps/carrying.h"

int recover_store(const struct run *run, struct journal_records *records, size_t *count)
{
    int status = 0;

    *count = 0;
    /* the newest first: it may have been built upon the older ones */
    for (size_t i = records->count; i-- > 0;) {
        struct record *record = &records->items[i];
        struct journal_entry *entry;

        if (!record_is_unfinished(record) ||
            strcmp(bytes_text(&record->store), store_name(run->store)) != 0) {
            continue;
        }
        *count += 1;
        entry = journal_resume(run->journal, record, run->faults);
        if (entry == NULL || undo(run, records, record, entry) != 0) {
            status = -1;
        }
    }
    return status;
}
