/* SPDX-License-Identifier: Apache-2.0 */
/* Fields: paths, the reading of a mapping by a table, and the sentences whoever mistypes a key meets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "manifest/document.h"
#include "manifest/field.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct document *parse(const char *text)
{
    struct faults *faults = faults_new();
    struct document *document = document_parse(slice_of_text(text), "f.yaml", faults);

    cr_assert_not_null(document, "%s", faults_count(faults) > 0 ? faults_text(faults, 0) : "");
    faults_free(faults);
    return document;
}

/* ---- paths -------------------------------------------------------------------------------------------------------- */

static void renders(const struct path *path, const char *expected)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(path_render(path, &text), 0);
    cr_assert_str_eq(bytes_text(&text), expected);
    bytes_free(&text);
}

Test(field, paths)
{
    const struct path certificates = {NULL, "certificates", 0};
    const struct path server = {&certificates, "server", 0};
    const struct path dotted = {&certificates, "a.b", 0};
    const struct path san = {&server, "san", 0};
    const struct path item = {&san, NULL, 1};
    const struct path inner = {&item, "x", 0};
    const struct path odd = {&dotted, "two words", 0};
    const struct path quote = {NULL, "a\"b", 0};
    const struct path empty = {&server, "", 0};
    const struct path top = {NULL, NULL, 3};
    const struct path below = {&top, "k", 0};
    const struct path other = {&server, "Zürich_1-2", 0};

    renders(NULL, "");
    renders(&item, "certificates.server.san[1]");
    renders(&inner, "certificates.server.san[1].x");
    renders(&odd, "certificates.\"a.b\".\"two words\"");
    renders(&quote, "\"a\"b\"");
    renders(&empty, "certificates.server.\"\"");
    renders(&below, "[3].k");
    renders(&other, "certificates.server.Zürich_1-2");
}

/* However long the keys, the sentence behind the path is told. */
Test(field, long_paths_are_cut)
{
    struct path steps[40];
    struct bytes text = BYTES_EMPTY;
    char key[1001];

    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    for (size_t i = 0; i < COUNT(steps); i++) {
        steps[i] = (struct path){i == 0 ? NULL : &steps[i - 1], key, 0};
    }
    cr_assert_eq(path_render(&steps[COUNT(steps) - 1], &text), 0);
    cr_assert_lt(text.length, 500);
    cr_assert_not_null(strstr(bytes_text(&text), "..."));
    bytes_free(&text);
}

Test(field, quoted)
{
    char text[200];

    cr_assert_str_eq(field_quoted("server").text, "\"server\"");
    cr_assert_str_eq(field_quoted("").text, "\"\"");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert_eq(strlen(field_quoted(text).text), sizeof(struct quoted) - 1);
    cr_assert_str_eq(field_quoted(text).text + sizeof(struct quoted) - 5, "...\"");
    /* never within a character */
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        text[i] = (i % 2 == 0) ? '\xc3' : '\xbc';
    }
    for (size_t start = 0; start < 2; start++) {
        struct quoted quoted = field_quoted(text + 2 * start);
        const char *cut = strstr(quoted.text, "...");

        cr_assert_not_null(cut);
        cr_assert_eq((cut - quoted.text - 1) % 2, 0);
    }
}

/* ---- the nearest -------------------------------------------------------------------------------------------------- */

Test(field, nearest)
{
    static const char *const known[] = {"subject", "issuer",   "san",
                                        "profile", "validity", "extended_key_usage"};
    static const struct {
        const char *text;
        const char *nearest;
    } cases[] = {
        {"subjet", "subject"},
        {"Subject", "subject"},
        {"SUBJET", "subject"},
        {"sbujcet", "subject"}, /* two pairs that changed places */
        {"issueer", "issuer"},
        {"isuer", "issuer"},
        {"validtiy", "validity"},
        {"sna", "san"},
        {"sans", "san"},
        {"extended_key_usages", "extended_key_usage"},
        {"extnded_ky_usage", "extended_key_usage"},
        {"xtnded_ky_usage", NULL}, /* three */
        {"sn", NULL},              /* one letter of two */
        {"s", NULL},
        {"", NULL},
        {"nothing", NULL},
        {"bundles", NULL},
    };
    char text[300];

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *nearest = field_nearest(cases[i].text, known, COUNT(known));

        if (cases[i].nearest == NULL) {
            cr_assert_null(nearest, "%s: %s", cases[i].text, nearest);
        } else {
            cr_assert_str_eq(nearest, cases[i].nearest, "%s", cases[i].text);
        }
    }
    memset(text, 's', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert_null(field_nearest(text, known, COUNT(known)));
    cr_assert_null(field_nearest("san", known, 0));
}

/* ---- reading by a table ------------------------------------------------------------------------------------------- */

struct target {
    const char *name;
    char *copy;
    bool flag;
    int64_t number;
    size_t items;
    char order[16];
};

static void note(struct target *target, char letter)
{
    size_t length = strlen(target->order);

    cr_assert_lt(length + 1, sizeof(target->order));
    target->order[length] = letter;
    target->order[length + 1] = '\0';
}

static int read_name(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    note(target, 'n');
    return field_text(node, path, &((struct target *)target)->name, faults);
}

static int read_copy(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    note(target, 'c');
    return field_string(node, path, &((struct target *)target)->copy, faults);
}

static int read_flag(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    note(target, 'f');
    return field_boolean(node, path, &((struct target *)target)->flag, faults);
}

static int read_number(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    note(target, 'i');
    return field_integer(node, path, -5, 100, &((struct target *)target)->number, faults);
}

static int read_items(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    note(target, 'l');
    if (!field_is(node, path, NODE_SEQUENCE, faults)) {
        return 1;
    }
    for (size_t i = 0; i < node_count(node); i++) {
        const struct path at = {path, NULL, i};

        if (field_is(node_item(node, i), &at, NODE_SCALAR, faults)) {
            ((struct target *)target)->items++;
        }
    }
    return 0;
}

static int read_failing(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    (void)node;
    (void)path;
    (void)target;
    (void)faults;
    return -1;
}

static const struct field fields[] = {
    {"name", read_name, true},    {"copy", read_copy, false},
    {"flag", read_flag, false},   {"number", read_number, false},
    {"items", read_items, false}, {"fail", read_failing, false},
    {NULL, NULL, false},
};

/* Read @p text, and compare all complaints, one a line. */
static void reads(const char *text, struct target *target, const char *complaints)
{
    const struct path things = {NULL, "things", 0};
    const struct path path = {&things, "one", 0};
    struct document *document = parse(text);
    struct faults *faults = faults_new();
    struct bytes told = BYTES_EMPTY;

    cr_assert_eq(fields_read(document_root(document), &path, "a thing", fields, target, faults), 0);
    for (size_t i = 0; i < faults_count(faults); i++) {
        cr_assert_eq(bytes_printf(&told, "%s\n", faults_text(faults, i)), 0);
    }
    cr_assert_str_eq(bytes_text(&told), complaints);
    bytes_free(&told);
    faults_free(faults);
    document_free(document);
}

Test(field, reads_what_is_there)
{
    struct target target = {.flag = false};
    const struct path *top = NULL;
    struct document *document = parse("number: -5\nname: NO\nflag: true\ncopy: 'true'\nitems: [a, b]\n");
    struct faults *faults = faults_new();

    cr_assert_eq(fields_read(document_root(document), top, "a thing", fields, &target, faults), 0);
    cr_assert_eq(faults_count(faults), 0);
    cr_assert_str_eq(target.name, "NO");
    cr_assert_str_eq(target.copy, "true");
    cr_assert(target.flag);
    cr_assert_eq(target.number, -5);
    cr_assert_eq(target.items, 2);
    /* in the order of the file */
    cr_assert_str_eq(target.order, "infcl");
    free(target.copy);
    faults_free(faults);
    document_free(document);
}

Test(field, null_is_absent)
{
    struct target target = {.flag = true, .number = 7};

    reads("{name: x, flag: ~, number: null, items: , fail: }", &target, "");
    cr_assert(target.flag);
    cr_assert_eq(target.number, 7);
    cr_assert_str_eq(target.order, "n");
}

Test(field, complaints)
{
    static const struct {
        const char *text;
        const char *complaints;
    } cases[] = {
        /* keys */
        {"{name: x, naem: y}",
         "f.yaml:1:11: things.one: unknown key \"naem\" in a thing (did you mean \"name\"?)\n"},
        {"{name: x, colour: y}", "f.yaml:1:11: things.one: unknown key \"colour\" in a thing (known: name, "
                                 "copy, flag, number, items, fail)\n"},
        {"flag: true\n", "f.yaml:1:1: things.one: a thing needs the key \"name\"\n"},
        {"{}", "f.yaml:1:1: things.one: a thing needs the key \"name\"\n"},
        {"~", "f.yaml:1:1: things.one: a thing needs the key \"name\"\n"},
        {"flag: true\nname:\n", "f.yaml:2:6: things.one.name: a thing needs a value for the key \"name\"\n"},
        /* kinds */
        {"[a]", "f.yaml:1:1: things.one: must be a mapping, but is a list\n"},
        {"text", "f.yaml:1:1: things.one: must be a mapping, but is a text\n"},
        {"\"\"", "f.yaml:1:1: things.one: must be a mapping, but is a text\n"},
        {"{name: [x]}", "f.yaml:1:8: things.one.name: must be a text, but is a list\n"},
        {"{name: {x: y}}", "f.yaml:1:8: things.one.name: must be a text, but is a mapping\n"},
        {"{name: x, items: y}", "f.yaml:1:18: things.one.items: must be a list, but is a text\n"},
        {"{name: x, items: [a, ~, {}]}",
         "f.yaml:1:22: things.one.items[1]: must be a text, but is empty\n"
         "f.yaml:1:25: things.one.items[2]: must be a text, but is a mapping\n"},
        /* true and false */
        {"{name: x, flag: yes}", "f.yaml:1:17: things.one.flag: must be true or false, but is \"yes\" (write "
                                 "true, without quotes)\n"},
        {"{name: x, flag: \"false\"}", "f.yaml:1:17: things.one.flag: must be true or false, but is "
                                       "\"false\" (write false, without quotes)\n"},
        {"{name: x, flag: True}", "f.yaml:1:17: things.one.flag: must be true or false, but is \"True\" "
                                  "(write true, without quotes)\n"},
        {"{name: x, flag: 1}", "f.yaml:1:17: things.one.flag: must be true or false, but is \"1\"\n"},
        {"{name: x, flag: [true]}", "f.yaml:1:17: things.one.flag: must be true or false, but is a list\n"},
        /* numbers */
        {"{name: x, number: 101}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"101\"\n"},
        {"{name: x, number: -6}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"-6\"\n"},
        {"{name: x, number: \"7\"}", "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, "
                                     "but is \"7\" (write it without quotes)\n"},
        {"{name: x, number: 07}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"07\"\n"},
        {"{name: x, number: +7}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"+7\"\n"},
        {"{name: x, number: 0x7}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"0x7\"\n"},
        {"{name: x, number: 7.0}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"7.0\"\n"},
        {"{name: x, number: -}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is \"-\"\n"},
        {"{name: x, number: 99999999999999999999}", "f.yaml:1:19: things.one.number: must be a whole number "
                                                    "from -5 to 100, but is \"99999999999999999999\"\n"},
        {"{name: x, number: {}}",
         "f.yaml:1:19: things.one.number: must be a whole number from -5 to 100, but is a mapping\n"},
        /* all of them in one go */
        {"nmae: x\nflag: on\nnumber: x\n",
         "f.yaml:1:1: things.one: unknown key \"nmae\" in a thing (did you mean \"name\"?)\n"
         "f.yaml:2:7: things.one.flag: must be true or false, but is \"on\" (write true, without quotes)\n"
         "f.yaml:3:9: things.one.number: must be a whole number from -5 to 100, but is \"x\"\n"
         "f.yaml:1:1: things.one: a thing needs the key \"name\"\n"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target = {.flag = true, .number = 42};

        reads(cases[i].text, &target, cases[i].complaints);
        /* what does not fit leaves the target alone */
        cr_assert(target.flag, "%s", cases[i].text);
        cr_assert_eq(target.number, 42, "%s", cases[i].text);
        free(target.copy);
    }
}

Test(field, integers_at_the_edges)
{
    static const struct {
        const char *text;
        int status;
        int64_t value;
    } cases[] = {{"0", 0, 0},
                 {"-0", 1, 42},
                 {"-1", 0, -1},
                 {"9223372036854775807", 0, INT64_MAX},
                 {"-9223372036854775808", 0, INT64_MIN},
                 {"9223372036854775808", 1, 42}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct document *document = parse(cases[i].text);
        struct faults *faults = faults_new();
        int64_t value = 42;

        cr_assert_eq(field_integer(document_root(document), NULL, INT64_MIN, INT64_MAX, &value, faults),
                     cases[i].status, "%s", cases[i].text);
        cr_assert_eq(value, cases[i].value);
        cr_assert_eq(faults_errors(faults), (size_t)cases[i].status);
        faults_free(faults);
        document_free(document);
    }
}

Test(field, strings_replace_what_was_there)
{
    struct document *document = parse("[one, [two]]");
    struct faults *faults = faults_new();
    char *string = strdup("before");

    cr_assert_eq(field_string(node_item(document_root(document), 0), NULL, &string, faults), 0);
    cr_assert_str_eq(string, "one");
    cr_assert_eq(field_string(node_item(document_root(document), 1), NULL, &string, faults), 1);
    cr_assert_str_eq(string, "one");
    free(string);
    faults_free(faults);
    document_free(document);
}

Test(field, memory_is_carried_up)
{
    struct document *document = parse("{name: x, fail: y}");
    struct faults *faults = faults_new();
    struct target target = {.flag = false};

    cr_assert_eq(fields_read(document_root(document), NULL, "a thing", fields, &target, faults), -1);
    faults_free(faults);
    document_free(document);
}

Test(field, errors_and_warnings)
{
    const struct path path = {NULL, "a.b", 0};
    struct document *document = parse("\n  - x");
    const struct node *node = node_item(document_root(document), 0);
    struct faults *faults = faults_new();

    field_error(faults, node, &path, "try this", "no %s", "good");
    field_warning(faults, node, NULL, NULL, "so so");
    cr_assert_str_eq(faults_text(faults, 0), "f.yaml:2:5: \"a.b\": no good (try this)");
    cr_assert_eq(faults_severity(faults, 0), FAULT_ERROR);
    cr_assert_str_eq(faults_text(faults, 1), "f.yaml:2:5: so so");
    cr_assert_eq(faults_severity(faults, 1), FAULT_WARNING);
    faults_free(faults);
    document_free(document);
}
