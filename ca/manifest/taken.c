/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken: rows of hashes. */
#include "manifest/taken.h"

#include <stdlib.h>

#include "manifest/text_hash.h"

/** Longest text: a path's 1,023 bytes. What is longer is refused elsewhere. */
#define TEXT_MAX 1024

uint64_t taken_hash(const uint64_t seed[2], const char *text, size_t length)
{
    char folded[TEXT_MAX];
    size_t i;

    length = length < TEXT_MAX ? length : TEXT_MAX;
    for (i = 0; i < length; i++) {
        folded[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    }
    return text_hash(seed, folded, length);
}

int taken_add(struct taken *taken, uint64_t hash, struct taker taker)
{
    if (taken->count == taken->capacity) {
        size_t capacity = taken->capacity > 0 ? taken->capacity + taken->capacity / 2 : 1024;
        struct taken_row *grown = realloc(taken->rows, capacity * sizeof(*grown));

        if (grown == NULL) {
            return -1;
        }
        taken->rows = grown;
        taken->capacity = capacity;
    }
    taken->rows[taken->count++] = (struct taken_row){hash, taker};
    return 0;
}

static int compare_rows(const void *one, const void *other)
{
    const struct taken_row *a = one, *b = other;

    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    /* entries by themselves first, as they are told apart among themselves already */
    if (a->taker.fleet != b->taker.fleet) {
        return a->taker.fleet + 1 < b->taker.fleet + 1 ? -1 : 1;
    }
    return a->taker.at < b->taker.at ? -1 : a->taker.at > b->taker.at;
}

void taken_sort(struct taken *taken)
{
    if (taken->count > 1) {
        qsort(taken->rows, taken->count, sizeof(*taken->rows), compare_rows);
    }
}

const struct taken_row *taken_find(const struct taken *taken, uint64_t hash)
{
    size_t low = 0, high = taken->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (taken->rows[middle].hash < hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < taken->count && taken->rows[low].hash == hash ? &taken->rows[low] : NULL;
}

void taken_free(struct taken *taken)
{
    free(taken->rows);
    *taken = (struct taken){NULL, 0, 0};
}
