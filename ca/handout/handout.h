/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handout: the outputs of a manifest, copied to where they are handed out from: one tar, or folders. What goes into it, and in which
 * order, is decided here once; a sink takes it (handout/archive.h, handout/parcels.h).
 */
#ifndef MTLSKIT_HANDOUT_HANDOUT_H
#define MTLSKIT_HANDOUT_HANDOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "handout/handout_sink.h"
#include "manifest/manifest.h"

/** Whether @p path names a tar (it ends in ".tar"), not a folder. */
bool handout_is_archive(const char *path);

/** The sink for @p path (borrowed, as @p context is), looked at. NULL with a fault. */
struct handout_sink *handout_open(const struct context *context, const char *path, bool early,
                                  struct faults *faults);

/** Which entries are not handed out. */
struct handout_filter {
    /** 1: that one is left out; 0; -1 with a fault */
    int (*leaves_out)(void *state, const struct entry *entry, struct faults *faults);
    void *state;
};

/**
 * Write what lies in @p directory (open; -1: nothing does) of every entry of @p manifest, but no authority's key and no certificate
 * that it calls revoked: authorities first, paths and modes as they are there. One file is in memory at a time.
 * @p filter: NULL, or what else is left out. *files: how many were written. -1 with a fault: a file is missing, say.
 */
int handout_write(struct handout_sink *sink, const struct manifest *manifest, int directory,
                  const struct handout_filter *filter, size_t *files, struct faults *faults) MUST_USE;

/** NULL is taken. */
void handout_close(struct handout_sink *sink);

#endif
