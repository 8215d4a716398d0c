/* SPDX-License-Identifier: Apache-2.0 */
/* A row of anchors in order of writing, and an index over their names that is never more than half full. */
#include "manifest/anchor.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/text_hash.h"

#define CAPACITY_LEAST 16

/* The slot that @p name has or would have. There are slots. */
static size_t find_slot(const struct anchor_list *anchors, const char *name, size_t length)
{
    size_t mask = anchors->slot_count - 1;
    size_t slot = (size_t)text_hash(anchors->seed, name, length) & mask;

    while (anchors->slots[slot] != 0) {
        const struct anchor *anchor = &anchors->row[anchors->slots[slot] - 1];

        if (anchor->length == length && memcmp(anchor->name, name, length) == 0) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

struct anchor *anchor_list_find(const struct anchor_list *anchors, const char *name)
{
    uint32_t found = anchors->slot_count == 0 ? 0 : anchors->slots[find_slot(anchors, name, strlen(name))];

    return found == 0 ? NULL : &anchors->row[found - 1];
}

/* Twice the room, and the index anew. */
static int grow(struct anchor_list *anchors)
{
    size_t capacity = anchors->capacity == 0 ? CAPACITY_LEAST : anchors->capacity * 2;
    struct anchor *row = realloc(anchors->row, capacity * sizeof(*row));
    uint32_t *slots;

    if (row == NULL) {
        return -1;
    }
    anchors->row = row;
    slots = calloc(capacity * 2, sizeof(*slots));
    if (slots == NULL) {
        return -1;
    }
    free(anchors->slots);
    anchors->slots = slots;
    anchors->slot_count = capacity * 2;
    anchors->capacity = capacity;
    for (size_t i = 0; i < anchors->count; i++) {
        slots[find_slot(anchors, row[i].name, row[i].length)] = (uint32_t)i + 1;
    }
    return 0;
}

int anchor_list_add(struct anchor_list *anchors, const char *name, struct place place, size_t *number)
{
    size_t length = strlen(name);
    const char *copy;

    if (anchors->count == anchors->capacity && grow(anchors) != 0) {
        return -1;
    }
    copy = arena_copy_text(&anchors->names, (struct slice){(const unsigned char *)name, length});
    if (copy == NULL) {
        return -1;
    }
    *number = anchors->count;
    anchors->row[anchors->count] = (struct anchor){copy, length, place, NULL, {0, 0}};
    anchors->slots[find_slot(anchors, copy, length)] = (uint32_t)anchors->count + 1;
    anchors->count++;
    return 0;
}

void anchor_list_complete(struct anchor_list *anchors, size_t number, const struct node *node,
                          struct weight weight)
{
    if (number != ANCHOR_NONE) {
        anchors->row[number].node = node;
        anchors->row[number].weight = weight;
    }
}

void anchor_list_free(struct anchor_list *anchors)
{
    arena_free(&anchors->names);
    free(anchors->row);
    free(anchors->slots);
    *anchors = (struct anchor_list){0};
}
