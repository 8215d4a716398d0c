/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open lists and mappings are frames on a stack; the children they have so far lie in one row of pending nodes, and move to the
 * document when the list or mapping closes.
 */
#include "manifest/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/anchor.h"
#include "manifest/field.h"

/* A list or mapping that is being read. Its children so far are the pending nodes from first on; keys and values take turns. */
struct frame {
    struct node *node;
    size_t first;
    struct weight weight; /* of what is complete */
    size_t anchor;        /* its number, or ANCHOR_NONE */
    bool merges;          /* has a merge key */
};

struct tree {
    struct document *document;
    struct faults *faults;     /* the caller's */
    struct faults *duplicates; /* told when nothing worse comes; NULL: none so far */
    struct anchor_list anchors;
    struct frame frames[DOCUMENT_DEPTH_MAX];
    size_t depth; /* frames in use */
    const struct node **pending;
    size_t pending_count;
    size_t pending_capacity;
    struct entering_pair *pairs; /* of the mapping that is being completed */
    size_t pairs_count;
    size_t pairs_capacity;
};

/* ---- complaints --------------------------------------------------------------------------------------------------- */

/* The way to what is being read. */
int tree_render_path(const struct tree *tree, struct bytes *text)
{
    struct path steps[DOCUMENT_DEPTH_MAX];
    const struct path *last = NULL;

    for (size_t i = 0; i < tree->depth; i++) {
        const struct frame *frame = &tree->frames[i];
        size_t end = i + 1 < tree->depth ? tree->frames[i + 1].first : tree->pending_count;
        size_t children = end - frame->first;

        if (frame->node->kind == NODE_SEQUENCE) {
            steps[i] = (struct path){last, NULL, children};
        } else if (children % 2 == 1) {
            steps[i] = (struct path){last, tree->pending[end - 1]->is.text, 0};
        } else {
            break;
        }
        last = &steps[i];
    }
    return last == NULL ? 0 : path_render(last, text);
}

static void complain_to(struct faults *faults, const struct tree *tree, struct place place, const char *hint,
                        const char *format, va_list values) PRINTF_LIKE(5, 0);
static void complain_to(struct faults *faults, const struct tree *tree, struct place place, const char *hint,
                        const char *format, va_list values)
{
    char sentence[FAULT_TEXT_MAX + 1];
    struct bytes path = BYTES_EMPTY;

    place.file = tree->document->shown;
    if (vsnprintf(sentence, sizeof(sentence), format, values) < 0 || tree_render_path(tree, &path) != 0) {
        fault_memory(faults);
    } else {
        fault_error(faults, &place, path.length == 0 ? NULL : bytes_text(&path), hint, "%s", sentence);
    }
    bytes_free(&path);
}

void tree_complain(const struct tree *tree, struct place place, const char *hint, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complain_to(tree->faults, tree, place, hint, format, values);
    va_end(values);
}

/* The same for a key that is given twice. */
static void note_duplicate(struct tree *tree, struct place place, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void note_duplicate(struct tree *tree, struct place place, const char *hint, const char *format, ...)
{
    va_list values;

    if (tree->duplicates == NULL) {
        tree->duplicates = faults_new();
    }
    va_start(values, format);
    complain_to(tree->duplicates == NULL ? tree->faults : tree->duplicates, tree, place, hint, format,
                values);
    va_end(values);
}

static int out_of_memory(struct tree *tree)
{
    fault_memory(tree->faults);
    return -1;
}

static int too_deep(struct tree *tree, struct place place)
{
    tree_complain(tree, place, "make it flatter", "lists and mappings nested more than %d deep",
                  DOCUMENT_DEPTH_MAX);
    return -1;
}

/* ---- the tree ----------------------------------------------------------------------------------------------------- */

/* Make room for one more in a growing row. */
static int grow(void **row, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity == 0 ? 256 : *capacity * 2;
    void *moved;

    if (count < *capacity) {
        return 0;
    }
    moved = realloc(*row, wanted * size);
    if (moved == NULL) {
        return -1;
    }
    *row = moved;
    *capacity = wanted;
    return 0;
}

static struct node *node_new(struct tree *tree, enum node_kind kind, struct place place)
{
    struct node *node = arena_take(&tree->document->nodes, sizeof(*node), _Alignof(struct node));

    if (node != NULL) {
        *node = (struct node){.document = tree->document,
                              .line = (uint32_t)place.line,
                              .column = (uint32_t)place.column,
                              .kind = (uint8_t)kind};
    }
    return node;
}

/* Whether the next node is a mapping's key. */
static bool expects_key(const struct tree *tree)
{
    const struct frame *frame = tree->depth == 0 ? NULL : &tree->frames[tree->depth - 1];

    return frame != NULL && frame->node->kind == NODE_MAPPING &&
           (tree->pending_count - frame->first) % 2 == 0;
}

static bool is_merge_key(const struct node *key)
{
    return key->plain != 0 && key->count == 2 && memcmp(key->is.text, "<<", 2) == 0;
}

/* A key must be a text, and one that is there. */
static int check_key(struct tree *tree, const struct node *key, struct place place)
{
    if (key->kind != NODE_SCALAR) {
        tree_complain(tree, place, "put it in quotes when it is meant as a text",
                      "a key must be a text, but is a %s", node_kind_word(key));
        return -1;
    }
    if (key->plain != 0 && key->count == 0) {
        tree_complain(tree, place, "write \"key: value\"", "a key is missing before \":\"");
        return -1;
    }
    return 0;
}

/* Put a complete node where it belongs. @p place: where it is written, which is not the node's own place for an alias. */
static int attach(struct tree *tree, const struct node *node, struct weight weight, struct place place)
{
    uint32_t height = weight.height + 1;
    struct frame *frame;

    if (tree->depth == 0) {
        tree->document->root = node;
        return 0;
    }
    frame = &tree->frames[tree->depth - 1];
    if (expects_key(tree)) {
        if (check_key(tree, node, place) != 0) {
            return -1;
        }
        frame->merges = frame->merges || is_merge_key(node);
    } else if (frame->merges && is_merge_key(tree->pending[tree->pending_count - 1])) {
        /* What is merged does not nest: the mapping's children become ours, and so do those of each mapping in a list. */
        height -= node->kind == NODE_MAPPING ? 1 : node->kind == NODE_SEQUENCE ? 2 : 0;
    }
    frame->weight.nodes += weight.nodes;
    if (height > frame->weight.height) {
        frame->weight.height = height;
    }
    if (frame->weight.nodes > DOCUMENT_NODES_MAX) {
        tree_complain(tree, place, "make the file smaller, or use fewer aliases",
                      "more than %d values, aliases counted each time", DOCUMENT_NODES_MAX);
        return -1;
    }
    if (tree->depth - 1 + height > DOCUMENT_DEPTH_MAX) {
        return too_deep(tree, place);
    }
    if (grow((void **)&tree->pending, &tree->pending_capacity, tree->pending_count, sizeof(*tree->pending)) !=
        0) {
        return out_of_memory(tree);
    }
    tree->pending[tree->pending_count++] = node;
    return 0;
}

static int fill_sequence(struct tree *tree, struct frame *frame)
{
    size_t count = tree->pending_count - frame->first;
    const struct node **items =
        arena_take(&tree->document->nodes, count * sizeof(*items), _Alignof(struct node *));

    if (items == NULL) {
        return out_of_memory(tree);
    }
    if (count > 0) {
        memcpy(items, tree->pending + frame->first, count * sizeof(*items));
    }
    frame->node->is.items = items;
    frame->node->count = (uint32_t)count;
    return 0;
}

static void tell_twice(void *state, const struct node *first, const struct node *second)
{
    const char *hint =
        is_merge_key(second) ? "write <<: [*one, *other] to merge several" : "keep one of the two";

    note_duplicate(state, node_place(second), hint, "the key %s is given twice, first at line %u, column %u",
                   field_quoted(second->is.text).text, (unsigned)first->line, (unsigned)first->column);
}

/* ---- merge keys --------------------------------------------------------------------------------------------------- */

static int enter_pair(struct tree *tree, struct pair pair, bool merged)
{
    if (grow((void **)&tree->pairs, &tree->pairs_capacity, tree->pairs_count, sizeof(*tree->pairs)) != 0) {
        return out_of_memory(tree);
    }
    tree->pairs[tree->pairs_count++] = (struct entering_pair){pair, merged};
    return 0;
}

/* Let all pairs of mapping @p from enter. They were counted when the alias was, which weighs as much as all it repeats. */
static int merge_mapping(struct tree *tree, const struct node *key, const struct node *from)
{
    if (from->kind != NODE_MAPPING) {
        tree_complain(tree, node_place(key), "write <<: *anchor, where the anchor is a mapping",
                      "\"<<\" must be a mapping or a list of mappings, but is a %s", node_kind_word(from));
        return -1;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (enter_pair(tree, from->is.pairs[i], true) != 0) {
            return -1;
        }
    }
    return 0;
}

static int merge(struct tree *tree, const struct node *key, const struct node *value)
{
    if (value->kind != NODE_SEQUENCE) {
        return merge_mapping(tree, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (merge_mapping(tree, key, value->is.items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Explicit pairs win over merged ones, earlier merged ones over later ones (YAML 1.1, the type "merge"). */
static int fill_mapping(struct tree *tree, struct frame *frame)
{
    const struct node *merge_key = NULL;
    int status = 0;

    tree->pairs_count = 0;
    for (size_t i = frame->first; i + 1 < tree->pending_count; i += 2) {
        struct pair pair = {tree->pending[i], tree->pending[i + 1]};

        if (!frame->merges || !is_merge_key(pair.key)) {
            status = enter_pair(tree, pair, false);
        } else if (merge_key != NULL) {
            tell_twice(tree, merge_key, pair.key);
        } else {
            merge_key = pair.key;
            status = merge(tree, pair.key, pair.value);
        }
        if (status != 0) {
            return -1;
        }
    }
    if (node_fill_mapping(tree->document, frame->node, tree->pairs, tree->pairs_count, tell_twice, tree) !=
        0) {
        return out_of_memory(tree);
    }
    return 0;
}

/* ---- what comes --------------------------------------------------------------------------------------------------- */

static int note_anchor(struct tree *tree, struct place place, const char *name, size_t *number)
{
    const struct anchor *known;

    *number = ANCHOR_NONE;
    if (name == NULL) {
        return 0;
    }
    known = anchor_list_find(&tree->anchors, name);
    if (known != NULL) {
        tree_complain(tree, place, "give one of them another name",
                      "the anchor %s is given twice, first at line %zu, column %zu", field_quoted(name).text,
                      known->place.line, known->place.column);
        return -1;
    }
    if (tree->anchors.count >= DOCUMENT_ANCHORS_MAX) {
        tree_complain(tree, place, "use fewer", "more than %d anchors", DOCUMENT_ANCHORS_MAX);
        return -1;
    }
    return anchor_list_add(&tree->anchors, name, place, number) != 0 ? out_of_memory(tree) : 0;
}

int tree_text(struct tree *tree, struct place place, const char *anchor, struct written_text text)
{
    const struct weight weight = {1, 0};
    struct node *node;
    size_t number;
    char *copy;

    if (note_anchor(tree, place, anchor, &number) != 0) {
        return -1;
    }
    if (text.length > DOCUMENT_SCALAR_MAX) {
        tree_complain(tree, place, "make it shorter", "a text of %zu bytes, where at most %u are taken",
                      text.length, DOCUMENT_SCALAR_MAX);
        return -1;
    }
    if (text.length > 0 && memchr(text.text, 0, text.length) != NULL) {
        tree_complain(tree, place, "remove it", "a text with a NUL character (\"\\0\") in it");
        return -1;
    }
    node = node_new(tree, NODE_SCALAR, place);
    copy = arena_take(&tree->document->texts, text.length + 1, 1);
    if (node == NULL || copy == NULL) {
        return out_of_memory(tree);
    }
    memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    node->is.text = copy;
    node->count = (uint32_t)text.length;
    node->plain = text.plain;
    anchor_list_complete(&tree->anchors, number, node, weight);
    return attach(tree, node, weight, place);
}

int tree_alias(struct tree *tree, struct place place, const char *name)
{
    const struct anchor *anchor = anchor_list_find(&tree->anchors, name);

    if (anchor == NULL) {
        tree_complain(tree, place,
                      "an anchor must stand before its aliases; put a text that begins with \"*\" in quotes",
                      "no anchor %s to repeat", field_quoted(name).text);
        return -1;
    }
    if (anchor->node == NULL) {
        tree_complain(tree, place, "move the alias out of what it repeats",
                      "the alias %s stands inside its own anchor", field_quoted(name).text);
        return -1;
    }
    return attach(tree, anchor->node, anchor->weight, place);
}

int tree_open(struct tree *tree, struct place place, const char *anchor, enum node_kind kind)
{
    struct node *node = node_new(tree, kind, place);
    size_t number;

    if (node == NULL) {
        return out_of_memory(tree);
    }
    if (expects_key(tree) && check_key(tree, node, place) != 0) {
        return -1;
    }
    if (tree->depth == DOCUMENT_DEPTH_MAX) {
        return too_deep(tree, place);
    }
    if (note_anchor(tree, place, anchor, &number) != 0) {
        return -1;
    }
    tree->frames[tree->depth++] = (struct frame){node, tree->pending_count, {1, 1}, number, false};
    return 0;
}

int tree_close(struct tree *tree)
{
    struct frame *frame = &tree->frames[tree->depth - 1];
    int status = frame->node->kind == NODE_SEQUENCE ? fill_sequence(tree, frame) : fill_mapping(tree, frame);

    if (status != 0) {
        return -1;
    }
    tree->pending_count = frame->first;
    tree->depth--;
    anchor_list_complete(&tree->anchors, frame->anchor, frame->node, frame->weight);
    return attach(tree, frame->node, frame->weight, node_place(frame->node));
}

int tree_finish(struct tree *tree)
{
    const struct place start = {tree->document->shown, 1, 1};
    const struct node *root = tree->document->root;

    if (root == NULL || (root->kind == NODE_SCALAR && root->plain != 0 && root->count == 0)) {
        fault_error(tree->faults, &start, NULL, "write \"key: value\" lines", "the file is empty");
        return -1;
    }
    if (tree->duplicates != NULL) {
        faults_move(tree->faults, tree->duplicates);
        return -1;
    }
    return 0;
}

struct tree *tree_new(struct document *document, struct faults *faults)
{
    struct tree *tree = calloc(1, sizeof(*tree));

    if (tree != NULL) {
        tree->document = document;
        tree->faults = faults;
        tree->anchors.seed = document->seed;
    }
    return tree;
}

void tree_free(struct tree *tree)
{
    if (tree != NULL) {
        anchor_list_free(&tree->anchors);
        faults_free(tree->duplicates);
        free(tree->pending);
        free(tree->pairs);
        free(tree);
    }
}
