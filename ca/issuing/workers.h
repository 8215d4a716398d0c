/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: threads that do rows of like jobs, called tasks, in the order the tasks were begun; whoever waits gets the jobs'
 * results in their order.
 *
 * No thread is made before workers_start, and without it (or where the system gives none) all is done by whoever waits: for
 * a few small jobs, threads cost more than they bring.
 */
#ifndef MTLSKIT_ISSUING_WORKERS_H
#define MTLSKIT_ISSUING_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/** Most workers, with whoever helps. */
#define WORKERS_MAX 64

/**
 * How many threads this machine is good for beside the one that begins the tasks and helps: one a processor with it, at least 1, at
 * most WORKERS_MAX - 1. With one more, that thread, which alone writes the ledger, would share its processor and keep all waiting.
 */
size_t workers_count(void);

/** Does job @p index on worker @p worker (0 to WORKERS_MAX - 1); 0, or -1: no further job of the task is begun. */
typedef int (*workers_do_fn)(void *state, size_t worker, size_t index);

/** A row of jobs. The caller's to keep, from workers_begin to workers_end; the fields are the workers'. */
struct task {
    workers_do_fn work;
    void *state;
    size_t count, next, running;
    bool *done;
    size_t done_room;
    bool failed;
    bool urgent;
    struct task *following;
    struct waiting *waiting;
};

/** Opaque. Any thread may begin tasks and wait for their jobs; one ends them all. */
struct workers;

/** @p count threads, at most WORKERS_MAX - 1. NULL when memory is out. */
struct workers *workers_new(size_t count);
/** Ends the threads. All tasks have ended. NULL is taken. */
void workers_free(struct workers *workers);
/** Makes the threads, once. The thread that ends the tasks, and not while it does jobs. */
void workers_start(struct workers *workers);

/** Room for @p count jobs in @p task, which is empty or has ended: to begin it with no more then cannot fail. -1: memory is out. */
int task_reserve(struct task *task, size_t count) MUST_USE;
/** Lets jobs 0 to @p count - 1 be done, after those of the tasks begun before. @p task is empty, or has ended. -1: memory is out. */
int workers_begin(struct workers *workers, struct task *task, size_t count, workers_do_fn work, void *state)
    MUST_USE;
/** The same, but they come before those of all tasks that were not begun so. */
int workers_begin_urgent(struct workers *workers, struct task *task, size_t count, workers_do_fn work,
                         void *state) MUST_USE;
/** Waits for job @p index: 0, or -1 when some job of the task failed or the task was stopped. */
int workers_wait(struct workers *workers, struct task *task, size_t index) MUST_USE;
/** The same, and meanwhile does jobs as a further worker. Only the thread that ends the tasks. */
int workers_help(struct workers *workers, struct task *task, size_t index) MUST_USE;
/** Does one job as a further worker; false when there is none to be begun. Only the thread that ends the tasks. */
bool workers_do_one(struct workers *workers);
/** Whether workers_wait for job @p index returns at once. */
bool workers_came(struct workers *workers, const struct task *task, size_t index);
/** Whether no job of the task is left, or it failed: workers_end returns at once. */
bool workers_done(struct workers *workers, const struct task *task);
/** No further job of the task is begun. */
void workers_stop(struct workers *workers, struct task *task);
/** Waits until no job of the task runs and none will: 0, or -1 as above. A task that was never begun: 0. */
int workers_end(struct workers *workers, struct task *task) MUST_USE;
/** Makes an ended task as if it were never begun. */
void task_clear(struct task *task);
/** Frees what an ended task holds. */
void task_free(struct task *task);

#endif
