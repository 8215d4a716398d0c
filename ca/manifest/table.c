/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a table: the characters are checked once for the whole file, then each row is taken apart when it is asked for. The
 * text of a row's fields lies in one buffer, each ended by a NUL.
 */
#include "manifest/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "manifest/encoding.h"

struct table {
    char *shown;
    struct bytes content;
    struct table_row head;
    size_t columns;
    struct table_mark start; /* of the first row */
    size_t front;            /* of the text: behind a byte order mark */
};

/** One row while it is taken apart. */
struct parsing {
    const struct table *table;
    struct table_mark at; /* where the reading stands */
    struct table_row *row;
    size_t count, room; /* fields */
    struct faults *faults;
};

/* ---- the file as a whole -------------------------------------------------------------------------------------------- */

/** Refuse what is no text: broken UTF-8, NUL, control characters other than tabs and line ends. */
static int check_characters(const struct table *table, struct faults *faults)
{
    struct slice rest = slice_of(&table->content);

    while (rest.length > 0) {
        uint32_t character = 0;
        size_t length = utf8_take(rest, &character);
        bool blank = character == '\t' || character == '\r' || character == '\n';

        if (length == 0 || (utf8_is_control(character) && !blank)) {
            struct place place =
                encoding_place(slice_of(&table->content), table->shown, table->content.length - rest.length);

            if (length == 0) {
                fault_error(faults, &place, NULL, "save the table as UTF-8", "this is not UTF-8");
            } else {
                fault_error(faults, &place, NULL, "remove it: a table is text",
                            character == 0 ? "a NUL byte" : "the control character U+%04X",
                            (unsigned)character);
            }
            return -1;
        }
        rest.data += length;
        rest.length -= length;
    }
    return 0;
}

/* ---- a row ---------------------------------------------------------------------------------------------------------- */

static struct place place_at(const struct table *table, size_t offset, size_t line)
{
    struct slice content = slice_of(&table->content);
    struct place place = {table->shown, line, 1};
    size_t at = offset < content.length ? offset : content.length;

    while (at > table->front && content.data[at - 1] != '\n') {
        at--;
        place.column += (content.data[at] & 0xc0) != 0x80 ? 1 : 0;
    }
    return place;
}

/** Complain of what stands where the reading does. */
static int refuse(const struct parsing *parsing, const struct table_mark *mark, const char *hint,
                  const char *sentence)
{
    struct place place = place_at(parsing->table, mark->offset, mark->line);

    fault_error(parsing->faults, &place, NULL, hint, "%s", sentence);
    return -1;
}

/** The byte where the reading stands; '\n' at a line end of either kind and at the end of the file. */
static int look(const struct parsing *parsing)
{
    const struct bytes *content = &parsing->table->content;
    size_t at = parsing->at.offset;

    if (at >= content->length ||
        (content->data[at] == '\r' && at + 1 < content->length && content->data[at + 1] == '\n')) {
        return '\n';
    }
    return content->data[at];
}

/** Behind the line end that look() saw. */
static void pass_line_end(struct parsing *parsing)
{
    const struct bytes *content = &parsing->table->content;

    if (parsing->at.offset < content->length && content->data[parsing->at.offset] == '\r') {
        parsing->at.offset++;
    }
    if (parsing->at.offset < content->length) {
        parsing->at.offset++;
        parsing->at.line++;
    }
}

static int start_field(struct parsing *parsing)
{
    struct table_row *row = parsing->row;

    if (parsing->count == TABLE_COLUMNS_MAX) {
        return refuse(parsing, &parsing->at, NULL, "the row has more than 256 fields");
    }
    if (parsing->count == parsing->room) {
        size_t room = parsing->room > 0 ? parsing->room * 2 : 16;
        struct table_field *grown = realloc(row->fields, room * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(parsing->faults);
            return -1;
        }
        row->fields = grown;
        parsing->room = room;
    }
    /* the text moves while the row grows: it is set when all is there */
    row->fields[parsing->count++] =
        (struct table_field){NULL, row->text.length, parsing->at.offset, parsing->at.line};
    return 0;
}

/** Take @p byte into the last field. */
static int put(struct parsing *parsing, unsigned char byte)
{
    struct table_row *row = parsing->row;

    if (row->text.length - row->fields[parsing->count - 1].length >= TABLE_FIELD_MAX) {
        return refuse(parsing, &parsing->at, "is a quote missing?", "the field has more than 8,192 bytes");
    }
    if (parsing->at.offset - row->mark.offset >= TABLE_ROW_MAX) {
        return refuse(parsing, &parsing->at, "is a quote missing?", "the row has more than 65,536 bytes");
    }
    if (bytes_append_byte(&row->text, byte) != 0) {
        fault_memory(parsing->faults);
        return -1;
    }
    return 0;
}

/** A field in quotes; the reading stands on the first one. */
static int take_quoted(struct parsing *parsing)
{
    const struct bytes *content = &parsing->table->content;
    struct table_mark opened = parsing->at;

    for (parsing->at.offset++; parsing->at.offset < content->length; parsing->at.offset++) {
        unsigned char byte = content->data[parsing->at.offset];

        if (byte == '"') {
            parsing->at.offset++;
            if (parsing->at.offset >= content->length || content->data[parsing->at.offset] != '"') {
                if (look(parsing) == ',' || look(parsing) == '\n') {
                    return 0;
                }
                return refuse(parsing, &parsing->at, "a quote within a quoted field is written twice",
                              "text behind the closing quote");
            }
        }
        if (put(parsing, byte) != 0) {
            return -1;
        }
        parsing->at.line += byte == '\n' ? 1 : 0;
    }
    return refuse(parsing, &opened, "close it", "the quote that opens here is never closed");
}

static int take_plain(struct parsing *parsing)
{
    int byte;

    for (; (byte = look(parsing)) != ',' && byte != '\n'; parsing->at.offset++) {
        if (byte == '"') {
            return refuse(parsing, &parsing->at,
                          "put the whole field in quotes, and write the quote within it twice",
                          "a quote in the middle of a field");
        }
        if (byte == '\r') {
            return refuse(parsing, &parsing->at, "lines end with CR LF or LF",
                          "a carriage return that is not followed by a line feed");
        }
        if (put(parsing, (unsigned char)byte) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Take the row where the reading stands apart. */
static int take_row(struct parsing *parsing)
{
    struct table_row *row = parsing->row;

    bytes_clear(&row->text);
    row->mark = parsing->at;
    for (;;) {
        if (start_field(parsing) != 0 ||
            (look(parsing) == '"' ? take_quoted(parsing) : take_plain(parsing)) != 0) {
            return -1;
        }
        if (bytes_append_byte(&row->text, 0) != 0) {
            fault_memory(parsing->faults);
            return -1;
        }
        if (look(parsing) != ',') {
            break;
        }
        parsing->at.offset++;
    }
    pass_line_end(parsing);
    for (size_t i = 0; i < parsing->count; i++) {
        row->fields[i].text = (const char *)row->text.data + row->fields[i].length;
        row->fields[i].length = strlen(row->fields[i].text);
    }
    return 0;
}

/** The next row whatever its number of fields, past empty lines: 1, 0, -1. */
static int next_row(struct parsing *parsing)
{
    const struct bytes *content = &parsing->table->content;

    while (parsing->at.offset < content->length && look(parsing) == '\n') {
        pass_line_end(parsing);
    }
    if (parsing->at.offset >= content->length) {
        return 0;
    }
    return take_row(parsing) == 0 ? 1 : -1;
}

int table_next(const struct table *table, struct table_mark *mark, struct table_row *row,
               struct faults *faults)
{
    struct parsing parsing = {table, *mark, row, 0, 0, faults};
    int found;

    if (row->fields == NULL) {
        row->fields = calloc(table->columns, sizeof(*row->fields));
        if (row->fields == NULL) {
            fault_memory(faults);
            return -1;
        }
    }
    parsing.room = table->columns;
    found = next_row(&parsing);
    if (found == 1 && parsing.count != table->columns) {
        struct place place = table_place(table, row, TABLE_COLUMNS_MAX);

        fault_error(faults, &place, NULL, "a field with a comma in it is written in quotes",
                    "the row has %zu field%s, and the table %zu column%s", parsing.count,
                    parsing.count == 1 ? "" : "s", table->columns, table->columns == 1 ? "" : "s");
        found = -1;
    } else if (found < 0) {
        parsing.at.offset = table->content.length; /* where the next row begins cannot be told */
    }
    if (parsing.room > table->columns) {
        /* the row was too long and has grown: it goes on with its own size */
        free(row->fields);
        row->fields = NULL;
    }
    *mark = parsing.at;
    return found;
}

struct place table_place(const struct table *table, const struct table_row *row, size_t column)
{
    return column < table->columns ? place_at(table, row->fields[column].offset, row->fields[column].line)
                                   : place_at(table, row->mark.offset, row->mark.line);
}

void table_row_free(struct table_row *row)
{
    free(row->fields);
    row->fields = NULL;
    bytes_free(&row->text);
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

/** Why @p name cannot be a column's name, or NULL. */
static const char *name_fault(const char *name)
{
    size_t length = strlen(name);

    if (length == 0) {
        return "a column without a name";
    }
    if (strpbrk(name, "{}\r\n\t") != NULL) {
        return "a column whose name has a brace, a tab or a line end";
    }
    return name[0] == ' ' || name[length - 1] == ' ' ? "a column whose name begins or ends with a space"
                                                     : NULL;
}

/** The first row: names, each its own. */
static int read_head(struct table *table, struct faults *faults)
{
    struct parsing parsing = {table, table->start, &table->head, 0, 0, faults};
    struct place place = {table->shown, 1, 1};
    int found = next_row(&parsing);
    int status = found == 1 ? 0 : -1;
    size_t i, j;

    if (found == 0) {
        fault_error(faults, &place, NULL, "its first line names the columns: serial,host",
                    "the table is empty");
    }
    if (found != 1) {
        return -1;
    }
    table->columns = parsing.count;
    table->start = parsing.at;
    for (i = 0; i < table->columns; i++) {
        const char *name = table->head.fields[i].text, *why = name_fault(name);

        place = table_place(table, &table->head, i);
        if (why != NULL) {
            fault_error(faults, &place, NULL, "the first line names the columns: serial,host", "%s", why);
            status = -1;
        }
        for (j = 0; why == NULL && j < i; j++) {
            if (strcmp(table->head.fields[j].text, name) == 0) {
                fault_error(faults, &place, NULL, NULL, "the name \"%s\" is that of column %zu, too", name,
                            j + 1);
                status = -1;
                break;
            }
        }
    }
    return status;
}

static size_t count_lines(struct slice content)
{
    const unsigned char *at = content.data, *end = content.data + content.length;
    size_t lines = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines++;
        at++;
    }
    return lines;
}

/** Check what is in @p table->content, and read the head. */
static struct table *table_finish(struct table *table, const char *shown, struct faults *faults)
{
    struct place place = {shown, 0, 0};

    table->shown = strdup(shown);
    if (table->shown == NULL) {
        fault_memory(faults);
        goto failed;
    }
    if (table->content.length > TABLE_SIZE_MAX) {
        fault_error(faults, &place, NULL, "split it", "the table is larger than %u MiB",
                    TABLE_SIZE_MAX >> 20);
        goto failed;
    }
    if (table->content.length > 0 && count_lines(slice_of(&table->content)) > TABLE_LINES_MAX) {
        fault_error(faults, &place, NULL, "split it", "the table has more than %d lines", TABLE_LINES_MAX);
        goto failed;
    }
    table->start = (struct table_mark){0, 1};
    if (table->content.length >= 3 && memcmp(table->content.data, "\xef\xbb\xbf", 3) == 0) {
        table->start.offset = table->front = 3;
    }
    if (check_characters(table, faults) == 0 && read_head(table, faults) == 0) {
        return table;
    }
failed:
    table_free(table);
    return NULL;
}

struct table *table_parse(struct slice content, const char *shown, struct faults *faults)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table == NULL || bytes_append(&table->content, content.data, content.length) != 0) {
        fault_memory(faults);
        table_free(table);
        return NULL;
    }
    return table_finish(table, shown, faults);
}

struct table *table_read(const char *path, const char *shown, struct faults *faults)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table == NULL) {
        fault_memory(faults);
        return NULL;
    }
    if (file_read(AT_FDCWD, path, TABLE_SIZE_MAX, &table->content, faults) != 0) {
        table_free(table);
        return NULL;
    }
    return table_finish(table, shown, faults);
}

void table_free(struct table *table)
{
    if (table != NULL) {
        table_row_free(&table->head);
        bytes_free(&table->content);
        free(table->shown);
        free(table);
    }
}

const char *table_shown(const struct table *table)
{
    return table->shown;
}

size_t table_columns(const struct table *table)
{
    return table->columns;
}

const char *table_column(const struct table *table, size_t index)
{
    return table->head.fields[index].text;
}

struct slice table_content(const struct table *table)
{
    return slice_of(&table->content);
}

struct table_mark table_start(const struct table *table)
{
    return table->start;
}
