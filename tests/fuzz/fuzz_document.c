/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents from any bytes. Either there is a tree, and every node of it can be reached, keeps the bounds and is found by its key; or
 * there are errors, each one line that begins with the file's name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "manifest/document.h"

/* Aliases can make a small file a large tree: this many nodes are looked at. */
#define VISITS_MAX 20000

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static void visit(const struct node *node, size_t depth, size_t *visits)
{
    struct place place = node_place(node);

    if (++*visits > VISITS_MAX) {
        return;
    }
    demand(depth <= DOCUMENT_DEPTH_MAX, "nesting is bounded");
    demand(place.line >= 1 && place.column >= 1 && strcmp(place.file, "f.yaml") == 0, "a node has a place");
    demand((node_text(node) != NULL) == (node_kind(node) == NODE_SCALAR),
           "scalars, and only they, have text");
    if (node_kind(node) == NODE_SCALAR) {
        demand(strlen(node_text(node)) <= DOCUMENT_SCALAR_MAX, "texts are bounded");
        demand(!node_is_null(node) || node_is_plain(node), "null is plain");
    }
    for (size_t i = 0; i < node_count(node); i++) {
        if (node_kind(node) == NODE_SEQUENCE) {
            visit(node_item(node, i), depth + 1, visits);
        } else {
            demand(node_find(node, node_key(node, i)) == node_value(node, i), "a value is found by its key");
            demand(node_key_place(node, i).line >= 1, "a key has a place");
            visit(node_value(node, i), depth + 1, visits);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct faults *faults = faults_new();
    struct document *document = NULL;
    size_t visits = 0;

    if (faults == NULL) {
        return 0;
    }
    document = document_parse((struct slice){data, size}, "f.yaml", faults);
    demand((document == NULL) == (faults_errors(faults) > 0), "a tree or errors");
    if (document != NULL) {
        visit(document_root(document), 0, &visits);
    }
    for (size_t i = 0; i < faults_count(faults); i++) {
        const char *text = faults_text(faults, i);

        demand(strncmp(text, "f.yaml:", 7) == 0, "a fault has its place");
        demand(strchr(text, '\n') == NULL, "a fault is one line");
        demand(strncmp(text, "f.yaml:0", 8) != 0, "lines count from 1");
    }
    document_free(document);
    faults_free(faults);
    return 0;
}
