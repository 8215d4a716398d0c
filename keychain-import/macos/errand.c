/* SPDX-License-Identifier: Apache-2.0 */
/* Errands: two parties share one struct; the last one to let go frees it. The end is told through a pipe, which can be waited for by poll(2). */
#include "macos/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* A signal cuts a poll short; so the time is waited for in slices of this many milliseconds, and a slice cut short counts as one. */
#define SLICE 200

struct errand {
    pthread_mutex_t lock;
    int parties; /* who still knows this struct */
    errand_fn act;
    errand_free_fn end;
    void *state;
    int32_t answer; /* the thread's until it is joined */
    int ends[2];    /* of the pipe; the writing one is closed when the answer is there */
};

static void let_go(struct errand *errand)
{
    bool last = false;

    (void)pthread_mutex_lock(&errand->lock);
    last = --errand->parties == 0;
    (void)pthread_mutex_unlock(&errand->lock);
    if (last) {
        (void)pthread_mutex_destroy(&errand->lock);
        (void)close(errand->ends[0]);
        errand->end(errand->state);
        free(errand);
    }
}

static void *go(void *argument)
{
    struct errand *errand = argument;

    errand->answer = errand->act(errand->state);
    (void)close(errand->ends[1]);
    let_go(errand);
    return NULL;
}

/* Whether the other end was closed in time. */
static bool wait_for(int end, unsigned seconds)
{
    struct pollfd waited = {end, POLLIN, 0};
    unsigned long slices = (unsigned long)seconds * 1000 / SLICE;
    int found = 0;

    for (unsigned long i = 0; found <= 0 && i < slices; i++) {
        found = poll(&waited, 1, SLICE);
        if (found < 0 && errno != EINTR && errno != EAGAIN) {
            break;
        }
    }
    return found > 0;
}

static struct errand *make(errand_fn act, errand_free_fn end, void *state)
{
    struct errand *errand = calloc(1, sizeof(*errand));

    if (errand == NULL) {
        return NULL;
    }
    if (pipe(errand->ends) != 0) {
        free(errand);
        return NULL;
    }
    if (fcntl(errand->ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(errand->ends[1], F_SETFD, FD_CLOEXEC) != 0 || pthread_mutex_init(&errand->lock, NULL) != 0) {
        (void)close(errand->ends[0]);
        (void)close(errand->ends[1]);
        free(errand);
        return NULL;
    }
    errand->parties = 2;
    errand->act = act;
    errand->end = end;
    errand->state = state;
    return errand;
}

int errand_run(errand_fn act, errand_free_fn end, void *state, unsigned seconds, int32_t *answer)
{
    struct errand *errand = make(act, end, state);
    pthread_t thread;
    int done = 0;

    *answer = 0;
    if (errand == NULL) {
        end(state);
        return -1;
    }
    if (pthread_create(&thread, NULL, go, errand) != 0) {
        (void)close(errand->ends[1]);
        errand->parties = 1;
        let_go(errand);
        return -1;
    }
    if (wait_for(errand->ends[0], seconds)) {
        /* What is left of the thread is short, and then nothing of it is. */
        (void)pthread_join(thread, NULL);
        *answer = errand->answer;
        done = 1;
    } else {
        (void)pthread_detach(thread);
    }
    let_go(errand);
    return done;
}
