/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: memory that is taken in small pieces and given back all at once. A document's nodes live in one, its texts in another
 * that is wiped when it is freed. One thread at a time.
 */
#ifndef MTLSKIT_BASE_ARENA_H
#define MTLSKIT_BASE_ARENA_H

#include <stddef.h>

#include "base/bytes.h"

struct arena_block;

/** Starts as all zeros. The fields are arena.c's own business. */
struct arena {
    struct arena_block *last;
};

/** @p size bytes, not zeroed, at a multiple of @p alignment (a power of two, at most 16); NULL when memory is out. */
void *arena_take(struct arena *arena, size_t size, size_t alignment);
/** A copy of @p text with a NUL behind it; NULL when memory is out. */
const char *arena_copy_text(struct arena *arena, struct slice text);
/** Free everything, and leave the arena empty. */
void arena_free(struct arena *arena);
/** The same, with all that was taken wiped first. */
void arena_free_wiped(struct arena *arena);

#endif
