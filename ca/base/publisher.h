/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher makes groups of files durable: all of a group is written to temporary files beside their targets, one
 * barrier flushes them, then each is renamed to its target, then the folders are flushed. After publisher_commit has
 * returned 0 everything is on disk; at any moment before, a target is either as it was or whole and new, with its
 * final mode. Temporaries are named PUBLISHER_PREFIX + random; those a killed run left are swept by publisher_sweep.
 *
 * The barrier: fsync of each file for a small group; one syncfs(2) for a large one on Linux; F_FULLFSYNC
 * on macOS, where fsync does not reach the platter.
 */
#ifndef MTLSKIT_BASE_PUBLISHER_H
#define MTLSKIT_BASE_PUBLISHER_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

#define PUBLISHER_PREFIX ".mtlskit-tmp-"

/** What a stat says of a file without reading it; equal stamps mean that the file was not touched. */
struct file_stamp {
    int64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    int64_t inode;
};

/** Opaque; one thread at a time. */
struct publisher;

/**
 * A publisher that writes below @p directory.
 * @param context   for the random part of temporary names; borrowed
 * @param directory open directory; borrowed, must outlive the publisher
 * @param shown     the directory's name for complaints ("out"); copied
 */
struct publisher *publisher_new(const struct context *context, int directory, const char *shown);
/** Removes temporaries not yet committed, frees. NULL is taken. */
void publisher_free(struct publisher *publisher);

/**
 * Write @p content to a temporary for @p path (relative, as file_name_is_safe says; missing folders are made, 0755).
 * @p mode is the final mode, set whatever the umask says. A target that is a symbolic link, a folder or anything but
 * a regular file is refused. The same path twice in a group is a programming error and refused.
 */
int publisher_add(struct publisher *publisher, const char *path, struct slice content, mode_t mode,
                  struct faults *faults) MUST_USE;
/** How many files the open group holds. */
size_t publisher_pending(const struct publisher *publisher);
/** The barrier, the renames in the order of adding, the folders. On failure the rest of the group is dropped. */
int publisher_commit(struct publisher *publisher, struct faults *faults) MUST_USE;
/** Forget the open group: its temporaries are removed. */
void publisher_abandon(struct publisher *publisher);
/** Stamp of the @p index-th file of the group last committed (in order of adding). */
int publisher_stamp(const struct publisher *publisher, size_t index, struct file_stamp *stamp) MUST_USE;

/** Remove @p path below the directory and flush its folder. A missing file is no failure. */
int publisher_remove(struct publisher *publisher, const char *path, struct faults *faults) MUST_USE;
/** Remove temporaries that an earlier, killed run left in @p folder (relative; "" for the top). Only files of our prefix, never folders or links' targets. */
int publisher_sweep(struct publisher *publisher, const char *folder, struct faults *faults) MUST_USE;

/** Stamp of @p path below @p directory: 1 there (regular file), 0 missing, -1 something else is in the way (*why is a static phrase). */
int file_stamp_read(int directory, const char *path, struct file_stamp *stamp, const char **why) MUST_USE;

/** One file, whole: for `-o FILE`. @p path may be absolute or relative to the working directory. */
int publish_file(const struct context *context, const char *path, struct slice content, mode_t mode,
                 struct faults *faults) MUST_USE;

#endif
