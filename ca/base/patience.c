/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patience, counted in pauses. Each sleep is a little longer than what was asked for, so a minute of them takes about a second more.
 */
#include "base/patience.h"

#include <time.h>

/** The longest pause, in milliseconds. */
#define PAUSE_MOST_MS 20

bool patience_wait(struct patience *patience, unsigned turn)
{
    unsigned left = patience->waited_ms < patience->most_ms ? patience->most_ms - patience->waited_ms : 0;
    unsigned pause = turn < 5 ? 1u << turn : PAUSE_MOST_MS;
    struct timespec sleep = {0, 0};

    if (left == 0) {
        return false;
    }
    pause = pause < left ? pause : left;
    sleep.tv_nsec = (long)pause * 1000000;
    /* a pause that a signal cut short counts as any other, so that waiting ends whatever happens */
    (void)nanosleep(&sleep, NULL);
    patience->waited_ms += pause;
    return true;
}
