/* SPDX-License-Identifier: Apache-2.0 */
/* Workers that issue into plain memory: what the taker reads, a worker has written, and nobody else touches it. */
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
    size_t counts[CREW]; /* each its worker's own */
    size_t sum;
    size_t fail;
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

static int take(void *state, size_t index)
{
    struct bench *bench = state;
    char expected[32];

    (void)snprintf(expected, sizeof(expected), "%zu", index);
    bench->sum++;
    return bench->results[index].value == index * index && strcmp(bench->results[index].text, expected) == 0
               ? 0
               : -1;
}

static int round_of(struct bench *bench, size_t fail)
{
    size_t done = 0;
    int status;

    memset(bench, 0, sizeof(*bench));
    bench->fail = fail;
    status = workers_run(CREW, JOBS, work, take, bench);
    for (size_t i = 0; i < CREW; i++) {
        done += bench->counts[i];
    }
    if (fail < JOBS) {
        return status == -1 && bench->sum <= fail ? 0 : -1;
    }
    return status == 0 && done == JOBS && bench->sum == JOBS ? 0 : -1;
}

int main(void)
{
    static struct bench bench;

    for (size_t i = 0; i < ROUNDS; i++) {
        if (round_of(&bench, i % 4 == 3 ? i * 50 : JOBS) != 0) {
            (void)fprintf(stderr, "round %zu went wrong\n", i);
            return 1;
        }
    }
    return 0;
}
