/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's stamp: what tells, without reading the file, that nobody touched it. Used to pass over what is unchanged.
 */
#ifndef MTLSKIT_BASE_FILE_STAMP_H
#define MTLSKIT_BASE_FILE_STAMP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"

struct stat;

/** What a stat says of a file without reading it; equal stamps mean that the file was not touched. */
struct file_stamp {
    int64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    int64_t inode;
};

/**
 * Stamp of @p path (as file_name_is_safe says) below @p directory, links not followed: 1 there (regular file), 0 missing,
 * -1 something else is in the way or it cannot be looked at (*why is a static phrase that goes on after the name: "is a
 * symbolic link").
 */
int file_stamp_read(int directory, const char *path, struct file_stamp *stamp, const char **why) MUST_USE;
/** The same, with the file's permission bits, which are no part of a stamp. @p mode is set when there is one. */
int file_stamp_read_mode(int directory, const char *path, struct file_stamp *stamp, mode_t *mode,
                         const char **why) MUST_USE;
/** The stamp of a regular file that was looked at. */
void file_stamp_of(const struct stat *status, struct file_stamp *stamp);

#endif
