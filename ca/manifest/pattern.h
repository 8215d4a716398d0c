/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns: texts with variables, for fleets.
 *
 *     {row.NAME}  the field of column NAME       {n}  the number of the entry, from 1       {n:06}  the same with zeros before it
 *     {{  a brace        }}  a brace
 *
 * What a row says lands as data: it is never read as a pattern again, and is quoted where the text around it has a syntax.
 */
#ifndef MTLSKIT_MANIFEST_PATTERN_H
#define MTLSKIT_MANIFEST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "manifest/complaint.h"
#include "manifest/table.h"

/** Most zeros in {n:0W}. */
#define PATTERN_WIDTH_MAX 18

/** What the variables stand for: a row of a table, or else a number. */
struct pattern_values {
    const struct table *table; /**< NULL: {n} alone */
    const struct table_row *row;
    uint64_t number;
};

/** What a pattern is a pattern of. */
enum pattern_syntax {
    PATTERN_TEXT, /**< plain text */
    PATTERN_DN,   /**< an RFC 4514 text: values are escaped */
    PATTERN_FILE, /**< a path: values are not empty, hold no slash and no backslash, and are not "." or ".." */
    PATTERN_VARIABLE /**< a variable of the environment: values are letters, digits and _ */
};

/** Whether @p text has a brace, so that it means something else as a pattern than by itself. */
bool pattern_has_brace(const char *text);
/** Whether @p text has a variable, well written or nearly so: for complaints where none is taken. */
bool pattern_has_variable(const char *text);
/**
 * Check that @p text is a pattern over @p table's columns (NULL: over {n}). -1 with *why, a static phrase that goes on after the
 * quoted text, and @p hint, which names the nearest column where one was mistyped.
 */
int pattern_check(const char *text, const struct table *table, const char **why,
                  char hint[COMPLAINT_HINT_MAX]) MUST_USE;
/**
 * Append @p text, which pattern_check has found good, with its values. *column: of the first variable, or the number of columns when
 * there is none; may be NULL. 0; 1 with *why, a static phrase that goes on after the value of *column, which does not fit the
 * syntax; -1 when memory is out.
 */
int pattern_expand(const char *text, const struct pattern_values *values, enum pattern_syntax syntax,
                   struct bytes *expanded, size_t *column, const char **why) MUST_USE;

#endif
