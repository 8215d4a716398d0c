/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a ledger comes to be. Several processes may open the same new folder at once, and turning a database to WAL under their
 * eyes fails now and then whatever the waiting time. So nobody sees a ledger before it is finished: it is made under a
 * temporary name, with schema and journal mode, made durable, and renamed to its own name unless that exists by then. Whoever
 * comes second throws its own away. That takes no lock, so it cannot run into one that the caller holds on the folder.
 *
 * The temporary name is one the publisher sweeps, should a run be killed here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/temporary.h"
#include "ledger/ledger_sqlite.h"

/* Durable on the platter: on macOS fsync stops at the disk's cache. */
static int flush(int descriptor)
{
#ifdef __APPLE__
    if (fcntl(descriptor, F_FULLFSYNC) == 0) {
        return 0;
    }
#endif
    return fsync(descriptor);
}

/* Open, flush, close. */
static int flush_path(const char *path, int flags)
{
    int descriptor = open(path, flags | O_CLOEXEC);
    int result;
    int error;

    if (descriptor < 0) {
        return -1;
    }
    result = flush(descriptor);
    error = errno;
    (void)close(descriptor);
    errno = error;
    return result;
}

int ledger_migrate(sqlite3 *database, int from)
{
    char pragma[64];
    int code = SQLITE_OK;

    for (int version = from; version < LEDGER_SCHEMA_VERSION && code == SQLITE_OK; version++) {
        code = sqlite3_exec(database, ledger_schema_steps[version], NULL, NULL, NULL);
    }
    /* the log tells of it with its next event, for who that is of is known then */
    if (code == SQLITE_OK && from > 0) {
        char note[256];

        (void)snprintf(note, sizeof(note),
                       "INSERT INTO memo (key, value) VALUES ('" LEDGER_MEMO_MIGRATED_FROM
                       "', CAST('%d' AS BLOB)) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                       " WHERE length(memo.value) = 0",
                       from);
        code = sqlite3_exec(database, note, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        (void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", LEDGER_SCHEMA_VERSION);
        code = sqlite3_exec(database, pragma, NULL, NULL, NULL);
    }
    return code;
}

/* Fill the empty file at @p path. No crash-safety is needed here: a half one is never renamed. A result code. */
static int fill(const char *path)
{
    sqlite3 *database = NULL;
    char pragma[64];
    int closed;
    int code;

    /*
     * Pages of 8 KiB: what is issued comes at the end of each table and index, so that a group of many writes half as often as with
     * SQLite's 4, and hardly more; larger ones would make a group of one certificate, which changes a dozen of them, slower.
     */
    (void)snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", LEDGER_APPLICATION_ID);
    code = sqlite3_open_v2(
        path, &database,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database,
                            "PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
                            " BEGIN IMMEDIATE",
                            NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database, pragma, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = ledger_migrate(database, 0);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database, "COMMIT; PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    }
    closed = sqlite3_close(database); /* takes NULL; an open transaction is rolled back */
    return code != SQLITE_OK ? code : closed;
}

/* Remove the temporary and what SQLite puts beside it. */
static void remove_temporary(struct bytes *temporary)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    size_t length = temporary->length;

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        temporary->length = length;
        temporary->data[length] = '\0';
        if (bytes_append_text(temporary, suffixes[i]) == 0) {
            (void)unlink(bytes_text(temporary));
        }
    }
}

int ledger_create(const char *path, const char *shown, struct faults *faults)
{
    struct place place = {shown, 0, 0};
    struct bytes folder = BYTES_EMPTY;
    struct bytes temporary = BYTES_EMPTY;
    bool made = false;
    int descriptor = -1;
    int code;
    int result = -1;

    if (bytes_append(&folder, path, (size_t)(strrchr(path, '/') - path)) != 0 ||
        bytes_printf(&temporary, "%s/%sledger-XXXXXX", bytes_text(&folder), PUBLISHER_PREFIX) != 0) {
        fault_memory(faults);
        goto out;
    }
    descriptor = mkstemp((char *)temporary.data);
    made = descriptor >= 0;
    /* The files that SQLite puts beside a database take the mode of the database. */
    if (!made || fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) {
        fault_system(faults, errno, shown,
                     "the ledger is written beside the outputs: the folder must be writable",
                     "cannot make the ledger");
        goto out;
    }
    /* Closed before SQLite opens the file: closing would drop SQLite's locks. */
    (void)close(descriptor);
    descriptor = -1;
    code = fill(bytes_text(&temporary));
    if (code != SQLITE_OK) {
        fault_error(faults, &place, NULL, code == SQLITE_FULL ? "make room on the disk" : NULL,
                    "cannot make the ledger: %s", sqlite3_errstr(code));
        goto out;
    }
    if (flush_path(bytes_text(&temporary), O_RDWR) != 0) {
        fault_system(faults, errno, shown, NULL, "cannot make the ledger durable");
        goto out;
    }
    if (temporary_place(AT_FDCWD, bytes_text(&temporary), AT_FDCWD, path) == 0) {
        made = false;
    } else if (errno != EEXIST) {
        fault_system(faults, errno, shown, NULL, "cannot name the new ledger");
        goto out;
    }
    if (flush_path(folder.length == 0 ? "/" : bytes_text(&folder), O_RDONLY | O_DIRECTORY) != 0) {
        fault_system(faults, errno, shown, NULL, "cannot make the ledger's name durable");
        goto out;
    }
    result = 0;
out:
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    if (made) {
        remove_temporary(&temporary);
    }
    bytes_free(&folder);
    bytes_free(&temporary);
    return result;
}
