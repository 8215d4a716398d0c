/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables from any bytes. Rows have as many fields as there are columns; written again with every field in quotes they read as the
 * same; a walk ends, and what is refused is one line with its place.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void quote(struct bytes *csv, const char *field, const char *before)
{
    require(bytes_append_text(csv, before) == 0 && bytes_append_byte(csv, '"') == 0);
    for (; *field != '\0'; field++) {
        require((*field != '"' || bytes_append_byte(csv, '"') == 0) &&
                bytes_append_byte(csv, (unsigned char)*field) == 0);
    }
    require(bytes_append_byte(csv, '"') == 0);
}

/** One walk; what is good is written to @p csv, where there is one. The rows that are refused are counted. */
static size_t walk(const struct table *table, struct bytes *csv, struct faults *faults)
{
    struct table_row row = {.fields = NULL};
    struct table_mark mark = table_start(table), before = mark;
    size_t refused = 0;
    int found;

    while ((found = table_next(table, &mark, &row, faults)) != 0) {
        require(mark.offset > before.offset && mark.line >= before.line);
        before = mark;
        refused += found < 0 ? 1 : 0;
        for (size_t i = 0; found == 1 && i < table_columns(table); i++) {
            struct place place = table_place(table, &row, i);

            require(strlen(row.fields[i].text) == row.fields[i].length && place.line > 0 && place.column > 0);
            if (csv != NULL) {
                quote(csv, row.fields[i].text, i == 0 ? "\r\n" : ",");
            }
        }
    }
    table_row_free(&row);
    return refused;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct faults *faults = faults_new();
    struct table *table = table_parse((struct slice){data, size}, "t.csv", faults), *again;
    struct bytes csv = BYTES_EMPTY, same = BYTES_EMPTY;

    require(faults != NULL && (table == NULL) == (faults_errors(faults) > 0));
    if (table != NULL) {
        for (size_t i = 0; i < table_columns(table); i++) {
            quote(&csv, table_column(table, i), i == 0 ? "" : ",");
        }
        require(bytes_append(&same, csv.data, csv.length) == 0);
        require(walk(table, &csv, faults) == faults_errors(faults));
        /* quotes make a row longer, and only what fits reads again */
        again = size < TABLE_FIELD_MAX ? table_parse(slice_of(&csv), "t.csv", faults) : NULL;
        if (again != NULL) {
            size_t errors = faults_errors(faults);

            require(walk(again, &same, faults) == 0 && faults_errors(faults) == errors);
            require(slice_equal(slice_of(&csv), slice_of(&same)));
        }
        table_free(again);
    }
    for (size_t i = 0; i < faults_count(faults); i++) {
        require(strncmp(faults_text(faults, i), "t.csv:", 6) == 0 &&
                strchr(faults_text(faults, i), '\n') == NULL);
    }
    bytes_free(&csv);
    bytes_free(&same);
    table_free(table);
    faults_free(faults);
    return 0;
}
