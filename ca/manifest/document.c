/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events, one after the other, into nodes. Bounds are kept as the events come: depth, number of nodes (those behind
 * aliases counted each time), length of a text; and since libyaml reads a text as a whole before it tells of it, also how many
 * bytes it may read between two events.
 */
#include "manifest/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <yaml.h>

#include "manifest/anchor.h"
#include "manifest/encoding.h"
#include "manifest/field.h"
#include "manifest/node.h"
#include "manifest/syntax.h"

/* libyaml may read this much between two events: escapes make a text longer in the file than it is. */
#define GAP_MAX (1024u * 1024)
/* Depth 0 is outside the root. */
#define FRAMES_MAX (DOCUMENT_DEPTH_MAX + 1)

/* A list or mapping that is being read. Its children so far are the pending nodes from first on; keys and values take turns. */
struct frame {
    struct node *node;
    size_t first;
    struct weight weight; /* of what is complete */
    size_t anchor;        /* its number, or ANCHOR_NONE */
    bool merges;          /* has a merge key */
};

/* What libyaml reads from. */
struct feed {
    struct slice content;
    size_t offset;
    size_t at_last_event; /* offset then */
    bool starved;         /* GAP_MAX was reached */
};

struct builder {
    struct document *document;
    struct faults *faults;     /* the caller's */
    struct faults *duplicates; /* told when nothing worse comes; NULL: none so far */
    struct feed feed;
    struct anchors anchors;
    struct frame frames[FRAMES_MAX];
    size_t depth; /* frames in use */
    const struct node **pending;
    size_t pending_count;
    size_t pending_capacity;
    struct entering_pair *pairs; /* of the mapping that is being completed */
    size_t pairs_count;
    size_t pairs_capacity;
    size_t last_end; /* character where the last event ended */
    bool done;
};

/* ---- complaints --------------------------------------------------------------------------------------------------- */

/* The way to what is being read. */
static int render_path(const struct builder *builder, struct bytes *text)
{
    struct path steps[FRAMES_MAX];
    const struct path *last = NULL;

    for (size_t i = 0; i < builder->depth; i++) {
        const struct frame *frame = &builder->frames[i];
        size_t end = i + 1 < builder->depth ? builder->frames[i + 1].first : builder->pending_count;
        size_t children = end - frame->first;

        if (frame->node->kind == NODE_SEQUENCE) {
            steps[i] = (struct path){last, NULL, children};
        } else if (children % 2 == 1) {
            steps[i] = (struct path){last, builder->pending[end - 1]->is.text, 0};
        } else {
            break;
        }
        last = &steps[i];
    }
    return last == NULL ? 0 : path_render(last, text);
}

static void complain_to(struct faults *faults, const struct builder *builder, struct place place,
                        const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
static void complain_to(struct faults *faults, const struct builder *builder, struct place place,
                        const char *hint, const char *format, ...)
{
    char sentence[FAULT_TEXT_MAX + 1];
    struct bytes path = BYTES_EMPTY;
    va_list values;

    va_start(values, format);
    vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    if (render_path(builder, &path) != 0) {
        fault_memory(faults);
    } else {
        fault_error(faults, &place, path.length == 0 ? NULL : bytes_text(&path), hint, "%s", sentence);
    }
    bytes_free(&path);
}

#define complain(builder, place, ...) complain_to((builder)->faults, (builder), (place), __VA_ARGS__)

static struct place place_of(const struct builder *builder, yaml_mark_t mark)
{
    return (struct place){builder->document->shown, mark.line + 1, mark.column + 1};
}

static int out_of_memory(struct builder *builder)
{
    fault_memory(builder->faults);
    return -1;
}

/* ---- the tree ----------------------------------------------------------------------------------------------------- */

/* Make room for one more in a growing row. */
static int grow(void **row, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity == 0 ? 256 : *capacity * 2;
    void *moved;

    if (count < *capacity) {
        return 0;
    }
    moved = realloc(*row, wanted * size);
    if (moved == NULL) {
        return -1;
    }
    *row = moved;
    *capacity = wanted;
    return 0;
}

static struct node *node_new(struct builder *builder, enum node_kind kind, yaml_mark_t mark)
{
    struct node *node = arena_take(&builder->document->nodes, sizeof(*node), _Alignof(struct node));

    if (node != NULL) {
        *node = (struct node){.document = builder->document,
                              .line = (uint32_t)mark.line + 1,
                              .column = (uint32_t)mark.column + 1,
                              .kind = (uint8_t)kind};
    }
    return node;
}

/* Whether the next node is a mapping's key. */
static bool expects_key(const struct builder *builder)
{
    const struct frame *frame = builder->depth == 0 ? NULL : &builder->frames[builder->depth - 1];

    return frame != NULL && frame->node->kind == NODE_MAPPING &&
           (builder->pending_count - frame->first) % 2 == 0;
}

static bool is_merge_key(const struct node *key)
{
    return key->plain != 0 && key->count == 2 && memcmp(key->is.text, "<<", 2) == 0;
}

/* A key must be a text, and one that is there. */
static int check_key(struct builder *builder, const struct node *key, struct place place)
{
    if (key->kind != NODE_SCALAR) {
        complain(builder, place, "put it in quotes when it is meant as a text",
                 "a key must be a text, but is a %s", node_kind_word(key));
        return -1;
    }
    if (key->plain != 0 && key->count == 0) {
        complain(builder, place, "write \"key: value\"", "a key is missing before \":\"");
        return -1;
    }
    return 0;
}

/* Put a complete node where it belongs. @p place: where it is written, which is not the node's own place for an alias. */
static int attach(struct builder *builder, const struct node *node, struct weight weight, struct place place)
{
    uint32_t height = weight.height + 1;
    struct frame *frame;

    if (builder->depth == 0) {
        builder->document->root = node;
        return 0;
    }
    frame = &builder->frames[builder->depth - 1];
    if (expects_key(builder)) {
        if (check_key(builder, node, place) != 0) {
            return -1;
        }
        frame->merges = frame->merges || is_merge_key(node);
    } else if (frame->merges && is_merge_key(builder->pending[builder->pending_count - 1])) {
        /* What is merged does not nest: the mapping's children become ours, and so do those of each mapping in a list. */
        height -= node->kind == NODE_MAPPING ? 1 : node->kind == NODE_SEQUENCE ? 2 : 0;
    }
    frame->weight.nodes += weight.nodes;
    if (height > frame->weight.height) {
        frame->weight.height = height;
    }
    if (frame->weight.nodes > DOCUMENT_NODES_MAX) {
        complain(builder, place, "make the file smaller, or use fewer aliases",
                 "more than %d values, aliases counted each time", DOCUMENT_NODES_MAX);
        return -1;
    }
    if (builder->depth - 1 + height > DOCUMENT_DEPTH_MAX) {
        complain(builder, place, "make it flatter", "lists and mappings nested more than %d deep",
                 DOCUMENT_DEPTH_MAX);
        return -1;
    }
    if (grow((void **)&builder->pending, &builder->pending_capacity, builder->pending_count,
             sizeof(*builder->pending)) != 0) {
        return out_of_memory(builder);
    }
    builder->pending[builder->pending_count++] = node;
    return 0;
}

static int fill_sequence(struct builder *builder, struct frame *frame)
{
    size_t count = builder->pending_count - frame->first;
    const struct node **items =
        arena_take(&builder->document->nodes, count * sizeof(*items), _Alignof(struct node *));

    if (items == NULL) {
        return out_of_memory(builder);
    }
    if (count > 0) {
        memcpy(items, builder->pending + frame->first, count * sizeof(*items));
    }
    frame->node->is.items = items;
    frame->node->count = (uint32_t)count;
    return 0;
}

static void tell_twice(void *state, const struct node *first, const struct node *second)
{
    struct builder *builder = state;

    if (builder->duplicates == NULL) {
        builder->duplicates = faults_new();
    }
    if (builder->duplicates == NULL) {
        fault_memory(builder->faults);
        return;
    }
    complain_to(builder->duplicates, builder, node_place(second),
                is_merge_key(second) ? "write <<: [*one, *other] to merge several" : "keep one of the two",
                "the key %s is given twice, first at line %u, column %u", field_quoted(second->is.text).text,
                (unsigned)first->line, (unsigned)first->column);
}

/* ---- merge keys --------------------------------------------------------------------------------------------------- */

static int enter_pair(struct builder *builder, struct pair pair, bool merged)
{
    if (grow((void **)&builder->pairs, &builder->pairs_capacity, builder->pairs_count,
             sizeof(*builder->pairs)) != 0) {
        return out_of_memory(builder);
    }
    builder->pairs[builder->pairs_count++] = (struct entering_pair){pair, merged};
    return 0;
}

/* Let all pairs of mapping @p from enter. They were counted when the alias was, which weighs as much as all it repeats. */
static int merge_mapping(struct builder *builder, const struct node *key, const struct node *from)
{
    if (from->kind != NODE_MAPPING) {
        complain(builder, node_place(key), "write <<: *anchor, where the anchor is a mapping",
                 "\"<<\" must be a mapping or a list of mappings, but is a %s", node_kind_word(from));
        return -1;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (enter_pair(builder, from->is.pairs[i], true) != 0) {
            return -1;
        }
    }
    return 0;
}

static int merge(struct builder *builder, const struct node *key, const struct node *value)
{
    if (value->kind != NODE_SEQUENCE) {
        return merge_mapping(builder, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (merge_mapping(builder, key, value->is.items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Explicit pairs win over merged ones, earlier merged ones over later ones (YAML 1.1, the type "merge"). */
static int fill_mapping(struct builder *builder, struct frame *frame)
{
    const struct node *merge_key = NULL;
    int status = 0;

    builder->pairs_count = 0;
    for (size_t i = frame->first; i + 1 < builder->pending_count; i += 2) {
        struct pair pair = {builder->pending[i], builder->pending[i + 1]};

        if (!frame->merges || !is_merge_key(pair.key)) {
            status = enter_pair(builder, pair, false);
        } else if (merge_key != NULL) {
            tell_twice(builder, merge_key, pair.key);
        } else {
            merge_key = pair.key;
            status = merge(builder, pair.key, pair.value);
        }
        if (status != 0) {
            return -1;
        }
    }
    if (node_fill_mapping(builder->document, frame->node, builder->pairs, builder->pairs_count, tell_twice,
                          builder) != 0) {
        return out_of_memory(builder);
    }
    return 0;
}

/* ---- events ------------------------------------------------------------------------------------------------------- */

/* Refuse a tag: nothing here has a type of its own, and "!!str" is what quotes are for. */
static int check_tag(struct builder *builder, const yaml_char_t *tag, yaml_mark_t mark)
{
    static const char standard[] = "tag:yaml.org,2002:";
    const char *text = (const char *)tag;

    if (tag == NULL) {
        return 0;
    }
    if (strncmp(text, standard, sizeof(standard) - 1) == 0) {
        complain(builder, place_of(builder, mark), "remove it; quotes make a value a text",
                 "the tag \"!!%.64s\" is not taken", text + sizeof(standard) - 1);
    } else {
        complain(builder, place_of(builder, mark), "remove it; quotes make a value a text",
                 "the tag \"%.64s\" is not taken", text);
    }
    return -1;
}

static int note_anchor(struct builder *builder, const yaml_char_t *name, yaml_mark_t mark, size_t *number)
{
    const struct anchor *known;

    *number = ANCHOR_NONE;
    if (name == NULL) {
        return 0;
    }
    known = anchors_find(&builder->anchors, (const char *)name);
    if (known != NULL) {
        complain(builder, place_of(builder, mark), "give one of them another name",
                 "the anchor %s is given twice, first at line %zu, column %zu",
                 field_quoted((const char *)name).text, known->place.line, known->place.column);
        return -1;
    }
    if (builder->anchors.count >= DOCUMENT_ANCHORS_MAX) {
        complain(builder, place_of(builder, mark), "use fewer", "more than %d anchors", DOCUMENT_ANCHORS_MAX);
        return -1;
    }
    if (anchors_add(&builder->anchors, (const char *)name, place_of(builder, mark), number) != 0) {
        return out_of_memory(builder);
    }
    return 0;
}

static int on_scalar(struct builder *builder, const yaml_event_t *event)
{
    const struct weight weight = {1, 0};
    size_t length = event->data.scalar.length;
    struct place place = place_of(builder, event->start_mark);
    struct node *node;
    size_t anchor;
    char *text;

    if (check_tag(builder, event->data.scalar.tag, event->start_mark) != 0 ||
        note_anchor(builder, event->data.scalar.anchor, event->start_mark, &anchor) != 0) {
        return -1;
    }
    if (length > DOCUMENT_SCALAR_MAX) {
        complain(builder, place, "make it shorter", "a text of %zu bytes, where at most %u are taken", length,
                 DOCUMENT_SCALAR_MAX);
        return -1;
    }
    if (memchr(event->data.scalar.value, 0, length) != NULL) {
        complain(builder, place, "remove it", "a text with a NUL character (\"\\0\") in it");
        return -1;
    }
    node = node_new(builder, NODE_SCALAR, event->start_mark);
    text = arena_take(&builder->document->texts, length + 1, 1);
    if (node == NULL || text == NULL) {
        return out_of_memory(builder);
    }
    memcpy(text, event->data.scalar.value, length + 1);
    node->is.text = text;
    node->count = (uint32_t)length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    anchors_complete(&builder->anchors, anchor, node, weight);
    return attach(builder, node, weight, place);
}

static int on_alias(struct builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct place place = place_of(builder, event->start_mark);
    const struct anchor *anchor = anchors_find(&builder->anchors, name);

    if (anchor == NULL) {
        complain(builder, place,
                 "an anchor must stand before its aliases; put a text that begins with \"*\" in quotes",
                 "no anchor %s to repeat", field_quoted(name).text);
        return -1;
    }
    if (anchor->node == NULL) {
        complain(builder, place, "move the alias out of what it repeats",
                 "the alias %s stands inside its own anchor", field_quoted(name).text);
        return -1;
    }
    return attach(builder, anchor->node, anchor->weight, place);
}

static int on_start(struct builder *builder, const yaml_event_t *event, enum node_kind kind,
                    const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct frame *frame = &builder->frames[builder->depth];
    struct place place = place_of(builder, event->start_mark);
    struct node *node = node_new(builder, kind, event->start_mark);
    size_t number;

    if (node == NULL) {
        return out_of_memory(builder);
    }
    if (expects_key(builder) && check_key(builder, node, place) != 0) {
        return -1;
    }
    if (builder->depth >= DOCUMENT_DEPTH_MAX) {
        complain(builder, place, "make it flatter", "lists and mappings nested more than %d deep",
                 DOCUMENT_DEPTH_MAX);
        return -1;
    }
    if (check_tag(builder, tag, event->start_mark) != 0 ||
        note_anchor(builder, anchor, event->start_mark, &number) != 0) {
        return -1;
    }
    *frame = (struct frame){node, builder->pending_count, {1, 1}, number, false};
    builder->depth++;
    return 0;
}

static int on_end(struct builder *builder)
{
    struct frame *frame = &builder->frames[builder->depth - 1];
    int status =
        frame->node->kind == NODE_SEQUENCE ? fill_sequence(builder, frame) : fill_mapping(builder, frame);

    if (status != 0) {
        return -1;
    }
    builder->pending_count = frame->first;
    builder->depth--;
    anchors_complete(&builder->anchors, frame->anchor, frame->node, frame->weight);
    return attach(builder, frame->node, frame->weight, node_place(frame->node));
}

/* Whether nothing but blanks and comments lies in @p content from *at on; *at becomes the first byte of something else. */
static bool is_rest_empty(struct slice content, size_t *at)
{
    while (*at < content.length) {
        unsigned char byte = content.data[*at];

        if (byte == '#') {
            while (*at < content.length && content.data[*at] != '\n' && content.data[*at] != '\r') {
                ++*at;
            }
        } else if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            ++*at;
        } else {
            return false;
        }
    }
    return true;
}

/* The end of the one document: what may follow are blanks, comments and its end mark. */
static int on_document_end(struct builder *builder, const yaml_event_t *event)
{
    struct slice content = builder->feed.content;
    size_t at = encoding_offset(content, event->end_mark.index);
    struct place place;

    builder->done = true;
    if (is_rest_empty(content, &at)) {
        return 0;
    }
    place = encoding_place(content, builder->document->shown, at);
    if (content.length - at >= 3 && memcmp(content.data + at, "---", 3) == 0) {
        fault_error(builder->faults, &place, NULL, "put it into a file of its own",
                    "a second document begins here");
    } else {
        fault_error(builder->faults, &place, NULL, "check the indentation, and brackets that close too early",
                    "the document is complete before this place");
    }
    return -1;
}

static int on_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        return on_alias(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(builder, event, NODE_SEQUENCE, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_start(builder, event, NODE_MAPPING, event->data.mapping_start.anchor,
                        event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(builder);
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(builder, event);
    case YAML_STREAM_END_EVENT:
        builder->done = true;
        return 0;
    default:
        return 0;
    }
}

/* ---- libyaml ------------------------------------------------------------------------------------------------------ */

static int feed_parser(void *data, unsigned char *buffer, size_t size, size_t *size_read)
{
    struct feed *feed = data;
    size_t left = feed->content.length - feed->offset;

    if (left > 0 && feed->offset - feed->at_last_event >= GAP_MAX) {
        feed->starved = true;
        return 0;
    }
    *size_read = size < left ? size : left;
    memcpy(buffer, feed->content.data + feed->offset, *size_read);
    feed->offset += *size_read;
    return 1;
}

/* libyaml read a megabyte and had nothing to tell: a text that is too long, or as much of comments. */
static void explain_starved(struct builder *builder)
{
    struct slice content = builder->feed.content;
    size_t start = encoding_offset(content, builder->last_end);
    size_t at = start;

    while (!is_rest_empty(content, &at) && strchr("[]{},:?-", content.data[at]) != NULL) {
        at++;
    }
    if (at - start >= GAP_MAX / 2) {
        complain(builder, encoding_place(content, builder->document->shown, start), "remove some",
                 "more than %u bytes of comments in a row", GAP_MAX / 2);
    } else {
        complain(builder, encoding_place(content, builder->document->shown, at), "make it shorter",
                 "a text longer than the %u bytes that are taken", DOCUMENT_SCALAR_MAX);
    }
}

static void explain(struct builder *builder, const yaml_parser_t *parser)
{
    struct slice content = builder->feed.content;
    struct bytes path = BYTES_EMPTY;
    struct syntax_problem problem = {.problem = parser->problem, .context = parser->context, .byte = -1};
    size_t at;

    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        fault_memory(builder->faults);
        return;
    }
    if (builder->feed.starved) {
        explain_starved(builder);
        return;
    }
    problem.at = place_of(builder, parser->problem_mark);
    if (parser->context != NULL) {
        problem.context_at = place_of(builder, parser->context_mark);
    }
    at = encoding_offset(content, parser->problem_mark.index);
    if (at < content.length) {
        problem.byte = content.data[at];
    }
    if (render_path(builder, &path) != 0) {
        fault_memory(builder->faults);
    } else {
        syntax_explain(&problem, path.length == 0 ? NULL : bytes_text(&path), builder->faults);
    }
    bytes_free(&path);
}

/* Wipe what libyaml still holds of the text. What it has freed already is beyond reach. */
static void parser_wipe(yaml_parser_t *parser)
{
    if (parser->raw_buffer.start != NULL) {
        OPENSSL_cleanse(parser->raw_buffer.start,
                        (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
    }
    if (parser->buffer.start != NULL) {
        OPENSSL_cleanse(parser->buffer.start, (size_t)(parser->buffer.end - parser->buffer.start));
    }
    for (yaml_token_t *token = parser->tokens.head; token != parser->tokens.tail; token++) {
        if (token->type == YAML_SCALAR_TOKEN) {
            OPENSSL_cleanse(token->data.scalar.value, token->data.scalar.length);
        }
    }
}

static void event_wipe(yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT) {
        OPENSSL_cleanse(event->data.scalar.value, event->data.scalar.length);
    }
    yaml_event_delete(event);
}

static int build(struct builder *builder)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int status = 0;

    if (yaml_parser_initialize(&parser) == 0) {
        return out_of_memory(builder);
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&parser, feed_parser, &builder->feed);
    while (status == 0 && !builder->done) {
        if (yaml_parser_parse(&parser, &event) == 0) {
            explain(builder, &parser);
            status = -1;
            break;
        }
        builder->feed.at_last_event = builder->feed.offset;
        builder->last_end = event.end_mark.index;
        status = on_event(builder, &event);
        event_wipe(&event);
    }
    parser_wipe(&parser);
    yaml_parser_delete(&parser);
    return status;
}

/* Refuse directives other than one version: libyaml compares each %TAG with all before it, and tags are not taken anyway. */
static int check_directives(struct slice content, const char *shown, struct faults *faults)
{
    struct place place;
    size_t at = 0;

    if (!is_rest_empty(content, &at) && content.length - at > 8 &&
        memcmp(content.data + at, "%YAML 1.", 8) == 0) {
        while (at < content.length && content.data[at] != '\n' && content.data[at] != '\r') {
            at++;
        }
    }
    if (is_rest_empty(content, &at) || content.data[at] != '%') {
        return 0;
    }
    place = encoding_place(content, shown, at);
    fault_error(faults, &place, NULL, "remove the line", "a directive, which is not taken");
    return -1;
}

/* An empty file has no root, or one that nobody wrote. */
static int check_root(const struct document *document, struct faults *faults)
{
    struct place place = {document->shown, 1, 1};

    if (document->root != NULL &&
        (document->root->kind != NODE_SCALAR || document->root->plain == 0 || document->root->count > 0)) {
        return 0;
    }
    fault_error(faults, &place, NULL, "write \"key: value\" lines", "the file is empty");
    return -1;
}

static int check_content(struct slice *content, const char *shown, struct faults *faults)
{
    struct place place = {shown, 0, 0};

    if (content->length > DOCUMENT_SIZE_MAX) {
        fault_error(faults, &place, NULL, "split it", "the file is larger than %u MiB",
                    DOCUMENT_SIZE_MAX >> 20);
        return -1;
    }
    if (encoding_check(content, shown, faults) != 0) {
        return -1;
    }
    return check_directives(*content, shown, faults);
}

struct document *document_parse(struct slice content, const char *shown, struct faults *faults)
{
    struct builder *builder = calloc(1, sizeof(*builder));
    struct document *document = calloc(1, sizeof(*document));
    int status = -1;

    if (builder == NULL || document == NULL || (document->shown = strdup(shown)) == NULL) {
        fault_memory(faults);
        goto out;
    }
    /* Not random to the strong sense, but not to be known to who writes a file either. */
    document->seed[0] = (uint64_t)(uintptr_t)document * 0x9e3779b97f4a7c15u;
    document->seed[1] = (uint64_t)(uintptr_t)&status * 0xc2b2ae3d27d4eb4fu;
    builder->document = document;
    builder->faults = faults;
    builder->anchors.seed = document->seed;
    if (check_content(&content, document->shown, faults) != 0) {
        goto out;
    }
    builder->feed.content = content;
    if (build(builder) != 0 || check_root(document, faults) != 0) {
        goto out;
    }
    if (builder->duplicates != NULL) {
        faults_move(faults, builder->duplicates);
        goto out;
    }
    status = 0;
out:
    if (builder != NULL) {
        anchors_free(&builder->anchors);
        faults_free(builder->duplicates);
        free(builder->pending);
        free(builder->pairs);
        free(builder);
    }
    if (status != 0) {
        document_free(document);
        document = NULL;
    }
    return document;
}

void document_free(struct document *document)
{
    if (document != NULL) {
        arena_free(&document->nodes);
        arena_free_wiped(&document->texts);
        free(document->shown);
        free(document);
    }
}

const struct node *document_root(const struct document *document)
{
    return document->root;
}

const char *document_shown(const struct document *document)
{
    return document->shown;
}
