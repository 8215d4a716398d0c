/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: each job once, results in order, a failure stops the rest, and no thread outlives the call. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "issuing/workers.h"

#define JOBS 500

struct bench {
    atomic_int begun[JOBS];
    atomic_int done;
    atomic_int at_work; /* jobs running now */
    pthread_t caller;
    size_t workers;
    size_t taken;
    size_t fail_work, fail_take; /* number of the job; JOBS: none */
};

static struct bench bench;

static void bench_clear(size_t workers)
{
    bench =
        (struct bench){.caller = pthread_self(), .workers = workers, .fail_work = JOBS, .fail_take = JOBS};
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

static int take(void *state, size_t index)
{
    struct bench *on = state;

    cr_assert(pthread_equal(on->caller, pthread_self()));
    cr_assert_eq(index, on->taken);
    cr_assert_eq(on->begun[index], 1);
    on->taken++;
    return index == on->fail_take ? -1 : 0;
}

TestSuite(workers, .timeout = 60);

Test(workers, count_is_within_bounds)
{
    cr_assert_geq(workers_count(), 1);
    cr_assert_leq(workers_count(), WORKERS_MAX);
}

Test(workers, each_job_once_and_taken_in_order)
{
    static const size_t crews[] = {1, 2, 7, WORKERS_MAX};

    for (size_t i = 0; i < sizeof(crews) / sizeof(crews[0]); i++) {
        bench_clear(crews[i]);
        cr_assert_eq(workers_run(crews[i], JOBS, work, take, &bench), 0);
        cr_assert_eq(bench.taken, JOBS);
        cr_assert_eq(bench.done, JOBS);
        for (size_t job = 0; job < JOBS; job++) {
            cr_assert_eq(bench.begun[job], 1);
        }
    }
}

Test(workers, more_workers_than_there_may_be)
{
    bench_clear(WORKERS_MAX);
    cr_assert_eq(workers_run(10 * WORKERS_MAX, JOBS, work, take, &bench), 0);
    cr_assert_eq(bench.taken, JOBS);
}

Test(workers, no_job_and_nothing_to_take)
{
    bench_clear(4);
    cr_assert_eq(workers_run(4, 0, work, take, &bench), 0);
    cr_assert_eq(bench.done, 0);
    cr_assert_eq(workers_run(4, 20, work, NULL, &bench), 0);
    cr_assert_eq(bench.done, 20);
    cr_assert_eq(bench.taken, 0);
}

static void fails(size_t workers, size_t fail_work, size_t fail_take)
{
    bench_clear(workers);
    bench.fail_work = fail_work;
    bench.fail_take = fail_take;
    cr_assert_eq(workers_run(workers, JOBS, work, take, &bench), -1);
    /* all threads have ended, and what was not begun is left alone */
    cr_assert_eq(bench.at_work, 0);
    cr_assert_lt(bench.done, JOBS);
    cr_assert_leq(bench.taken, (fail_work < fail_take ? fail_work : fail_take + 1));
}

Test(workers, a_job_that_fails_stops_the_rest)
{
    fails(1, 10, JOBS);
    fails(2, 10, JOBS);
    fails(8, 0, JOBS);
    fails(8, 100, JOBS);
}

Test(workers, a_result_that_cannot_be_taken_stops_the_rest)
{
    fails(1, JOBS, 10);
    fails(2, JOBS, 10);
    fails(8, JOBS, 0);
    fails(8, JOBS, 100);
}
