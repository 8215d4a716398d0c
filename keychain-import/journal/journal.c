/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's folder: found, made, locked, read.
 */
#include "journal/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/patience.h"
#include "base/process.h"
#include "journal/folder_of_records.h"
#include "journal/place.h"

#define LOCK_NAME "lock"

/* ---- the folder ----------------------------------------------------------------------------------------------------- */

/** Make @p path and what is missing above it. -1 with errno. */
static int make_folders(const char *path)
{
    struct bytes part = BYTES_EMPTY;
    int status = -1;

    if (bytes_append_text(&part, path) != 0) {
        errno = ENOMEM;
        return -1;
    }
    for (size_t i = 1; i < part.length; i++) {
        if (part.data[i] == '/') {
            part.data[i] = '\0';
            if (mkdir(bytes_text(&part), 0755) != 0 && errno != EEXIST) {
                goto out;
            }
            part.data[i] = '/';
        }
    }
    if (mkdir(bytes_text(&part), 0700) == 0 || errno == EEXIST) {
        status = 0;
    }
out:
    bytes_free(&part);
    return status;
}

/** Whether nobody else can have written into it. -1 with a fault. */
static int check_folder(const struct journal *journal, struct faults *faults)
{
    const struct place place = {bytes_text(&journal->shown), 0, 0};
    struct stat status;

    if (fstat(journal->folder, &status) != 0) {
        fault_system(faults, errno, bytes_text(&journal->shown), NULL, "the journal cannot be looked at");
        return -1;
    }
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
        fault_error(faults, &place, NULL, "it is to be yours, with mode 0700",
                    "the journal's folder is not yours alone");
        return -1;
    }
    return 0;
}

struct journal *journal_open(const struct context *context, const char *path, bool make,
                             struct faults *faults)
{
    struct journal *journal = calloc(1, sizeof(*journal));

    if (journal == NULL) {
        fault_memory(faults);
        return NULL;
    }
    journal->context = context;
    journal->folder = -1;
    journal->lock = -1;
    if (path != NULL ? bytes_append_text(&journal->shown, path) != 0
                     : journal_place(&journal->shown, faults) != 0) {
        if (path != NULL) {
            fault_memory(faults);
        }
        goto failed;
    }
    if (make && make_folders(bytes_text(&journal->shown)) != 0) {
        fault_system(faults, errno, bytes_text(&journal->shown), NULL, "the journal's folder cannot be made");
        goto failed;
    }
    journal->folder = open(bytes_text(&journal->shown), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (journal->folder < 0 && (make || errno != ENOENT)) {
        fault_system(faults, errno, bytes_text(&journal->shown), NULL,
                     "the journal's folder cannot be opened");
        goto failed;
    }
    if (journal->folder >= 0 && check_folder(journal, faults) != 0) {
        goto failed;
    }
    return journal;
failed:
    journal_close(journal);
    return NULL;
}

void journal_close(struct journal *journal)
{
    if (journal != NULL) {
        journal_unlock(journal);
        if (journal->folder >= 0) {
            (void)close(journal->folder);
        }
        bytes_free(&journal->shown);
        free(journal);
    }
}

/* ---- the lock ------------------------------------------------------------------------------------------------------- */

/** Say who has the lock; its number is in the file. */
static void complain_locked(const struct journal *journal, int lock, struct faults *faults)
{
    const struct place place = {bytes_text(&journal->shown), 0, 0};
    struct bytes who = BYTES_EMPTY;
    char digits[24] = "";
    ssize_t length = pread(lock, digits, sizeof(digits) - 1, 0);
    long process = length > 0 ? strtol(digits, NULL, 10) : 0;

    if (process > 0 && process_describe(process, &who) == 0) {
        fault_error(faults, &place, NULL, "try again when it has ended", "%s is changing a store",
                    bytes_text(&who));
    } else {
        fault_error(faults, &place, NULL, "try again when it has ended",
                    "another keychain-import is changing a store");
    }
    bytes_free(&who);
}

/** Write our number into the lock's file. What stands there is for people alone. */
static void sign_lock(int lock)
{
    struct bytes digits = BYTES_EMPTY;

    if (ftruncate(lock, 0) == 0 && bytes_printf(&digits, "%ld\n", (long)getpid()) == 0) {
        (void)!pwrite(lock, digits.data, digits.length, 0);
    }
    bytes_free(&digits);
}

int journal_lock(struct journal *journal, unsigned seconds, struct faults *faults)
{
    int lock = openat(journal->folder, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct patience patience = {.most_ms = seconds * 1000};
    unsigned turn = 0;
    int status;

    if (lock < 0) {
        fault_system(faults, errno, bytes_text(&journal->shown), NULL, "the journal cannot be locked");
        return -1;
    }
    while ((status = flock(lock, LOCK_EX | LOCK_NB)) != 0 && (errno == EWOULDBLOCK || errno == EINTR) &&
           patience_wait(&patience, turn)) {
        turn++;
    }
    if (status != 0) {
        if (errno == EWOULDBLOCK) {
            complain_locked(journal, lock, faults);
        } else {
            fault_system(faults, errno, bytes_text(&journal->shown), NULL, "the journal cannot be locked");
        }
        (void)close(lock);
        return -1;
    }
    sign_lock(lock);
    journal->lock = lock;
    return 0;
}

void journal_unlock(struct journal *journal)
{
    if (journal->lock >= 0) {
        (void)close(journal->lock);
        journal->lock = -1;
    }
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

void journal_records_free(struct journal_records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        record_free(&records->items[i]);
    }
    free(records->items);
    *records = (struct journal_records){NULL, 0};
}

static bool is_record(const char *name)
{
    size_t length = strlen(name);

    return length > strlen(RECORD_ENDING) && name[0] != '.' &&
           strcmp(name + length - strlen(RECORD_ENDING), RECORD_ENDING) == 0;
}

/** Whether @p name is a file, and ours: a link leads elsewhere, and a pipe is waited at for ever. */
static bool is_own_file(const struct journal *journal, const char *name)
{
    struct stat status;

    return fstatat(journal->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           status.st_uid == geteuid();
}

/** Whether somebody holds the lock of the record @p name. */
static bool is_alive(const struct journal *journal, const char *name)
{
    int file = openat(journal->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool alive = false;

    if (file >= 0) {
        alive = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        (void)close(file);
    }
    return alive;
}

/** Remove what a run left that was killed before it began. */
static void sweep(const struct journal *journal, const char *name, bool alive)
{
    if (!alive && journal->lock >= 0) {
        (void)unlinkat(journal->folder, name, 0);
    }
}

static void warn_passed_over(const struct journal *journal, const char *name, const char *reason,
                             struct faults *faults)
{
    const struct place place = {bytes_text(&journal->shown), 0, 0};

    fault_warning(faults, &place, NULL, NULL, "%s is passed over: it is %s", name, reason);
}

/** Read one record behind those there are. What is none, or went meanwhile, is passed over. */
static int read_one(const struct journal *journal, const char *name, struct journal_records *records,
                    struct faults *faults)
{
    struct faults *found = faults_new();
    struct record record = {.pid = 0};
    struct bytes text = BYTES_EMPTY;
    struct record *more;
    bool alive = is_alive(journal, name);
    int status = 0;

    if (found == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (file_read(journal->folder, name, RECORD_LENGTH_MAX, &text, found) != 0 ||
        record_read(slice_of(&text), name, &record, found) != 0) {
        if (memchr(bytes_text(&text), '\n', text.length) == NULL) {
            /* nothing was begun by a run whose head is not on disk */
            sweep(journal, name, alive);
        } else {
            warn_passed_over(journal, name, "no record of the journal", faults);
        }
        goto out;
    }
    more = realloc(records->items, (records->count + 1) * sizeof(*more));
    if (more == NULL || bytes_append_text(&record.file, name) != 0) {
        records->items = more != NULL ? more : records->items;
        fault_memory(faults);
        status = -1;
        goto out;
    }
    record.alive = alive;
    records->items = more;
    records->items[records->count++] = record;
    record = (struct record){.pid = 0};
out:
    record_free(&record);
    bytes_free(&text);
    faults_free(found);
    return status;
}

static int by_begin(const void *one, const void *other)
{
    const struct record *first = one;
    const struct record *second = other;

    if (first->began != second->began) {
        return first->began < second->began ? -1 : 1;
    }
    return strcmp(bytes_text(&first->file), bytes_text(&second->file));
}

int journal_read(struct journal *journal, struct journal_records *records, struct faults *faults)
{
    const struct dirent *entry;
    DIR *folder = NULL;
    int copy;
    int status = 0;

    journal_records_free(records);
    if (journal->folder < 0) {
        return 0;
    }
    copy = openat(journal->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0 || (folder = fdopendir(copy)) == NULL) {
        fault_system(faults, errno, bytes_text(&journal->shown), NULL, "the journal cannot be read");
        if (copy >= 0) {
            (void)close(copy);
        }
        return -1;
    }
    while (status == 0 && (entry = readdir(folder)) != NULL) {
        if (is_record(entry->d_name) && is_own_file(journal, entry->d_name)) {
            status = read_one(journal, entry->d_name, records, faults);
        } else if (is_record(entry->d_name)) {
            warn_passed_over(journal, entry->d_name, "no file of yours", faults);
        }
    }
    (void)closedir(folder);
    if (records->count > 1) {
        qsort(records->items, records->count, sizeof(*records->items), by_begin);
    }
    return status;
}
