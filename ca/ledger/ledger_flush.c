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

/* The WAL is never moved into ledger.db before it is on the disk. */
#define STILL "PRAGMA synchronous = OFF"
/* SQLite flushes the WAL before it is moved, and ledger.db after that. */
#define MOVING "PRAGMA synchronous = NORMAL"

/*
 * Every 4 MiB the WAL is moved into ledger.db: each such move flushes twice more, but while it is made other threads sign, which
 * they do not when the ledger closes.
 */
#define MOVED (4 * 1024 * 1024)

/* SQLite is not left to move the WAL itself: it would tell nobody that it cannot be flushed. */
static int note_pages(void *state, sqlite3 *database, const char *name, int pages)
{
    struct ledger *ledger = state;

    (void)database;
    (void)name;
    ledger->pages = pages;
    return SQLITE_OK;
}

/* From here on the WAL is moved. A result code. */
static int let_move(struct ledger *ledger)
{
    int64_t page = 0;
    int code = ledger_ask(ledger->database, "PRAGMA page_size", &page);

    if (code == SQLITE_OK) {
        ledger->moved_at = (int)(MOVED / page);
        code = sqlite3_exec(ledger->database, MOVING, NULL, NULL, NULL);
    }
    return code;
}

int ledger_start_fresh(struct ledger *ledger)
{
    int code = ledger->own_wal ? sqlite3_exec(ledger->database, STILL, NULL, NULL, NULL) : let_move(ledger);

    (void)sqlite3_wal_hook(ledger->database, note_pages, ledger);
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

/* Whether the WAL is to be moved. */
static bool is_long(const struct ledger *ledger)
{
    return ledger->moved_at > 0 && ledger->pages >= ledger->moved_at;
}

int ledger_flush_group(struct ledger *ledger)
{
    int flushed = ledger->lost ? -SQLITE_IOERR_FSYNC : flush(ledger, SQLITE_FCNTL_JOURNAL_POINTER);
    int code;

    if (flushed < 0) {
        ledger->lost = true;
        return -flushed;
    }
    ledger->unflushed = false;
    if (flushed == 1 && ledger->fresh) {
        ledger->fresh = false;
        code = let_move(ledger);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    if (is_long(ledger)) {
        /* what is in the way now may not be the next time: all is on the disk either way */
        ledger->pages = 0;
        (void)sqlite3_wal_checkpoint_v2(ledger->database, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    return SQLITE_OK;
}

int ledger_flush_rest(struct ledger *ledger, struct faults *faults)
{
    int code = ledger_flush_group(ledger);

    if (code != SQLITE_OK) {
        ledger_fault(ledger, code, "flush a group to the disk", faults);
        return -1;
    }
    return 0;
}

/* Whether groups can be flushed by ledger_flush; else they are by each commit. */
static bool can_wait(struct ledger *ledger)
{
    /* the first group brings the WAL's name to the disk with it, which takes SQLite */
    if (!ledger->fresh && ledger->wal < 0) {
        ledger->wal = openat(ledger->folder, WAL_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    }
    return ledger->wal >= 0;
}

int ledger_commit_unflushed(struct ledger *ledger, struct faults *faults)
{
    if (!can_wait(ledger) || ledger->lost) {
        return ledger_commit(ledger, faults);
    }
    if (ledger_end_group(ledger, faults) != 0) {
        return -1;
    }
    ledger->unflushed = ledger->unflushed || sqlite3_total_changes64(ledger->database) != ledger->changes;
    return is_long(ledger) ? ledger_flush_rest(ledger, faults) : 0;
}

static int flush_file(int file)
{
#ifdef __APPLE__
    return fcntl(file, F_FULLFSYNC) == -1 ? fsync(file) : 0;
#else
    return fdatasync(file);
#endif
}

int ledger_flush(struct ledger *ledger, struct faults *faults)
{
    int file = ledger->wal;
    int status = 0;

    if (ledger->lost) {
        return -1;
    }
    if (file >= 0) { /* else each commit flushed its group */
        do {
            status = flush_file(file);
        } while (status != 0 && errno == EINTR);
    }
    if (status != 0) {
        ledger->lost = true;
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
    if (ledger->mode != LEDGER_WRITE || ledger->database == NULL) {
        return;
    }
    if (ledger->lost || (ledger->unflushed && ledger_flush_group(ledger) != SQLITE_OK)) {
        (void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
        return;
    }
    if (!ledger->own_wal) {
        return;
    }
    if (ledger->fresh || sqlite3_exec(ledger->database, STILL, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_wal_checkpoint_v2(ledger->database, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved) !=
            SQLITE_OK ||
        pages != moved) {
        (void)let_move(ledger);
    } else if (flush(ledger, SQLITE_FCNTL_FILE_POINTER) != 1) {
        /* SQLite would find all moved, and delete the WAL; the next one to write moves it again */
        (void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    }
}
