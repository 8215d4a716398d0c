/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders that a group of files is in: each opened once, made where it is missing, flushed once, and, when the group
 * comes to nothing, removed again if it was made for it. Few descriptors are open at a time, however many folders there are.
 * For the publisher; one thread at a time.
 */
#ifndef MTLSKIT_BASE_FOLDER_SET_H
#define MTLSKIT_BASE_FOLDER_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/lookup.h"

struct folder;

/** Starts as all zeros but for the directory. The first folder, index 0, is the directory itself. */
struct folder_set {
    int directory; /**< open; borrowed */
    struct folder *folders;
    size_t count;
    size_t capacity;
    size_t open; /* descriptors; the directory's is not counted */
    size_t next_to_close;
    struct lookup paths;
};

/**
 * The index of the folder that @p path (below the directory, as file_name_is_safe says) is in. Missing folders are made. -1
 * with errno, and *why as folder_open says.
 */
int folder_set_find(struct folder_set *set, const char *path, size_t *index, const char **why) MUST_USE;

/** A descriptor of the folder, lent until the next call with this set. -1 with errno when it cannot be opened again. */
int folder_set_at(struct folder_set *set, size_t index) MUST_USE;

/** Names in the folder were changed: folder_set_flush has to flush it. */
void folder_set_mark(struct folder_set *set, size_t index);

/** Flush every file system that the folders are on (folder_flush_device). -1 with errno. */
int folder_set_flush_devices(struct folder_set *set) MUST_USE;
/**
 * Flush the folders that were marked or that got a new folder. *failed is the path of the one that could not be flushed
 * (borrowed). -1 with errno.
 */
int folder_set_flush(struct folder_set *set, const char **failed) MUST_USE;

/** Close and forget all folders; @p undo: remove those that were made and are empty. The set can be used again. */
void folder_set_clear(struct folder_set *set, bool undo);
/** folder_set_clear without undoing, and free the memory. */
void folder_set_free(struct folder_set *set);

#endif
