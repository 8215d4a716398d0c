/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKI directory, locked with flock: the lock ends with the process, whatever ends it.
 */
#include "issuing/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "base/account.h"
#include "base/process.h"
#include "issuing/provenance.h"

#ifdef __linux__
/** Where field @p number of a line begins, counted from 0; its end when it has none. */
static const char *line_field(const char *line, size_t number)
{
    for (;; number--) {
        line += strspn(line, " ");
        if (number == 0) {
            return line;
        }
        line += strcspn(line, " ");
    }
}
#endif

/** The process that holds the lock of @p folder; 0 where the system does not tell. */
static long lock_holder(int folder)
{
    long holder = 0;
#ifdef __linux__
    /* proc(5): ordinal, FLOCK, ADVISORY, WRITE or READ, process, major:minor:inode in hex, hex and decimal */
    FILE *locks = fopen("/proc/locks", "re");
    char line[256];
    struct stat status;

    if (locks == NULL || fstat(folder, &status) != 0) {
        goto out;
    }
    while (holder == 0 && fgets(line, sizeof(line), locks) != NULL) {
        const char *device = line_field(line, 5);
        long process = strtol(line_field(line, 4), NULL, 10);
        char *end = NULL;
        unsigned long major_number = strtoul(device, &end, 16);
        unsigned long minor_number = *end == ':' ? strtoul(end + 1, &end, 16) : 0;
        unsigned long long inode = *end == ':' ? strtoull(end + 1, NULL, 10) : 0;

        if (strncmp(line_field(line, 1), "FLOCK", strlen("FLOCK")) == 0 && process > 0 &&
            inode == (unsigned long long)status.st_ino &&
            makedev((unsigned)major_number, (unsigned)minor_number) == status.st_dev) {
            holder = process;
        }
    }
out:
    if (locks != NULL) {
        (void)fclose(locks);
    }
#else
    (void)folder;
#endif
    return holder;
}

static void lock_complain(const struct directory *directory, int folder, struct faults *faults)
{
    struct bytes who = BYTES_EMPTY;
    unsigned waited = directory->patience.waited_ms;
    long holder = lock_holder(folder);

    if (holder <= 0 || process_describe(holder, &who) != 0) {
        bytes_clear(&who);
    }
    fault_error(faults, NULL, NULL, "wait for it, or end it",
                "%s: %s is at work here, and has not ended in %u.%u seconds", directory->path,
                who.length > 0 ? bytes_text(&who) : "another mtls-ca", waited / 1000, waited % 1000 / 100);
    bytes_free(&who);
}

/** Waits for the lock of @p folder. */
static int folder_wait(struct directory *directory, int folder, struct faults *faults)
{
    int how = (directory->use == DIRECTORY_READ ? LOCK_SH : LOCK_EX) | LOCK_NB;

    for (unsigned turn = 0; flock(folder, how) != 0; turn++) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            fault_system(faults, errno, directory->path, NULL, "the folder cannot be locked");
            return -1;
        }
        if (!patience_wait(&directory->patience, turn)) {
            lock_complain(directory, folder, faults);
            return -1;
        }
    }
    return 0;
}

/** Locks @p folder, and settles what an ASK comes to: who asks waits for nobody. */
static int folder_lock(struct directory *directory, int folder, struct faults *faults)
{
    if (directory->use != DIRECTORY_ASK) {
        return folder_wait(directory, folder, faults);
    }
    directory->use = flock(folder, LOCK_EX | LOCK_NB) == 0 ? DIRECTORY_WRITE : DIRECTORY_READ;
    if (directory->use == DIRECTORY_READ && flock(folder, LOCK_SH | LOCK_NB) != 0) {
        fault_system(faults, errno, directory->path, NULL, "the folder cannot be locked");
        return -1;
    }
    return 0;
}

static int path_open(const struct directory *directory)
{
    return open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool same_folder(int one, int other)
{
    struct stat first;
    struct stat second;

    return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/**
 * Locks the folder that the directory is, or will be, made in: between making and locking the directory nobody may come. Where
 * it cannot be locked, a second run is told to come again.
 */
static int parent_lock(struct directory *directory, struct faults *faults)
{
    size_t length = strlen(directory->path);
    struct bytes parent = BYTES_EMPTY;
    int status = -1;

    while (length > 1 && directory->path[length - 1] == '/') {
        length--;
    }
    while (length > 0 && directory->path[length - 1] != '/') {
        length--;
    }
    if (bytes_append(&parent, directory->path, length) != 0 || bytes_append_text(&parent, ".") != 0) {
        fault_memory(faults);
        goto out;
    }
    directory->parent = open(bytes_text(&parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory->parent >= 0 && directory->folder >= 0 &&
        same_folder(directory->parent, directory->folder)) {
        (void)close(directory->parent); /* "." */
        directory->parent = -1;
    }
    status = directory->parent >= 0 ? folder_lock(directory, directory->parent, faults) : 0;
out:
    bytes_free(&parent);
    return status;
}

static void parent_unlock(struct directory *directory)
{
    if (directory->parent >= 0) {
        (void)close(directory->parent);
    }
    directory->parent = -1;
}

static bool ledger_is_there(const struct directory *directory)
{
    return directory->folder >= 0 && faccessat(directory->folder, "ledger.db", F_OK, 0) == 0;
}

/** Opens the ledger, anew where it is open; it waits for what patience is left. */
static int open_ledger(struct directory *directory, enum ledger_mode mode, struct faults *faults)
{
    if (directory->ledger != NULL) {
        directory->patience = ledger_patience(directory->ledger);
        ledger_close(directory->ledger);
    }
    directory->ledger = ledger_open_waiting(directory->path, mode, directory->patience, faults);
    return directory->ledger != NULL ? 0 : -1;
}

int directory_look(struct directory *directory, const char *path, enum directory_use use,
                   struct faults *faults)
{
    bool writes = use == DIRECTORY_WRITE;

    if (directory->folder >= 0) {
        return 0; /* gone on with */
    }
    directory->path = path;
    directory->use = use;
    directory->folder = path_open(directory);
    if (writes && (directory->folder >= 0 || errno == ENOENT) && !ledger_is_there(directory)) {
        if (parent_lock(directory, faults) != 0) {
            return -1;
        }
        directory->folder = directory->folder < 0 ? path_open(directory) : directory->folder;
    }
    if (directory->folder < 0) {
        if (errno == ENOENT) {
            return 0;
        }
        fault_system(faults, errno, path, NULL, "the PKI directory cannot be opened");
        return -1;
    }
    if (folder_lock(directory, directory->folder, faults) != 0) {
        return -1;
    }
    parent_unlock(directory);
    if (ledger_is_there(directory)) {
        /* a log that a killed run left can only be taken in by who may write */
        directory->cut_short = faccessat(directory->folder, "ledger.db-wal", F_OK, 0) == 0;
        return open_ledger(directory,
                           directory->cut_short && writes ? LEDGER_WRITE
                           : writes                       ? LEDGER_READ_MIGRATED
                                                          : LEDGER_READ,
                           faults);
    }
    return 0;
}

void directory_go_on(struct directory *directory)
{
    /* without a ledger the parent has to be locked, and one that was cut short, or is older, is opened to write */
    if (directory->use != DIRECTORY_WRITE || directory->ledger == NULL || directory->cut_short) {
        directory_close(directory);
    }
}

/* Whoever runs the program answers for what the ledger is told now. */
static int directory_attribute(const struct directory *directory, const struct context *context,
                               struct faults *faults)
{
    struct bytes who = BYTES_EMPTY;
    int status = -1;

    if (account_name(&who) != 0) {
        fault_memory(faults);
    } else {
        status = ledger_attribute(directory->ledger, context, bytes_text(&who), faults);
    }
    bytes_free(&who);
    return status;
}

int directory_settle(struct directory *directory, const struct context *context, struct faults *faults)
{
    if (directory->folder < 0) {
        directory->made = mkdir(directory->path, 0755) == 0;
        if (!directory->made && errno != EEXIST) {
            fault_system(faults, errno, directory->path, NULL, "the PKI directory cannot be made");
            return -1;
        }
        directory->folder = path_open(directory);
        if (directory->folder < 0) {
            fault_system(faults, errno, directory->path, NULL, "the PKI directory cannot be opened");
            return -1;
        }
        if (folder_lock(directory, directory->folder, faults) != 0) {
            return -1;
        }
        parent_unlock(directory);
        /* another run may have been first: then what was decided no longer holds */
        if (ledger_is_there(directory)) {
            fault_error(faults, NULL, NULL, "run it again", "%s: another mtls-ca has just filled this folder",
                        directory->path);
            return -1;
        }
    }
    return open_ledger(directory, directory->brief ? LEDGER_WRITE_ALONE : LEDGER_WRITE, faults) == 0
               ? directory_attribute(directory, context, faults)
               : -1;
}

int directory_open(struct directory *directory, const char *path, enum directory_use use,
                   const struct context *context, struct faults *faults)
{
    if (directory_look(directory, path, use, faults) != 0) {
        return -1;
    }
    if (directory->ledger == NULL) {
        fault_error(faults, NULL, NULL, "mtls-ca apply makes one; -d names another",
                    "%s: there is no PKI here (ledger.db is missing)", path);
        return -1;
    }
    if (use == DIRECTORY_READ) {
        return 0;
    }
    return provenance_check(context, directory->ledger, path, faults) == 0
               ? directory_settle(directory, context, faults)
               : -1;
}

struct publisher *directory_publisher(const struct directory *directory, const struct context *context,
                                      struct faults *faults)
{
    struct publisher *publisher = publisher_new(context, directory->folder, directory->path);

    if (publisher == NULL) {
        fault_memory(faults);
        return NULL;
    }
    if (publisher_sweep(publisher, "", faults) != 0) {
        publisher_free(publisher);
        return NULL;
    }
    return publisher;
}

void directory_close(struct directory *directory)
{
    ledger_close(directory->ledger);
    parent_unlock(directory);
    if (directory->folder >= 0) {
        (void)close(directory->folder);
    }
    *directory = DIRECTORY_EMPTY;
}
