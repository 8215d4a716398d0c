/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: pieces of text and variables, one after the other. */
#include "manifest/pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/field.h"

#define ROW "row."
/** Columns that a hint lists. */
#define LISTED_MAX 8

enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_NUMBER, PIECE_WRONG };

/** The front of a pattern. */
struct piece {
    enum piece_kind kind;
    const char *start; /* of the text, or of what stands between the braces */
    size_t length;
    size_t column; /* PIECE_FIELD */
    int width;     /* PIECE_NUMBER */
    const char *why;
};

bool pattern_has_brace(const char *text)
{
    return strpbrk(text, "{}") != NULL;
}

bool pattern_has_variable(const char *text)
{
    return strstr(text, "{" ROW) != NULL || strstr(text, "{n}") != NULL || strstr(text, "{n:") != NULL;
}

/** The width in "n:06". False: it is none. */
static bool read_width(const char *text, size_t length, int *width)
{
    if (length < 2 || length > 3 || text[0] != '0' || strspn(text, "0123456789") < length) {
        return false;
    }
    *width = length == 2 ? text[1] - '0' : (text[1] - '0') * 10 + (text[2] - '0');
    return *width >= 1 && *width <= PATTERN_WIDTH_MAX;
}

/** What the braces around piece->start stand for. */
static void read_variable(struct piece *piece, const struct table *table)
{
    const char *name = piece->start + strlen(ROW);

    piece->kind = PIECE_WRONG;
    if (table == NULL) {
        if (piece->length == 1 && piece->start[0] == 'n') {
            piece->kind = PIECE_NUMBER;
        } else if (piece->length > 2 && memcmp(piece->start, "n:", 2) == 0) {
            piece->kind =
                read_width(piece->start + 2, piece->length - 2, &piece->width) ? PIECE_NUMBER : PIECE_WRONG;
            piece->why = "has a width that is none";
        } else {
            piece->why = "has a variable that is none of a count";
        }
        return;
    }
    piece->why = "has a variable that is no column of the table";
    if (piece->length <= strlen(ROW) || strncmp(piece->start, ROW, strlen(ROW)) != 0) {
        return;
    }
    for (size_t i = 0; i < table_columns(table); i++) {
        const char *column = table_column(table, i);

        if (strlen(column) == piece->length - strlen(ROW) && memcmp(column, name, strlen(column)) == 0) {
            piece->column = i;
            piece->kind = PIECE_FIELD;
            return;
        }
    }
}

/** Take the next piece off *text; false at its end. */
static bool next_piece(const char **text, const struct table *table, struct piece *piece)
{
    const char *at = *text;

    *piece = (struct piece){PIECE_TEXT, at, strcspn(at, "{}"), 0, 0, NULL};
    if (at[0] == '\0') {
        return false;
    }
    if (piece->length > 0) {
        *text = at + piece->length;
    } else if (at[1] == at[0]) {
        piece->length = 1;
        *text = at + 2;
    } else if (at[0] == '}') {
        *piece = (struct piece){PIECE_WRONG, at, 1, 0, 0, "has a closing brace that nothing opened"};
        *text = at + 1;
    } else {
        piece->start = at + 1;
        piece->length = strcspn(at + 1, "{}");
        if (at[1 + piece->length] != '}') {
            piece->kind = PIECE_WRONG;
            piece->why = "has a brace that is not closed";
            *text = at + 1 + piece->length;
        } else {
            read_variable(piece, table);
            *text = at + 2 + piece->length;
        }
    }
    return true;
}

/** Say what could stand there: the nearest column, or the first ones. */
static void hint_for(const struct piece *piece, const struct table *table, char hint[COMPLAINT_HINT_MAX])
{
    const char *names[TABLE_COLUMNS_MAX], *nearest = NULL;
    char asked[TABLE_COLUMNS_MAX];
    bool prefixed = piece->length > strlen(ROW) && strncmp(piece->start, ROW, strlen(ROW)) == 0;
    size_t skip = prefixed ? strlen(ROW) : 0, count = table != NULL ? table_columns(table) : 0, used = 0;

    hint[0] = '\0';
    if (table == NULL) {
        (void)snprintf(hint, COMPLAINT_HINT_MAX, "{n}, or {n:06} with zeros before it; {{ and }} are braces");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = table_column(table, i);
    }
    if (piece->length - skip < sizeof(asked)) {
        memcpy(asked, piece->start + skip, piece->length - skip);
        asked[piece->length - skip] = '\0';
        for (size_t i = 0; i < count && nearest == NULL; i++) {
            nearest = strcmp(names[i], asked) == 0 ? names[i] : NULL;
        }
        nearest = nearest != NULL ? nearest : field_nearest(asked, names, count);
    }
    if (nearest != NULL) {
        (void)snprintf(hint, COMPLAINT_HINT_MAX, "did you mean \"{" ROW "%s}\"?", nearest);
        return;
    }
    for (size_t i = 0; i < count && i < LISTED_MAX && used < COMPLAINT_HINT_MAX; i++) {
        used += (size_t)snprintf(hint + used, COMPLAINT_HINT_MAX - used, "%s{" ROW "%s}", i > 0 ? ", " : "",
                                 names[i]);
    }
    if (used < COMPLAINT_HINT_MAX) {
        (void)snprintf(hint + used, COMPLAINT_HINT_MAX - used, "; {{ and }} are braces");
    }
}

int pattern_check(const char *text, const struct table *table, const char **why,
                  char hint[COMPLAINT_HINT_MAX])
{
    struct piece piece;

    while (next_piece(&text, table, &piece)) {
        if (piece.kind == PIECE_WRONG) {
            *why = piece.why;
            hint_for(&piece, table, hint);
            return -1;
        }
    }
    return 0;
}

/** Append @p value so that it is nothing but a value in an RFC 4514 text: section 2.4 takes any octet as two digits. */
static int append_escaped(struct bytes *expanded, const char *value)
{
    for (; *value != '\0'; value++) {
        if (strchr("\"+,;<>\\=# ", *value) != NULL
                ? bytes_printf(expanded, "\\%02X", (unsigned)(unsigned char)*value) != 0
                : bytes_append_byte(expanded, (unsigned char)*value) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Why @p value does not fit, or NULL. */
static const char *value_fault(const char *value, enum pattern_syntax syntax)
{
    if (value[0] == '\0' && (syntax == PATTERN_FILE || syntax == PATTERN_VARIABLE)) {
        return "is empty, and the name it is part of would lack it";
    }
    if (syntax == PATTERN_FILE) {
        if (strpbrk(value, "/\\") != NULL) {
            return "has a slash, which cannot be part of a file's name";
        }
        return strcmp(value, ".") == 0 || strcmp(value, "..") == 0 ? "is no file's name" : NULL;
    }
    if (syntax == PATTERN_VARIABLE &&
        value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
        return "cannot be part of a variable's name: letters, digits and _ can";
    }
    return NULL;
}

/** @p number with at least @p width digits. */
static int append_number(struct bytes *expanded, uint64_t number, int width)
{
    char digits[20]; /* what a uint64_t has at most */
    size_t at = sizeof(digits);

    _Static_assert(PATTERN_WIDTH_MAX <= sizeof(digits), "the widest number fits");

    for (; number != 0 || width > 0 || at == sizeof(digits); number /= 10, width--) {
        digits[--at] = (char)('0' + number % 10);
    }
    return bytes_append(expanded, digits + at, sizeof(digits) - at);
}

int pattern_expand(const char *text, const struct pattern_values *values, enum pattern_syntax syntax,
                   struct bytes *expanded, size_t *column, const char **why)
{
    size_t first = values->table != NULL ? table_columns(values->table) : 0, none = first;
    struct piece piece;
    int status = 0;

    *why = NULL;
    while (status == 0 && next_piece(&text, values->table, &piece)) {
        if (piece.kind == PIECE_TEXT) {
            status = bytes_append(expanded, piece.start, piece.length);
        } else if (piece.kind == PIECE_NUMBER) {
            status = append_number(expanded, values->number, piece.width);
        } else if (piece.kind == PIECE_FIELD) {
            const char *value = values->row->fields[piece.column].text;

            *why = value_fault(value, syntax);
            first = first == none || *why != NULL ? piece.column : first;
            status = *why != NULL           ? 1
                     : syntax == PATTERN_DN ? append_escaped(expanded, value)
                                            : bytes_append_text(expanded, value);
        } else {
            status = -1; /* pattern_check was not asked */
        }
    }
    if (column != NULL) {
        *column = first;
    }
    return status;
}
