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
    long holder = ledger_holder(ledger);

    if (holder == 0 || process_describe(holder, &who) != 0) {
        bytes_clear(&who);
    }
    fault_error(faults, &place, NULL, "let it finish, or end it; then run this again",
                "cannot %s: %s has held the ledger for %u.%u seconds", what,
                who.length > 0 ? bytes_text(&who) : "another process", ledger->wait_ms / 1000,
                ledger->wait_ms % 1000 / 100);
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

/* ---- flushing ---------------------------------------------------------------------------------------------------------- */

#ifdef __APPLE__
#define FLUSH SQLITE_SYNC_FULL
#else
#define FLUSH (SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY)
#endif

/*
 * Every 8 MiB the WAL is moved into ledger.db: each such move flushes twice more, but while it is made other threads sign, which
 * they do not when the ledger closes.
 */
#define FLUSHED "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2048"
/* The WAL is never moved into ledger.db before it is on the disk. */
#define UNFLUSHED "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0"

int ledger_start_fresh(struct ledger *ledger)
{
    int code = sqlite3_exec(ledger->database, ledger->own_wal ? UNFLUSHED : FLUSHED, NULL, NULL, NULL);

    ledger->fresh = ledger->own_wal && code == SQLITE_OK;
    return code;
}

/* Flush one of the database's files, if it is open and holds anything. 1 flushed, 0 nothing to flush, else a result code below 0. */
static int flush(const struct ledger *ledger, int which)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    int code = sqlite3_file_control(ledger->database, "main", which, (void *)&file);

    if (code == SQLITE_OK && (file == NULL || file->pMethods == NULL)) {
        return 0;
    }
    if (code == SQLITE_OK) {
        code = file->pMethods->xFileSize(file, &size);
    }
    if (code == SQLITE_OK && size == 0) {
        return 0;
    }
    if (code == SQLITE_OK) {
        code = file->pMethods->xSync(file, FLUSH);
    }
    return code == SQLITE_OK ? 1 : -code;
}

int ledger_flush_fresh(struct ledger *ledger)
{
    int flushed = ledger->fresh ? flush(ledger, SQLITE_FCNTL_JOURNAL_POINTER) : 0;

    if (flushed != 1) {
        return -flushed;
    }
    ledger->fresh = false;
    return sqlite3_exec(ledger->database, FLUSHED, NULL, NULL, NULL);
}

/*
 * Before closing: the WAL is moved into ledger.db, with one flush. SQLite would flush the WAL before, which every commit has done;
 * that is left out only where the WAL holds nothing else. Where anything is in the way, closing does it as SQLite does.
 */
static void settle(struct ledger *ledger)
{
    int pages = 0;
    int moved = 0;

    if (ledger->mode != LEDGER_WRITE || !ledger->own_wal || ledger->database == NULL) {
        return;
    }
    if (ledger->fresh || sqlite3_exec(ledger->database, UNFLUSHED, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_wal_checkpoint_v2(ledger->database, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved) !=
            SQLITE_OK ||
        pages != moved || flush(ledger, SQLITE_FCNTL_FILE_POINTER) != 1) {
        (void)sqlite3_exec(ledger->database, FLUSHED, NULL, NULL, NULL);
    }
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
    settle(ledger);
    (void)sqlite3_close(ledger->database);
    ledger->database = NULL;
    ledger->own_wal = false;
    ledger->fresh = false;
    ledger->group = false;
}
