/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expansion: a copy of the entry's nodes where something changes, in an arena that is emptied for each row; what has no variable is
 * shared with the manifest's own nodes.
 */
#include "manifest/expansion.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/node.h"

/** What stands at a place, and so how a variable there is taken. */
enum rule {
    RULE_NONE,    /* nothing takes variables here */
    RULE_AS_IS,   /* not read at all */
    RULE_ENTRY,   /* the entry itself */
    RULE_TEXT,    /* texts, however deep */
    RULE_SUBJECT, /* a text is a DN; else texts */
    RULE_SAN,
    RULE_FILE,
    RULE_SECRET, /* k8s-secret: a path, or a mapping */
    RULE_BUNDLES,
    RULE_BUNDLE,
    RULE_SPEC /* of a passphrase */
};

struct row {
    enum rule rule;
    const char *key;
    enum rule below;
};

static const struct row rows[] = {
    {RULE_ENTRY, "subject", RULE_SUBJECT},   {RULE_ENTRY, "san", RULE_SAN},
    {RULE_ENTRY, "k8s-secret", RULE_SECRET}, {RULE_ENTRY, "bundles", RULE_BUNDLES},
    {RULE_ENTRY, "passphrase", RULE_SPEC},   {RULE_ENTRY, "description", RULE_AS_IS},
    {RULE_ENTRY, "each", RULE_AS_IS},        {RULE_ENTRY, "count", RULE_AS_IS},
    {RULE_BUNDLE, "file", RULE_FILE},        {RULE_BUNDLE, "name", RULE_TEXT},
    {RULE_BUNDLE, "passphrase", RULE_SPEC},  {RULE_SECRET, "file", RULE_FILE},
    {RULE_SECRET, "name", RULE_TEXT},        {RULE_SECRET, "namespace", RULE_TEXT},
};

struct expansion {
    struct document document; /* whose nodes have their place in the table; shown NULL: there is none */
    struct arena nodes;
    struct bytes text;
};

struct expansion *expansion_new(const char *shown)
{
    struct expansion *expansion = calloc(1, sizeof(*expansion));

    if (expansion != NULL && shown != NULL && (expansion->document.shown = strdup(shown)) == NULL) {
        free(expansion);
        return NULL;
    }
    return expansion;
}

void expansion_free(struct expansion *expansion)
{
    if (expansion != NULL) {
        arena_free_wiped(&expansion->nodes);
        bytes_free(&expansion->text);
        free(expansion->document.shown);
        free(expansion);
    }
}

/** The rule for the value of @p key (NULL: an item of a list). */
static enum rule rule_below(enum rule rule, const char *key)
{
    if (key == NULL) {
        return rule == RULE_BUNDLES ? RULE_BUNDLE : rule;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].rule == rule && strcmp(rows[i].key, key) == 0) {
            return rows[i].below;
        }
    }
    return rule == RULE_SUBJECT || rule == RULE_TEXT ? RULE_TEXT
           : rule == RULE_AS_IS                      ? RULE_AS_IS
                                                     : RULE_NONE;
}

static bool begins_with(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

/** Whether variables may stand in @p text under @p rule, and how its values are taken. */
static bool syntax_of(enum rule rule, const char *text, enum pattern_syntax *syntax)
{
    *syntax = PATTERN_TEXT;
    switch (rule) {
    case RULE_TEXT:
        return true;
    case RULE_SUBJECT:
        *syntax = PATTERN_DN;
        return true;
    case RULE_SAN:
        *syntax = begins_with(text, "dirname:") ? PATTERN_DN : PATTERN_TEXT;
        return true;
    case RULE_FILE:
    case RULE_SECRET:
        *syntax = PATTERN_FILE;
        return true;
    case RULE_SPEC:
        *syntax = begins_with(text, "env:") ? PATTERN_VARIABLE : PATTERN_FILE;
        return begins_with(text, "env:") || begins_with(text, "file:");
    default:
        return false;
    }
}

/* ---- checking ------------------------------------------------------------------------------------------------------- */

/** Whether the kind of a SAN, and the type of other:, stand before the first variable. */
static bool has_kind(const char *text)
{
    size_t front = strcspn(text, "{");
    const char *colon = memchr(text, ':', front);

    if (begins_with(text, "other:")) {
        colon = memchr(text + strlen("other:"), ':', front - strlen("other:"));
    }
    return colon != NULL;
}

static void check_scalar(const struct node *node, enum rule rule, const struct path *path,
                         const struct table *table, struct faults *faults)
{
    const char *text = node_text(node), *why = NULL;
    enum pattern_syntax syntax;
    char hint[COMPLAINT_HINT_MAX];

    if (rule == RULE_AS_IS || !pattern_has_brace(text)) {
        return;
    }
    if (!syntax_of(rule, text, &syntax)) {
        if (pattern_has_variable(text)) {
            field_error(faults, node, path,
                        rule == RULE_SPEC ? "env:P12_{row.serial}, file:{row.serial}.pass, or generate"
                                          : "name, subject, san, k8s-secret, and file and name of bundles do",
                        rule == RULE_SPEC
                            ? "a passphrase takes no value of a row, but for the names of env: and file:"
                            : "this takes no variables");
        }
        return;
    }
    if (pattern_check(text, table, &why, hint) != 0) {
        field_error(faults, node, path, hint, "%s %s", field_quoted(text).text, why);
    } else if (rule == RULE_SAN && pattern_has_variable(text) && !has_kind(text)) {
        field_error(faults, node, path, "dns:{row.host}, ip:{row.address}, email:{row.mail} and so on",
                    "%s must begin with the kind of name", field_quoted(text).text);
    }
}

static void check_node(const struct node *node, enum rule rule, const struct path *path,
                       const struct table *table, struct faults *faults)
{
    if (node_kind(node) == NODE_SCALAR) {
        check_scalar(node, rule, path, table, faults);
        return;
    }
    for (size_t i = 0; rule != RULE_AS_IS && i < node_count(node); i++) {
        const char *key = node_kind(node) == NODE_MAPPING ? node_key(node, i) : NULL;
        struct path below = {path, key, i};

        check_node(key != NULL ? node_value(node, i) : node_item(node, i), rule_below(rule, key), &below,
                   table, faults);
    }
}

void expansion_check(const struct node *entry, const struct path *path, const struct table *table,
                     struct faults *faults)
{
    check_node(entry, RULE_ENTRY, path, table, faults);
}

/* ---- making --------------------------------------------------------------------------------------------------------- */

/** What making one entry needs. */
struct making {
    struct expansion *expansion;
    const struct pattern_values *values;
    struct faults *faults;
};

static struct node *copy_node(const struct making *making, const struct node *node)
{
    struct node *copy = arena_take(&making->expansion->nodes, sizeof(*copy), sizeof(void *));

    if (copy != NULL) {
        *copy = *node;
    }
    return copy;
}

/** A scalar with its values; its place is that of the first of them. */
static const struct node *make_scalar(const struct making *making, const struct node *node, enum rule rule,
                                      const struct path *path)
{
    struct expansion *expansion = making->expansion;
    const struct table *table = making->values->table;
    const char *why = NULL;
    enum pattern_syntax syntax;
    struct node *copy;
    size_t column;
    const char *text;
    int status;

    if (!pattern_has_brace(node_text(node)) || !syntax_of(rule, node_text(node), &syntax)) {
        return node;
    }
    bytes_clear(&expansion->text);
    status = pattern_expand(node_text(node), making->values, syntax, &expansion->text, &column, &why);
    copy = status >= 0 ? copy_node(making, node) : NULL;
    text = copy != NULL ? arena_copy_text(&expansion->nodes, slice_of(&expansion->text)) : NULL;
    if (text == NULL) {
        return NULL;
    }
    copy->is.text = text;
    copy->count = (uint32_t)expansion->text.length;
    copy->plain = 0;
    if (table != NULL && column < table_columns(table)) {
        struct place place = table_place(table, making->values->row, column);

        copy->document = &expansion->document;
        copy->line = (uint32_t)place.line;
        copy->column = (uint32_t)place.column;
    }
    if (status == 1) {
        field_error(making->faults, copy, path, NULL, "%s %s",
                    field_quoted(making->values->row->fields[column].text).text, why);
    }
    return copy;
}

static const struct node *make_node(const struct making *making, const struct node *node, enum rule rule,
                                    const struct path *path);

static const struct node *make_sequence(const struct making *making, const struct node *node, enum rule rule,
                                        const struct path *path)
{
    const struct node **items = NULL;
    struct node *copy;

    for (size_t i = 0; i < node_count(node); i++) {
        struct path below = {path, NULL, i};
        const struct node *item = make_node(making, node_item(node, i), rule_below(rule, NULL), &below);

        if (item == NULL) {
            return NULL;
        }
        if (item == node_item(node, i)) {
            continue;
        }
        if (items == NULL) {
            items = arena_take(&making->expansion->nodes, node_count(node) * sizeof(const struct node *),
                               sizeof(void *));
            if (items == NULL) {
                return NULL;
            }
            memcpy(items, node->is.items, node_count(node) * sizeof(const struct node *));
        }
        items[i] = item;
    }
    if (items == NULL) {
        return node;
    }
    copy = copy_node(making, node);
    if (copy != NULL) {
        copy->is.items = items;
    }
    return copy;
}

/** A copy of the mapping's pairs, with the index that lies before those of a large one. */
static struct pair *copy_pairs(const struct making *making, const struct node *node)
{
    size_t index = node->index_bits == 0 ? 0 : sizeof(uint32_t) << node->index_bits;
    size_t size = index + node_count(node) * sizeof(struct pair);
    unsigned char *copy = arena_take(&making->expansion->nodes, size, sizeof(void *));

    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, (const unsigned char *)node->is.pairs - index, size);
    return (struct pair *)(void *)(copy + index);
}

static const struct node *make_mapping(const struct making *making, const struct node *node, enum rule rule,
                                       const struct path *path)
{
    struct pair *pairs = NULL;
    struct node *copy;

    for (size_t i = 0; i < node_count(node); i++) {
        struct path below = {path, node_key(node, i), 0};
        const struct node *value =
            make_node(making, node_value(node, i), rule_below(rule, below.key), &below);

        if (value == NULL) {
            return NULL;
        }
        if (value == node_value(node, i)) {
            continue;
        }
        if (pairs == NULL && (pairs = copy_pairs(making, node)) == NULL) {
            return NULL;
        }
        pairs[i].value = value;
    }
    if (pairs == NULL) {
        return node;
    }
    copy = copy_node(making, node);
    if (copy != NULL) {
        copy->is.pairs = pairs;
    }
    return copy;
}

static const struct node *make_node(const struct making *making, const struct node *node, enum rule rule,
                                    const struct path *path)
{
    if (rule == RULE_AS_IS || rule == RULE_NONE) {
        return node;
    }
    switch (node_kind(node)) {
    case NODE_SCALAR:
        return make_scalar(making, node, rule, path);
    case NODE_SEQUENCE:
        return make_sequence(making, node, rule, path);
    default:
        return make_mapping(making, node, rule, path);
    }
}

const struct node *expansion_make(struct expansion *expansion, const struct node *entry,
                                  const struct path *path, const struct pattern_values *values,
                                  struct faults *faults)
{
    const struct making making = {expansion, values, faults};

    arena_free_wiped(&expansion->nodes);
    return make_node(&making, entry, RULE_ENTRY, path);
}
