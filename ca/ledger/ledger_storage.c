/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file as a whole: whether every page and every index is what it should be.
 */
#include <string.h>

#include "ledger/ledger_directory.h"
#include "ledger/ledger_query.h"

/** Longest sentence of SQLite's that is told, in bytes. */
#define FINDING_MAX 400

int ledger_check_storage(struct ledger *ledger, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_STORAGE_CHECK, faults);

    if (result == 0) {
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        const char *finding = query_borrowed_text(&query, FINDING_MAX);

        if (!query.failed && strcmp(finding, "ok") != 0) {
            struct place place = ledger_place(ledger);

            fault_error(faults, &place, NULL, "restore it from a backup", "is damaged: %s", finding);
            query.failed = true;
        }
    }
    return query_end(&query, result) < 0 ? -1 : 0;
}
