/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders below an open directory, walked part by part without following symbolic links, and flushed to the disk. Whoever
 * can write into a folder above can put a link there; a path walked this way still ends below the directory it began in.
 */
#ifndef MTLSKIT_BASE_FOLDER_H
#define MTLSKIT_BASE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/**
 * Open the folder @p name (one part of a path, @p length bytes of it count, at most 255) in @p parent.
 * @param made NULL: a missing folder is not made. Otherwise it is made (0755 less the umask), and *made says whether it was.
 * Gives a descriptor that the caller closes; or -1 with errno, and *why a phrase (static) when something other than a folder
 * is in the way, else NULL. Missing is ENOENT.
 */
int folder_open(int parent, const char *name, size_t length, bool *made, const char **why) MUST_USE;

/**
 * Open the folder that holds the last part of @p path (as file_name_is_safe says; walked from @p directory); *leaf is set to
 * that last part, inside @p path. Answers as folder_open does; the folder is never made.
 */
int folder_open_parent(int directory, const char *path, const char **leaf, const char **why) MUST_USE;

/**
 * The folder that @p path, which the user named, is in: absolute or relative to the working directory, links followed. *leaf: the rest of
 * the path. -1 with errno, which is ENOMEM when memory is out.
 */
int folder_open_named(const char *path, const char **leaf) MUST_USE;

/**
 * Remove @p name (one part of a path) from @p parent: a folder with all that is in it, or a file. Links are removed, never followed. Missing is
 * no failure. -1 with errno: ELOOP for folders more than 512 deep, which no path of an output makes.
 */
int folder_remove(int parent, const char *name) MUST_USE;

/**
 * Flush @p folder's names to the disk: fsync(2). File systems that know no such thing for folders (EINVAL, ENOTSUP) are
 * taken at their word. -1 with errno.
 */
int folder_flush(int folder) MUST_USE;

/**
 * Flush the whole file system that @p folder is on. On Linux: syncfs(2). On macOS: F_FULLFSYNC, which empties the drive's
 * cache; what was to be flushed must have gone through fsync(2) before. Elsewhere, as folder_flush. -1 with errno.
 */
int folder_flush_device(int folder) MUST_USE;

#endif
