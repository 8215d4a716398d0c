/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading nodes. A small mapping is searched from front to end; a large one has an index: slots of an open-addressing table, each
 * the number of a pair plus one, or 0 for none.
 */
#include "manifest/node.h"

#include <string.h>

#include "manifest/text_hash.h"

/* Mappings of more pairs than this have an index. */
#define INDEX_LEAST 16

static bool same_text(const struct node *node, const char *text, size_t length)
{
    return node->count == length && memcmp(node->is.text, text, length) == 0;
}

/* ---- making a mapping --------------------------------------------------------------------------------------------- */

/* Pairs that have found their places, with an index when there may be many. */
struct filling {
    const struct document *document;
    struct entering_pair *pairs;
    size_t count;
    uint32_t *slots; /* NULL: no index */
    size_t mask;
};

/* The pair whose key is @p key's text, or NULL. *slot: where to note it in the index when there is none. */
static struct entering_pair *filling_find(const struct filling *filling, const struct node *key, size_t *slot)
{
    *slot = 0;
    if (filling->slots == NULL) {
        for (size_t i = 0; i < filling->count; i++) {
            if (same_text(filling->pairs[i].pair.key, key->is.text, key->count)) {
                return &filling->pairs[i];
            }
        }
        return NULL;
    }
    *slot = (size_t)text_hash(filling->document->seed, key->is.text, key->count) & filling->mask;
    while (filling->slots[*slot] != 0) {
        struct entering_pair *pair = &filling->pairs[filling->slots[*slot] - 1];

        if (same_text(pair->pair.key, key->is.text, key->count)) {
            return pair;
        }
        *slot = (*slot + 1) & filling->mask;
    }
    return NULL;
}

/* Bits of an index for @p count pairs that leaves half of its slots free; 0 for a small mapping. */
static uint8_t index_bits_for(size_t count)
{
    uint8_t bits = 0;

    if (count > INDEX_LEAST) {
        while (((size_t)1 << bits) < 2 * count) {
            bits++;
        }
    }
    return bits;
}

int node_fill_mapping(struct document *document, struct node *mapping, struct entering_pair *pairs,
                      size_t count, node_twice_fn twice, void *state)
{
    uint8_t bits = index_bits_for(count);
    size_t index_size = bits == 0 ? 0 : sizeof(uint32_t) << bits;
    unsigned char *room =
        arena_take(&document->nodes, index_size + count * sizeof(struct pair), sizeof(void *));
    struct filling filling = {document, pairs, 0, NULL, 0};
    struct pair *row;

    if (room == NULL) {
        return -1;
    }
    if (bits > 0) {
        memset(room, 0, index_size);
        filling.slots = (uint32_t *)(void *)room;
        filling.mask = ((size_t)1 << bits) - 1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t slot;
        struct entering_pair *known = filling_find(&filling, pairs[i].pair.key, &slot);

        if (known == NULL) {
            filling.pairs[filling.count] = pairs[i];
            filling.count++;
            if (filling.slots != NULL) {
                filling.slots[slot] = (uint32_t)filling.count;
            }
        } else if (!known->merged && !pairs[i].merged) {
            twice(state, known->pair.key, pairs[i].pair.key);
        } else if (!pairs[i].merged) {
            *known = pairs[i];
        }
    }
    row = (struct pair *)(void *)(room + index_size);
    for (size_t i = 0; i < filling.count; i++) {
        row[i] = pairs[i].pair;
    }
    mapping->is.pairs = row;
    mapping->count = (uint32_t)filling.count;
    mapping->index_bits = bits;
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

enum node_kind node_kind(const struct node *node)
{
    return (enum node_kind)node->kind;
}

const char *node_kind_word(const struct node *node)
{
    switch (node->kind) {
    case NODE_SCALAR:
        return "text";
    case NODE_SEQUENCE:
        return "list";
    default:
        return "mapping";
    }
}

struct place node_place(const struct node *node)
{
    return (struct place){node->document->shown, node->line, node->column};
}

const char *node_text(const struct node *node)
{
    return node->kind == NODE_SCALAR ? node->is.text : NULL;
}

bool node_is_plain(const struct node *node)
{
    return node->plain != 0;
}

bool node_is_null(const struct node *node)
{
    return node->kind == NODE_SCALAR && node->plain != 0 &&
           (node->count == 0 || strcmp(node->is.text, "~") == 0 || strcmp(node->is.text, "null") == 0);
}

size_t node_count(const struct node *node)
{
    return node->kind == NODE_SCALAR ? 0 : node->count;
}

const struct node *node_item(const struct node *sequence, size_t index)
{
    return sequence->kind == NODE_SEQUENCE && index < sequence->count ? sequence->is.items[index] : NULL;
}

/* The @p index-th pair, or NULL. */
static const struct pair *pair_at(const struct node *mapping, size_t index)
{
    return mapping->kind == NODE_MAPPING && index < mapping->count ? &mapping->is.pairs[index] : NULL;
}

const char *node_key(const struct node *mapping, size_t index)
{
    const struct pair *pair = pair_at(mapping, index);

    return pair == NULL ? NULL : pair->key->is.text;
}

struct place node_key_place(const struct node *mapping, size_t index)
{
    const struct pair *pair = pair_at(mapping, index);

    return node_place(pair == NULL ? mapping : pair->key);
}

const struct node *node_value(const struct node *mapping, size_t index)
{
    const struct pair *pair = pair_at(mapping, index);

    return pair == NULL ? NULL : pair->value;
}

static const struct node *find_by_index(const struct node *mapping, const char *key, size_t length)
{
    size_t size = (size_t)1 << mapping->index_bits;
    const uint32_t *slots = (const uint32_t *)(const void *)mapping->is.pairs - size;
    size_t slot = (size_t)text_hash(mapping->document->seed, key, length) & (size - 1);

    while (slots[slot] != 0) {
        const struct pair *pair = &mapping->is.pairs[slots[slot] - 1];

        if (same_text(pair->key, key, length)) {
            return pair->value;
        }
        slot = (slot + 1) & (size - 1);
    }
    return NULL;
}

const struct node *node_find(const struct node *mapping, const char *key)
{
    size_t length = strlen(key);

    if (mapping->kind != NODE_MAPPING) {
        return NULL;
    }
    if (mapping->index_bits > 0) {
        return find_by_index(mapping, key, length);
    }
    for (size_t i = 0; i < mapping->count; i++) {
        if (same_text(mapping->is.pairs[i].key, key, length)) {
            return mapping->is.pairs[i].value;
        }
    }
    return NULL;
}
