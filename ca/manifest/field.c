/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, complaints, the reading by a table, and the scalars. */
#include "manifest/field.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A path longer than this is cut, so that the sentence behind it is still told. */
#define PATH_SHOWN_MAX 400
/* Known keys are listed when the list is not longer than this. */
#define LIST_SHOWN_MAX 240
/* Texts longer than this are not compared with what is known. */
#define NEAREST_LENGTH_MAX 64
#define NEAREST_DISTANCE   2

/* ---- paths -------------------------------------------------------------------------------------------------------- */

struct quoted field_quoted(const char *text)
{
    static const char cut[] = "...";
    struct quoted quoted;
    size_t room = sizeof(quoted.text) - sizeof(cut) - 2; /* the quotes; sizeof(cut) has the NUL */
    size_t length = strlen(text);
    size_t shown = length;

    if (length > room) {
        shown = room;
        while (shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80) {
            shown--;
        }
    }
    snprintf(quoted.text, sizeof(quoted.text), "\"%.*s%s\"", (int)shown, text, shown < length ? cut : "");
    return quoted;
}

/* A key that needs no quotes in a path. */
static bool is_tame(const char *key)
{
    if (*key == '\0' || strlen(key) > NEAREST_LENGTH_MAX) {
        return false;
    }
    for (; *key != '\0'; key++) {
        unsigned char byte = (unsigned char)*key;
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
        bool other = (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';

        if (!letter && !other) {
            return false;
        }
    }
    return true;
}

static int render_step(const struct path *path, bool first, struct bytes *text)
{
    if (path->key == NULL) {
        return path->index == PATH_NOTHING ? 0 : bytes_printf(text, "[%zu]", path->index);
    }
    if (!first && bytes_append_byte(text, '.') != 0) {
        return -1;
    }
    return bytes_append_text(text, is_tame(path->key) ? path->key : field_quoted(path->key).text);
}

int path_render(const struct path *path, struct bytes *text)
{
    const struct path *step;
    size_t start = text->length;
    size_t depth = 0;

    for (step = path; step != NULL; step = step->parent) {
        depth++;
    }
    for (size_t i = 0; i < depth; i++) {
        step = path;
        for (size_t up = i + 1; up < depth; up++) {
            step = step->parent;
        }
        if (text->length - start > PATH_SHOWN_MAX) {
            return bytes_append_text(text, "...");
        }
        if (render_step(step, text->length == start, text) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- complaints --------------------------------------------------------------------------------------------------- */

typedef void (*complain_fn)(struct faults *faults, const struct place *place, const char *path,
                            const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);

static void complain(complain_fn add, struct faults *faults, const struct place *place,
                     const struct path *path, const char *hint, const char *format, va_list values)
    PRINTF_LIKE(6, 0);
static void complain(complain_fn add, struct faults *faults, const struct place *place,
                     const struct path *path, const char *hint, const char *format, va_list values)
{
    char sentence[FAULT_TEXT_MAX + 1];
    struct bytes rendered = BYTES_EMPTY;

    if (add == fault_error && faults_full(faults)) {
        fault_error(faults, NULL, NULL, NULL, "%s", "only counted");
        return;
    }
    if (vsnprintf(sentence, sizeof(sentence), format, values) < 0 || path_render(path, &rendered) != 0) {
        fault_memory(faults);
    } else {
        add(faults, place, rendered.length == 0 ? NULL : bytes_text(&rendered), hint, "%s", sentence);
    }
    bytes_free(&rendered);
}

void field_error(struct faults *faults, const struct node *node, const struct path *path, const char *hint,
                 const char *format, ...)
{
    struct place place = node_place(node);
    va_list values;

    va_start(values, format);
    complain(fault_error, faults, &place, path, hint, format, values);
    va_end(values);
}

void field_warning(struct faults *faults, const struct node *node, const struct path *path, const char *hint,
                   const char *format, ...)
{
    struct place place = node_place(node);
    va_list values;

    va_start(values, format);
    complain(fault_warning, faults, &place, path, hint, format, values);
    va_end(values);
}

/* The same at a place that is no node's: a key's. */
static void error_at(struct faults *faults, struct place place, const struct path *path, const char *hint,
                     const char *format, ...) PRINTF_LIKE(5, 6);
static void error_at(struct faults *faults, struct place place, const struct path *path, const char *hint,
                     const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complain(fault_error, faults, &place, path, hint, format, values);
    va_end(values);
}

/* ---- the nearest -------------------------------------------------------------------------------------------------- */

static int lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/*
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions, and neighbours that changed places.
 * Both at most NEAREST_LENGTH_MAX long.
 */
static size_t distance(const char *one, size_t one_length, const char *other, size_t other_length)
{
    size_t rows[3][NEAREST_LENGTH_MAX + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *now = rows[2];

    for (size_t j = 0; j <= other_length; j++) {
        last[j] = j;
        before[j] = 0;
    }
    for (size_t i = 1; i <= one_length; i++) {
        size_t *free_row = before;

        now[0] = i;
        for (size_t j = 1; j <= other_length; j++) {
            bool same = lower(one[i - 1]) == lower(other[j - 1]);

            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && lower(one[i - 1]) == lower(other[j - 2]) &&
                lower(one[i - 2]) == lower(other[j - 1])) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        before = last;
        last = now;
        now = free_row;
    }
    return last[other_length];
}

const char *field_nearest(const char *text, const char *const *candidates, size_t count)
{
    size_t length = strlen(text);
    size_t best = NEAREST_DISTANCE + 1;
    const char *nearest = NULL;

    if (length > NEAREST_LENGTH_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        size_t apart;

        if (other > NEAREST_LENGTH_MAX || other > length + NEAREST_DISTANCE ||
            length > other + NEAREST_DISTANCE) {
            continue;
        }
        apart = distance(text, length, candidates[i], other);
        if (apart < best && 2 * apart < length) {
            best = apart;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* ---- reading by a table ------------------------------------------------------------------------------------------- */

bool field_is(const struct node *node, const struct path *path, enum node_kind kind, struct faults *faults)
{
    static const char *const words[] = {"text", "list", "mapping"};

    if (node_kind(node) == kind && (kind != NODE_SCALAR || !node_is_null(node))) {
        return true;
    }
    if (node_is_null(node)) {
        field_error(faults, node, path, NULL, "must be a %s, but is empty", words[kind]);
    } else {
        field_error(faults, node, path, NULL, "must be a %s, but is a %s", words[kind], node_kind_word(node));
    }
    return false;
}

/* Join the table's keys with ", " into @p list; false when that is longer than is shown. */
static bool list_keys(const struct field *fields, char *list, size_t size)
{
    size_t length = 0;

    list[0] = '\0';
    for (const struct field *field = fields; field->key != NULL; field++) {
        int added =
            snprintf(list + length, size - length, "%s%s", field == fields ? "known: " : ", ", field->key);

        if (added < 0 || (size_t)added >= size - length) {
            return false;
        }
        length += (size_t)added;
    }
    return length > 0;
}

static int complain_unknown(const struct node *node, size_t index, const struct path *path, const char *what,
                            const struct field *fields, struct faults *faults)
{
    const char *key = node_key(node, index);
    const char *hint = NULL;
    const char *nearest;
    char text[LIST_SHOWN_MAX];
    const char **keys;
    size_t count = 0;

    if (faults_full(faults)) {
        error_at(faults, node_key_place(node, index), path, NULL, "unknown key");
        return 0; /* only counted: what would be right need not be found out */
    }
    while (fields[count].key != NULL) {
        count++;
    }
    keys = calloc(count + 1, sizeof(*keys));
    if (keys == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = fields[i].key;
    }
    nearest = field_nearest(key, keys, count);
    free(keys);
    if (nearest != NULL) {
        snprintf(text, sizeof(text), "did you mean \"%s\"?", nearest);
        hint = text;
    } else if (list_keys(fields, text, sizeof(text))) {
        hint = text;
    }
    error_at(faults, node_key_place(node, index), path, hint, "unknown key %s in %s", field_quoted(key).text,
             what);
    return 0;
}

/* The field called @p key, or NULL; the search begins at @p from, as files mostly keep the order of the table. */
static const struct field *find_field(const struct field *fields, const struct field *from, const char *key)
{
    for (const struct field *field = from; field->key != NULL; field++) {
        if (field->key[0] == key[0] && strcmp(field->key, key) == 0) {
            return field;
        }
    }
    for (const struct field *field = fields; field != from; field++) {
        if (field->key[0] == key[0] && strcmp(field->key, key) == 0) {
            return field;
        }
    }
    return NULL;
}

static void complain_missing(const struct node *node, const struct path *path, const char *what,
                             const struct field *fields, struct faults *faults)
{
    for (const struct field *field = fields; field->key != NULL; field++) {
        const struct node *value = field->required ? node_find(node, field->key) : node;

        if (value == NULL) {
            field_error(faults, node, path, NULL, "%s needs the key \"%s\"", what, field->key);
        } else if (field->required && node_is_null(value)) {
            struct path at = {path, field->key, 0};

            field_error(faults, value, &at, NULL, "%s needs a value for the key \"%s\"", what, field->key);
        }
    }
}

int fields_read(const struct node *node, const struct path *path, const char *what,
                const struct field *fields, void *target, struct faults *faults)
{
    const struct field *from = fields;

    if (!node_is_null(node) && !field_is(node, path, NODE_MAPPING, faults)) {
        return 0;
    }
    for (size_t i = 0; i < node_count(node); i++) {
        const struct path at = {path, node_key(node, i), 0};
        const struct node *value = node_value(node, i);
        const struct field *field = find_field(fields, from, at.key);

        if (field == NULL) {
            if (complain_unknown(node, i, path, what, fields, faults) != 0) {
                return -1;
            }
            continue;
        }
        from = field + 1;
        if (!node_is_null(value) && field->read(value, &at, target, faults) < 0) {
            return -1;
        }
    }
    complain_missing(node, path, what, fields, faults);
    return 0;
}

/* ---- scalars ------------------------------------------------------------------------------------------------------ */

int field_text(const struct node *node, const struct path *path, const char **text, struct faults *faults)
{
    if (!field_is(node, path, NODE_SCALAR, faults)) {
        return 1;
    }
    *text = node_text(node);
    return 0;
}

int field_string(const struct node *node, const struct path *path, char **string, struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);
    char *copy;

    if (status != 0) {
        return status;
    }
    copy = strdup(text);
    if (copy == NULL) {
        return -1;
    }
    free(*string);
    *string = copy;
    return 0;
}

int field_boolean(const struct node *node, const struct path *path, bool *value, struct faults *faults)
{
    static const char *const yes[] = {"true", "yes", "on", "y"};
    static const char *const no[] = {"false", "no", "off", "n"};
    const char *text = node_text(node);
    const char *hint = NULL;

    if (text == NULL || node_is_null(node)) {
        field_error(faults, node, path, NULL, "must be true or false, but is %s%s",
                    text == NULL ? "a " : "empty", text == NULL ? node_kind_word(node) : "");
        return 1;
    }
    if (node_is_plain(node) && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        *value = text[0] == 't';
        return 0;
    }
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcasecmp(text, yes[i]) == 0) {
            hint = "write true, without quotes";
        } else if (strcasecmp(text, no[i]) == 0) {
            hint = "write false, without quotes";
        }
    }
    field_error(faults, node, path, hint, "must be true or false, but is %s", field_quoted(text).text);
    return 1;
}

/* A whole number in decimal: an optional minus, no leading zero, nothing around it. */
static bool parse_integer(const char *text, int64_t *value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    char *end = NULL;
    long long number;

    if (digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && text[1] != '\0')) {
        return false;
    }
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0') {
        return false;
    }
    *value = number;
    return true;
}

int field_integer(const struct node *node, const struct path *path, int64_t least_value, int64_t most,
                  int64_t *value, struct faults *faults)
{
    const char *text = node_text(node);
    int64_t number = 0;

    if (text == NULL || node_is_null(node)) {
        field_error(faults, node, path, NULL,
                    "must be a whole number from %" PRId64 " to %" PRId64 ", but is %s%s", least_value, most,
                    text == NULL ? "a " : "empty", text == NULL ? node_kind_word(node) : "");
        return 1;
    }
    if (!node_is_plain(node) || !parse_integer(text, &number) || number < least_value || number > most) {
        bool quoted = !node_is_plain(node) && parse_integer(text, &number);

        field_error(faults, node, path, quoted ? "write it without quotes" : NULL,
                    "must be a whole number from %" PRId64 " to %" PRId64 ", but is %s", least_value, most,
                    field_quoted(text).text);
        return 1;
    }
    *value = number;
    return 0;
}
