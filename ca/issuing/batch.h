/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: jobs that share a barrier, on their way through the workshop - keys, then, when their intents are on disk,
 * signatures and files. What the ledger is told in between is the crew's.
 */
#ifndef MTLSKIT_ISSUING_BATCH_H
#define MTLSKIT_ISSUING_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "issuing/job.h"
#include "issuing/workers.h"
#include "ledger/ledger.h"

/**
 * Jobs of a batch, where they are quick: all wait for the disk once. The first has BATCH_FIRST, and each that follows twice as many, up to
 * BATCH_JOBS: so there is soon something to write while keys are made. The last ones are half of what is left: when all is signed, little is
 * to be written down. One that takes long counts as more, so that no batch does: by
 * BATCH_BUNDLES with a bundle, milliseconds; by BATCH_SLOW with an RSA or a locked key, tens of them.
 */
#define BATCH_FIRST   250
#define BATCH_JOBS    1000
#define BATCH_BUNDLES 4
#define BATCH_SLOW    16

/**
 * What makes the batches: threads that make keys and sign, one that flushes the ledger, one that writes files, and one that waits for the disk.
 * Opaque.
 */
struct workshop;

/** @p context is borrowed. @p stopping is asked before each key whether no more are to be begun; may be NULL. NULL when memory is out. */
struct workshop *workshop_new(const struct context *context, bool (*stopping)(void *state), void *state);
/** All batches have ended. NULL is taken. */
void workshop_free(struct workshop *workshop);
/** Where intents are, and where files go; borrowed. */
void workshop_settle(struct workshop *workshop, struct ledger *ledger, struct publisher *publisher);
/** Drops the workers' copies of issuer @p number: it was made anew. No batch is on its way. */
void workshop_forget(struct workshop *workshop, size_t number);

struct batch {
    struct workshop *workshop;
    struct job *jobs;
    size_t count, room;
    size_t load; /**< count, with that weight */
    struct task keys, flushing, making, writing,
        publishing;              /**< the last three are touched when flushing has ended */
    struct publisher *publisher; /**< from batch_open on */
    struct faults *faults;       /**< of the threads that write files and publish them, as what follows */
    size_t kept;                 /**< files that were given to the publisher before the batch's */
    size_t published;            /**< of the batch's files */
};

/** -1: memory is out. The batch can be freed either way. */
int batch_init(struct batch *batch, struct workshop *workshop) MUST_USE;
void batch_free(struct batch *batch);
/** A job for @p step, which may move those before it; the rest of it is empty. The batch is not full. NULL when memory is out. */
struct job *batch_add(struct batch *batch, const struct plan_step *step);
/** @p before: how many batches were sent on their way before it. @p left: how many jobs are to come in it and after it, SIZE_MAX: unknown. */
bool batch_is_full(const struct batch *batch, size_t before, size_t left);
/** Whether there is a job in it that takes long. */
bool batch_is_slow(const struct batch *batch);

/** Keys, serials and validities are made from here on. -1: memory is out. */
int batch_begin_keys(struct batch *batch) MUST_USE;
/** Waits for the key of job @p index. -1: some job failed; its faults say why. */
int batch_wait_key(struct batch *batch, size_t index) MUST_USE;
/** Drops the jobs that were left out, when all have their keys. */
void batch_drop_left_out(struct batch *batch);
/** Gives the batch a publisher; what is added to it then is published with the batch. -1: memory is out. */
int batch_open(struct batch *batch) MUST_USE;
/**
 * After batch_open, of a batch with jobs, when the intents are committed: the ledger is flushed, and from then on certificates are signed, and files published,
 * after those of the batches before. -1: memory is out.
 */
int batch_begin_making(struct batch *batch) MUST_USE;
/** Waits until job @p index has its certificate and files, in memory. -1: some job failed. */
int batch_wait_made(struct batch *batch, size_t index) MUST_USE;
/** Waits until the files of job @p index are published, with their stamps; not yet durably. -1: publishing failed, here or in a batch before. */
int batch_wait_published(struct batch *batch, size_t index) MUST_USE;
/** Whether batch_end returns at once. */
bool batch_stands(const struct batch *batch);
/** Waits until the batch stands still: 0 when all that was begun is done - after batch_begin_making, when all files are on disk. */
int batch_end(struct batch *batch) MUST_USE;
/** Begin no further job. */
void batch_stop(struct batch *batch);
/** Empties an ended batch. */
void batch_clear(struct batch *batch);

#endif
