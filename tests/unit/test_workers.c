/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: each job once, whoever waits gets them in order, a failure stops the rest, and tasks follow each other. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <time.h>

#include "issuing/workers.h"

#define JOBS 500

struct bench {
    atomic_int begun[JOBS];
    atomic_int done;
    atomic_int at_work; /* jobs running now */
    size_t workers;
    size_t taken;
    size_t fail_work; /* number of the job; JOBS: none */
};

static struct bench bench;

static void bench_clear(size_t workers)
{
    bench = (struct bench){.workers = workers, .fail_work = JOBS};
}

static int work(void *state, size_t worker, size_t index)
{
    struct bench *on = state;
    struct timespec pause = {0,
                             (long)(index * 7919 % 13) * 10000}; /* so that later jobs are often done first */

    atomic_fetch_add(&on->at_work, 1);
    cr_assert_lt(worker, on->workers);
    atomic_fetch_add(&on->begun[index], 1);
    (void)nanosleep(&pause, NULL);
    atomic_fetch_add(&on->done, 1);
    atomic_fetch_sub(&on->at_work, 1);
    return index == on->fail_work ? -1 : 0;
}

/* All jobs of a task, awaited in order. */
static int run(struct workers *workers, struct task *task, size_t count)
{
    int status;

    cr_assert_eq(workers_begin(workers, task, count, work, &bench), 0);
    for (size_t i = 0; i < count; i++) {
        if (workers_wait(workers, task, i) != 0) {
            break;
        }
        cr_assert_eq(bench.begun[i], 1);
        bench.taken++;
    }
    status = workers_end(workers, task);
    cr_assert(workers_done(workers, task));
    return status;
}

TestSuite(workers, .timeout = 60);

Test(workers, count_is_within_bounds)
{
    cr_assert_geq(workers_count(), 1);
    cr_assert_leq(workers_count(), WORKERS_MAX - 1); /* and whoever helps */
}

static void each_once(size_t count, bool started)
{
    struct workers *workers = workers_new(count);
    struct task task = {0};

    cr_assert_not_null(workers);
    bench_clear(count < WORKERS_MAX ? count : WORKERS_MAX - 1);
    if (started) {
        workers_start(workers);
        workers_start(workers);
    }
    cr_assert_eq(run(workers, &task, JOBS), 0);
    cr_assert_eq(bench.taken, JOBS);
    cr_assert_eq(bench.done, JOBS);
    for (size_t job = 0; job < JOBS; job++) {
        cr_assert_eq(bench.begun[job], 1);
    }
    /* the same task again, shorter, and without a job */
    bench_clear(bench.workers);
    cr_assert_eq(run(workers, &task, 20), 0);
    cr_assert_eq(bench.done, 20);
    cr_assert_eq(run(workers, &task, 0), 0);
    cr_assert_eq(bench.done, 20);
    task_free(&task);
    workers_free(workers);
}

Test(workers, each_job_once_and_awaited_in_order)
{
    static const size_t counts[] = {1, 2, 7, WORKERS_MAX, 10 * WORKERS_MAX};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        each_once(counts[i], true);
    }
}

Test(workers, without_threads_whoever_waits_does_the_jobs)
{
    each_once(1, false);
    each_once(7, false);
}

static void fails(size_t count, bool started, size_t fail_work)
{
    struct workers *workers = workers_new(count);
    struct task task = {0};

    bench_clear(count);
    bench.fail_work = fail_work;
    if (started) {
        workers_start(workers);
    }
    cr_assert_eq(run(workers, &task, JOBS), -1);
    /* nothing runs any more, and what was not begun is left alone */
    cr_assert_eq(bench.at_work, 0);
    cr_assert_lt(bench.done, JOBS);
    cr_assert_leq(bench.taken, fail_work);
    /* the next task is none the worse for it */
    bench_clear(count);
    cr_assert_eq(run(workers, &task, JOBS), 0);
    cr_assert_eq(bench.done, JOBS);
    task_free(&task);
    workers_free(workers);
}

Test(workers, a_job_that_fails_stops_the_rest)
{
    fails(1, false, 10);
    fails(1, true, 10);
    fails(2, true, 10);
    fails(8, true, 0);
    fails(8, true, 100);
}

Test(workers, a_task_that_is_stopped_ends)
{
    for (int started = 0; started < 2; started++) {
        struct workers *workers = workers_new(2);
        struct task tasks[3] = {{0}};

        bench_clear(2);
        if (started) {
            workers_start(workers);
        }
        for (size_t i = 0; i < 3; i++) {
            cr_assert_eq(workers_begin(workers, &tasks[i], 10, work, &bench), 0);
        }
        /* in the midst of the row */
        workers_stop(workers, &tasks[1]);
        cr_assert_eq(workers_end(workers, &tasks[1]), -1);
        cr_assert_eq(workers_wait(workers, &tasks[1], 9), -1);
        cr_assert_eq(workers_begin(workers, &tasks[1], 10, work, &bench), 0);
        cr_assert_eq(workers_end(workers, &tasks[2]), 0);
        cr_assert_eq(workers_end(workers, &tasks[0]), 0);
        cr_assert_eq(workers_end(workers, &tasks[1]), 0);
        cr_assert_geq(bench.done, 30);
        for (size_t i = 0; i < 3; i++) {
            task_free(&tasks[i]);
        }
        workers_free(workers);
    }
}

/* A job of one row of workers that waits for those of another. */
struct chain {
    struct workers *workers;
    struct task *task;
    size_t seen;
};

static int wait_for_others(void *state, size_t worker, size_t index)
{
    struct chain *chain = state;

    (void)worker;
    if (workers_wait(chain->workers, chain->task, index) != 0) {
        return -1;
    }
    chain->seen++;
    return 0;
}

static void chain_of(bool started, size_t fail_work)
{
    struct workers *workers = workers_new(3);
    struct workers *one = workers_new(1);
    struct task task = {0};
    struct task waiting = {0};
    struct chain chain = {workers, &task, 0};
    int expected = fail_work < JOBS ? -1 : 0;

    bench_clear(3);
    bench.fail_work = fail_work;
    if (started) {
        workers_start(workers);
        workers_start(one);
    }
    cr_assert_eq(workers_begin(workers, &task, JOBS, work, &bench), 0);
    cr_assert_eq(workers_begin(one, &waiting, JOBS, wait_for_others, &chain), 0);
    /* two threads wait for jobs of one task */
    for (size_t i = 0; i < JOBS && workers_wait(workers, &task, i) == 0; i += 3) {
    }
    cr_assert_eq(workers_end(one, &waiting), expected);
    cr_assert_eq(workers_end(workers, &task), expected);
    cr_assert_eq(chain.seen == JOBS, expected == 0);
    task_free(&task);
    task_free(&waiting);
    workers_free(one);
    workers_free(workers);
}

/* Whoever helps is a worker of its own number, beside the threads, and gets what it waits for as well. */
static void helps(size_t count, size_t fail_work)
{
    struct workers *workers = workers_new(count);
    struct task task = {0};
    size_t i;

    bench_clear(count < WORKERS_MAX ? count + 1 : WORKERS_MAX);
    bench.fail_work = fail_work;
    workers_start(workers);
    cr_assert_eq(workers_begin(workers, &task, JOBS, work, &bench), 0);
    for (i = 0; i < JOBS && workers_help(workers, &task, i) == 0; i++) {
        cr_assert_eq(bench.begun[i], 1);
        cr_assert(workers_came(workers, &task, i));
    }
    cr_assert_eq(i == JOBS, fail_work == JOBS);
    cr_assert_leq(i, fail_work);
    cr_assert_eq(workers_end(workers, &task), fail_work < JOBS ? -1 : 0);
    cr_assert_eq(bench.at_work, 0);
    cr_assert_not(workers_do_one(workers), "nothing is left");
    task_free(&task);
    workers_free(workers);
}

Test(workers, whoever_helps_is_one_more)
{
    helps(1, JOBS);
    helps(3, JOBS);
    helps(WORKERS_MAX, JOBS);
    helps(1, 100);
    helps(3, 0);
}

Test(workers, helping_does_all_where_the_threads_are_busy)
{
    struct workers *workers = workers_new(1); /* not started: as if its thread never came to it */
    struct task task = {0};

    bench_clear(1);
    cr_assert_eq(workers_begin(workers, &task, 3, work, &bench), 0);
    cr_assert_not(workers_came(workers, &task, 0));
    cr_assert(workers_do_one(workers));
    cr_assert(workers_came(workers, &task, 0));
    cr_assert_not(workers_came(workers, &task, 1));
    cr_assert_eq(workers_help(workers, &task, 1), 0);
    cr_assert_eq(bench.done, 2, "no more than what is waited for");
    cr_assert_eq(workers_end(workers, &task), 0);
    cr_assert_eq(bench.done, 3);
    task_free(&task);
    workers_free(workers);
}

static size_t order[6];
static size_t ordered;

static int note(void *state, size_t worker, size_t index)
{
    (void)worker;
    order[ordered++] = *(const size_t *)state + index;
    return 0;
}

Test(workers, urgent_tasks_come_first_in_their_order)
{
    static size_t names[4] = {0, 10, 20, 30};
    static const size_t expected[6] = {10, 30, 31, 0, 20, 21};
    struct workers *workers = workers_new(1);
    struct task tasks[4] = {{0}};

    ordered = 0;
    cr_assert_eq(workers_begin(workers, &tasks[0], 1, note, &names[0]), 0);
    cr_assert_eq(workers_begin_urgent(workers, &tasks[1], 1, note, &names[1]), 0);
    cr_assert_eq(workers_begin(workers, &tasks[2], 2, note, &names[2]), 0);
    cr_assert_eq(workers_begin_urgent(workers, &tasks[3], 2, note, &names[3]), 0);
    cr_assert_eq(workers_end(workers, &tasks[2]), 0);
    cr_assert_eq(ordered, 6);
    cr_assert_arr_eq(order, expected, sizeof(expected));
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(workers_end(workers, &tasks[i]), 0);
        task_free(&tasks[i]);
    }
    workers_free(workers);
}

Test(workers, one_row_waits_for_another)
{
    chain_of(false, JOBS);
    chain_of(true, JOBS);
    chain_of(false, 200);
    chain_of(true, 200);
}
