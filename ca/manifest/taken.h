/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is taken: names and paths of a fleet, kept as a hash and where each comes from. A hundred thousand of them take a few
 * megabytes; whoever finds two hashes alike makes both texts again and compares them. Filled first, sorted once, then asked.
 */
#ifndef MTLSKIT_MANIFEST_TAKEN_H
#define MTLSKIT_MANIFEST_TAKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/** Who has a name or a path. */
struct taker {
    uint32_t fleet; /**< TAKER_ALONE: an entry by itself */
    uint32_t at;    /**< where its row begins, its number, or the index of the entry */
};
#define TAKER_ALONE UINT32_MAX

struct taken_row {
    uint64_t hash;
    struct taker taker;
};

/** Starts as all zeros. Rows may be read once sorted: by hash, those alike in the order of the manifest. */
struct taken {
    struct taken_row *rows;
    size_t count, capacity;
};

/** Hash of a text whatever the case of its ASCII letters; texts alike have one hash. */
uint64_t taken_hash(const uint64_t seed[2], const char *text, size_t length);
int taken_add(struct taken *taken, uint64_t hash, struct taker taker) MUST_USE;
void taken_sort(struct taken *taken);
/** The first row with @p hash, or NULL; others like it follow it. */
const struct taken_row *taken_find(const struct taken *taken, uint64_t hash);
void taken_free(struct taken *taken);

#endif
