/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: threads that draw job numbers from a counter; the calling thread takes the results in order and, where the
 * next one is not there yet, waits.
 */
#include "issuing/workers.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/stack.h"

struct run {
    pthread_mutex_t lock;
    pthread_cond_t done_one;
    bool *done;
    size_t next, count;
    bool failed;
    workers_do_fn work;
    void *state;
};

struct worker {
    struct run *run;
    size_t number;
    pthread_t thread;
};

size_t workers_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors < 1) {
        return 1;
    }
    return processors > WORKERS_MAX ? WORKERS_MAX : (size_t)processors;
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct run *run = worker->run;

    for (;;) {
        size_t index;
        int status;

        pthread_mutex_lock(&run->lock);
        index = run->failed ? run->count : run->next;
        if (index < run->count) {
            run->next++;
        }
        pthread_mutex_unlock(&run->lock);
        if (index >= run->count) {
            stack_wipe();
            return NULL;
        }
        status = run->work(run->state, worker->number, index);
        pthread_mutex_lock(&run->lock);
        run->done[index] = true;
        run->failed = run->failed || status != 0;
        pthread_cond_signal(&run->done_one);
        pthread_mutex_unlock(&run->lock);
    }
}

/** Waits for job @p index; -1 when some job failed. */
static int run_wait(struct run *run, size_t index)
{
    int status;

    pthread_mutex_lock(&run->lock);
    while (!run->done[index] && !run->failed) {
        pthread_cond_wait(&run->done_one, &run->lock);
    }
    status = run->failed ? -1 : 0;
    pthread_mutex_unlock(&run->lock);
    return status;
}

static void run_stop(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    run->failed = true;
    pthread_mutex_unlock(&run->lock);
}

static int run_alone(size_t count, workers_do_fn work, workers_take_fn take, void *state)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (work(state, 0, i) != 0 || (take != NULL && take(state, i) != 0)) {
            return -1;
        }
    }
    return 0;
}

int workers_run(size_t workers, size_t count, workers_do_fn work, workers_take_fn take, void *state)
{
    struct worker crew[WORKERS_MAX];
    struct run run = {.count = count, .work = work, .state = state};
    size_t started = 0;
    size_t i;
    int status = -1;

    workers = workers > WORKERS_MAX ? WORKERS_MAX : workers;
    if (workers <= 1 || count <= 1) {
        return run_alone(count, work, take, state);
    }
    run.done = calloc(count, sizeof(*run.done));
    if (run.done == NULL || pthread_mutex_init(&run.lock, NULL) != 0) {
        free(run.done);
        return -1;
    }
    if (pthread_cond_init(&run.done_one, NULL) != 0) {
        pthread_mutex_destroy(&run.lock);
        free(run.done);
        return -1;
    }
    while (started < workers && started < count) {
        crew[started].run = &run;
        crew[started].number = started;
        if (pthread_create(&crew[started].thread, NULL, worker_main, &crew[started]) != 0) {
            break;
        }
        started++;
    }
    if (started > 0) {
        status = 0;
        for (i = 0; i < count && status == 0; i++) {
            status = run_wait(&run, i);
            if (status == 0 && take != NULL && take(state, i) != 0) {
                run_stop(&run);
                status = -1;
            }
        }
    }
    for (i = 0; i < started; i++) {
        pthread_join(crew[i].thread, NULL);
    }
    pthread_cond_destroy(&run.done_one);
    pthread_mutex_destroy(&run.lock);
    free(run.done);
    return status;
}
