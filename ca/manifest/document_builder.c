/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a file's document, fed by a program: so what is refused in a file is refused here. */
#include "manifest/document_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "manifest/field.h"
#include "manifest/node.h"
#include "manifest/tree.h"

/* Nothing of it is in a file. */
static const struct place nowhere = {"", 0, 0};

struct document_builder {
    struct document *document;
    struct tree *tree;
    bool failed;
};

void document_builder_free(struct document_builder *builder)
{
    if (builder != NULL) {
        tree_free(builder->tree);
        document_free(builder->document);
        free(builder);
    }
}

struct document_builder *document_builder_new(struct faults *faults)
{
    struct document_builder *builder = calloc(1, sizeof(*builder));

    if (builder == NULL) {
        return NULL;
    }
    builder->document = document_new(nowhere.file);
    builder->tree = builder->document != NULL ? tree_new(builder->document, faults) : NULL;
    if (builder->tree == NULL) {
        document_builder_free(builder);
        return NULL;
    }
    return builder;
}

void document_builder_text(struct document_builder *builder, const char *text)
{
    struct written_text written = {text, strlen(text), false};

    if (builder->failed) {
        return;
    }
    /* what is written in a file was found to be UTF-8 before it comes to the tree */
    if (!utf8_is_valid((struct slice){(const unsigned char *)text, written.length})) {
        tree_complain(builder->tree, nowhere, NULL, "%s is not UTF-8", field_quoted(text).text);
        builder->failed = true;
        return;
    }
    builder->failed = tree_text(builder->tree, nowhere, NULL, written) != 0;
}

void document_builder_number(struct document_builder *builder, unsigned number)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%u", number);

    builder->failed =
        builder->failed || length < 0 ||
        tree_text(builder->tree, nowhere, NULL, (struct written_text){text, (size_t)length, true}) != 0;
}

void document_builder_open(struct document_builder *builder, enum node_kind kind)
{
    builder->failed = builder->failed || tree_open(builder->tree, nowhere, NULL, kind) != 0;
}

void document_builder_close(struct document_builder *builder)
{
    builder->failed = builder->failed || tree_close(builder->tree) != 0;
}

void document_builder_pair(struct document_builder *builder, const char *key, const char *value)
{
    if (value != NULL) {
        document_builder_text(builder, key);
        document_builder_text(builder, value);
    }
}

void document_builder_list(struct document_builder *builder, const char *key, const char *const *texts,
                           size_t count)
{
    document_builder_text(builder, key);
    document_builder_open(builder, NODE_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        document_builder_text(builder, texts[i]);
    }
    document_builder_close(builder);
}

struct document *document_builder_finish(struct document_builder *builder)
{
    struct document *document = NULL;

    if (!builder->failed && tree_finish(builder->tree) == 0) {
        document = builder->document;
        builder->document = NULL;
    }
    document_builder_free(builder);
    return document;
}
