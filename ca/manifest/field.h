/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields: strict reading of a mapping by a table of the keys it may have. Unknown keys are named with the nearest known
 * one; wrong types say what was found and what would be right. All complaints are collected; none stops the reading.
 *
 * A path is the dotted way to a node ("certificates.server.san[1]"); it is a chain of frames on the stack and rendered only when
 * something is wrong.
 */
#ifndef MTLSKIT_MANIFEST_FIELD_H
#define MTLSKIT_MANIFEST_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "manifest/document.h"

struct path {
    const struct path *parent; /**< NULL at the top */
    const char *key;           /**< key, or NULL for an index */
    size_t index;              /**< PATH_NOTHING: a step that is not told of */
};
#define PATH_NOTHING ((size_t)-1)

/** Add an error at @p node with @p path rendered. @p hint may be NULL. */
void field_error(struct faults *faults, const struct node *node, const struct path *path, const char *hint,
                 const char *format, ...) PRINTF_LIKE(5, 6);
void field_warning(struct faults *faults, const struct node *node, const struct path *path, const char *hint,
                   const char *format, ...) PRINTF_LIKE(5, 6);
/** Append the rendered path. Keys with a dot or another odd character are quoted; long keys and long paths are cut. */
int path_render(const struct path *path, struct bytes *text) MUST_USE;

/** A text in double quotes for a complaint, cut when it is long: field_error(..., "no profile %s", field_quoted(name).text). */
struct quoted {
    char text[72];
};
struct quoted field_quoted(const char *text);

/** Reads the value of one key into @p target; complains through @p faults; -1 only when memory is out. */
typedef int (*field_read_fn)(const struct node *node, const struct path *path, void *target,
                             struct faults *faults);

struct field {
    const char *key;
    field_read_fn read;
    bool required;
};

/**
 * Read mapping @p node by @p fields (ended by a NULL key) into @p target, in the order of the file. Null values count as absent, and a null
 * @p node as a mapping without keys. @p what names the mapping in complaints ("a certificate"). -1 only when memory is out;
 * complaints show in faults.
 */
int fields_read(const struct node *node, const struct path *path, const char *what,
                const struct field *fields, void *target, struct faults *faults) MUST_USE;

/**
 * Whether @p node is of @p kind; else complains ("must be a list, but is a text"). For readers of their own.
 */
bool field_is(const struct node *node, const struct path *path, enum node_kind kind, struct faults *faults);

/** The nearest of @p candidates to @p text (Damerau-Levenshtein at most 2 and below half its length; case ignored), or NULL. */
const char *field_nearest(const char *text, const char *const *candidates, size_t count);

/** Scalars. Each complains and leaves the target as it was when the value does not fit. 0 fitted, 1 complained, -1 memory. */
int field_text(const struct node *node, const struct path *path, const char **text, struct faults *faults)
    MUST_USE;
/** A copy, owned; replaces and frees what was there. */
int field_string(const struct node *node, const struct path *path, char **string, struct faults *faults)
    MUST_USE;
/** Plain true/false only. */
int field_boolean(const struct node *node, const struct path *path, bool *value, struct faults *faults)
    MUST_USE;
int field_integer(const struct node *node, const struct path *path, int64_t least, int64_t most,
                  int64_t *value, struct faults *faults) MUST_USE;

#endif
