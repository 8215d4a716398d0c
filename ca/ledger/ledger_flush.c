/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When what was committed goes to the disk. Of its own, SQLite flushes where it moves the WAL into ledger.db alone: a commit leaves its
 * rows in the WAL, and they are flushed here, at once or later, so that whoever commits can go on while the disk writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/ledger_sqlite.h"

#define WAL_FILE LEDGER_FILE "-wal"

#ifdef __APPLE__
#define FLUSH SQLITE_SYNC_FULL
#else
#define FLUSH (SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY)
#endif

/*
 * Every 4 MiB the WAL is moved into ledger.db: each such move flushes twice more, but while it is made other threads sign, which
 * they do not when the ledger closes.
 */
#define MOVED (4 * 1024 * 1024)
/* The WAL is never moved into ledger.db before it is on the disk. */
#define STILL "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0"

/* From here on SQLite moves the WAL, and flushes where it does. A result code. */
static int let_move(const struct ledger *ledger)
{
    int64_t page = 0;
    int code = ledger_ask(ledger->database, "PRAGMA page_size", &page);

    if (code == SQLITE_OK) {
        code = sqlite3_exec(ledger->database, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? sqlite3_wal_autocheckpoint(ledger->database, (int)(MOVED / page)) : code;
}

int ledger_start_fresh(struct ledger *ledger)
{
    int code = ledger->own_wal ? sqlite3_exec(ledger->database, STILL, NULL, NULL, NULL) : let_move(ledger);

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

int ledger_flush_group(struct ledger *ledger)
{
    int flushed = flush(ledger, SQLITE_FCNTL_JOURNAL_POINTER);

    if (flushed < 0) {
        return -flushed;
    }
    ledger->unflushed = false;
    if (flushed == 0 || !ledger->fresh) {
        return SQLITE_OK;
    }
    ledger->fresh = false;
    return let_move(ledger);
}

int ledger_commit_unflushed(struct ledger *ledger, struct faults *faults)
{
    /* the first group brings the WAL's name to the disk with it, which takes SQLite */
    if (ledger->fresh) {
        return ledger_commit(ledger, faults);
    }
    if (ledger->wal < 0 &&
        (ledger->wal = openat(ledger->folder, WAL_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
        return ledger_commit(ledger, faults);
    }
    if (ledger_end_group(ledger, faults) != 0) {
        return -1;
    }
    ledger->unflushed = true;
    return 0;
}

int ledger_flush(const struct ledger *ledger, struct faults *faults)
{
    int status;

    if (ledger->wal < 0) {
        return 0; /* each commit flushed its group */
    }
    do {
#ifdef __APPLE__
        status = fcntl(ledger->wal, F_FULLFSYNC) == -1 ? fsync(ledger->wal) : 0;
#else
        status = fdatasync(ledger->wal);
#endif
    } while (status != 0 && errno == EINTR);
    if (status != 0) {
        fault_system(faults, errno, ledger->shown, NULL, "cannot flush a group to the disk");
    }
    return status;
}

void ledger_settle(struct ledger *ledger)
{
    int pages = 0;
    int moved = 0;

    if (ledger->wal >= 0) {
        (void)close(ledger->wal);
        ledger->wal = -1;
    }
    if (ledger->mode != LEDGER_WRITE || !ledger->own_wal || ledger->database == NULL) {
        return;
    }
    if (ledger->fresh || (ledger->unflushed && ledger_flush_group(ledger) != SQLITE_OK) ||
        sqlite3_exec(ledger->database, STILL, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_wal_checkpoint_v2(ledger->database, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved) !=
            SQLITE_OK ||
        pages != moved) {
        (void)let_move(ledger);
    } else if (flush(ledger, SQLITE_FCNTL_FILE_POINTER) != 1) {
        /* SQLite would find all moved, and delete the WAL; the next one to write moves it again */
        (void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    }
}
