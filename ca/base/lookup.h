/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lookup finds the number that belongs to a text, in constant time on average: a hash table with open addressing. The
 * texts are borrowed, entries are never taken out one by one.
 */
#ifndef MTLSKIT_BASE_LOOKUP_H
#define MTLSKIT_BASE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"

struct lookup_slot {
    struct slice key; /* data NULL: the slot is free */
    uint64_t hash;
    size_t value;
};

/** Starts as all zeros. @p seed may be set while it is empty: a random one keeps strangers from choosing texts that collide. */
struct lookup {
    struct lookup_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    uint64_t seed;
};

/** Whether @p key is there; its number goes to @p value (may be NULL). */
bool lookup_find(const struct lookup *lookup, struct slice key, size_t *value) MUST_USE;
/**
 * Add @p key, which must not be there yet, with @p value. @p key.data is borrowed, not NULL, and must stay as it is until
 * lookup_clear or lookup_free. -1 when memory is out.
 */
int lookup_add(struct lookup *lookup, struct slice key, size_t value) MUST_USE;
/** Forget all entries and keep the memory. */
void lookup_clear(struct lookup *lookup);
/** Forget all entries and free the memory; the seed stays. */
void lookup_free(struct lookup *lookup);

#endif
