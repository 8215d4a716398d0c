/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers that issue into plain memory: what the two that wait read, a worker has written, and nobody else touches it. Tasks follow
 * each other as batches do.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "issuing/workers.h"

#define JOBS   2000
#define CREW   8
#define ROUNDS 20

struct result {
    size_t value;
    char text[32];
};

struct bench {
    struct result results[JOBS];
    size_t counts[CREW + 1]; /* each its worker's own; the last is who helps */
    size_t sum;              /* of the results taken; the porter's */
    size_t fail;
    struct workers *makers;
    struct task making, taking;
};

static int work(void *state, size_t worker, size_t index)
{
    struct bench *bench = state;
    struct result *result = &bench->results[index];
    struct timespec pause = {0, 100000};

    bench->counts[worker]++;
    if (index % 8 == 0) {
        (void)nanosleep(&pause, NULL); /* so that the taker has to wait */
    }
    result->value = index * index;
    (void)snprintf(result->text, sizeof(result->text), "%zu", index);
    return index == bench->fail ? -1 : 0;
}

static int check(const struct bench *bench, size_t index)
{
    char expected[32];

    (void)snprintf(expected, sizeof(expected), "%zu", index);
    return bench->results[index].value == index * index && strcmp(bench->results[index].text, expected) == 0
               ? 0
               : -1;
}

static int take(void *state, size_t worker, size_t index)
{
    struct bench *bench = state;

    (void)worker;
    if (workers_wait(bench->makers, &bench->making, index) != 0 || check(bench, index) != 0) {
        return -1;
    }
    bench->sum++;
    return 0;
}

static int begin(struct bench *bench, struct workers *makers, struct workers *porter, size_t fail)
{
    memset(bench->counts, 0, sizeof(bench->counts));
    bench->sum = 0;
    bench->fail = fail;
    bench->makers = makers;
    return workers_begin(makers, &bench->making, JOBS, work, bench) == 0 &&
                   workers_begin(porter, &bench->taking, JOBS, take, bench) == 0
               ? 0
               : -1;
}

static int end(struct bench *bench, struct workers *porter)
{
    size_t done = 0;
    size_t seen = 0;
    int status;

    while (seen < JOBS && workers_help(bench->makers, &bench->making, seen) == 0) {
        if (check(bench, seen) != 0) {
            return -1;
        }
        seen++;
    }
    status = workers_end(porter, &bench->taking);
    if (workers_end(bench->makers, &bench->making) != status) {
        return -1;
    }
    for (size_t i = 0; i <= CREW; i++) {
        done += bench->counts[i];
    }
    if (bench->fail < JOBS) {
        return status == -1 && seen <= bench->fail && bench->sum <= bench->fail ? 0 : -1;
    }
    return status == 0 && done == JOBS && bench->sum == JOBS && seen == JOBS ? 0 : -1;
}

int main(void)
{
    static struct bench benches[2];
    struct workers *makers = workers_new(CREW);
    struct workers *porter = workers_new(1);
    size_t i;

    if (makers == NULL || porter == NULL) {
        return 1;
    }
    workers_start(makers);
    workers_start(porter);
    for (i = 0; i <= ROUNDS; i++) {
        if ((i < ROUNDS && begin(&benches[i % 2], makers, porter, i % 4 == 3 ? i * 50 : JOBS) != 0) ||
            (i > 0 && end(&benches[(i - 1) % 2], porter) != 0)) {
            (void)fprintf(stderr, "round %zu went wrong\n", i);
            return 1;
        }
    }
    for (i = 0; i < 2; i++) {
        task_free(&benches[i].making);
        task_free(&benches[i].taking);
    }
    workers_free(porter);
    workers_free(makers);
    return 0;
}
