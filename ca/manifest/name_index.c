/* SPDX-License-Identifier: Apache-2.0 */
/* An index of texts, regardless of ASCII case. */
#include "manifest/name_index.h"

#include <stdlib.h>
#include <string.h>

/** Lower-case ASCII, whatever the locale says. */
static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/** Orders @p text against the first @p length bytes of @p other, regardless of ASCII case. */
static int compare_folded(const char *text, const char *other, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++) {
        if (fold(text[i]) != fold(other[i])) {
            return fold(text[i]) < fold(other[i]) ? -1 : 1;
        }
        if (text[i] == '\0') {
            return 0;
        }
    }
    return text[length] == '\0' ? 0 : 1;
}

int name_index_add(struct name_index *index, const char *text, size_t value)
{
    if (index->count == index->capacity) {
        size_t capacity = index->capacity > 0 ? index->capacity * 2 : 64;
        struct name_index_row *grown = realloc(index->rows, capacity * sizeof(*grown));

        if (grown == NULL) {
            return -1;
        }
        index->rows = grown;
        index->capacity = capacity;
    }
    index->rows[index->count++] = (struct name_index_row){text, value};
    return 0;
}

static int compare_rows(const void *one, const void *other)
{
    const struct name_index_row *a = one, *b = other;
    int order = compare_folded(a->text, b->text, strlen(b->text));

    if (order != 0) {
        return order;
    }
    return a->value < b->value ? -1 : a->value > b->value;
}

void name_index_sort(struct name_index *index)
{
    size_t i;

    /* names come in order more often than not */
    for (i = 1; i < index->count && compare_rows(&index->rows[i - 1], &index->rows[i]) <= 0; i++) {
    }
    if (i < index->count) {
        qsort(index->rows, index->count, sizeof(*index->rows), compare_rows);
    }
}

const struct name_index_row *name_index_find(const struct name_index *index, const char *text, size_t length)
{
    size_t low = 0, high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_folded(index->rows[middle].text, text, length) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < index->count && compare_folded(index->rows[low].text, text, length) == 0) {
        return &index->rows[low];
    }
    return NULL;
}

bool name_index_equal(const char *one, const char *other)
{
    return compare_folded(one, other, strlen(other)) == 0;
}

void name_index_free(struct name_index *index)
{
    free(index->rows);
    *index = (struct name_index){NULL, 0, 0};
}
