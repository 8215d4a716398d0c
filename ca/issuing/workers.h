/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: a row of like jobs on all processors, their results taken in order by the thread that asked.
 */
#ifndef MTLSKIT_ISSUING_WORKERS_H
#define MTLSKIT_ISSUING_WORKERS_H

#include <stddef.h>

#include "base/attributes.h"

/** Most threads used. */
#define WORKERS_MAX 64

/** How many workers this machine is good for: its processors, at most WORKERS_MAX, at least 1. */
size_t workers_count(void);

/** Does job @p index on worker @p worker (0 to workers - 1); 0, or -1: no further job is begun. */
typedef int (*workers_do_fn)(void *state, size_t worker, size_t index);
/** Takes the result of job @p index, in order, on the calling thread; 0, or -1: no further job is begun. */
typedef int (*workers_take_fn)(void *state, size_t index);

/**
 * Do jobs 0 to @p count - 1. @p take may be NULL. One worker or one job: all on the calling thread.
 * 0 when all were done and taken, else -1. All threads have ended when it returns.
 */
int workers_run(size_t workers, size_t count, workers_do_fn work, workers_take_fn take, void *state) MUST_USE;

#endif
