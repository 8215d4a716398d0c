/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document: one YAML file as a tree of mappings, sequences and scalars, each with its place. The only user of libyaml.
 *
 * Strict: UTF-8 alone (UTF-16, NUL and broken UTF-8 are faults with their true line and column), one document, no tags, no
 * duplicate keys, scalar keys only. Anchors, aliases and merge keys (<<) are resolved; what they expand to is bounded.
 * Every bad file is one fault ("syntax stands alone") except duplicates, which are all told.
 */
#ifndef MTLSKIT_MANIFEST_DOCUMENT_H
#define MTLSKIT_MANIFEST_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

#define DOCUMENT_SIZE_MAX   (64u * 1024 * 1024)
#define DOCUMENT_DEPTH_MAX  32
#define DOCUMENT_SCALAR_MAX (64u * 1024)
/** Nodes written in the file, and nodes after aliases are expanded. */
#define DOCUMENT_NODES_MAX   4000000
#define DOCUMENT_ANCHORS_MAX 100000

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

/** Both opaque. Nodes belong to their document. */
struct document;
struct node;

/**
 * Parse @p content. @p shown is the file's name for complaints, copied. NULL with one or more faults. The memory of scalars is wiped on free.
 * An empty file is a fault.
 */
struct document *document_parse(struct slice content, const char *shown, struct faults *faults);
void document_free(struct document *document);
const struct node *document_root(const struct document *document);
/** Name given to document_parse. */
const char *document_shown(const struct document *document);

enum node_kind node_kind(const struct node *node);
/** "text", "list" or "mapping": for complaints. */
const char *node_kind_word(const struct node *node);
/** Where the node is written; place->file belongs to the document. */
struct place node_place(const struct node *node);
/** Text of a scalar, NUL-terminated, never with a NUL inside; NULL for other kinds. */
const char *node_text(const struct node *node);
/** Whether a scalar was written plain (no quotes): only such can be null, true or a number. */
bool node_is_plain(const struct node *node);
/** A plain scalar that is empty, "~" or "null". */
bool node_is_null(const struct node *node);
/** Children of a sequence, or pairs of a mapping (merge keys already applied, in order of first writing). */
size_t node_count(const struct node *node);
const struct node *node_item(const struct node *sequence, size_t index);
const char *node_key(const struct node *mapping, size_t index);
struct place node_key_place(const struct node *mapping, size_t index);
const struct node *node_value(const struct node *mapping, size_t index);
/** Value of @p key, or NULL. */
const struct node *node_find(const struct node *mapping, const char *key);

#endif
