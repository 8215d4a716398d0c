/* SPDX-License-Identifier: Apache-2.0 */
/* A pool: things that one thread uses at a time, kept for the next one when it is done with them. */
#ifndef MTLSKIT_LIBRARY_POOL_H
#define MTLSKIT_LIBRARY_POOL_H

#include <pthread.h>

#include "base/attributes.h"

/** What a thing in a pool begins with. */
struct pool_item {
    struct pool_item *next;
};

struct pool {
    pthread_mutex_t lock;
    struct pool_item *idle;
};

/** -1: the system has no further lock; pool_end is not called then. */
int pool_start(struct pool *pool) MUST_USE;
/** Nothing of it may be in use. @p release frees one thing. */
void pool_end(struct pool *pool, void (*release)(struct pool_item *item));
/** One that is idle, or NULL. */
struct pool_item *pool_take(struct pool *pool);
void pool_give(struct pool *pool, struct pool_item *item);

#endif
