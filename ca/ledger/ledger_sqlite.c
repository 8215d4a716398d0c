/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: what SQLite's refusals mean, prepared statements, disconnecting. */
#include "ledger/ledger_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/process.h"

#define HINT_DAMAGED  "restore it from a backup"
#define HINT_WRITABLE "the ledger is written beside the outputs: file and folder must be writable"

void ledger_spare_counting(void)
{
    /* says no once SQLite is at work: then it was asked before, or by somebody who knows why not */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* ---- complaints ------------------------------------------------------------------------------------------------------ */

struct place ledger_place(const struct ledger *ledger)
{
    return (struct place){ledger->shown, 0, 0};
}

/* Another process kept the ledger for too long: which one? */
static void fault_held(const struct ledger *ledger, const char *what, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct bytes who = BYTES_EMPTY;
    unsigned waited = ledger->patience.waited_ms;
    long holder = ledger_holder(ledger);

    if (holder == 0 || process_describe(holder, &who) != 0) {
        bytes_clear(&who);
    }
    fault_error(faults, &place, NULL, "let it finish, or end it; then run this again",
                "cannot %s: %s holds the ledger, and has not let go in %u.%u seconds", what,
                who.length > 0 ? bytes_text(&who) : "another process", waited / 1000, waited % 1000 / 100);
    bytes_free(&who);
}

void ledger_fault(const struct ledger *ledger, int code, const char *what, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    int error = 0;
    int kind = code & 0xff;

    if (ledger_was_changed(ledger)) {
        ledger_fault_changed(ledger, faults);
        return;
    }
    if (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) {
        error = sqlite3_system_errno(ledger->database);
    }
    /* SQLite has a code of its own for it only in some places */
    if (error == ENOSPC || error == EDQUOT) {
        kind = SQLITE_FULL;
    }
    switch (kind) {
    case SQLITE_NOMEM:
        fault_memory(faults);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        fault_held(ledger, what, faults);
        break;
    case SQLITE_NOTADB:
        fault_error(faults, &place, NULL, "move it away, or name another folder",
                    "is not a ledger: it is no SQLite database");
        break;
    case SQLITE_CORRUPT:
    case SQLITE_TOOBIG:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: /* a table or a column is not there */
        fault_error(faults, &place, NULL, HINT_DAMAGED, "is damaged: cannot %s: %s", what,
                    sqlite3_errmsg(ledger->database));
        break;
    case SQLITE_FULL:
        fault_error(faults, &place, NULL, "make room on the disk, then run this again",
                    "cannot %s: the disk is full", what);
        break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        /* SQLite tries again to read only, and keeps that errno: the folder knows better */
        if (ledger->mode == LEDGER_WRITE && ledger->folder >= 0 &&
            faccessat(ledger->folder, ".", W_OK, 0) != 0) {
            fault_system(faults, errno, ledger->shown, HINT_WRITABLE, "cannot %s", what);
        } else {
            fault_error(faults, &place, NULL, ledger->mode == LEDGER_WRITE ? HINT_WRITABLE : NULL,
                        "cannot %s: %s", what, sqlite3_errstr(code));
        }
        break;
    default:
        fault_error(faults, &place, NULL, NULL, "cannot %s: %s (SQLite %d, errno %d)", what,
                    sqlite3_errstr(code), code, error);
        break;
    }
}

bool ledger_was_changed(const struct ledger *ledger)
{
    struct file_stamp now;
    const char *why = NULL;

    return ledger->immutable && (file_stamp_read(ledger->folder, LEDGER_FILE, &now, &why) != 1 ||
                                 now.size != ledger->stamp.size || now.mtime_ns != ledger->stamp.mtime_ns ||
                                 now.ctime_ns != ledger->stamp.ctime_ns || now.inode != ledger->stamp.inode);
}

void ledger_fault_changed(const struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);

    fault_error(faults, &place, NULL, "run this again", "was changed by another process while it was read");
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

sqlite3_stmt *ledger_prepared(struct ledger *ledger, enum ledger_statement which, struct faults *faults)
{
    const struct ledger_statement_text *text = &ledger_statements[which];
    sqlite3_stmt *statement = ledger->statements[which];
    struct place place = ledger_place(ledger);
    int code;

    if (statement != NULL) {
        if (sqlite3_stmt_busy(statement)) {
            fault_error(faults, &place, NULL, NULL, "table %s is being read by the same query already",
                        text->table);
            return NULL;
        }
        return statement;
    }
    code = sqlite3_prepare_v3(ledger->database, text->sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        ledger_fault(ledger, code, "prepare a statement", faults);
        return NULL;
    }
    ledger->statements[which] = statement;
    return statement;
}

int ledger_ask(sqlite3 *database, const char *sql, int64_t *answer)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);

    if (code != SQLITE_OK) {
        return code;
    }
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *answer = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

int ledger_need_group(const struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);

    if (!ledger->group) {
        fault_error(faults, &place, NULL, NULL, "no group was begun");
        return -1;
    }
    /* After some failures (a full disk, no memory) SQLite rolls back of its own; later rows would each be committed alone. */
    if (sqlite3_get_autocommit(ledger->database)) {
        fault_error(faults, &place, NULL, NULL, "the group was rolled back after an earlier failure");
        return -1;
    }
    return 0;
}

/* ---- closing ----------------------------------------------------------------------------------------------------------- */

void ledger_disconnect(struct ledger *ledger)
{
    for (size_t i = 0; i < LEDGER_STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(ledger->statements[i]);
        ledger->statements[i] = NULL;
    }
    if (ledger->group) {
        ledger_rollback(ledger);
    }
    ledger_settle(ledger);
    (void)sqlite3_close(ledger->database);
    ledger->database = NULL;
    ledger->own_wal = false;
    ledger->fresh = false;
    ledger->group = false;
}
