/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: memory that is taken in small pieces and given back all at once. A document's nodes live in one, its texts in another
 * that is wiped when it is freed.
 */
#ifndef MTLSKIT_MANIFEST_ARENA_H
#define MTLSKIT_MANIFEST_ARENA_H

#include <stddef.h>

struct arena_block;

/** Starts as all zeros. The fields are arena.c's own business. */
struct arena {
    struct arena_block *last;
};

/** @p size bytes, not zeroed, at a multiple of @p alignment (a power of two, at most 16); NULL when memory is out. */
void *arena_take(struct arena *arena, size_t size, size_t alignment);
/** Free everything, and leave the arena empty. */
void arena_free(struct arena *arena);
/** The same, with all that was taken wiped first. */
void arena_free_wiped(struct arena *arena);

#endif
