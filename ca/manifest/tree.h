/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a document while it grows: texts, lists and mappings come one after the other, as a parser meets them. Keeps the
 * bounds of document.h as they come, resolves aliases and merge keys, and refuses what is not strict. Knows nothing of libyaml.
 */
#ifndef MTLSKIT_MANIFEST_TREE_H
#define MTLSKIT_MANIFEST_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "manifest/node.h"

/** A text as it is written. */
struct written_text {
    const char *text; /**< borrowed */
    size_t length;
    bool plain; /**< without quotes */
};

/** Opaque. */
struct tree;

/** A tree whose nodes go to @p document; both are borrowed. NULL when memory is out. */
struct tree *tree_new(struct document *document, struct faults *faults);
void tree_free(struct tree *tree);

/**
 * The next thing in the file. @p place->file is not looked at. @p anchor is its anchor's name, or NULL. -1 with a fault; keys
 * that are given twice are only noted.
 */
int tree_text(struct tree *tree, struct place place, const char *anchor, struct written_text text) MUST_USE;
/** A list or mapping begins; what comes is in it until tree_close. */
int tree_open(struct tree *tree, struct place place, const char *anchor, enum node_kind kind) MUST_USE;
int tree_close(struct tree *tree) MUST_USE;
int tree_alias(struct tree *tree, struct place place, const char *name) MUST_USE;
/** All has come. -1 with faults when there is nothing, or the keys that are given twice. */
int tree_finish(struct tree *tree) MUST_USE;

/** Append the path of what comes next ("certificates.server"); nothing at the top. */
int tree_render_path(const struct tree *tree, struct bytes *text) MUST_USE;
/** Add an error with that path. */
void tree_complain(const struct tree *tree, struct place place, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
