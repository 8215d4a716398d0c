/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: what is read, what is refused with which sentence, and that hostile files are refused at once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "manifest/document_builder.h"
#include "patience.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is quadratic takes hours of processor time with such files. How fast they are refused, tests/bench/hostile measures. */
#define SECONDS_MAX 60.0

/* Parse a copy that has exactly the size of @p content, so that reading past its end is seen. */
static struct document *parse(struct slice content, struct faults *faults)
{
    unsigned char *copy = NULL;
    struct document *document;

    if (content.length > 0) {
        copy = malloc(content.length);
        cr_assert_not_null(copy);
        memcpy(copy, content.data, content.length);
    }
    document = document_parse((struct slice){copy, content.length}, "f.yaml", faults);
    cr_assert_eq(document == NULL, faults_errors(faults) > 0);
    free(copy);
    return document;
}

/* A document that must be taken. */
static struct document *taken(const char *text)
{
    struct faults *faults = faults_new();
    struct document *document = parse(slice_of_text(text), faults);

    cr_assert_not_null(document, "%s: %s", text,
                       faults_count(faults) > 0 ? faults_text(faults, 0) : "no fault");
    faults_free(faults);
    return document;
}

/* The one fault of a file that must be refused. */
static void refused(struct slice content, const char *expected)
{
    struct faults *faults = faults_new();
    struct document *document = parse(content, faults);

    cr_assert_null(document, "taken, instead of: %s", expected);
    cr_assert_eq(faults_count(faults), 1, "%zu faults, instead of: %s", faults_count(faults), expected);
    cr_assert_str_eq(faults_text(faults, 0), expected);
    faults_free(faults);
}

static void place_is(struct place place, size_t line, size_t column)
{
    cr_assert_str_eq(place.file, "f.yaml");
    cr_assert_eq(place.line, line, "line %zu, not %zu", place.line, line);
    cr_assert_eq(place.column, column, "column %zu, not %zu", place.column, column);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

Test(document, kinds_texts_and_places)
{
    struct document *document =
        taken("a: 1\nlist: [x, \"y\", 'z']\n\"ü\": {ä: é, b: c}\nblock:\n  - |\n    two\n    lines\n  -\n");
    const struct node *root = document_root(document);
    const struct node *list = node_find(root, "list");
    const struct node *block = node_find(root, "block");

    cr_assert_str_eq(document_shown(document), "f.yaml");
    cr_assert_eq(node_kind(root), NODE_MAPPING);
    cr_assert_str_eq(node_kind_word(root), "mapping");
    cr_assert_eq(node_count(root), 4);
    cr_assert_null(node_text(root));
    cr_assert_null(node_item(root, 0));
    cr_assert_str_eq(node_text(node_find(root, "a")), "1");
    place_is(node_place(root), 1, 1);
    place_is(node_key_place(root, 1), 2, 1);
    cr_assert_str_eq(node_key(root, 1), "list");
    cr_assert_eq(node_value(root, 1), list);
    cr_assert_eq(node_kind(list), NODE_SEQUENCE);
    cr_assert_str_eq(node_kind_word(list), "list");
    cr_assert_eq(node_count(list), 3);
    place_is(node_place(list), 2, 7);
    cr_assert_str_eq(node_kind_word(node_item(list, 0)), "text");
    cr_assert(node_is_plain(node_item(list, 0)));
    cr_assert_not(node_is_plain(node_item(list, 1)));
    cr_assert_not(node_is_plain(node_item(list, 2)));
    cr_assert_str_eq(node_text(node_item(list, 2)), "z");
    place_is(node_place(node_item(list, 2)), 2, 16);
    cr_assert_null(node_item(list, 3));
    /* columns count characters, not bytes */
    place_is(node_place(node_find(node_find(root, "ü"), "b")), 3, 16);
    cr_assert_str_eq(node_text(node_item(block, 0)), "two\nlines\n");
    cr_assert_not(node_is_plain(node_item(block, 0)));
    cr_assert(node_is_null(node_item(block, 1)));
    cr_assert_null(node_find(root, "nothing"));
    cr_assert_null(node_find(list, "x"));
    cr_assert_null(node_key(root, 4));
    cr_assert_null(node_value(root, 4));
    cr_assert_eq(node_count(node_item(list, 0)), 0);
    document_free(document);
    document_free(NULL);
}

Test(document, null_is_plain_only)
{
    struct document *document = taken("[ ~, null, \"~\", 'null', \"\", Null, NO, {}, {k: }]");
    const struct node *root = document_root(document);

    cr_assert(node_is_null(node_item(root, 0)));
    cr_assert(node_is_null(node_item(root, 1)));
    for (size_t i = 2; i < 8; i++) {
        cr_assert_not(node_is_null(node_item(root, i)), "item %zu", i);
    }
    cr_assert(node_is_null(node_find(node_item(root, 8), "k")));
    cr_assert_str_eq(node_text(node_item(root, 6)), "NO");
    document_free(document);
}

Test(document, byte_order_mark_and_line_ends)
{
    struct document *document =
        taken("\xef\xbb\xbf%YAML 1.2\n# x\n---\r\na: 1\rbcd: 2\r\n  # note\r\ne:   3\n...\n# behind\n");
    const struct node *root = document_root(document);

    cr_assert_eq(node_count(root), 3);
    place_is(node_key_place(root, 0), 4, 1);
    place_is(node_place(node_find(root, "bcd")), 5, 6);
    place_is(node_place(node_find(root, "e")), 7, 6);
    document_free(document);
}

/* Every key is found, in the order of the file, in a mapping small enough to be searched and in ones that have an index. */
Test(document, large_mappings)
{
    static const size_t sizes[] = {1, 15, 16, 17, 31, 32, 33, 1000, 20000};

    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct bytes text = BYTES_EMPTY;
        struct document *document;
        const struct node *root;
        char key[32];

        for (size_t k = 0; k < sizes[i]; k++) {
            cr_assert_eq(bytes_printf(&text, "key-%zu: {v: %zu}\n", k * 7, k), 0);
        }
        document = taken(bytes_text(&text));
        root = document_root(document);
        cr_assert_eq(node_count(root), sizes[i]);
        for (size_t k = 0; k < sizes[i]; k++) {
            char value[32];

            snprintf(key, sizeof(key), "key-%zu", k * 7);
            snprintf(value, sizeof(value), "%zu", k);
            cr_assert_str_eq(node_key(root, k), key);
            cr_assert_eq(node_find(root, key), node_value(root, k));
            cr_assert_str_eq(node_text(node_find(node_find(root, key), "v")), value);
            cr_assert_eq(node_key_place(root, k).line, k + 1);
            snprintf(key, sizeof(key), "key-%zu", k * 7 + 1);
            cr_assert_null(node_find(root, key));
        }
        document_free(document);
        bytes_free(&text);
    }
}

/* ---- aliases and merge keys --------------------------------------------------------------------------------------- */

Test(document, aliases_are_shared)
{
    struct document *document = taken("a: &x {k: v}\nb: *x\nc: &t text\n*t : d\ne: &empty\nf: *empty\n");
    const struct node *root = document_root(document);

    cr_assert_eq(node_find(root, "a"), node_find(root, "b"));
    place_is(node_place(node_find(root, "b")), 1, 4);
    cr_assert_str_eq(node_text(node_find(root, "text")), "d");
    cr_assert(node_is_null(node_find(root, "f")));
    document_free(document);
}

/* The keys and values of a mapping of texts, as "k=v k=v". */
static void shows(const struct node *mapping, const char *expected)
{
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < node_count(mapping); i++) {
        cr_assert_eq(bytes_printf(&text, "%s%s=%s", i == 0 ? "" : " ", node_key(mapping, i),
                                  node_text(node_value(mapping, i))),
                     0);
        cr_assert_eq(node_find(mapping, node_key(mapping, i)), node_value(mapping, i));
    }
    cr_assert_str_eq(bytes_text(&text), expected);
    bytes_free(&text);
}

Test(document, merge_keys)
{
    struct document *document = taken("one: &one {C: US, O: One, OU: Unit}\n"
                                      "two: &two {O: Two, L: Austin}\n"
                                      "list: &list [*two, *one]\n"
                                      "before: {<<: *one, O: Mine, CN: x}\n"
                                      "behind: {O: Mine, <<: *one, CN: x}\n"
                                      "earlier: {<<: [*two, *one]}\n"
                                      "later: {<<: *list}\n"
                                      "inline: {<<: {a: b}, c: d}\n"
                                      "chain: &chain {<<: *one, CN: x}\n"
                                      "chained: {<<: *chain, C: DE}\n"
                                      "quoted: {\"<<\": a}\n");
    const struct node *root = document_root(document);

    shows(node_find(root, "before"), "C=US O=Mine OU=Unit CN=x");
    shows(node_find(root, "behind"), "O=Mine C=US OU=Unit CN=x");
    shows(node_find(root, "earlier"), "O=Two L=Austin C=US OU=Unit");
    shows(node_find(root, "later"), "O=Two L=Austin C=US OU=Unit");
    shows(node_find(root, "inline"), "a=b c=d");
    shows(node_find(root, "chained"), "C=DE O=One OU=Unit CN=x");
    shows(node_find(root, "quoted"), "<<=a");
    /* what was merged is as written */
    shows(node_find(root, "one"), "C=US O=One OU=Unit");
    place_is(node_place(node_find(node_find(root, "before"), "C")), 1, 15);
    place_is(node_place(node_find(node_find(root, "before"), "O")), 4, 23);
    document_free(document);
}

/* A merge that makes a mapping large enough for an index, with keys that are overridden. */
Test(document, large_merge)
{
    struct bytes text = BYTES_EMPTY;
    struct document *document;
    const struct node *merged;

    cr_assert_eq(bytes_append_text(&text, "base: &base\n"), 0);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(bytes_printf(&text, "  k%d: base\n", i), 0);
    }
    cr_assert_eq(bytes_append_text(&text, "merged:\n  k5: own\n  <<: *base\n  k7: own\n  new: own\n"), 0);
    document = taken(bytes_text(&text));
    merged = node_find(document_root(document), "merged");
    cr_assert_eq(node_count(merged), 101);
    cr_assert_str_eq(node_key(merged, 0), "k5");
    cr_assert_str_eq(node_key(merged, 1), "k0");
    for (size_t i = 0; i < node_count(merged); i++) {
        const char *key = node_key(merged, i);
        bool own = strcmp(key, "k5") == 0 || strcmp(key, "k7") == 0 || strcmp(key, "new") == 0;

        cr_assert_str_eq(node_text(node_find(merged, key)), own ? "own" : "base");
        cr_assert_eq(node_find(merged, key), node_value(merged, i));
    }
    document_free(document);
    bytes_free(&text);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

struct refusal {
    const char *text;
    const char *fault;
};

#define QUOTE_COLON "(put the text in quotes when the \":\" belongs to it; otherwise check the indentation)"
#define CHECK_KEY   "(check the indentation, and quotes that close too early)"
#define CLOSE_LIST  "(close the list, or put the text in quotes)"
#define CLOSE_MAP   "(close the mapping, or put the text in quotes)"
#define NO_TAG      "(remove it; quotes make a value a text)"
#define KEY_TEXT    "(put it in quotes when it is meant as a text)"
#define BAD_TAG     "a tag, which is not taken (remove it, or put a text that begins with \"!\" in quotes)"
#define MERGE_HINT  "(write <<: *anchor, where the anchor is a mapping)"

static const struct refusal refusals[] = {
    /* nothing there */
    {"", "f.yaml:1:1: the file is empty (write \"key: value\" lines)"},
    {"# only a comment\n", "f.yaml:1:1: the file is empty (write \"key: value\" lines)"},
    {"---\n", "f.yaml:1:1: the file is empty (write \"key: value\" lines)"},
    {"\xef\xbb\xbf", "f.yaml:1:1: the file is empty (write \"key: value\" lines)"},
    /* indentation, keys, values */
    {"a:\n\tb: 1\n", "f.yaml:2:1: a: a tab used for indentation (use spaces)"},
    {"a:\n  b: 1\n\tc: 2\n", "f.yaml:3:1: a.b: a tab used for indentation (use spaces)"},
    {"a: b: c\n", "f.yaml:1:5: a \":\" that cannot stand here " QUOTE_COLON},
    {"subject: CN=x\n  foo: bar\n", "f.yaml:2:6: a \":\" that cannot stand here " QUOTE_COLON},
    {"a: 1\nfoo\nb: 2\n", "f.yaml:2:1: a text without \": \" where a key is expected (write \"key: value\", "
                          "with a space after the \":\")"},
    {"a:\n   b: 1\n  c: 2\n",
     "f.yaml:3:3: expected a key of the mapping that begins at line 1, column 1 " CHECK_KEY},
    {"a: \"b\" c\n", "f.yaml:1:8: expected a key of the mapping that begins at line 1, column 1 " CHECK_KEY},
    {"x:\n  - a\n  b: 1\n",
     "f.yaml:3:3: x[1]: expected \"- \" of the list that begins at line 2, column 3 (check the indentation)"},
    {"a: - b\n", "f.yaml:1:4: a: a list cannot begin here with \"- \" (begin it on a line of its own, or "
                 "write it as [a, b])"},
    {"a: ? b\n",
     "f.yaml:1:4: a: a \"? \" that cannot stand here (put the text in quotes when the \"?\" belongs to it)"},
    {"[a]: b\n", "f.yaml:1:1: a key must be a text, but is a list " KEY_TEXT},
    {"a: {{ x }}\n", "f.yaml:1:5: a: a key must be a text, but is a mapping " KEY_TEXT},
    {"a: &a [x]\n*a : b\n", "f.yaml:2:1: a key must be a text, but is a list " KEY_TEXT},
    {"? \n: b\n", "f.yaml:1:2: a key is missing before \":\" (write \"key: value\")"},
    {"a: {: b}", "f.yaml:1:5: a: a key is missing before \":\" (write \"key: value\")"},
    /* flow */
    {"a: [b, c\nd: e\n",
     "f.yaml:2:2: a[2]: expected \",\" or \"]\" in the list that begins at line 1, column 4 " CLOSE_LIST},
    {"a: {b: c\nd: e\n",
     "f.yaml:2:2: a: expected \",\" or \"}\" in the mapping that begins at line 1, column 4 " CLOSE_MAP},
    {"a: {b: c",
     "f.yaml:2:1: a: expected \",\" or \"}\" in the mapping that begins at line 1, column 4 " CLOSE_MAP},
    {"a: [b,, c]\n", "f.yaml:1:7: a[1]: a value is expected here (write one, or put the text in quotes when "
                     "it begins with a special character)"},
    {"a: ]\n", "f.yaml:1:4: a: a value is expected here (write one, or put the text in quotes when it begins "
               "with a special character)"},
    /* texts that need quotes, and quotes */
    {"s:\n  san: [a, \"b\", @c]\n",
     "f.yaml:2:17: s.san[2]: a text cannot begin with \"@\" (put it in quotes)"},
    {"a: `b`\n", "f.yaml:1:4: a: a text cannot begin with \"`\" (put it in quotes)"},
    {"a: %b\n", "f.yaml:1:4: a: a text cannot begin with \"%\" (put it in quotes)"},
    {"a: *.example.com\n", "f.yaml:1:5: a: expected a name of letters, digits, \"-\" and \"_\" after \"*\" "
                           "(put a text that begins with \"*\" in quotes)"},
    {"a: & b\n", "f.yaml:1:5: a: expected a name of letters, digits, \"-\" and \"_\" after \"&\" (put a text "
                 "that begins with \"&\" in quotes)"},
    {"a: 1\nb: \"abc\nc: 2\n", "f.yaml:2:4: b: the quote that opens here is never closed (close it)"},
    {"a: 1\nb: 'abc\nc: 2\n", "f.yaml:2:4: b: the quote that opens here is never closed (close it)"},
    {"a: \"x\n---\ny\"",
     "f.yaml:1:4: a: the quote that opens here is not closed before the document ends (close it)"},
    {"a: \"C:\\path\"", "f.yaml:1:7: a: an unknown escape in a double-quoted text (write \\\\ for a "
                        "backslash, or use single quotes)"},
    {"a: \"\\xzz\"",
     "f.yaml:1:7: a: an escape without its hexadecimal digits (two follow \\x, four \\u, eight \\U)"},
    {"a: \"\\ud800\"", "f.yaml:1:7: a: an escape that is no Unicode character (write one up to 10FFFF, and "
                       "none from D800 to DFFF)"},
    {"a: \"b\\0c\"", "f.yaml:1:4: a: a text with a NUL character (\"\\0\") in it (remove it)"},
    {"a: | b\n", "f.yaml:1:6: a: text behind \"|\" or \">\" on the same line (begin it on the next line, "
                 "indented; or put it in quotes)"},
    {"a: |0\n b", "f.yaml:1:5: a: an indentation of 0 behind \"|\" or \">\" (leave the number out)"},
    /* tags and directives */
    {"a: !!str x", "f.yaml:1:4: a: the tag \"!!str\" is not taken " NO_TAG},
    {"a: !foo x", "f.yaml:1:4: a: the tag \"!foo\" is not taken " NO_TAG},
    {"a: ! x", "f.yaml:1:4: a: the tag \"!\" is not taken " NO_TAG},
    {"!!map {a: 1}", "f.yaml:1:1: the tag \"!!map\" is not taken " NO_TAG},
    {"a: !!seq []", "f.yaml:1:4: a: the tag \"!!seq\" is not taken " NO_TAG},
    {"a: !<tag:x> {}", "f.yaml:1:4: a: the tag \"tag:x\" is not taken " NO_TAG},
    {"a: !f!oo x", "f.yaml:1:4: a: " BAD_TAG},
    {"%TAG ! x\n---\na: 1\n", "f.yaml:1:1: a directive, which is not taken (remove the line)"},
    {"# x\n\n%FOO\n---\na: 1\n", "f.yaml:3:1: a directive, which is not taken (remove the line)"},
    {"%YAML 1.1\n%YAML 1.1\n---\na: 1\n", "f.yaml:2:1: a directive, which is not taken (remove the line)"},
    {"%YAML 2.0\n---\na: 1\n", "f.yaml:1:1: a directive, which is not taken (remove the line)"},
    {"%YAML 1.2\na: 1\n", "f.yaml:2:1: expected \"---\" after the directives (remove the directives, the "
                          "lines that begin with \"%\")"},
    /* more than one document */
    {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here (put it into a file of its own)"},
    {"a: ü\n...\n---\n", "f.yaml:3:1: a second document begins here (put it into a file of its own)"},
    {"a: 1\n...\n%TAG ! x\n", "f.yaml:3:1: the document is complete before this place (check the "
                              "indentation, and brackets that close too early)"},
    {"{a: 1}\nb: 2\n", "f.yaml:2:1: the document is complete before this place (check the indentation, and "
                       "brackets that close too early)"},
    /* anchors, aliases, merge keys */
    {"a: *x", "f.yaml:1:4: a: no anchor \"x\" to repeat (an anchor must stand before its aliases; put a text "
              "that begins with \"*\" in quotes)"},
    {"a: &x 1\nb: &x 2\n", "f.yaml:2:4: b: the anchor \"x\" is given twice, first at line 1, column 4 (give "
                           "one of them another name)"},
    {"a: &a [*a]", "f.yaml:1:8: a[0]: the alias \"a\" stands inside its own anchor (move the alias out of "
                   "what it repeats)"},
    {"&a {b: *a}",
     "f.yaml:1:8: b: the alias \"a\" stands inside its own anchor (move the alias out of what it repeats)"},
    {"a: &a {<<: *a}", "f.yaml:1:12: a.\"<<\": the alias \"a\" stands inside its own anchor (move the alias "
                       "out of what it repeats)"},
    {"a: {<<: 1}",
     "f.yaml:1:5: a: \"<<\" must be a mapping or a list of mappings, but is a text " MERGE_HINT},
    {"a: &a [x]\nb: {<<: *a}",
     "f.yaml:2:5: b: \"<<\" must be a mapping or a list of mappings, but is a text " MERGE_HINT},
    {"a: {<<: [[]]}",
     "f.yaml:1:5: a: \"<<\" must be a mapping or a list of mappings, but is a list " MERGE_HINT},
    {"a: &a {x: 1}\nb: {<<: *a, <<: *a}", "f.yaml:2:13: b: the key \"<<\" is given twice, first at line 2, "
                                          "column 5 (write <<: [*one, *other] to merge several)"},
    /* keys given twice */
    {"a: 1\nb: 2\na: 3\n",
     "f.yaml:3:1: the key \"a\" is given twice, first at line 1, column 1 (keep one of the two)"},
    {"x: {y: [{a: 1, 'a': 2}]}",
     "f.yaml:1:16: x.y[0]: the key \"a\" is given twice, first at line 1, column 10 (keep one of the two)"},
    {"a: 1\na: 2\nb: @\n", "f.yaml:3:4: b: a text cannot begin with \"@\" (put it in quotes)"},
};

Test(document, refusals)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        refused(slice_of_text(refusals[i].text), refusals[i].fault);
    }
}

#define LINE_BREAK                                                                                           \
    "which is a line break to some readers of YAML and none to others (put the text in double quotes and "   \
    "write it as an escape)"
#define NO_UTF8 "is not UTF-8 (save the file as UTF-8)"
#define WIDE    "f.yaml:1:1: the file is UTF-16 or UTF-32, or no text (save the file as UTF-8)"
#define CONTROL "(put the text in double quotes and write it as an escape)"

struct encoding_refusal {
    struct slice content;
    const char *fault;
};
#define BYTES(text)                                                                                          \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }

static const struct encoding_refusal encodings[] = {
    {BYTES("a: 1\nb: \0c\n"), "f.yaml:2:4: a NUL byte (remove it: a YAML file is text)"},
    {BYTES("\0"), "f.yaml:1:1: a NUL byte (remove it: a YAML file is text)"},
    {BYTES("a: 1\r\nüö: \xc3(\n"), "f.yaml:2:5: the byte 0xC3 " NO_UTF8},
    {BYTES("a: 1\rb: \x80"), "f.yaml:2:4: the byte 0x80 " NO_UTF8},
    {BYTES("a: 12345678901234567\xff"), "f.yaml:1:21: the byte 0xFF " NO_UTF8},
    {BYTES("a: \xc0\xaf"), "f.yaml:1:4: the byte 0xC0 " NO_UTF8},
    {BYTES("a: \xe0\x80\xaf"), "f.yaml:1:4: the byte 0xE0 " NO_UTF8},
    {BYTES("a: \xed\xa0\x80"), "f.yaml:1:4: the byte 0xED " NO_UTF8},
    {BYTES("a: \xf4\x90\x80\x80"), "f.yaml:1:4: the byte 0xF4 " NO_UTF8},
    {BYTES("a: \xe2\x82"), "f.yaml:1:4: the byte 0xE2 " NO_UTF8},
    {BYTES("\xff\xfe"
           "a\0:\0"),
     WIDE},
    {BYTES("\xfe\xff\0a\0:"), WIDE},
    {BYTES("a\0:\0 \0"), WIDE},
    {BYTES("\0a\0:"), WIDE},
    {BYTES("\xff\xfe\0\0a\0\0\0"), WIDE},
    {BYTES("a: \x07"), "f.yaml:1:4: the control character U+0007 " CONTROL},
    {BYTES("a: \x1b[0m"), "f.yaml:1:4: the control character U+001B " CONTROL},
    {BYTES("a: \x7f"), "f.yaml:1:4: the control character U+007F " CONTROL},
    {BYTES("a: \xc2\x9b"), "f.yaml:1:4: the control character U+009B " CONTROL},
    {BYTES("a: \xef\xbf\xbe"), "f.yaml:1:4: the control character U+FFFE " CONTROL},
    {BYTES("a: b\xc2\x85"), "f.yaml:1:5: the character U+0085, " LINE_BREAK},
    {BYTES("a: b\xe2\x80\xa8"), "f.yaml:1:5: the character U+2028, " LINE_BREAK},
    {BYTES("a: b\xe2\x80\xa9"), "f.yaml:1:5: the character U+2029, " LINE_BREAK},
    {BYTES("a: \xef\xbb\xbf"),
     "f.yaml:1:4: a byte order mark (U+FEFF) that is not at the start of the file (remove it)"},
};

Test(document, encodings)
{
    struct slice large = {(const unsigned char *)"a", (size_t)DOCUMENT_SIZE_MAX + 1};
    struct faults *faults = faults_new();

    for (size_t i = 0; i < COUNT(encodings); i++) {
        refused(encodings[i].content, encodings[i].fault);
    }
    cr_assert_null(document_parse(large, "f.yaml", faults));
    cr_assert_str_eq(faults_text(faults, 0), "f.yaml: the file is larger than 64 MiB (split it)");
    faults_free(faults);
    refused((struct slice){NULL, 0}, "f.yaml:1:1: the file is empty (write \"key: value\" lines)");
}

Test(document, all_keys_given_twice_are_told)
{
    struct faults *faults = faults_new();
    const char *text = "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 4\na: 5\n";

    cr_assert_null(parse(slice_of_text(text), faults));
    cr_assert_eq(faults_count(faults), 3);
    cr_assert_str_eq(
        faults_text(faults, 0),
        "f.yaml:5:3: b: the key \"c\" is given twice, first at line 3, column 3 (keep one of the two)");
    cr_assert_str_eq(
        faults_text(faults, 1),
        "f.yaml:6:1: the key \"a\" is given twice, first at line 1, column 1 (keep one of the two)");
    cr_assert_str_eq(
        faults_text(faults, 2),
        "f.yaml:7:1: the key \"a\" is given twice, first at line 1, column 1 (keep one of the two)");
    faults_free(faults);
}

/* ---- bounds ------------------------------------------------------------------------------------------------------- */

/* @p count times @p part. */
static void repeat(struct bytes *text, const char *part, size_t count)
{
    size_t length = strlen(part);

    cr_assert_eq(bytes_reserve(text, length * count), 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(bytes_append(text, part, length), 0);
    }
}

static void append(struct bytes *text, const char *format, ...) PRINTF_LIKE(2, 3);
static void append(struct bytes *text, const char *format, ...)
{
    char part[256];
    va_list values;

    va_start(values, format);
    vsnprintf(part, sizeof(part), format, values);
    va_end(values);
    cr_assert_eq(bytes_append_text(text, part), 0);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Refused with @p fault, or taken when that is NULL; at once in any case. Frees @p text. */
static void quick(struct bytes *text, const char *name, const char *fault)
{
    struct faults *faults = faults_new();
    double start = seconds();
    struct document *document = document_parse(slice_of(text), "f.yaml", faults);
    double took = seconds() - start;

    cr_assert_lt(took, patience(SECONDS_MAX), "%s took %.2f s", name, took);
    if (fault == NULL) {
        cr_assert_not_null(document, "%s: %s", name, faults_count(faults) > 0 ? faults_text(faults, 0) : "");
    } else {
        cr_assert_null(document, "%s was taken", name);
        cr_assert_eq(faults_count(faults), 1, "%s", name);
        cr_assert_str_eq(faults_text(faults, 0), fault, "%s: %s", name, faults_text(faults, 0));
    }
    document_free(document);
    faults_free(faults);
    bytes_free(text);
}

#define DEEP     "lists and mappings nested more than 32 deep (make it flatter)"
#define INDEX_8  "[0][0][0][0][0][0][0][0]"
#define INDEX_32 INDEX_8 INDEX_8 INDEX_8 INDEX_8
#define KEYS_8   "a.a.a.a.a.a.a.a"
#define KEYS_32  KEYS_8 "." KEYS_8 "." KEYS_8 "." KEYS_8

Test(document, nesting)
{
    static const struct {
        const char *part;
        const char *fault;
    } shapes[] = {
        {"[", "f.yaml:1:33: " INDEX_32 ": " DEEP},
        {"[\n", "f.yaml:33:1: " INDEX_32 ": " DEEP},
        {"- ", "f.yaml:1:65: " INDEX_32 ": " DEEP},
        {"{a: ", "f.yaml:1:129: " KEYS_32 ": " DEEP},
        {"{", "f.yaml:1:2: a key must be a text, but is a mapping " KEY_TEXT},
        {"? ", "f.yaml:1:3: a key must be a text, but is a mapping " KEY_TEXT},
    };
    static const size_t counts[] = {10000, 100000, 1000000};
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (size_t k = 0; k < COUNT(counts); k++) {
            repeat(&text, shapes[i].part, counts[k]);
            quick(&text, shapes[i].part, shapes[i].fault);
        }
    }
    repeat(&text, "[", DOCUMENT_DEPTH_MAX);
    repeat(&text, "]", DOCUMENT_DEPTH_MAX);
    quick(&text, "as deep as may be", NULL);
}

#define TOO_LONG "a text longer than the 65536 bytes that are taken (make it shorter)"

Test(document, long_texts)
{
    static const struct {
        const char *before;
        const char *part;
        const char *after;
        const char *fault;
    } shapes[] = {
        {"a: ", "xxxxxxxxxx", "", "f.yaml:1:4: a: " TOO_LONG},
        {"a: ", "xxxx xxxx ", "", "f.yaml:1:4: a: " TOO_LONG},
        {"a: \"", "xxxxxxxxxx", "\"", "f.yaml:1:4: a: " TOO_LONG},
        {"a: '", "xxxxxxxxxx", "'", "f.yaml:1:4: a: " TOO_LONG},
        {"a: [\"", "xxxxxxxxxx", "\"]", "f.yaml:1:5: a[0]: " TOO_LONG},
        {"ü: {b: \"", "\\x41\\u00e4", "\"}", "f.yaml:1:8: ü.b: " TOO_LONG},
        {"a:\n", "  xxxxxxx\n", "", "f.yaml:2:3: a: " TOO_LONG},
        {"a: |\n", "  xxxxxxx\n", "", "f.yaml:1:4: a: " TOO_LONG},
        {"a: >\n", "  xxx\n\n  x\n", "", "f.yaml:1:4: a: " TOO_LONG},
        {"", "xxxxxxxxxx", ": 1", "f.yaml:1:1: " TOO_LONG},
        {"a: 1\n\"", "xxxxxxxxxx", "\": 1", "f.yaml:2:1: " TOO_LONG},
        {"a: &", "xxxxxxxxxx", " b", "f.yaml:1:4: a: " TOO_LONG},
        {"a: *", "xxxxxxxxxx", "", "f.yaml:1:4: a: " TOO_LONG},
        {"a: !", "xxxxxxxxxx", " b", "f.yaml:1:4: a: " TOO_LONG},
        {"a: 1 # ", "xxxxxxxxxx", "\nb: 1",
         "f.yaml:1:5: more than 524288 bytes of comments in a row (remove some)"},
        {"a: b", "          ", "c",
         "f.yaml:1:5: more than 1024 spaces and line breaks in a row (remove them)"},
    };
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < COUNT(shapes); i++) {
        append(&text, "%s", shapes[i].before);
        repeat(&text, shapes[i].part, 1000000);
        append(&text, "%s", shapes[i].after);
        quick(&text, shapes[i].fault, shapes[i].fault);
    }
}

Test(document, longest_texts)
{
    struct bytes text = BYTES_EMPTY;

    append(&text, "a: \"");
    repeat(&text, "\\x41", DOCUMENT_SCALAR_MAX);
    append(&text, "\"\n");
    quick(&text, "a text as long as may be", NULL);
    append(&text, "a: \"");
    repeat(&text, "\\x41", DOCUMENT_SCALAR_MAX + 1);
    append(&text, "\"\n");
    quick(&text, "one more",
          "f.yaml:1:4: a: a text of 65537 bytes, where at most 65536 are taken (make it shorter)");
    append(&text, "a: 1");
    repeat(&text, " ", 1023);
    append(&text, "\nb: 2");
    quick(&text, "as many blanks as may be", NULL);
    for (size_t shift = 0; shift < 600; shift += 37) {
        repeat(&text, "#", 1 + shift);
        repeat(&text, "\n", 1025);
        append(&text, "b: 2");
        append(&text, "%s", "");
        {
            char fault[128];

            snprintf(fault, sizeof(fault),
                     "f.yaml:1:%zu: more than 1024 spaces and line breaks in a row (remove them)", 2 + shift);
            quick(&text, "one blank more", fault);
        }
    }
    repeat(&text, "# a comment line of some length\n", 10000);
    append(&text, "a: 1");
    quick(&text, "many comments", NULL);
}

#define MANY_NODES                                                                                           \
    "more than 4000000 values, aliases counted each time (make the file smaller, or use fewer aliases)"

Test(document, expansion)
{
    struct bytes text = BYTES_EMPTY;

    append(&text, "a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (int letter = 'b'; letter < 'z'; letter++) {
        append(&text, "%c: &%c [", letter, letter);
        for (int i = 0; i < 9; i++) {
            append(&text, "*%c,", letter - 1);
        }
        append(&text, "]\n");
    }
    quick(&text, "a billion laughs", "f.yaml:7:26: g[6]: " MANY_NODES);

    append(&text, "a0: &a0 [x]\n");
    for (int i = 1; i < 64; i++) {
        append(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    }
    quick(&text, "a deep chain of aliases", "f.yaml:32:12: a31[0]: " DEEP);

    append(&text, "a: &a {");
    for (int i = 0; i < 100; i++) {
        append(&text, "k%d: %d, ", i, i);
    }
    append(&text, "}\n");
    for (int i = 0; i < 100000; i++) {
        append(&text, "e%d: {<<: *a}\n", i);
    }
    quick(&text, "many large merges", "f.yaml:19608:9: e19606: " MANY_NODES);

    append(&text, "e0: &e0 {k0: 1}\n");
    for (int i = 1; i < 100; i++) {
        append(&text, "e%d: &e%d {<<: *e%d, k%d: 1}\n", i, i, i - 1, i);
    }
    quick(&text, "a chain of merges is not deep", NULL);
}

Test(document, many_small_things)
{
    struct bytes text = BYTES_EMPTY;

    for (int i = 0; i < 1000000; i++) {
        append(&text, "- &a%d x\n", i);
    }
    quick(&text, "a million anchors", "f.yaml:100001:3: [100000]: more than 100000 anchors (use fewer)");
    append(&text, "- &a x\n");
    repeat(&text, "- *a\n", 1000000);
    quick(&text, "a million aliases", NULL);
    append(&text, "[");
    repeat(&text, "a, ", 333333);
    append(&text, "]");
    quick(&text, "a long list", NULL);
    append(&text, "[");
    repeat(&text, "a: b, ", 100000);
    append(&text, "]");
    quick(&text, "a long list of pairs", NULL);
    repeat(&text, "%YAML 1.1\n", 300000);
    quick(&text, "many versions", "f.yaml:2:1: a directive, which is not taken (remove the line)");
    repeat(&text, "---\n", 1000000);
    quick(&text, "many documents",
          "f.yaml:2:1: a second document begins here (put it into a file of its own)");
    append(&text, "x: \"");
    repeat(&text, "\n", 1000);
    repeat(&text, "y z ", 15000);
    append(&text, "\"");
    quick(&text, "many words behind many line breaks", NULL);
}

/* ---- built in memory ---------------------------------------------------------------------------------------------- */

/* The one fault of what was built. */
static void built_is_refused(struct document_builder *builder, struct faults *faults, const char *expected)
{
    cr_assert_null(document_builder_finish(builder));
    cr_assert_eq(faults_count(faults), 1, "%zu faults, instead of: %s", faults_count(faults), expected);
    cr_assert_str_eq(faults_text(faults, 0), expected);
    faults_free(faults);
}

Test(document, what_is_built_reads_as_what_is_written)
{
    static const char *const texts[] = {"true", "\"quoted\"\n\\", "", "*alias"};
    struct faults *faults = faults_new();
    struct document_builder *builder = document_builder_new(faults);
    struct document *document;
    const struct node *root;
    const struct node *list;

    document_builder_open(builder, NODE_MAPPING);
    document_builder_text(builder, "mtlskit");
    document_builder_number(builder, 1);
    document_builder_pair(builder, "null", "~");
    document_builder_pair(builder, "nothing", NULL);
    document_builder_list(builder, "list", texts, COUNT(texts));
    document_builder_text(builder, "<<");
    document_builder_open(builder, NODE_MAPPING);
    document_builder_close(builder);
    document_builder_close(builder);
    document = document_builder_finish(builder);
    cr_assert_not_null(document);
    cr_assert_eq(faults_count(faults), 0);
    root = document_root(document);
    cr_assert_eq(node_count(root), 4, "%zu", node_count(root));
    cr_assert(node_is_plain(node_find(root, "mtlskit")));
    cr_assert_str_eq(node_text(node_find(root, "mtlskit")), "1");
    cr_assert_not(node_is_plain(node_find(root, "null")));
    cr_assert_not(node_is_null(node_find(root, "null")));
    cr_assert_str_eq(node_text(node_find(root, "null")), "~");
    cr_assert_null(node_find(root, "nothing"));
    cr_assert_eq(node_kind(node_find(root, "<<")), NODE_MAPPING);
    list = node_find(root, "list");
    cr_assert_eq(node_count(list), COUNT(texts));
    for (size_t i = 0; i < COUNT(texts); i++) {
        cr_assert_str_eq(node_text(node_item(list, i)), texts[i]);
        cr_assert_not(node_is_plain(node_item(list, i)));
    }
    document_free(document);
    faults_free(faults);
}

Test(document, what_is_built_has_the_bounds_of_a_file)
{
    struct bytes longest = BYTES_EMPTY;
    struct faults *faults = faults_new();
    struct document_builder *builder = document_builder_new(faults);

    for (size_t i = 0; i <= DOCUMENT_DEPTH_MAX; i++) {
        document_builder_open(builder, NODE_SEQUENCE);
    }
    document_builder_text(builder, "never looked at");
    built_is_refused(
        builder, faults,
        "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
        "[0][0]: lists and mappings nested more than 32 deep (make it flatter)");

    faults = faults_new();
    builder = document_builder_new(faults);
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "name", "a\xff");
    document_builder_pair(builder, "name", "again");
    document_builder_number(builder, 1);
    document_builder_close(builder);
    built_is_refused(builder, faults, "name: \"a\\xFF\" is not UTF-8");

    while (longest.length <= DOCUMENT_SCALAR_MAX) {
        cr_assert_eq(bytes_append_byte(&longest, 'a'), 0);
    }
    faults = faults_new();
    builder = document_builder_new(faults);
    document_builder_text(builder, bytes_text(&longest));
    built_is_refused(builder, faults,
                     "a text of 65537 bytes, where at most 65536 are taken (make it shorter)");
    bytes_free(&longest);

    faults = faults_new();
    builder = document_builder_new(faults);
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "name", "one");
    document_builder_pair(builder, "name", "other");
    document_builder_close(builder);
    cr_assert_null(document_builder_finish(builder));
    cr_assert_eq(faults_errors(faults), 1);
    faults_free(faults);
    document_builder_free(NULL);
}
