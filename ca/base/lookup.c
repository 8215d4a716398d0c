/* SPDX-License-Identifier: Apache-2.0 */
/* Lookup: FNV-1a with a seed, finished by a mixing step; linear probing; never more than half full. */
#include "base/lookup.h"

#include <stdlib.h>

#define SMALLEST_CAPACITY 64

static uint64_t hash_of(const struct lookup *lookup, struct slice key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ lookup->seed;

    for (size_t i = 0; i < key.length; i++) {
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
    }
    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* The slot that holds @p key, or the free one where it belongs. */
static size_t slot_of(const struct lookup *lookup, struct slice key, uint64_t hash)
{
    size_t at = (size_t)hash & (lookup->capacity - 1);

    while (lookup->slots[at].key.data != NULL &&
           (lookup->slots[at].hash != hash || !slice_equal(lookup->slots[at].key, key))) {
        at = (at + 1) & (lookup->capacity - 1);
    }
    return at;
}

bool lookup_find(const struct lookup *lookup, struct slice key, size_t *value)
{
    const struct lookup_slot *slot;

    if (lookup->count == 0) {
        return false;
    }
    slot = &lookup->slots[slot_of(lookup, key, hash_of(lookup, key))];
    if (slot->key.data != NULL && value != NULL) {
        *value = slot->value;
    }
    return slot->key.data != NULL;
}

static int grow(struct lookup *lookup)
{
    struct lookup larger = {.seed = lookup->seed, .count = lookup->count};

    larger.capacity = lookup->capacity == 0 ? SMALLEST_CAPACITY : 2 * lookup->capacity;
    larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
    if (larger.slots == NULL) {
        return -1;
    }
    for (size_t i = 0; i < lookup->capacity; i++) {
        const struct lookup_slot *slot = &lookup->slots[i];

        if (slot->key.data != NULL) {
            larger.slots[slot_of(&larger, slot->key, slot->hash)] = *slot;
        }
    }
    free(lookup->slots);
    *lookup = larger;
    return 0;
}

int lookup_add(struct lookup *lookup, struct slice key, size_t value)
{
    uint64_t hash = hash_of(lookup, key);

    if (lookup->count >= lookup->capacity / 2 && grow(lookup) != 0) {
        return -1;
    }
    lookup->slots[slot_of(lookup, key, hash)] = (struct lookup_slot){key, hash, value};
    lookup->count += 1;
    return 0;
}

void lookup_clear(struct lookup *lookup)
{
    for (size_t i = 0; i < lookup->capacity && lookup->count != 0; i++) {
        lookup->slots[i].key.data = NULL;
    }
    lookup->count = 0;
}

void lookup_free(struct lookup *lookup)
{
    free(lookup->slots);
    lookup->slots = NULL;
    lookup->capacity = 0;
    lookup->count = 0;
}
