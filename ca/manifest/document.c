/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events, one after the other, into a tree that keeps its bounds as they come. libyaml reads a text as a whole before it tells
 * of it: so how many bytes it may read between two events has a bound too.
 */
#include "manifest/document.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <yaml.h>

#include "manifest/encoding.h"
#include "manifest/node.h"
#include "manifest/syntax.h"
#include "manifest/tree.h"

/* libyaml may read this much between two events: escapes make a text longer in the file than it is. */
#define GAP_MAX (1024u * 1024)

/* What libyaml reads from. */
struct feed {
    struct slice content;
    size_t offset;
    size_t at_last_event; /* offset then */
    bool starved;         /* GAP_MAX was reached */
};

/* A file that is being read. */
struct reading {
    struct document *document;
    struct faults *faults;
    struct tree *tree;
    struct feed feed;
    size_t last_end; /* character where the last event ended */
    bool done;
};

static struct place place_of(const struct reading *reading, yaml_mark_t mark)
{
    return (struct place){reading->document->shown, mark.line + 1, mark.column + 1};
}

/* ---- events ------------------------------------------------------------------------------------------------------- */

/* Refuse a tag: nothing here has a type of its own, and "!!str" is what quotes are for. */
static int check_tag(const struct reading *reading, const yaml_char_t *tag, struct place place)
{
    static const char standard[] = "tag:yaml.org,2002:";
    const char *text = (const char *)tag;
    const char *handle = "";

    if (tag == NULL) {
        return 0;
    }
    if (strncmp(text, standard, sizeof(standard) - 1) == 0) {
        handle = "!!";
        text += sizeof(standard) - 1;
    }
    tree_complain(reading->tree, place, "remove it; quotes make a value a text",
                  "the tag \"%s%.64s\" is not taken", handle, text);
    return -1;
}

static int on_scalar(const struct reading *reading, const yaml_event_t *event)
{
    struct place place = place_of(reading, event->start_mark);
    struct written_text text = {(const char *)event->data.scalar.value, event->data.scalar.length,
                                event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE};

    if (check_tag(reading, event->data.scalar.tag, place) != 0) {
        return -1;
    }
    return tree_text(reading->tree, place, (const char *)event->data.scalar.anchor, text);
}

static int on_start(const struct reading *reading, const yaml_event_t *event, enum node_kind kind,
                    const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct place place = place_of(reading, event->start_mark);

    if (check_tag(reading, tag, place) != 0) {
        return -1;
    }
    return tree_open(reading->tree, place, (const char *)anchor, kind);
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
static int on_document_end(struct reading *reading, const yaml_event_t *event)
{
    struct slice content = reading->feed.content;
    size_t at = encoding_offset(content, event->end_mark.index);
    struct place place;

    reading->done = true;
    if (is_rest_empty(content, &at)) {
        return 0;
    }
    place = encoding_place(content, reading->document->shown, at);
    if (content.length - at >= 3 && memcmp(content.data + at, "---", 3) == 0) {
        fault_error(reading->faults, &place, NULL, "put it into a file of its own",
                    "a second document begins here");
    } else {
        fault_error(reading->faults, &place, NULL, "check the indentation, and brackets that close too early",
                    "the document is complete before this place");
    }
    return -1;
}

static int on_event(struct reading *reading, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(reading, event);
    case YAML_ALIAS_EVENT:
        return tree_alias(reading->tree, place_of(reading, event->start_mark),
                          (const char *)event->data.alias.anchor);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(reading, event, NODE_SEQUENCE, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_start(reading, event, NODE_MAPPING, event->data.mapping_start.anchor,
                        event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return tree_close(reading->tree);
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(reading, event);
    case YAML_STREAM_END_EVENT:
        reading->done = true;
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
    if (*size_read > 0) {
        memcpy(buffer, feed->content.data + feed->offset, *size_read);
    }
    feed->offset += *size_read;
    return 1;
}

/* libyaml read a megabyte and had nothing to tell: a text that is too long, or as much of comments. */
static void explain_starved(struct reading *reading)
{
    struct slice content = reading->feed.content;
    size_t start = encoding_offset(content, reading->last_end);
    size_t at = start;

    while (!is_rest_empty(content, &at) && strchr("[]{},:?-", content.data[at]) != NULL) {
        at++;
    }
    if (at - start >= GAP_MAX / 2) {
        tree_complain(reading->tree, encoding_place(content, reading->document->shown, start), "remove some",
                      "more than %u bytes of comments in a row", GAP_MAX / 2);
    } else {
        tree_complain(reading->tree, encoding_place(content, reading->document->shown, at), "make it shorter",
                      "a text longer than the %u bytes that are taken", DOCUMENT_SCALAR_MAX);
    }
}

static void explain(struct reading *reading, const yaml_parser_t *parser)
{
    struct slice content = reading->feed.content;
    struct bytes path = BYTES_EMPTY;
    struct syntax_problem problem = {.problem = parser->problem, .context = parser->context, .byte = -1};
    size_t at;

    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        fault_memory(reading->faults);
        return;
    }
    if (reading->feed.starved) {
        explain_starved(reading);
        return;
    }
    problem.at = place_of(reading, parser->problem_mark);
    if (parser->context != NULL) {
        problem.context_at = place_of(reading, parser->context_mark);
    }
    at = encoding_offset(content, parser->problem_mark.index);
    if (at < content.length) {
        problem.byte = content.data[at];
    }
    if (tree_render_path(reading->tree, &path) != 0) {
        fault_memory(reading->faults);
    } else {
        syntax_explain(&problem, path.length == 0 ? NULL : bytes_text(&path), reading->faults);
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

static int read_events(struct reading *reading)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int status = 0;

    if (yaml_parser_initialize(&parser) == 0) {
        fault_memory(reading->faults);
        return -1;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&parser, feed_parser, &reading->feed);
    while (status == 0 && !reading->done) {
        if (yaml_parser_parse(&parser, &event) == 0) {
            explain(reading, &parser);
            status = -1;
            break;
        }
        reading->feed.at_last_event = reading->feed.offset;
        reading->last_end = event.end_mark.index;
        status = on_event(reading, &event);
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

struct document *document_new(const char *shown)
{
    struct document *document = calloc(1, sizeof(*document));

    if (document == NULL) {
        return NULL;
    }
    document->shown = strdup(shown);
    if (document->shown == NULL) {
        free(document);
        return NULL;
    }
    /* Where memory lies is not known to who writes a file. Nothing but the order of slots in a table depends on it. */
    document->seed[0] = (uint64_t)(uintptr_t)document * 0x9e3779b97f4a7c15u;
    document->seed[1] = (uint64_t)(uintptr_t)&document * 0xc2b2ae3d27d4eb4fu;
    return document;
}

struct document *document_parse(struct slice content, const char *shown, struct faults *faults)
{
    struct reading reading = {.document = document_new(shown), .faults = faults};
    int status = -1;

    if (reading.document != NULL) {
        reading.tree = tree_new(reading.document, faults);
    }
    if (reading.tree == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (check_content(&content, reading.document->shown, faults) != 0) {
        goto out;
    }
    reading.feed.content = content;
    if (read_events(&reading) == 0 && tree_finish(reading.tree) == 0) {
        status = 0;
    }
out:
    tree_free(reading.tree);
    if (status != 0) {
        document_free(reading.document);
        reading.document = NULL;
    }
    return reading.document;
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
