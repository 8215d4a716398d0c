/* SPDX-License-Identifier: Apache-2.0 */
/* A pool. The lock is held for as long as it takes to move a pointer. */
#include "library/pool.h"

#include <stddef.h>

int pool_start(struct pool *pool)
{
    pool->idle = NULL;
    return pthread_mutex_init(&pool->lock, NULL) == 0 ? 0 : -1;
}

void pool_end(struct pool *pool, void (*release)(struct pool_item *item))
{
    while (pool->idle != NULL) {
        struct pool_item *item = pool->idle;

        pool->idle = item->next;
        release(item);
    }
    (void)pthread_mutex_destroy(&pool->lock);
}

struct pool_item *pool_take(struct pool *pool)
{
    struct pool_item *item;

    (void)pthread_mutex_lock(&pool->lock);
    item = pool->idle;
    if (item != NULL) {
        pool->idle = item->next;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return item;
}

void pool_give(struct pool *pool, struct pool_item *item)
{
    (void)pthread_mutex_lock(&pool->lock);
    item->next = pool->idle;
    pool->idle = item;
    (void)pthread_mutex_unlock(&pool->lock);
}
