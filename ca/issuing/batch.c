/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch's tasks. The files of a job are written to temporaries as soon as it is signed, by one thread; another waits for the
 * disk and renames, while the first writes the next batch's and the processors make the one after.
 */
#include "issuing/batch.h"

#include <stdlib.h>
#include <string.h>

#include "issuing/authorities.h"
#include "issuing/findings.h"

/** Jobs whose files are taken together: for a thread, to sleep and wake costs as much as a file. */
#define TOGETHER 16
/** Jobs whose files are renamed together. */
#define RENAMED 64

/** Batches of no more jobs are published by the thread that waits for it. */
#define FEW 16

/** What one worker has: its bench, and its own copy of each issuer it has met. */
struct seat {
    struct job_bench *bench;
    struct issuer **issuers;
    size_t issuer_count;
};

struct workshop {
    const struct context *context;
    instant now;
    bool (*stopping)(void *state);
    void *state;
    struct workers *makers;
    struct workers *flusher; /* one: of the ledger. What follows a flush is begun by it */
    struct workers *porter;  /* one: files are published in the order of the batches */
    struct seat seats[WORKERS_MAX];
    struct workers *writer; /* one, too */
    struct ledger *ledger;
    struct publisher *publisher; /* where each batch's own comes from */
    bool unwritten;              /* a batch could not be written: none after it is. The writer's */
    bool failed;                 /* a batch could not be published: none after it is. The porter's */
};

struct workshop *workshop_new(const struct context *context, bool (*stopping)(void *state), void *state)
{
    struct workshop *workshop = calloc(1, sizeof(*workshop));

    if (workshop == NULL || (workshop->makers = workers_new(workers_count())) == NULL ||
        (workshop->flusher = workers_new(1)) == NULL || (workshop->writer = workers_new(1)) == NULL ||
        (workshop->porter = workers_new(1)) == NULL) {
        workshop_free(workshop);
        return NULL;
    }
    workshop->context = context;
    workshop->now = context_now(context);
    workshop->stopping = stopping;
    workshop->state = state;
    return workshop;
}

void workshop_free(struct workshop *workshop)
{
    size_t i;
    size_t j;

    if (workshop == NULL) {
        return;
    }
    workers_free(workshop->flusher);
    workers_free(workshop->porter);
    workers_free(workshop->writer);
    workers_free(workshop->makers);
    for (i = 0; i < WORKERS_MAX; i++) {
        for (j = 0; j < workshop->seats[i].issuer_count; j++) {
            issuer_free(workshop->seats[i].issuers[j]);
        }
        free(workshop->seats[i].issuers);
        job_bench_free(workshop->seats[i].bench);
    }
    free(workshop);
}

void workshop_settle(struct workshop *workshop, struct ledger *ledger, struct publisher *publisher)
{
    workshop->ledger = ledger;
    workshop->publisher = publisher;
}

void workshop_forget(struct workshop *workshop, size_t number)
{
    size_t i;

    for (i = 0; i < WORKERS_MAX; i++) {
        struct seat *seat = &workshop->seats[i];

        if (number < seat->issuer_count) {
            issuer_free(seat->issuers[number]);
            seat->issuers[number] = NULL;
        }
    }
}

int batch_init(struct batch *batch, struct workshop *workshop)
{
    memset(batch, 0, sizeof(*batch));
    batch->workshop = workshop;
    batch->faults = faults_new();
    return batch->faults != NULL ? 0 : -1;
}

void batch_free(struct batch *batch)
{
    batch_clear(batch);
    free(batch->jobs);
    faults_free(batch->faults);
    task_free(&batch->keys);
    task_free(&batch->flushing);
    task_free(&batch->making);
    task_free(&batch->writing);
    task_free(&batch->publishing);
    memset(batch, 0, sizeof(*batch));
}

/** What the step counts in its batch. */
static size_t load_of(const struct plan_step *step)
{
    const struct entry *entry = step->entry;

    if (entry->passphrase.source != PASSPHRASE_NONE ||
        (step->new_key && key_algorithm_family(entry->key) == KEY_FAMILY_RSA)) {
        return BATCH_SLOW;
    }
    return entry->bundle_count > 0 ? BATCH_BUNDLES : 1;
}

struct job *batch_add(struct batch *batch, const struct plan_step *step)
{
    struct job *job;

    if (batch->count == batch->room) {
        size_t room = batch->room == 0 ? 1 : batch->room * 8; /* many runs have but one */
        struct job *more = realloc(batch->jobs, room * sizeof(*more));

        if (more == NULL) {
            return NULL;
        }
        batch->jobs = more;
        batch->room = room;
    }
    job = &batch->jobs[batch->count++];
    memset(job, 0, sizeof(*job));
    job->step = *step;
    (void)entry_keep(step->entry);
    batch->load += load_of(step);
    return job;
}

bool batch_is_full(const struct batch *batch, size_t before, size_t left)
{
    size_t most = BATCH_FIRST;

    while (before-- > 0 && most < BATCH_JOBS) {
        most *= 2;
    }
    if (most >= BATCH_JOBS) {
        most = left / 2 < BATCH_JOBS ? left / 2 : BATCH_JOBS;
        most = most > BATCH_FIRST ? most : BATCH_FIRST;
    }
    return batch->load >= most;
}

bool batch_is_slow(const struct batch *batch)
{
    return batch->load > batch->count;
}

void batch_clear(struct batch *batch)
{
    size_t i;

    for (i = 0; i < batch->count; i++) {
        job_clear(&batch->jobs[i]);
    }
    batch->count = 0;
    batch->load = 0;
    batch->kept = 0;
    batch->published = 0;
    task_clear(&batch->keys);
    task_clear(&batch->flushing);
    task_clear(&batch->making);
    task_clear(&batch->writing);
    task_clear(&batch->publishing);
    publisher_free(batch->publisher);
    batch->publisher = NULL;
}

static struct job_bench *seat_bench(const struct workshop *workshop, struct seat *seat, struct job *job)
{
    if (seat->bench == NULL && (seat->bench = job_bench_new(workshop->context)) == NULL) {
        fault_memory(job->faults);
    }
    return seat->bench;
}

/** The worker's own copy of the job's issuer. */
static struct issuer *seat_issuer(struct seat *seat, struct job *job)
{
    size_t number = job->issuer_number;

    if (number >= seat->issuer_count) {
        struct issuer **grown = realloc(seat->issuers, (number + 1) * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(job->faults);
            return NULL;
        }
        memset(grown + seat->issuer_count, 0, (number + 1 - seat->issuer_count) * sizeof(*grown));
        seat->issuers = grown;
        seat->issuer_count = number + 1;
    }
    if (seat->issuers[number] == NULL) {
        seat->issuers[number] = issuer_duplicate(job->issuer->issuer, job->faults);
    }
    return seat->issuers[number];
}

static int make_key(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    struct job *job = &batch->jobs[index];
    struct job_bench *bench = seat_bench(batch->workshop, &batch->workshop->seats[worker], job);

    if (bench == NULL) {
        return -1;
    }
    if (batch->workshop->stopping != NULL && batch->workshop->stopping(batch->workshop->state)) {
        job->left_out = true;
        return 0;
    }
    return job_prepare(job, bench, batch->workshop->now);
}

static int make_files(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    struct job *job = &batch->jobs[index];
    struct seat *seat = &batch->workshop->seats[worker];
    struct job_bench *bench = seat_bench(batch->workshop, seat, job);
    struct issuer *issuer = NULL;

    if (bench == NULL) {
        return -1;
    }
    if (job_signs(job) && job->issuer != NULL && (issuer = seat_issuer(seat, job)) == NULL) {
        return -1;
    }
    if (job_make(job, bench, issuer) != 0) {
        return -1;
    }
    if (job_signs(job) || job->step.action == PLAN_ADOPT) {
        findings_look(job);
    }
    return 0;
}

/** Hands the files of a job that is made to the publisher. */
static int publish_add(struct batch *batch, struct job *job)
{
    /* an entry of a fleet is made once in a run */
    int (*put)(struct publisher *, const char *, struct slice, mode_t, struct faults *) =
        entry_is_of_fleet(job->step.entry) ? publisher_add_new : publisher_add;
    size_t i;

    for (i = 0; i < job->file_count; i++) {
        struct job_file *file = &job->files[i];

        if (put(batch->publisher, bytes_text(&file->path), slice_of(&file->content), file->mode,
                batch->faults) != 0) {
            return -1;
        }
        bytes_free(&file->content);
    }
    return 0;
}

/** The writer waits for a job to be made; what it does not do is to make them. */
static int wait_made(struct batch *batch, size_t index)
{
    return workers_wait(batch->workshop->makers, &batch->making, index);
}

/** The writer's job: all files of the batch to temporaries, in order. */
static int write_all(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    size_t i;

    (void)worker;
    (void)index;
    if (batch->workshop->unwritten) {
        return -1;
    }
    batch->kept = publisher_pending(batch->publisher);
    for (i = 0; i < batch->count; i++) {
        size_t last = i - i % TOGETHER + TOGETHER - 1;

        if (wait_made(batch, last < batch->count ? last : batch->count - 1) != 0 ||
            wait_made(batch, i) != 0 || publish_add(batch, &batch->jobs[i]) != 0) {
            batch->workshop->unwritten = true;
            return -1;
        }
    }
    return 0;
}

/** Renames the files of jobs @p first and following, and takes their stamps. */
static int publish_some(struct batch *batch, size_t first)
{
    struct publisher *publisher = batch->publisher;
    size_t last = first + RENAMED < batch->count ? first + RENAMED : batch->count;
    size_t count = first == 0 ? batch->kept : 0;
    size_t i;
    size_t j;

    for (i = first; i < last; i++) {
        count += batch->jobs[i].file_count;
    }
    if (publisher_rename(publisher, count, batch->faults) != 0) {
        return -1;
    }
    for (i = first; i < last; i++) {
        for (j = 0; j < batch->jobs[i].file_count; j++) {
            struct job_file *file = &batch->jobs[i].files[j];

            if (publisher_stamp(publisher, batch->kept + batch->published++, &file->stamp) != 0) {
                fault_error(batch->faults, NULL, NULL, "run it again",
                            "%s was touched as soon as it was written", bytes_text(&file->path));
                return -1;
            }
        }
    }
    return 0;
}

/** Number of the porter's job that renames the files of job @p index. */
static size_t publish_job(size_t index)
{
    return index / RENAMED + 1;
}

/** The porter's jobs: what was written to the disk; renames; and at the end the folders. */
static int publish(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    struct workshop *workshop = batch->workshop;
    int status;

    (void)worker;
    if (workshop->failed) {
        return -1;
    }
    if (index == 0) {
        status = workers_wait(workshop->writer, &batch->writing, 0) == 0
                     ? publisher_flush(batch->publisher, batch->faults)
                     : -1;
    } else if ((index - 1) * RENAMED < batch->count) {
        status = publish_some(batch, (index - 1) * RENAMED);
    } else {
        status = publisher_commit(batch->publisher, batch->faults);
    }
    if (status != 0) {
        workshop->failed = true;
    }
    return status;
}

int batch_begin_keys(struct batch *batch)
{
    if (batch->count > 1) {
        workers_start(batch->workshop->makers);
    }
    /* a key waits behind no signature: those that wait for the intents of their batch could not begin else, and all idle then */
    return workers_begin_urgent(batch->workshop->makers, &batch->keys, batch->count, make_key, batch);
}

int batch_wait_key(struct batch *batch, size_t index)
{
    return workers_help(batch->workshop->makers, &batch->keys, index);
}

void batch_drop_left_out(struct batch *batch)
{
    size_t kept = 0;
    size_t i;

    for (i = 0; i < batch->count; i++) {
        if (batch->jobs[i].left_out) {
            job_clear(&batch->jobs[i]);
        } else {
            batch->jobs[kept++] = batch->jobs[i];
        }
    }
    batch->count = kept;
}

int batch_open(struct batch *batch)
{
    batch->publisher = publisher_another(batch->workshop->publisher);
    return batch->publisher != NULL ? 0 : -1;
}

/** Whether anything is to be published. What goes to the ledger alone waits for no disk but the ledger's. */
static bool has_files(const struct batch *batch)
{
    size_t i;

    for (i = 0; i < batch->count && batch->jobs[i].step.outputs == 0; i++) {
    }
    return i < batch->count || publisher_pending(batch->publisher) > 0;
}

/** The flusher's job: when the intents are on disk, all that waits for them is begun. Room for it was reserved. */
static int flush_intents(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    struct workshop *workshop = batch->workshop;

    (void)worker;
    (void)index;
    if (ledger_flush(workshop->ledger, batch->faults) != 0 ||
        workers_begin(workshop->makers, &batch->making, batch->count, make_files, batch) != 0) {
        return -1;
    }
    if (!has_files(batch)) {
        return 0;
    }
    return workers_begin(workshop->writer, &batch->writing, 1, write_all, batch) == 0 &&
                   workers_begin(workshop->porter, &batch->publishing, publish_job(batch->count) + 2, publish,
                                 batch) == 0
               ? 0
               : -1;
}

int batch_begin_making(struct batch *batch)
{
    struct workshop *workshop = batch->workshop;

    if (task_reserve(&batch->making, batch->count) != 0 || task_reserve(&batch->writing, 1) != 0 ||
        task_reserve(&batch->publishing, publish_job(batch->count) + 2) != 0) {
        return -1;
    }
    if (batch->count > FEW) {
        workers_start(workshop->flusher);
        if (has_files(batch)) {
            workers_start(workshop->writer);
            workers_start(workshop->porter);
        }
    }
    return workers_begin(workshop->flusher, &batch->flushing, 1, flush_intents, batch);
}

void batch_stop(struct batch *batch)
{
    const struct workshop *workshop = batch->workshop;

    workers_stop(workshop->makers, &batch->keys);
    workers_stop(workshop->flusher, &batch->flushing);
    if (workers_done(workshop->flusher, &batch->flushing)) {
        workers_stop(workshop->makers, &batch->making);
    }
}

int batch_wait_made(struct batch *batch, size_t index)
{
    struct workshop *workshop = batch->workshop;

    while (!workers_came(workshop->flusher, &batch->flushing, 0) && workers_do_one(workshop->makers)) {
    }
    return workers_wait(workshop->flusher, &batch->flushing, 0) == 0
               ? workers_help(workshop->makers, &batch->making, index)
               : -1;
}

int batch_wait_published(struct batch *batch, size_t index)
{
    struct workshop *workshop = batch->workshop;

    if (batch->publishing.count == 0) {
        return 0;
    }
    /* the disk takes its time: what the other batches need done meanwhile is done */
    while (!workers_came(workshop->porter, &batch->publishing, publish_job(index)) &&
           workers_do_one(workshop->makers)) {
    }
    return workers_wait(workshop->porter, &batch->publishing, publish_job(index));
}

bool batch_stands(const struct batch *batch)
{
    const struct workshop *workshop = batch->workshop;

    return workers_done(workshop->flusher, &batch->flushing) &&
           workers_done(workshop->porter, &batch->publishing) &&
           workers_done(workshop->writer, &batch->writing) && workers_done(workshop->makers, &batch->keys) &&
           workers_done(workshop->makers, &batch->making);
}

int batch_end(struct batch *batch)
{
    struct workshop *workshop = batch->workshop;
    int flushed = workers_end(workshop->flusher, &batch->flushing);
    int published;
    int failed;

    if (flushed != 0) {
        batch_stop(batch); /* it may have begun something before it failed */
    }
    published = workers_end(workshop->porter, &batch->publishing);
    failed = flushed | published;
    if (published != 0) {
        batch_stop(batch);
    }
    failed |= workers_end(workshop->writer, &batch->writing);
    failed |= workers_end(workshop->makers, &batch->keys);
    failed |= workers_end(workshop->makers, &batch->making);
    return failed != 0 ? -1 : 0;
}
