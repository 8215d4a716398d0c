/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parent always stands before its children. A folder whose descriptor was closed to stay within OPEN_MAX is opened again
 * below its parent, by the same rules as the first time.
 */
#include "base/folder_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/folder.h"

#define OPEN_MAX_FOLDERS 64
/* More changed folders than this are flushed together with their file systems, where that reaches the disk by itself. */
#define FLUSH_EACH_MAX 32

struct folder {
    char *path;       /* below the directory; "" for the directory itself */
    const char *name; /* last part of path */
    size_t parent;    /* index; its own for the first */
    int file;         /* -1: closed for the time being */
    dev_t device;
    bool made;
    bool changed;
};

/* Close other folders than @p keep while too many are open. */
static void limit_open(struct folder_set *set, size_t keep)
{
    while (set->open > OPEN_MAX_FOLDERS && set->count > 1) {
        struct folder *folder;

        set->next_to_close = set->next_to_close % (set->count - 1) + 1;
        folder = &set->folders[set->next_to_close];
        if (set->next_to_close != keep && folder->file != -1) {
            close(folder->file);
            folder->file = -1;
            set->open -= 1;
        }
    }
}

int folder_set_at(struct folder_set *set, size_t index)
{
    struct folder *folder = &set->folders[index];
    const char *why;
    int parent;

    if (folder->file != -1) {
        return folder->file;
    }
    parent = folder_set_at(set, folder->parent);
    if (parent == -1) {
        return -1;
    }
    folder->file = folder_open(parent, folder->name, strlen(folder->name), NULL, &why);
    if (folder->file != -1) {
        set->open += 1;
        limit_open(set, index);
    }
    return folder->file;
}

/* Room for one more, its path already in it. NULL when memory is out. */
static struct folder *prepare(struct folder_set *set, const char *path, size_t length)
{
    struct folder *folder;

    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 8 : 2 * set->capacity;
        struct folder *more = realloc(set->folders, capacity * sizeof(*more));

        if (more == NULL) {
            errno = ENOMEM;
            return NULL;
        }
        set->folders = more;
        set->capacity = capacity;
    }
    folder = &set->folders[set->count];
    *folder = (struct folder){.file = -1};
    folder->path = strndup(path, length);
    if (folder->path != NULL) {
        const char *slash = strrchr(folder->path, '/');

        folder->name = slash == NULL ? folder->path : slash + 1;
    }
    return folder->path == NULL ? NULL : folder;
}

/* Take the prepared @p folder into the set. */
static int admit(struct folder_set *set, struct folder *folder)
{
    struct stat status;

    if (fstat(folder->file, &status) != 0) {
        return -1;
    }
    folder->device = status.st_dev;
    if (lookup_add(&set->paths, slice_of_text(folder->path), set->count) != 0) {
        errno = ENOMEM;
        return -1;
    }
    set->count += 1;
    return 0;
}

static int admit_directory(struct folder_set *set)
{
    struct folder *folder = prepare(set, "", 0);

    if (folder == NULL) {
        return -1;
    }
    folder->file = set->directory;
    if (admit(set, folder) != 0) {
        free(folder->path);
        return -1;
    }
    return 0;
}

/* Open or make the folder @p path (of @p length bytes), which is in @p parent. */
static int admit_child(struct folder_set *set, const char *path, size_t length, size_t parent,
                       const char **why)
{
    struct folder *folder = prepare(set, path, length);
    int above;

    if (folder == NULL) {
        return -1;
    }
    folder->parent = parent;
    above = folder_set_at(set, parent);
    if (above != -1) {
        folder->file = folder_open(above, folder->name, strlen(folder->name), &folder->made, why);
    }
    if (folder->file == -1 || admit(set, folder) != 0) {
        int error = errno;

        if (folder->file != -1) {
            close(folder->file);
        }
        if (folder->made) {
            (void)unlinkat(above, folder->name, AT_REMOVEDIR);
        }
        free(folder->path);
        errno = error;
        return -1;
    }
    set->folders[parent].changed |= folder->made;
    set->open += 1;
    limit_open(set, set->count - 1);
    return 0;
}

static bool is_there(const struct folder_set *set, const char *path, size_t length, size_t *index)
{
    return lookup_find(&set->paths, (struct slice){(const unsigned char *)path, length}, index);
}

int folder_set_find(struct folder_set *set, const char *path, size_t *index, const char **why)
{
    const char *last = strrchr(path, '/');

    *why = NULL;
    *index = 0;
    if (set->count == 0 && admit_directory(set) != 0) {
        return -1;
    }
    if (last == NULL || is_there(set, path, (size_t)(last - path), index)) {
        return 0;
    }
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);

        if (!is_there(set, path, length, index)) {
            if (admit_child(set, path, length, *index, why) != 0) {
                return -1;
            }
            *index = set->count - 1;
        }
    }
    return 0;
}

void folder_set_mark(struct folder_set *set, size_t index)
{
    set->folders[index].changed = true;
}

/* Whether the @p index-th folder may be the first of its file system. Flushing one twice does no harm. */
static bool begins_device(const struct folder_set *set, size_t index)
{
    const struct folder *folder = &set->folders[index];

    return index == 0 || folder->device != set->folders[folder->parent].device;
}

int folder_set_flush_devices(struct folder_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (begins_device(set, i)) {
            int file = folder_set_at(set, i);

            if (file == -1 || folder_flush_device(file) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int flush_each(struct folder_set *set, const char **failed)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->folders[i].changed) {
            int file = folder_set_at(set, i);

            if (file == -1 || folder_flush(file) != 0) {
                *failed = set->folders[i].path;
                return -1;
            }
        }
    }
    return 0;
}

int folder_set_flush(struct folder_set *set, const char **failed)
{
    size_t changed = 0;
    bool together;

    for (size_t i = 0; i < set->count; i++) {
        changed += set->folders[i].changed ? 1 : 0;
    }
#ifdef __linux__
    together = changed > FLUSH_EACH_MAX;
    if (!together && flush_each(set, failed) != 0) {
        return -1;
    }
#else
    /* fsync brings the names to the drive, but not through its cache. */
    together = changed != 0;
    if (flush_each(set, failed) != 0) {
        return -1;
    }
#endif
    if (together) {
        *failed = "";
        return folder_set_flush_devices(set);
    }
    return 0;
}

void folder_set_clear(struct folder_set *set, bool undo)
{
    for (size_t i = set->count; i-- > 1;) {
        struct folder *folder = &set->folders[i];

        if (folder->file != -1) {
            close(folder->file);
            folder->file = -1;
            set->open -= 1;
        }
        if (undo && folder->made) {
            int parent = folder_set_at(set, folder->parent);

            if (parent != -1) {
                (void)unlinkat(parent, folder->name, AT_REMOVEDIR);
            }
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        free(set->folders[i].path);
    }
    set->count = 0;
    set->next_to_close = 0;
    lookup_clear(&set->paths);
}

void folder_set_free(struct folder_set *set)
{
    folder_set_clear(set, false);
    free(set->folders);
    lookup_free(&set->paths);
    *set = (struct folder_set){.directory = set->directory};
}
