/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parcels. A staged folder is written with the final names in it: nobody looks into it before its own rename, so that one barrier and one
 * rename do for all of its files.
 */
#include "handout/parcels.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/folder_set.h"
#include "base/publisher.h"
#include "base/temporary.h"

#define HINT_NOT_EMPTY "remove what is in it, or name another folder"

struct parcels {
    struct handout_sink sink;
    const struct context *context;
    struct bytes path; /* of the target, without slashes at its end */
    int target;        /* open and locked; -1: not there yet */
    bool made;
    bool began;               /* it was found empty, and is this run's */
    uint64_t tag, number;     /* of the staged folder's name */
    struct folder_set staged; /* its directory is -1 while nothing is staged */
    bool authorities;         /* what is staged */
    size_t entries;           /* that are in it */
    size_t parcels;           /* numbered ones */
    bool done;                /* all of it is there, to stay */
};

static struct parcels *parcels_of(struct handout_sink *sink)
{
    return (struct parcels *)(void *)sink;
}

static int complain(struct parcels *parcels, struct faults *faults)
{
    fault_system(faults, errno, bytes_text(&parcels->path), NULL, "cannot be written");
    return -1;
}

/* ---- the target -------------------------------------------------------------------------------------------------- */

/** Removes temporaries. -1 with a fault when anything else is in the target. */
static int target_sweep(struct parcels *parcels, struct faults *faults)
{
    const char *path = bytes_text(&parcels->path);
    int again = openat(parcels->target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = again >= 0 ? fdopendir(again) : NULL;
    struct bytes found = BYTES_EMPTY;
    const struct dirent *item;
    int status = list != NULL ? 0 : -1;

    if (list == NULL && again >= 0) {
        (void)close(again);
    }
    while (status == 0 && (errno = 0, item = readdir(list)) != NULL) {
        if (strncmp(item->d_name, PUBLISHER_PREFIX, strlen(PUBLISHER_PREFIX)) == 0) {
            status = folder_remove(parcels->target, item->d_name);
        } else if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0 && found.length == 0) {
            status = bytes_append_text(&found, item->d_name);
            errno = ENOMEM;
        }
    }
    if (status != 0 || errno != 0) {
        fault_system(faults, errno, path, NULL, "cannot be cleared of temporary files");
        status = -1;
    } else if (found.length > 0) {
        fault_error(faults, NULL, NULL, HINT_NOT_EMPTY, "%s: the folder is not empty: %s is in it", path,
                    bytes_text(&found));
        status = -1;
    }
    if (list != NULL) {
        (void)closedir(list);
    }
    bytes_free(&found);
    return status;
}

/** Makes the target, when it is missing; @p only_look: sees whether that could be done. */
static int target_make(struct parcels *parcels, bool only_look, struct faults *faults)
{
    const char *path = bytes_text(&parcels->path), *leaf = NULL;
    int parent = folder_open_named(path, &leaf);
    int status = parent >= 0 ? 0 : -1;

    if (status == 0 && !only_look) {
        parcels->made = mkdirat(parent, leaf, 0700) == 0;
        status = parcels->made || errno == EEXIST ? folder_flush(parent) : -1;
    }
    if (status != 0) {
        fault_system(faults, errno, path, NULL, "the folder cannot be made");
    }
    if (parent >= 0) {
        (void)close(parent);
    }
    return status;
}

/** Opens and locks the target, which is to be empty. Gives -1 with a fault, also when it is missing. */
static int target_enter(struct parcels *parcels, struct faults *faults)
{
    const char *path = bytes_text(&parcels->path);

    parcels->target = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parcels->target < 0) {
        fault_system(faults, errno, path, "name a folder that is empty, or not there yet",
                     "the folder cannot be opened");
        return -1;
    }
    if (flock(parcels->target, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            fault_error(faults, NULL, NULL, "wait for it, or name another folder",
                        "%s: the folder is in use: mtls-ca is at work in it", path);
        } else {
            fault_system(faults, errno, path, NULL, "the folder cannot be locked");
        }
        return -1;
    }
    return target_sweep(parcels, faults);
}

static int parcels_look(struct handout_sink *sink, bool early, struct faults *faults)
{
    struct parcels *parcels = parcels_of(sink);
    struct stat st;

    if (lstat(bytes_text(&parcels->path), &st) != 0 && errno == ENOENT) {
        return early ? 0 : target_make(parcels, true, faults);
    }
    return target_enter(parcels, faults);
}

static int parcels_begin(struct handout_sink *sink, struct faults *faults)
{
    struct parcels *parcels = parcels_of(sink);
    unsigned char random[sizeof(parcels->tag)];

    if (parcels->target < 0 &&
        (target_make(parcels, false, faults) != 0 || target_enter(parcels, faults) != 0)) {
        return -1;
    }
    if (context_random(parcels->context, random, sizeof(random)) != 0) {
        fault_openssl(faults, "%s: no randomness for a temporary name", bytes_text(&parcels->path));
        return -1;
    }
    memcpy(&parcels->tag, random, sizeof(random));
    parcels->began = true;
    return 0;
}

/* ---- one parcel -------------------------------------------------------------------------------------------------- */

static int stage(struct parcels *parcels, bool authorities)
{
    parcels->authorities = authorities;
    parcels->entries = 0;
    parcels->number++;
    parcels->staged.directory = temporary_create_folder(parcels->target, parcels->tag, &parcels->number);
    return parcels->staged.directory >= 0 ? 0 : -1;
}

/** Closes what is staged. */
static void unstage(struct parcels *parcels)
{
    folder_set_free(&parcels->staged);
    if (parcels->staged.directory >= 0) {
        (void)close(parcels->staged.directory);
    }
    parcels->staged.directory = -1;
}

/** The barrier: all that is staged, files and names. */
static int staged_flush(struct parcels *parcels)
{
#ifdef __linux__
    return folder_set_flush_devices(&parcels->staged);
#else
    const char *failed = NULL;

    return folder_set_flush(&parcels->staged, &failed);
#endif
}

/** The name of a parcel in view: 0 is that of the authorities. */
struct parcel_name {
    char text[32];
};
static struct parcel_name parcel_name(size_t number)
{
    struct parcel_name name = {"authorities"};

    if (number > 0) {
        (void)snprintf(name.text, sizeof(name.text), "%04zu", number);
    }
    return name;
}

/** What is staged, if anything, comes into view. */
static int reveal(struct parcels *parcels, struct faults *faults)
{
    struct parcel_name name;
    int status;

    if (parcels->staged.directory < 0) {
        return 0;
    }
    name = parcel_name(parcels->authorities ? 0 : ++parcels->parcels);
    if (staged_flush(parcels) != 0) {
        return complain(parcels, faults);
    }
    status = renameat(parcels->target, temporary_name(parcels->tag, parcels->number).text, parcels->target,
                      name.text) == 0
                 ? folder_flush(parcels->target)
                 : -1;
    if (status != 0) {
        return complain(parcels, faults);
    }
    unstage(parcels);
    return 0;
}

static int parcels_entry(struct handout_sink *sink, const struct entry *entry, struct faults *faults)
{
    struct parcels *parcels = parcels_of(sink);
    bool authority = entry->kind == ENTRY_AUTHORITY;

    if (parcels->staged.directory >= 0 &&
        (parcels->authorities != authority || (!authority && parcels->entries == PARCEL_ENTRIES)) &&
        reveal(parcels, faults) != 0) {
        return -1;
    }
    if (parcels->staged.directory < 0 && stage(parcels, authority) != 0) {
        return complain(parcels, faults);
    }
    parcels->entries++;
    return 0;
}

static int parcels_file(struct handout_sink *sink, const char *path, struct slice content,
                        const struct stat *st, struct faults *faults)
{
    struct parcels *parcels = parcels_of(sink);
    const char *slash = strrchr(path, '/'), *why = NULL;
    mode_t mode = st->st_mode & 0777u;
    size_t index = 0;
    int folder = -1, file = -1;
    bool had;

    if (folder_set_find(&parcels->staged, path, &index, &why) == 0) {
        folder = folder_set_at(&parcels->staged, index);
    }
    if (folder >= 0) {
        folder_set_mark(&parcels->staged, index);
        file = openat(folder, slash != NULL ? slash + 1 : path,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    }
    if (file < 0 || temporary_write(file, content) != 0 || temporary_set_mode(file, mode, &had) != 0) {
        (void)complain(parcels, faults);
        goto out;
    }
#ifndef __linux__
    /* the barrier brings only what went this way to the disk */
    if (temporary_flush(file) != 0) {
        (void)complain(parcels, faults);
        goto out;
    }
#endif
    if (temporary_close(&file) == 0) {
        return 0;
    }
    (void)complain(parcels, faults);
out:
    if (file >= 0) {
        (void)close(file);
    }
    return -1;
}

static int parcels_end(struct handout_sink *sink, struct faults *faults)
{
    struct parcels *parcels = parcels_of(sink);

    if (reveal(parcels, faults) != 0) {
        return -1;
    }
#ifndef __linux__
    /* the last rename went to the drive, but maybe not through its cache */
    if (folder_flush_device(parcels->target) != 0) {
        return complain(parcels, faults);
    }
#endif
    parcels->done = true;
    return 0;
}

static void parcels_free(struct handout_sink *sink)
{
    struct parcels *parcels = parcels_of(sink);

    if (parcels->staged.directory >= 0) {
        unstage(parcels);
        /* one that resists, the next run sweeps */
        (void)!folder_remove(parcels->target, temporary_name(parcels->tag, parcels->number).text);
    }
    /* a run that fails takes back what it brought into view: the next one wants the target empty */
    for (size_t number = 0; parcels->began && !parcels->done && number <= parcels->parcels; number++) {
        (void)!folder_remove(parcels->target, parcel_name(number).text);
    }
    if (parcels->made && !parcels->done) {
        (void)rmdir(bytes_text(&parcels->path)); /* takes an empty one alone */
    }
    if (parcels->target >= 0) {
        (void)close(parcels->target);
    }
    bytes_free(&parcels->path);
    free(parcels);
}

struct handout_sink *parcels_new(const struct context *context, const char *path)
{
    struct parcels *parcels = calloc(1, sizeof(*parcels));
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    if (parcels == NULL || bytes_append(&parcels->path, path, length) != 0) {
        free(parcels);
        return NULL;
    }
    parcels->sink = (struct handout_sink){parcels_look, parcels_begin, parcels_entry,
                                          parcels_file, parcels_end,   parcels_free};
    parcels->context = context;
    parcels->target = -1;
    parcels->staged.directory = -1;
    return &parcels->sink;
}
