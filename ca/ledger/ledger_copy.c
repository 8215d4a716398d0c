/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an older ledger: a copy of it goes through the same steps as a ledger that is written, and is read in its place. Nothing
 * changes in the PKI directory.
 *
 * The copy is one of SQLite's temporary databases. It is in memory up to the size of its cache; what is more goes to a file without a
 * name where temporary files are, so that a ledger may have any size. Each reading costs a copy until something writes: then the
 * ledger itself is brought up to date.
 */
#include "ledger/ledger_sqlite.h"

#define COPY_SETTINGS "PRAGMA cache_size = -65536"

/* All pages of @p from, as its transaction sees them. A result code. */
static int copy(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

    if (backup == NULL) {
        return sqlite3_extended_errcode(to);
    }
    (void)sqlite3_backup_step(backup, -1); /* what went wrong the end tells */
    return sqlite3_backup_finish(backup);
}

static int migrate(sqlite3 *database, int version)
{
    int code = sqlite3_exec(database, "BEGIN", NULL, NULL, NULL);

    if (code == SQLITE_OK) {
        code = ledger_migrate(database, version);
    }
    return code == SQLITE_OK ? sqlite3_exec(database, "COMMIT; PRAGMA query_only = ON", NULL, NULL, NULL)
                             : code;
}

int ledger_read_copy(struct ledger *ledger, int version, struct faults *faults)
{
    sqlite3 *file = ledger->database;
    int code;

    ledger->database = NULL;
    code = sqlite3_open_v2(
        "", &ledger->database,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        code = ledger_configure(ledger);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(ledger->database, COPY_SETTINGS, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = copy(ledger->database, file);
    }
    (void)sqlite3_close(file);
    if (code == SQLITE_OK && ledger_was_changed(ledger)) {
        ledger_fault_changed(ledger, faults);
        return -1;
    }
    ledger->immutable = false; /* from here on the file may change */
    if (code == SQLITE_OK) {
        code = migrate(ledger->database, version);
    }
    if (code != SQLITE_OK) {
        ledger_fault(ledger, code, "bring a copy up to date to read it", faults);
        return -1;
    }
    return 0;
}
