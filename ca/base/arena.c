/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks in a chain, each twice the size of the one before until they are large enough not to matter. None is so large that malloc
 * would map it by itself: what is given back then serves whatever is asked for next, and the system need not clear new pages.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define BLOCK_LEAST (16u * 1024)
#define BLOCK_MOST  (64u * 1024)

struct arena_block {
    struct arena_block *before;
    size_t size; /* of data */
    size_t used;
    alignas(16) unsigned char data[];
};

static struct arena_block *block_new(struct arena_block *before, size_t least)
{
    size_t size = BLOCK_LEAST;
    struct arena_block *block;

    if (before != NULL) {
        size = before->size < BLOCK_MOST / 2 ? before->size * 2 : BLOCK_MOST;
    }
    if (size < least) {
        size = least;
    }
    if (size > SIZE_MAX - sizeof(*block)) {
        return NULL;
    }
    block = malloc(sizeof(*block) + size);
    if (block != NULL) {
        block->before = before;
        block->size = size;
        block->used = 0;
    }
    return block;
}

void *arena_take(struct arena *arena, size_t size, size_t alignment)
{
    struct arena_block *block = arena->last;
    size_t start = 0;

    if (block != NULL) {
        start = (block->used + alignment - 1) & ~(alignment - 1);
    }
    if (block == NULL || start > block->size || size > block->size - start) {
        block = block_new(arena->last, size);
        if (block == NULL) {
            return NULL;
        }
        arena->last = block;
        start = 0;
    }
    block->used = start + size;
    return block->data + start;
}

const char *arena_copy_text(struct arena *arena, struct slice text)
{
    char *copy = text.length < SIZE_MAX ? arena_take(arena, text.length + 1, 1) : NULL;

    if (copy != NULL) {
        memcpy(copy, text.length > 0 ? text.data : (const unsigned char *)"", text.length);
        copy[text.length] = '\0';
    }
    return copy;
}

static void release(struct arena *arena, int wipe)
{
    while (arena->last != NULL) {
        struct arena_block *block = arena->last;

        arena->last = block->before;
        if (wipe) {
            OPENSSL_cleanse(block->data, block->used);
        }
        free(block);
    }
}

void arena_free(struct arena *arena)
{
    release(arena, 0);
}

void arena_free_wiped(struct arena *arena)
{
    release(arena, 1);
}
