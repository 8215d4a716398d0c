/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document that was never a file: what a command asks for, put together in memory in the form of a manifest. The bounds of document.h
 * hold as for a file; nothing has a place.
 */
#ifndef MTLSKIT_MANIFEST_DOCUMENT_BUILDER_H
#define MTLSKIT_MANIFEST_DOCUMENT_BUILDER_H

#include "manifest/document.h"

/** Opaque. */
struct document_builder;

/** NULL when memory is out. @p faults is borrowed until document_builder_finish. */
struct document_builder *document_builder_new(struct faults *faults);

/**
 * A text comes next, copied, as if it stood in quotes: it is never null, true or a number. In a mapping keys and values take turns,
 * as in a file. After the first thing that cannot be taken nothing is: it is told, and document_builder_finish answers NULL. That
 * goes for all that follows.
 */
void document_builder_text(struct document_builder *builder, const char *text);
/** A number. */
void document_builder_number(struct document_builder *builder, unsigned number);
/** A list or mapping begins; what comes is in it until document_builder_close. */
void document_builder_open(struct document_builder *builder, enum node_kind kind);
void document_builder_close(struct document_builder *builder);
/** A pair of texts; nothing when @p value is NULL. */
void document_builder_pair(struct document_builder *builder, const char *key, const char *value);
/** A key and the list of its texts. */
void document_builder_list(struct document_builder *builder, const char *key, const char *const *texts,
                           size_t count);

/** All has come: the document, the caller's, or NULL with one or more faults. Frees the builder. */
struct document *document_builder_finish(struct document_builder *builder);
/** Drop it unfinished. NULL is taken. */
void document_builder_free(struct document_builder *builder);

#endif
