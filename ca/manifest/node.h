/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of a document and its nodes, for document.c, document_builder.c and expansion.c, which make them, and node.c, which reads them. Everybody else knows
 * document.h alone.
 */
#ifndef MTLSKIT_MANIFEST_NODE_H
#define MTLSKIT_MANIFEST_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "manifest/document.h"

struct document {
    char *shown;
    const struct node *root;
    struct arena nodes; /* nodes, their rows of children, their indexes */
    struct arena texts; /* wiped when freed */
    uint64_t seed[2];   /* of text_hash */
};

/** An empty one, to be filled by a tree. @p shown is copied. NULL when memory is out. */
struct document *document_new(const char *shown);

/** A key and its value, each possibly an alias: a node that is written elsewhere and shared. */
struct pair {
    const struct node *key;
    const struct node *value;
};

struct node {
    union {
        const char *text; /* NUL-terminated */
        const struct node *const *items;
        const struct pair *pairs; /* with index_bits > 0, the index lies right before them */
    } is;
    const struct document *document;
    uint32_t line; /* from 1 */
    uint32_t column;
    uint32_t count; /* bytes of a text, items, pairs */
    uint8_t kind;   /* enum node_kind */
    uint8_t plain;
    uint8_t index_bits; /* the index of a large mapping has 1 << index_bits slots; 0: none */
    uint8_t unused;
};

/** A pair on its way into a mapping. */
struct entering_pair {
    struct pair pair;
    bool merged; /* comes from a merge key, and gives way to what the mapping says itself */
};

/** Called for a key that is given twice. */
typedef void (*node_twice_fn)(void *state, const struct node *first, const struct node *second);

/**
 * Give @p mapping the @p count @p pairs, in order: of pairs with the same key the first keeps its place; a pair that is not merged puts
 * its value there, and @p twice is called when neither is merged. @p pairs is changed. -1 when memory is out.
 */
int node_fill_mapping(struct document *document, struct node *mapping, struct entering_pair *pairs,
                      size_t count, node_twice_fn twice, void *state) MUST_USE;

#endif
