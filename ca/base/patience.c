/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patience, counted by a clock that nobody sets.
 */
#include "base/patience.h"

#include <stdint.h>
#include <time.h>

/** The longest pause, in milliseconds. */
#define PAUSE_MOST_MS 20

static int64_t now_ns(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool patience_wait(struct patience *patience, unsigned turn)
{
    unsigned left = patience->waited_ms < patience->most_ms ? patience->most_ms - patience->waited_ms : 0;
    unsigned pause = turn < 5 ? 1u << turn : PAUSE_MOST_MS;
    struct timespec sleep = {0, 0};
    int64_t begin = now_ns();
    int64_t slept;

    if (left == 0) {
        return false;
    }
    pause = pause < left ? pause : left;
    sleep.tv_nsec = (long)pause * 1000000;
    (void)nanosleep(&sleep, NULL);
    /* a sleep on a busy machine is longer than it was meant to be; one that a signal cut short counts, too, so that waiting ends */
    slept = (now_ns() - begin + 500000) / 1000000;
    patience->waited_ms += slept < 1 ? 1u : slept < left ? (unsigned)slept : left;
    return true;
}
