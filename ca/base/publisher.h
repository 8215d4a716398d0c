/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher makes groups of files durable: all of a group is written to temporary files beside their targets, one
 * barrier flushes them, then each is renamed to its target, then the folders are flushed. After publisher_commit has
 * returned 0 everything is on disk; at any moment before, a target is either as it was or whole and new, with its
 * final mode. Temporaries are named PUBLISHER_PREFIX + random + number; those a killed run left are swept by
 * publisher_sweep. Where nothing is expected (publisher_expect_nothing), those of a large group are in a folder with such a name.
 *
 * The barrier: up to PUBLISHER_FEW files are flushed one by one; for more, one syncfs(2) on Linux (which also has to
 * write what others left unwritten on that file system, and is many times faster all the same). On macOS each
 * file goes to the drive by fsync(2) as it is written, and one F_FULLFSYNC empties the drive's cache.
 *
 * Folders below the directory are walked without following symbolic links.
 */
#ifndef MTLSKIT_BASE_PUBLISHER_H
#define MTLSKIT_BASE_PUBLISHER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/file_stamp.h"

#define PUBLISHER_PREFIX ".mtlskit-tmp-"

/** Groups up to this size are flushed file by file. Their descriptors are open until the commit. */
#define PUBLISHER_FEW 32

/** Opaque; one thread at a time. */
struct publisher;

/**
 * A publisher that writes below @p directory.
 * @param context   for the random part of temporary names; borrowed
 * @param directory open directory; borrowed, must outlive the publisher
 * @param shown     the directory's name for complaints ("out"; "" for none); copied
 * NULL when memory is out.
 */
struct publisher *publisher_new(const struct context *context, int directory, const char *shown);
/** One more in the same directory, with a group of its own: another thread can fill it meanwhile. NULL when memory is out. */
struct publisher *publisher_another(const struct publisher *publisher);
/** The directory is new, and nothing is in it but what was published there. Before anything is added; publisher_another goes on so. */
void publisher_expect_nothing(struct publisher *publisher);
/** Removes temporaries not yet committed, frees. NULL is taken. */
void publisher_free(struct publisher *publisher);

/**
 * Write @p content to a temporary for @p path (relative, as file_name_is_safe says; missing folders are made, 0755 less the
 * umask). @p mode is the final mode (permission bits), set whatever the umask says. A target that is a symbolic link, a folder
 * or anything but a regular file is refused, and so is a folder on the way that is a link. The same path twice in a group is a
 * programming error and refused.
 * On failure the whole group is dropped, as publisher_abandon does, with one fault that names the file: what belongs together
 * is never published in part because of a file that could not be written.
 */
int publisher_add(struct publisher *publisher, const char *path, struct slice content, mode_t mode,
                  struct faults *faults) MUST_USE;
/**
 * publisher_add for a file that was never published. Where nothing else is expected its target is not looked for, which takes as long as writing it
 * (on Linux); one that is there all the same is found when it is to be renamed to, and refused then, whatever it is.
 */
int publisher_add_new(struct publisher *publisher, const char *path, struct slice content, mode_t mode,
                      struct faults *faults) MUST_USE;
/** How many files the open group holds. */
size_t publisher_pending(const struct publisher *publisher);
/**
 * The first part of publisher_commit, for a caller with something to do meanwhile: the barrier, after which no file can be added.
 * Nothing is visible yet. On failure the group is dropped.
 */
int publisher_flush(struct publisher *publisher, struct faults *faults) MUST_USE;
/** The second part, for the next @p count files: the renames, whose stamps can be had from then on. On failure as publisher_commit. */
int publisher_rename(struct publisher *publisher, size_t count, struct faults *faults) MUST_USE;
/**
 * What is left to do of these: the barrier, the renames in the order of adding, the folders. Afterwards the group is closed either way. On failure, with
 * one fault, what was not yet renamed is dropped; a failing barrier changes nothing that is visible. An empty group is done.
 */
int publisher_commit(struct publisher *publisher, struct faults *faults) MUST_USE;
/** Forget the open group: its temporaries, and the folders made for them, are removed. */
void publisher_abandon(struct publisher *publisher);
/**
 * Stamp of the @p index-th file of the group last committed, or now being renamed (in order of adding), taken right after its rename. -1 when there
 * is no such file, or when it could not be looked at.
 */
int publisher_stamp(const struct publisher *publisher, size_t index, struct file_stamp *stamp) MUST_USE;

/**
 * Remove @p path below the directory and flush its folder. A missing file, or folder, is no failure. Only a regular file is
 * removed. Not part of a group: it happens at once.
 */
int publisher_remove(struct publisher *publisher, const char *path, struct faults *faults) MUST_USE;
/**
 * Remove temporaries that an earlier, killed run left in @p folder (relative; "" for the top). Only regular files of our
 * prefix, and folders of our prefix with nothing else in them, never links' targets; other folders are not entered. A missing folder is no failure. Temporaries of a
 * publisher at work in the same folder look alike: call it while others are locked out and no group is open.
 */
int publisher_sweep(struct publisher *publisher, const char *folder, struct faults *faults) MUST_USE;

#endif
