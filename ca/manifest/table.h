/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table: a CSV file (RFC 4180) whose first row names the columns. Rows are read one at a time, in the order of the file,
 * as often as one likes: the file itself is read once, so that a walk that checks and a walk that acts see the same.
 *
 * Taken are UTF-8 with or without a byte order mark, lines that end with CR LF or LF, fields in double quotes (a quote in them is
 * written twice; they may hold commas and line ends), a last line without an end, and empty lines, which are no rows.
 * Refused with the place are a row with more or fewer fields than there are columns, a column without a name or with the name of
 * another, a quote in the middle of a field, text behind a closing quote, a quote that is never closed, a lone CR, control
 * characters, NUL, and what is no UTF-8.
 */
#ifndef MTLSKIT_MANIFEST_TABLE_H
#define MTLSKIT_MANIFEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Bounds, in bytes but for lines and columns. */
#define TABLE_SIZE_MAX    (64u * 1024 * 1024)
#define TABLE_LINES_MAX   1000001 /* a million and the head */
#define TABLE_ROW_MAX     (64u * 1024)
#define TABLE_FIELD_MAX   (8u * 1024)
#define TABLE_COLUMNS_MAX 256

/** Opaque. */
struct table;

/** Where a row begins. */
struct table_mark {
    size_t offset; /**< in the file, in bytes */
    size_t line;   /**< from 1 */
};

/** One field: its text ends with a NUL and has none inside. */
struct table_field {
    const char *text;
    size_t length;
    size_t offset, line; /**< where it begins; see table_place */
};

/** A row. Starts as all zeros; its fields are as many as the table's columns, and hold until the next table_next. */
struct table_row {
    struct table_mark mark; /**< where it begins */
    struct table_field *fields;
    struct bytes text; /* of the fields */
};

/**
 * Read the file at @p path.
 * @param shown its name for complaints; copied
 * NULL with a fault: it cannot be read, it is too large, it is no text, or its first row names no columns as it should.
 */
struct table *table_read(const char *path, const char *shown, struct faults *faults);
/** The same from bytes, which are copied. */
struct table *table_parse(struct slice content, const char *shown, struct faults *faults);
void table_free(struct table *table);

const char *table_shown(const struct table *table);
size_t table_columns(const struct table *table);
const char *table_column(const struct table *table, size_t index);
/** The bytes the table was made of. */
struct slice table_content(const struct table *table);

/** Where the first row begins. */
struct table_mark table_start(const struct table *table);
/**
 * The row at @p mark, which goes on to the next: 1, 0 at the end, -1 with one fault. After -1 the mark stands behind the row
 * that was refused, or at the end where nothing can be told of what follows; so all complaints can be had in one walk.
 */
int table_next(const struct table *table, struct table_mark *mark, struct table_row *row,
               struct faults *faults) MUST_USE;
/** Line and column of a field, or of the row for @p column >= table_columns. */
struct place table_place(const struct table *table, const struct table_row *row, size_t column);
/** Wiped: a row may name where a secret is. */
void table_row_free(struct table_row *row);

#endif
