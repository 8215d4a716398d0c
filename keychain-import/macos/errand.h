/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An errand: a call that may never come back, because macOS waits for a person who is not there. It runs in a thread of its own, for which
 * the caller waits so long and no longer.
 *
 * A thread, not a child process: after fork(2) without an exec CoreFoundation refuses to work, and a program of our own to exec, which root
 * would have to find and trust, would ask in a name that no person knows. The thread that is left behind ends with this process at the latest,
 * and with it macOS takes its question off the screen; whatever it got until then, nobody looks at.
 */
#ifndef MTLSKIT_MACOS_ERRAND_H
#define MTLSKIT_MACOS_ERRAND_H

#include <stdint.h>

#include "base/attributes.h"

/** What is done; in the other thread. */
typedef int32_t (*errand_fn)(void *state);
/** Frees what it is done with, by whoever is last to know it; perhaps in the other thread. */
typedef void (*errand_free_fn)(void *state);

/**
 * Do @p act with @p state, which is given away: @p end is called for it exactly once, whatever comes.
 * 1: done, its answer in *answer. 0: @p seconds went by, it may yet be done. -1: it could not be begun.
 */
int errand_run(errand_fn act, errand_free_fn end, void *state, unsigned seconds, int32_t *answer) MUST_USE;

#endif
