/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a ledger, for writing or for reading.
 *
 * Writing. The database is in WAL mode with synchronous=FULL, so a commit is one sequential write and one flush, and readers
 * do not wait for it. Who writes for a few milliseconds locks all others out instead, unless somebody reads: then the index of the
 * WAL needs no file (-shm), whose making and removing costs as much as a flush.
 *
 * Reading writes nothing, but for the -shm file in the last of three situations:
 *
 *   no -wal, or an empty one    Or one that ends before its first page, as a killed writer leaves it. Everything is in
 *                               ledger.db. It is opened as immutable: no locks, no -shm, works in a read-only folder. But
 *                               nothing would keep a writer that starts now from changing the file under the reading (it
 *                               does so when it moves its WAL into ledger.db). So the file's stamp is kept, and compared
 *                               after each query: if it changed, the query fails and says so. As long as a writer only
 *                               fills its WAL, ledger.db is a whole, committed state.
 *   -wal and -shm               Somebody is writing, or was killed. With readonly_shm=1 SQLite reads the -shm there is, and
 *                               makes its own index in memory when nobody keeps that one up to date. The reading is one
 *                               transaction, so all of it sees the same state.
 *   -wal without -shm           A writer was killed as it closed the ledger and removed first the one, then the other; or
 *                               is about to go on with it. Committed rows may be in the -wal, immutable would leave them
 *                               out: SQLite makes the -shm anew. Where it may not, the reading is refused.
 *
 * A ledger of an older schema is read as a copy (ledger_copy.c), or, for who is about to write, brought up to date before.
 *
 * No mmap: it made reading 3,000 rows a twentieth faster, and a file that is cut off under a mapping ends the process (SIGBUS).
 *
 * ledger.db is never opened but by SQLite: closing any descriptor of it would drop the locks of all connections of this
 * process (POSIX advisory locks).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "ledger/ledger_event.h"

/* The ledger is to be migrated before it can be read. */
#define OLDER 1

/* What a -wal that holds rows has at least: its head, the head of a page, the smallest page (SQLite's file format, section 4.1). */
#define WAL_LEAST (32 + 24 + 512)

/* How often the situation is looked at anew when it changed between the look and the opening. */
#define READ_ATTEMPTS 8

/*
 * What a group of 1,000 certificates writes stays in memory until its commit (16 MiB): a page that is written out early
 * is written twice and read again. What is only looked at, and what was committed, takes 4 MiB. How the log is flushed and moved into
 * ledger.db: ledger_flush.c.
 */
#define WRITER_SETTINGS "PRAGMA cache_size = -4096; PRAGMA cache_spill = -16384; PRAGMA temp_store = MEMORY"

/* Locks all others out of ledger.db, unless somebody reads: then they share it as ever. The first access to the file. A result code. */
static int take_alone(struct ledger *ledger)
{
    int code;

    if (sqlite3_db_readonly(ledger->database, "main") == 1) {
        return SQLITE_OK; /* which is found and told next */
    }
    code = sqlite3_exec(ledger->database, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA schema_version", NULL,
                        NULL, NULL);
    if ((code & 0xff) == SQLITE_BUSY) {
        code = sqlite3_exec(ledger->database, "PRAGMA locking_mode = NORMAL", NULL, NULL, NULL);
    }
    return code;
}

int ledger_configure(struct ledger *ledger)
{
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    };
    static const struct {
        int limit, value;
    } limits[] = {
        /* Generous: what is longer than a column may be is to be complained about by its row. */
        {SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024},
        {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
        {SQLITE_LIMIT_COLUMN, 64},
        {SQLITE_LIMIT_EXPR_DEPTH, 32},
        {SQLITE_LIMIT_COMPOUND_SELECT, 4},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    };
    int code = SQLITE_OK;

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]) && code == SQLITE_OK; i++) {
        code = sqlite3_db_config(ledger->database, settings[i].option, settings[i].value, (int *)NULL);
    }
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        (void)sqlite3_limit(ledger->database, limits[i].limit, limits[i].value);
    }
    if (code == SQLITE_OK && ledger->mode == LEDGER_WRITE && ledger->alone) {
        code = take_alone(ledger);
    }
    if (code == SQLITE_OK) {
        code = ledger_wait_for_others(ledger);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(ledger->database, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && ledger->mode == LEDGER_WRITE) {
        code = sqlite3_exec(ledger->database, WRITER_SETTINGS, NULL, NULL, NULL);
#ifdef __APPLE__
        if (code == SQLITE_OK) {
            code = sqlite3_exec(ledger->database, "PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON",
                                NULL, NULL, NULL);
        }
#endif
    }
    return code;
}

/* What the database says it is. The first read of the file, so damage of its head shows here. A result code. */
static int identify(struct ledger *ledger, int64_t *application, int64_t *version)
{
    int code = ledger_ask(ledger->database, "PRAGMA application_id", application);

    return code == SQLITE_OK ? ledger_ask(ledger->database, "PRAGMA user_version", version) : code;
}

/* 0 when it is a ledger of a version that can be used as it is, or brought up to date where it is open to write; OLDER where not. */
static int judge(const struct ledger *ledger, int64_t application, int64_t version, struct faults *faults)
{
    struct place place = ledger_place(ledger);

    if (application != LEDGER_APPLICATION_ID || version < 1) {
        fault_error(faults, &place, NULL, "move it away, or name another folder",
                    "is not a ledger: it is an empty SQLite database or one of another program");
        return -1;
    }
    if (version > LEDGER_SCHEMA_VERSION) {
        fault_error(faults, &place, NULL, "use the newer program that wrote it",
                    "has schema version %lld, and this program knows versions up to %d", (long long)version,
                    LEDGER_SCHEMA_VERSION);
        return -1;
    }
    if (version < LEDGER_SCHEMA_VERSION && ledger->mode == LEDGER_READ) {
        return OLDER;
    }
    return 0;
}

/* Bring an older ledger up to date, unless another process does it meanwhile. */
static int migrate(struct ledger *ledger, struct faults *faults)
{
    struct patience patience;
    int64_t version = 0;
    int code;

    if (ledger_begin(ledger, faults) != 0) {
        return -1;
    }
    patience = ledger->patience;
    code = ledger_ask(ledger->database, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && version < LEDGER_SCHEMA_VERSION) {
        code = ledger_migrate(ledger->database, (int)version);
    }
    if (code != SQLITE_OK) {
        ledger_fault(ledger, code, "bring the schema up to date", faults);
        ledger_rollback(ledger);
        return -1;
    }
    ledger->changes = -1; /* which tables change counts for no row */
    code = ledger_commit(ledger, faults);
    ledger->patience = patience; /* it is no group of the caller's */
    return code;
}

/* Length of the file @p name beside the ledger; -1 when it is not there. */
static int64_t length_of(const struct ledger *ledger, const char *name)
{
    struct stat status;

    return fstatat(ledger->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? (int64_t)status.st_size : -1;
}

/* 1 when the ledger's file is there, 0 when not, -1 with a fault when something else is in its place. */
static int look(const struct ledger *ledger, struct file_stamp *stamp, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    const char *why = NULL;
    int found = file_stamp_read(ledger->folder, LEDGER_FILE, stamp, &why);

    if (found < 0) {
        fault_error(faults, &place, NULL, "move it away, or name another folder", "is not a ledger: it %s",
                    why);
    } else if (found == 1 && stamp->size == 0) {
        fault_error(faults, &place, NULL, "remove it, or restore the ledger from a backup",
                    "is not a ledger: it is empty");
        return -1;
    }
    return found;
}

static int open_to_write(struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct file_stamp stamp;
    int64_t application = 0;
    int64_t version = 0;
    int found = look(ledger, &stamp, faults);
    int code;

    if (found == 0 && length_of(ledger, LEDGER_FILE "-wal") > 0 &&
        (found = look(ledger, &stamp, faults)) == 0) {
        /* SQLite would take the rows of the lost ledger's WAL for those of the new one. */
        fault_error(faults, &place, NULL, "restore both from one backup, or move " LEDGER_FILE "-wal away",
                    "is missing, but its " LEDGER_FILE "-wal is there");
        return -1;
    }
    if (found == 0) {
        found = ledger_create(ledger->path, ledger->shown, faults) == 0 ? 1 : -1;
    }
    if (found < 0) {
        return -1;
    }
    ledger->own_wal = length_of(ledger, LEDGER_FILE "-wal") <= 0;
    code = sqlite3_open_v2(
        ledger->path, &ledger->database,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        code = ledger_configure(ledger);
    }
    if (code == SQLITE_OK && sqlite3_db_readonly(ledger->database, "main") == 1) {
        code = SQLITE_READONLY; /* what SQLite falls back to when it may not write */
    }
    if (code == SQLITE_OK) {
        code = identify(ledger, &application, &version);
    }
    if (code == SQLITE_OK) {
        code = ledger_start_fresh(ledger);
    }
    if (code != SQLITE_OK) {
        ledger_fault(ledger, code, "open the ledger for writing", faults);
        return -1;
    }
    if (judge(ledger, application, version, faults) != 0) {
        return -1;
    }
    return version < LEDGER_SCHEMA_VERSION ? migrate(ledger, faults) : 0;
}

/* "file:" + @p path with what means something in a URI escaped (RFC 3986, section 2.1) + "?" + @p parameters. */
static int file_uri(const char *path, const char *parameters, struct bytes *uri)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~";
    int failed = bytes_append_text(uri, "file:");

    for (const char *at = path; *at != '\0' && failed == 0; at++) {
        failed = strchr(plain, *at) != NULL ? bytes_append_byte(uri, (unsigned char)*at)
                                            : bytes_printf(uri, "%%%02X", (unsigned)(unsigned char)*at);
    }
    return failed == 0 ? bytes_printf(uri, "?%s", parameters) : -1;
}

/* Open with @p parameters, begin the transaction that all reading happens in. A result code. */
static int connect_to_read(struct ledger *ledger, const char *parameters, int64_t *application,
                           int64_t *version)
{
    struct bytes uri = BYTES_EMPTY;
    int code;

    if (file_uri(ledger->path, parameters, &uri) != 0) {
        bytes_free(&uri);
        return SQLITE_NOMEM;
    }
    code = sqlite3_open_v2(bytes_text(&uri), &ledger->database,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                               SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
                           NULL);
    bytes_free(&uri);
    if (code == SQLITE_OK) {
        code = ledger_configure(ledger);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(ledger->database, "BEGIN", NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? identify(ledger, application, version) : code;
}

/* The situation may change between the look and the opening: then it is looked at again. The cases are told at the top. */
static int open_to_read(struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    int64_t application = 0;
    int64_t version = 0;
    int code = SQLITE_OK;

    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        int found = look(ledger, &ledger->stamp, faults);
        bool with_wal = length_of(ledger, LEDGER_FILE "-wal") >= WAL_LEAST;
        bool with_shm = length_of(ledger, LEDGER_FILE "-shm") >= 0;
        const char *parameters = "mode=ro&immutable=1";

        if (found <= 0) {
            if (found == 0) {
                fault_error(faults, &place, NULL, "name the folder of a PKI with -d", "there is no ledger");
            }
            return -1;
        }
        ledger->immutable = !with_wal && length_of(ledger, LEDGER_FILE "-journal") <= 0;
        if (!ledger->immutable) {
            /* An index that nobody ever wrote to, or whose writer was killed as it began the -wal anew, needs writing. */
            bool needs_index = !with_shm || code == SQLITE_READONLY_CANTINIT || code == SQLITE_PROTOCOL;

            parameters = needs_index ? "mode=ro" : "mode=ro&readonly_shm=1";
        }
        if (with_wal && !with_shm && attempt < READ_ATTEMPTS / 2) {
            code = SQLITE_CANTOPEN;
            continue;
        }
        code = connect_to_read(ledger, parameters, &application, &version);
        if (code == SQLITE_OK && !ledger_was_changed(ledger)) {
            int verdict = judge(ledger, application, version, faults);

            return verdict == OLDER && !ledger->migrates ? ledger_read_copy(ledger, (int)version, faults)
                                                         : verdict;
        }
        if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY && code != SQLITE_PROTOCOL &&
            !ledger_was_changed(ledger)) {
            break;
        }
        ledger_disconnect(ledger);
    }
    if (ledger->database == NULL && length_of(ledger, LEDGER_FILE "-wal") >= WAL_LEAST &&
        length_of(ledger, LEDGER_FILE "-shm") < 0) {
        fault_error(faults, &place, NULL, "a run that writes puts it in order",
                    "cannot be read without writing: " LEDGER_FILE "-wal is there, and " LEDGER_FILE
                    "-shm is missing");
    } else {
        ledger_fault(ledger, code, "open the ledger for reading", faults);
    }
    return -1;
}

/* An older ledger is brought up to date, and read then. */
static int migrate_to_read(struct ledger *ledger, struct faults *faults)
{
    int result;

    ledger_disconnect(ledger);
    ledger->migrates = false;
    ledger->mode = LEDGER_WRITE;
    ledger->immutable = false;
    result = open_to_write(ledger, faults);
    ledger_disconnect(ledger);
    ledger->mode = LEDGER_READ;
    return result == 0 ? open_to_read(ledger, faults) : -1;
}

struct ledger *ledger_open_waiting(const char *folder, enum ledger_mode mode, struct patience patience,
                                   struct faults *faults)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    struct bytes path = BYTES_EMPTY;
    struct bytes shown = BYTES_EMPTY;
    char *absolute = NULL;
    int result = -1;

    if (ledger == NULL) {
        fault_memory(faults);
        goto out;
    }
    ledger_spare_counting();
    ledger->folder = -1;
    ledger->wal = -1;
    ledger->mode = mode == LEDGER_WRITE || mode == LEDGER_WRITE_ALONE ? LEDGER_WRITE : LEDGER_READ;
    ledger->alone = mode == LEDGER_WRITE_ALONE;
    ledger->migrates = mode == LEDGER_READ_MIGRATED;
    ledger->patience = patience;
    ledger->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* SQLite then follows no link at all (SQLITE_OPEN_NOFOLLOW), and the working directory may change. */
    absolute = realpath(folder, NULL);
    if (ledger->folder < 0 || absolute == NULL) {
        fault_system(faults, errno, folder,
                     errno == ENOENT || errno == ENOTDIR
                         ? "mtls-ca apply makes a PKI directory; -d names another"
                         : NULL,
                     "cannot open the folder of the ledger");
        goto out;
    }
    if (bytes_printf(&path, "%s/" LEDGER_FILE, strcmp(absolute, "/") == 0 ? "" : absolute) != 0 ||
        bytes_printf(&shown, "%s%s" LEDGER_FILE, folder, folder[strlen(folder) - 1] == '/' ? "" : "/") != 0 ||
        (ledger->path = strdup(bytes_text(&path))) == NULL ||
        (ledger->shown = strdup(bytes_text(&shown))) == NULL) {
        fault_memory(faults);
        goto out;
    }
    if ((ledger->log = ledger_log_new()) == NULL) {
        fault_memory(faults);
        goto out;
    }
    result = ledger->mode == LEDGER_WRITE ? open_to_write(ledger, faults) : open_to_read(ledger, faults);
    if (result == OLDER) {
        result = migrate_to_read(ledger, faults);
    }
out:
    free(absolute);
    bytes_free(&path);
    bytes_free(&shown);
    if (result != 0) {
        ledger_close(ledger);
        return NULL;
    }
    return ledger;
}

struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct faults *faults)
{
    return ledger_open_waiting(folder, mode, PATIENCE_WHOLE, faults);
}

struct patience ledger_patience(const struct ledger *ledger)
{
    return ledger->patience;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    ledger_disconnect(ledger); /* rolls back what is open */
    if (ledger->folder >= 0) {
        (void)close(ledger->folder);
    }
    ledger_log_free(ledger->log);
    free(ledger->path);
    free(ledger->shown);
    free(ledger);
}
