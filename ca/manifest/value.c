/* SPDX-License-Identifier: Apache-2.0 */
/* Values that manifest, profiles and installations share. */
#include "manifest/value.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "manifest/complaint.h"
#include "manifest/hostname.h"
#include "x509/lint.h"

/** The version of the grammar of every file. */
#define GRAMMAR_VERSION "1"
#define DURATION_HINT   "90d, 12h, 6mo, 1y, or a sum such as 1y6mo"
#define DESCRIPTION_MAX 1000

int value_each_text(const struct node *node, const struct path *path, bool single, value_text_fn each,
                    void *state, struct faults *faults)
{
    struct path below = {path, NULL, 0};
    size_t i;

    if (node_kind(node) == NODE_SCALAR && single && !node_is_null(node)) {
        return each(state, node_text(node), node, path, faults);
    }
    if (node_kind(node) != NODE_SEQUENCE) {
        field_error(faults, node, path, NULL, "must be a list%s, but is %s%s", single ? " or a text" : "",
                    node_is_null(node) ? "empty" : "a ", node_is_null(node) ? "" : node_kind_word(node));
        return 0;
    }
    if (node_count(node) > VALUE_LIST_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d items", VALUE_LIST_MAX);
        return 0;
    }
    for (i = 0; i < node_count(node); i++) {
        const struct node *item = node_item(node, i);

        below.index = i;
        if (node_kind(item) != NODE_SCALAR || node_is_null(item)) {
            field_error(faults, item, &below,
                        node_kind(item) == NODE_MAPPING ? "a blank behind a colon makes a mapping" : NULL,
                        "must be a text, but is %s%s", node_is_null(item) ? "empty" : "a ",
                        node_is_null(item) ? "" : node_kind_word(item));
        } else if (each(state, node_text(item), item, &below, faults) != 0) {
            return -1;
        }
    }
    return 0;
}

static int add_lint_rule(void *state, const char *text, const struct node *node, const struct path *path,
                         struct faults *faults)
{
    const char *ids[LINT_RULES_MAX];
    char hint[COMPLAINT_HINT_MAX];
    size_t rule;

    if (lint_find(text, &rule)) {
        lint_set_add(state, rule);
        return 0;
    }
    for (rule = 0; rule < lint_count(); rule++) {
        ids[rule] = lint_rule(rule)->id;
    }
    complaint_did_you_mean(hint, field_nearest(text, ids, lint_count()), "mtls-ca lint --list shows them");
    field_error(faults, node, path, hint, "%s is no rule of lint", field_quoted(text).text);
    return 0;
}

int value_lint_ignored(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return value_each_text(node, path, true, add_lint_rule, target, faults);
}

int value_grammar(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    const char *version = NULL;
    int status = field_text(node, path, &version, faults);

    (void)target;
    if (status == 0 && strcmp(version, GRAMMAR_VERSION) != 0) {
        field_error(faults, node, path, NULL,
                    "must be " GRAMMAR_VERSION ", the version of the grammar this program reads, but is %s",
                    field_quoted(version).text);
    }
    return status < 0 ? -1 : 0;
}

/** Whether a text has characters that only change how it is shown; a line feed is one of them unless @p lines. */
static bool has_controls(const char *text, bool lines)
{
    struct slice rest = slice_of_text(text);
    uint32_t point = 0;
    size_t length;

    while ((length = utf8_take(rest, &point)) > 0) {
        if (utf8_is_control(point) && !(lines && point == '\n')) {
            return true;
        }
        rest.data += length;
        rest.length -= length;
    }
    return false;
}

/** A text of 1 to @p most bytes, copied. */
static int read_free_text(const struct node *node, const struct path *path, size_t most, bool lines,
                          char **text, struct faults *faults)
{
    const char *found = NULL;
    int status = field_text(node, path, &found, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (found[0] == '\0' || strlen(found) > most) {
        field_error(faults, node, path, NULL, "must have 1 to %zu bytes, but has %zu", most, strlen(found));
        return 0;
    }
    if (has_controls(found, lines)) {
        field_error(faults, node, path, NULL, "has a control character");
        return 0;
    }
    return field_string(node, path, text, faults) < 0 ? -1 : 0;
}

int value_line(const struct node *node, const struct path *path, size_t most, char **text,
               struct faults *faults)
{
    return read_free_text(node, path, most, false, text, faults);
}

int value_description(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return read_free_text(node, path, DESCRIPTION_MAX, true, target, faults);
}

static int read_duration(const struct node *node, const struct path *path, bool zero,
                         struct duration *duration, struct faults *faults)
{
    const char *text = NULL, *why = NULL;
    struct duration found = {0, 0};
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (duration_parse(text, zero, &found, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
        return 0;
    }
    *duration = found;
    return 0;
}

int value_duration(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return read_duration(node, path, false, target, faults);
}

int value_backdate(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return read_duration(node, path, true, target, faults);
}

/* One end of a validity, while it is read. */
struct window {
    struct validity validity;
    bool has_duration;
};

static int read_instant(const struct node *node, const struct path *path, instant *value, bool *fixed,
                        struct faults *faults)
{
    const char *text = NULL, *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    *fixed = true;
    if (instant_parse(text, value, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
    }
    return 0;
}

static int read_from(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct window *window = target;

    return read_instant(node, path, &window->validity.from, &window->validity.fixed_from, faults);
}

static int read_until(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct window *window = target;

    return read_instant(node, path, &window->validity.until, &window->validity.fixed_until, faults);
}

static int read_window_duration(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    struct window *window = target;

    window->has_duration = true;
    return value_duration(node, path, &window->validity.duration, faults);
}

static const struct field window_fields[] = {
    {"from", read_from, false},
    {"until", read_until, false},
    {"duration", read_window_duration, false},
    {NULL, NULL, false},
};

int value_validity(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct validity *validity = target;
    struct window window = {{false, false, 0, 0, {0, 0}}, false};
    size_t before = faults_errors(faults);

    if (node_kind(node) == NODE_SCALAR) {
        struct duration duration = {0, 0};

        if (value_duration(node, path, &duration, faults) != 0) {
            return -1;
        }
        if (faults_errors(faults) == before) {
            *validity = (struct validity){false, false, 0, 0, duration};
        }
        return 0;
    }
    if (node_kind(node) != NODE_MAPPING) {
        field_error(faults, node, path, DURATION_HINT, "must be a duration or a mapping, but is a %s",
                    node_kind_word(node));
        return 0;
    }
    if (fields_read(node, path, "a validity", window_fields, &window, faults) != 0) {
        return -1;
    }
    if (faults_errors(faults) != before) {
        return 0;
    }
    if (window.validity.fixed_until == window.has_duration) {
        field_error(faults, node, path,
                    "{from: 2030-01-01, until: 2031-01-01} or {from: 2030-01-01, duration: 1y}",
                    window.has_duration ? "has both until and duration" : "needs until or duration");
    } else if (window.validity.fixed_from && window.validity.fixed_until &&
               window.validity.from >= window.validity.until) {
        field_error(faults, node, path, "until must come after from",
                    window.validity.from == window.validity.until ? "from and until are the same instant"
                                                                  : "ends before it begins");
    } else {
        *validity = window.validity;
    }
    return 0;
}

int value_key_algorithm(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    const char *words[KEY_FOREIGN];
    const char *text = NULL;
    char hint[COMPLAINT_HINT_MAX];
    enum key_algorithm found = KEY_NONE;
    size_t count = 0;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (key_algorithm_parse(text, &found) == 0) {
        *(enum key_algorithm *)target = found;
        return 0;
    }
    for (int i = KEY_NONE + 1; i < KEY_FOREIGN; i++) {
        words[count++] = key_algorithm_text((enum key_algorithm)i);
    }
    complaint_did_you_mean(hint, field_nearest(text, words, count), key_algorithm_words());
    field_error(faults, node, path, hint, "%s is not a key algorithm", field_quoted(text).text);
    return 0;
}

static int add_constraint(void *state, const char *text, const struct node *node, const struct path *path,
                          struct faults *faults)
{
    struct bytes *bases = state;
    const char *why = NULL;
    size_t length = bases->length;

    if (general_name_parse_constraint(text, NULL, bases, &why) != 0) {
        bases->length = length;
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
    }
    return 0;
}

static int read_permitted(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    return value_each_text(node, path, true, add_constraint, &((struct constraints *)target)->permitted,
                           faults);
}

static int read_excluded(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return value_each_text(node, path, true, add_constraint, &((struct constraints *)target)->excluded,
                           faults);
}

static const struct field constraint_fields[] = {
    {"permitted", read_permitted, false},
    {"excluded", read_excluded, false},
    {NULL, NULL, false},
};

int value_constraints(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct constraints *constraints = target;

    constraints_free(constraints);
    if (node_kind(node) == NODE_SCALAR && strcmp(node_text(node), "auto") == 0) {
        constraints->automatic = true;
        return 0;
    }
    if (node_kind(node) != NODE_MAPPING) {
        field_error(faults, node, path, "auto, or {permitted: [dns:example.com]}",
                    "must be auto or a mapping of permitted and excluded");
        return 0;
    }
    return fields_read(node, path, "name constraints", constraint_fields, constraints, faults);
}

void constraints_free(struct constraints *constraints)
{
    constraints->automatic = false;
    bytes_free(&constraints->permitted);
    bytes_free(&constraints->excluded);
}

int value_san(const struct node *node, const struct path *path, const char *text,
              enum general_name_kind *kind, struct bytes *names, struct faults *faults)
{
    struct bytes ascii = BYTES_EMPTY;
    const char *why = NULL;
    size_t length = names->length;
    int status = 0;

    if (hostname_in_san_to_ascii(text, &ascii, &why) != 0 ||
        general_name_parse(bytes_text(&ascii), kind, names, &why) != 0) {
        names->length = length;
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text,
                    why != NULL ? why : "cannot be read");
        status = 1;
    }
    bytes_free(&ascii);
    return status;
}

int value_passphrase(const struct node *node, const struct path *path, bool generate,
                     struct passphrase_spec *spec, struct faults *faults)
{
    struct bytes rendered = BYTES_EMPTY;
    struct place place = node_place(node);
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (path_render(path, &rendered) != 0) {
        fault_memory(faults);
        status = -1;
    } else if (passphrase_spec_parse(text, &place, bytes_text(&rendered), spec, faults) == 0 && !generate &&
               spec->source == PASSPHRASE_GENERATE) {
        field_error(faults, node, path, "env:NAME, file:PATH, prompt and so on",
                    "generate is for bundles: here nobody would be told the passphrase");
    }
    bytes_free(&rendered);
    return status;
}

const struct bundle_target *value_bundle_target(const char *text, char *hint)
{
    const struct bundle_target *found = bundle_target_find(text);
    const char *words[16];
    char all[COMPLAINT_HINT_MAX] = "one of";
    size_t count = 0, used = strlen(all);

    if (found != NULL) {
        return found;
    }
    for (; count < sizeof(words) / sizeof(words[0]) && bundle_target_at(count) != NULL; count++) {
        words[count] = bundle_target_at(count)->word;
        if (used < sizeof(all)) {
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", count > 0 ? ", " : " ",
                                     words[count]);
        }
    }
    complaint_did_you_mean(hint, field_nearest(text, words, count), all);
    return NULL;
}

bool duration_is_longer(const struct duration *longer, const struct duration *than)
{
    return instant_add(0, longer) > instant_add(0, than);
}
