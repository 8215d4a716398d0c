/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index of texts, looked up by what they say regardless of ASCII case: names of entries, and files. Filled first, sorted
 * once, then asked; so what a hostile file puts in costs n log n and no more.
 */
#ifndef MTLSKIT_MANIFEST_NAME_INDEX_H
#define MTLSKIT_MANIFEST_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct name_index_row {
    const char *text; /**< borrowed */
    size_t value;     /**< the caller's */
};

/** Starts as all zeros. Rows may be read once sorted: by text, those that are equal by value. */
struct name_index {
    struct name_index_row *rows;
    size_t count, capacity;
};

int name_index_add(struct name_index *index, const char *text, size_t value) MUST_USE;
void name_index_sort(struct name_index *index);
/** The first row whose text equals the first @p length bytes of @p text but for ASCII case; NULL: none. Sorted indexes only. */
const struct name_index_row *name_index_find(const struct name_index *index, const char *text, size_t length);
/** Whether two texts are equal but for ASCII case. */
bool name_index_equal(const char *one, const char *other);
void name_index_free(struct name_index *index);

#endif
