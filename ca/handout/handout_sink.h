/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sinks: what a handout can go to, one tar (handout/archive.h) or folders (handout/parcels.h).
 */
#ifndef MTLSKIT_HANDOUT_HANDOUT_SINK_H
#define MTLSKIT_HANDOUT_HANDOUT_SINK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/bytes.h"
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

#endif
