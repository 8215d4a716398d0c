/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call in a process of its own: a function runs in a confined child (base/confine.h) and answers with bytes over a pipe. What it works on
 * it has in memory, as a copy; what it writes there, nobody sees. As root the child first becomes whoever called sudo, or nobody
 * (base/account.h). It keeps no descriptor but the pipe.
 *
 * The child is made by fork(2) and runs no other program, so a process that calls this has one thread: a lock that another thread
 * held would stay locked in the child for ever, and the call would run into its time limit; on macOS much of the system's own
 * libraries may not be used after a fork at all. Programs therefore parse what they were given before they open anything that starts
 * threads.
 */
#ifndef MTLSKIT_BASE_CONFINED_CALL_H
#define MTLSKIT_BASE_CONFINED_CALL_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/confine.h"
#include "base/fault.h"

/** Runs in the child. Appends to @p answer; -1 when there is no memory for that. */
typedef int (*confined_fn)(void *state, struct bytes *answer);

/** All borrowed. */
struct confined_call {
    confined_fn run;
    void *state;
    const char *shown;              /**< what is worked on, for complaints: a file's name */
    struct confinement confinement; /**< its seconds are also the longest that is waited for the answer */
    size_t answer_max;              /**< bytes */
};

/**
 * Call, and wait. @p answer is replaced; it comes from a process that hostile bytes may have taken over, and is to be read accordingly. -1
 * with a fault that names what was worked on: the child crashed, took too long, answered too much, or could not be confined.
 */
int confined_call(const struct confined_call *call, struct bytes *answer, struct faults *faults) MUST_USE;

#endif
