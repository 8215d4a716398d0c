/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handout: the outputs of a manifest, copied to where they are handed out from: one tar, or folders. What goes into it, and in which
 * order, is decided here once; a sink takes it (apply/archive.h, apply/parcels.h).
 */
#ifndef MTLSKIT_APPLY_HANDOUT_H
#define MTLSKIT_APPLY_HANDOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/manifest.h"

/**
 * Where a handout goes. Whoever makes one has it as the first member of a struct of its own. Functions that answer -1 leave a fault;
 * afterwards only free is called.
 */
struct handout_sink {
    /**
     * Whether this can be written to, as far as can be told before there is anything to write: nothing is made. @p early: the folder it
     * goes into may be missing, for it may be one that the run makes.
     */
    int (*look)(struct handout_sink *sink, bool early, struct faults *faults);
    /** Files come now, if any do. */
    int (*begin)(struct handout_sink *sink, struct faults *faults);
    /** The next files are of @p entry. */
    int (*entry)(struct handout_sink *sink, const struct entry *entry, struct faults *faults);
    /** A file: its path below the PKI directory, and what a stat says of it there. */
    int (*file)(struct handout_sink *sink, const char *path, struct slice content, const struct stat *st,
                struct faults *faults);
    /** That was all: on 0 it is durable. */
    int (*end)(struct handout_sink *sink, struct faults *faults);
    /** What is not whole is removed. */
    void (*free)(struct handout_sink *sink);
};

/** Whether @p path names a tar (it ends in ".tar"), not a folder. */
bool handout_is_archive(const char *path);

/** The sink for @p path (borrowed, as @p context is), looked at. NULL with a fault. */
struct handout_sink *handout_open(const struct context *context, const char *path, bool early,
                                  struct faults *faults);

/**
 * Write what lies in @p directory (open; -1: nothing does) of every entry of @p manifest, but no authority's key and no certificate
 * that it calls revoked: authorities first, paths and modes as they are there. One file is in memory at a time.
 * *files: how many were written. -1 with a fault: a file is missing, say.
 */
int handout_write(struct handout_sink *sink, const struct manifest *manifest, int directory, size_t *files,
                  struct faults *faults) MUST_USE;

/** NULL is taken. */
void handout_close(struct handout_sink *sink);

/**
 * The folder that @p path is in, open for the caller to close; *leaf: the rest of the path. Links are followed: the user named it.
 * -1 with errno, which is ENOMEM when memory is out.
 */
int handout_open_parent(const char *path, const char **leaf) MUST_USE;

#endif
