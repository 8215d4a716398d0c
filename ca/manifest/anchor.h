/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anchors of a document that is being read: name to node, with what the node weighs when an alias repeats it.
 */
#ifndef MTLSKIT_MANIFEST_ANCHOR_H
#define MTLSKIT_MANIFEST_ANCHOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/document.h"

/** No anchor. */
#define ANCHOR_NONE SIZE_MAX

/** What a node amounts to with its aliases written out. */
struct weight {
    uint64_t nodes;  /**< itself and all below */
    uint32_t height; /**< lists and mappings on the longest way down, itself included; 0 for a text */
};

struct anchor {
    const char *name;
    size_t length;
    struct place place;
    const struct node *node; /**< NULL while it is being read */
    struct weight weight;
};

/** Starts as all zeros but for the seed. The fields are anchor.c's own business. */
struct anchor_list {
    const uint64_t *seed; /* of text_hash, borrowed */
    struct arena names;
    struct anchor *row;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* open addressing: number in the row plus one, or 0 */
    size_t slot_count;
};

/** The anchor called @p name, or NULL. Valid until the next anchor_list_add. */
struct anchor *anchor_list_find(const struct anchor_list *anchors, const char *name);
/** Note a new anchor, whose node is being read; the caller has looked that there is none of that name. *number is its place in the row. */
int anchor_list_add(struct anchor_list *anchors, const char *name, struct place place, size_t *number)
    MUST_USE;
/** The anchor's node is complete. */
void anchor_list_complete(struct anchor_list *anchors, size_t number, const struct node *node,
                          struct weight weight);
void anchor_list_free(struct anchor_list *anchors);

#endif
