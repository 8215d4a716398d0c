/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers: threads that draw job numbers from the first task that has some left. A few are drawn at once while many are left:
 * jobs can be as short as the lock is dear.
 */
#include "issuing/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/stack.h"

/** Most jobs drawn at once. */
#define DRAW_MAX 8

struct worker {
    struct workers *workers;
    size_t number;
    pthread_t thread;
};

/** Somebody waits for a job. */
struct waiting {
    size_t index;
    struct waiting *following;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work;     /* there is a job to draw, or the end has come */
    pthread_cond_t progress; /* a job was done, or a task stopped */
    size_t count;            /* of workers wanted */
    size_t started;
    bool ending;
    struct task *first; /* tasks with jobs left to draw */
    struct worker items[WORKERS_MAX];
};

size_t workers_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (processors <= 2) {
        return 1;
    }
    return processors <= WORKERS_MAX ? (size_t)processors - 1 : WORKERS_MAX - 1;
}

struct workers *workers_new(size_t count)
{
    struct workers *workers = calloc(1, sizeof(*workers));

    if (workers == NULL) {
        return NULL;
    }
    workers->count = count < WORKERS_MAX ? count : WORKERS_MAX - 1;
    if (pthread_mutex_init(&workers->lock, NULL) != 0) {
        goto no_lock;
    }
    if (pthread_cond_init(&workers->work, NULL) != 0) {
        goto no_work;
    }
    if (pthread_cond_init(&workers->progress, NULL) != 0) {
        goto no_progress;
    }
    return workers;
no_progress:
    pthread_cond_destroy(&workers->work);
no_work:
    pthread_mutex_destroy(&workers->lock);
no_lock:
    free(workers);
    return NULL;
}

void workers_free(struct workers *workers)
{
    size_t i;

    if (workers == NULL) {
        return;
    }
    pthread_mutex_lock(&workers->lock);
    workers->ending = true;
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    for (i = 0; i < workers->started; i++) {
        pthread_join(workers->items[i].thread, NULL);
    }
    pthread_cond_destroy(&workers->progress);
    pthread_cond_destroy(&workers->work);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

/** Takes tasks off the row whose jobs are all drawn. */
static void row_trim(struct workers *workers)
{
    while (workers->first != NULL &&
           (workers->first->failed || workers->first->next == workers->first->count)) {
        workers->first = workers->first->following;
    }
}

/** Takes @p task off the row, wherever it stands. */
static void row_remove(struct workers *workers, const struct task *task)
{
    struct task **place = &workers->first;

    while (*place != NULL && *place != task) {
        place = &(*place)->following;
    }
    if (*place != NULL) {
        *place = task->following;
    }
}

/** Whether some job of @p task runs or will. */
static bool alive(const struct task *task)
{
    return task->running > 0 || (!task->failed && task->next < task->count);
}

/** After job @p index, or the end of a task: wakes those that wait for it. To wake a thread for nothing is dear. */
static void tell_progress(struct workers *workers, const struct task *task, size_t index)
{
    const struct waiting *waiting = task->waiting;

    while (waiting != NULL && waiting->index != index) {
        waiting = waiting->following;
    }
    if (waiting != NULL || task->failed || !alive(task)) {
        pthread_cond_broadcast(&workers->progress);
    }
}

/** Draws from the first task, at most @p most jobs, and does what was drawn. Called, and returns, with the lock held. */
static void do_some(struct workers *workers, size_t number, size_t most)
{
    struct task *task = workers->first;
    size_t share = (task->count - task->next) / (2 * workers->count + 1);
    size_t from = task->next;
    size_t to = from + (share < 1 ? 1 : share > most ? most : share);

    task->next = to;
    task->running++;
    row_trim(workers);
    for (; from < to && !task->failed; from++) {
        int status;

        pthread_mutex_unlock(&workers->lock);
        status = task->work(task->state, number, from);
        pthread_mutex_lock(&workers->lock);
        task->done[from] = true;
        task->failed = task->failed || status != 0;
        tell_progress(workers, task, from);
    }
    task->running--;
    tell_progress(workers, task, task->count);
}

static void *worker_main(void *argument)
{
    const struct worker *worker = argument;
    struct workers *workers = worker->workers;

    pthread_mutex_lock(&workers->lock);
    while (!workers->ending) {
        row_trim(workers);
        if (workers->first != NULL) {
            do_some(workers, worker->number, DRAW_MAX);
        } else {
            pthread_cond_wait(&workers->work, &workers->lock);
        }
    }
    pthread_mutex_unlock(&workers->lock);
    stack_wipe();
    return NULL;
}

void workers_start(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (workers->started < workers->count) {
        struct worker *worker = &workers->items[workers->started];

        worker->workers = workers;
        worker->number = workers->started;
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
            break;
        }
        workers->started++;
    }
    pthread_mutex_unlock(&workers->lock);
}

void task_clear(struct task *task)
{
    *task = (struct task){.done = task->done, .done_room = task->done_room};
}

/** Puts @p task into the row: behind all, an urgent one behind those that are urgent. */
static void row_add(struct workers *workers, struct task *task)
{
    struct task **place = &workers->first;

    while (*place != NULL && (!task->urgent || (*place)->urgent)) {
        place = &(*place)->following;
    }
    task->following = *place;
    *place = task;
}

int task_reserve(struct task *task, size_t count)
{
    if (task->done_room < count) {
        bool *more = realloc(task->done, count * sizeof(*more));

        if (more == NULL) {
            return -1;
        }
        task->done = more;
        task->done_room = count;
    }
    return 0;
}

static int begin(struct workers *workers, struct task *task, size_t count, workers_do_fn work, void *state,
                 bool urgent)
{
    if (task_reserve(task, count) != 0) {
        return -1;
    }
    if (count > 0) {
        memset(task->done, 0, count * sizeof(*task->done));
    }
    task_clear(task);
    task->work = work;
    task->state = state;
    task->count = count;
    task->urgent = urgent;
    pthread_mutex_lock(&workers->lock);
    row_trim(workers);
    row_add(workers, task);
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    return 0;
}

int workers_begin(struct workers *workers, struct task *task, size_t count, workers_do_fn work, void *state)
{
    return begin(workers, task, count, work, state, false);
}

int workers_begin_urgent(struct workers *workers, struct task *task, size_t count, workers_do_fn work,
                         void *state)
{
    return begin(workers, task, count, work, state, true);
}

/** Lets some other thread get further, or gets further itself. Called, and returns, with the lock held. */
static void go_on(struct workers *workers, bool helping)
{
    row_trim(workers);
    if ((helping || workers->started == 0) && workers->first != NULL) {
        /* one at a time: what is waited for may be there already. Its number is that of no thread */
        do_some(workers, workers->started, 1);
        return;
    }
    pthread_cond_wait(&workers->progress, &workers->lock);
}

static int wait_for(struct workers *workers, struct task *task, size_t index, bool helping)
{
    struct waiting waiting = {index, NULL};
    struct waiting **place;
    int status;

    pthread_mutex_lock(&workers->lock);
    waiting.following = task->waiting;
    task->waiting = &waiting; /* cppcheck-suppress autoVariables ; it is taken off again below */
    while (!task->done[index] && !task->failed) {
        go_on(workers, helping);
    }
    for (place = &task->waiting; *place != &waiting; place = &(*place)->following) {
    }
    *place = waiting.following;
    status = task->failed ? -1 : 0;
    pthread_mutex_unlock(&workers->lock);
    return status;
}

int workers_wait(struct workers *workers, struct task *task, size_t index)
{
    return wait_for(workers, task, index, false);
}

int workers_help(struct workers *workers, struct task *task, size_t index)
{
    return wait_for(workers, task, index, true);
}

bool workers_do_one(struct workers *workers)
{
    bool there;

    pthread_mutex_lock(&workers->lock);
    row_trim(workers);
    there = workers->first != NULL;
    if (there) {
        do_some(workers, workers->started, 1);
    }
    pthread_mutex_unlock(&workers->lock);
    return there;
}

bool workers_came(struct workers *workers, const struct task *task, size_t index)
{
    bool came;

    pthread_mutex_lock(&workers->lock);
    came = task->failed || task->done[index];
    pthread_mutex_unlock(&workers->lock);
    return came;
}

void workers_stop(struct workers *workers, struct task *task)
{
    pthread_mutex_lock(&workers->lock);
    task->failed = true;
    tell_progress(workers, task, task->count);
    pthread_mutex_unlock(&workers->lock);
}

bool workers_done(struct workers *workers, const struct task *task)
{
    bool done;

    pthread_mutex_lock(&workers->lock);
    done = !alive(task);
    pthread_mutex_unlock(&workers->lock);
    return done;
}

int workers_end(struct workers *workers, struct task *task)
{
    int status;

    pthread_mutex_lock(&workers->lock);
    while (alive(task)) {
        go_on(workers, false);
    }
    status = task->failed ? -1 : 0;
    row_remove(workers, task);
    pthread_mutex_unlock(&workers->lock);
    return status;
}

void task_free(struct task *task)
{
    free(task->done);
    memset(task, 0, sizeof(*task));
}
