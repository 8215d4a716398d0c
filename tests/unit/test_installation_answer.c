/* SPDX-License-Identifier: Apache-2.0 */
/* What a child says that parsed an install.yaml: all of it comes over, and nothing is taken of what it cannot have read there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/confined_answer.h"
#include "installation/answer.h"
#include "told.h"

#define PLACE "\0\0\0\002\0\0\0\007"

struct world {
    struct installation installation;
    struct faults *faults;
    struct bytes answer, text;
};

static void open_world(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->faults = faults_new();
}

static void close_world(struct world *world)
{
    installation_free(&world->installation);
    faults_free(world->faults);
    bytes_free(&world->answer);
    bytes_free(&world->text);
}

Test(installation_answer, all_that_is_parsed_comes_over)
{
    static const char yaml[] =
        "mtlskit-install: 1\n"
        "into: nss:sql:/tmp/db\n"
        "trust:\n"
        "  - {files: [server-ca.crt, /abs/other.pem], for: server, host: bücher.example}\n"
        "  - {files: client-ca.crt, for: client}\n"
        "  - {files: a, for: server, host: '2001:db8::1'}\n"
        "identities:\n"
        "  - {p12: a/client.p12, passphrase: 'file:client.p12.pass', label: my client}\n"
        "  - {certificate: b.crt, key: b.key, passphrase: \"pass:two\\nlines\"}\n"
        "  - {p12: c, passphrase: 'fd:7'}\n"
        "  - {p12: d, passphrase: prompt}\n"
        "  - {p12: e, passphrase: 'env:NAME'}\n"
        "  - {p12: f, passphrase: 'pass:'}\n"
        "  - {p12: g}\n"
        "extractable: false\n"
        "allow: [/usr/bin/curl, /Applications/Safari.app]\n";
    struct world world;
    struct installation parsed = {.shown = NULL};
    const struct installation *read = &world.installation;
    struct bytes again = BYTES_EMPTY;
    struct faults *none = faults_new();

    open_world(&world);
    cr_assert_eq(installation_parse(slice_of_text(yaml), "i.yaml", "", &parsed, world.faults), 0);
    cr_assert_eq(installation_answer_append(&parsed, &world.answer), 0);
    cr_assert_eq(confined_answer_close(&world.answer, none), 0);
    cr_assert_eq(installation_answer_read(slice_of(&world.answer), "i.yaml", "", &world.installation, none),
                 0, "%s", told(none, &world.text));
    cr_assert_eq(faults_count(none), 0);
    cr_assert_eq(installation_answer_append(read, &again), 0);
    cr_assert_eq(confined_answer_close(&again, none), 0);
    cr_assert(slice_equal(slice_of(&again), slice_of(&world.answer)));
    cr_assert_eq(read->trust_count, 3);
    cr_assert_eq(read->trust[1].place.line, 5);
    cr_assert_eq(read->trust[1].place.column, 5);
    cr_assert_str_eq(read->trust[1].place.file, "i.yaml");
    cr_assert_eq(read->identity_count, 7);
    cr_assert_eq(read->extractable, EXTRACTABLE_NO);
    for (size_t i = 0; i < read->identity_count; i++) {
        const struct passphrase_spec *one = &parsed.identities[i].passphrase;
        const struct passphrase_spec *other = &read->identities[i].passphrase;

        cr_assert_eq(one->source, other->source);
        cr_assert_eq(one->argument == NULL, other->argument == NULL);
        cr_assert(one->argument == NULL || strcmp(one->argument, other->argument) == 0);
        cr_assert(one->source != PASSPHRASE_FD || other->descriptor == 7);
    }
    cr_assert_eq(installation_answer_read(slice_of(&again), "i.yaml", "etc", &world.installation, none), 0);
    cr_assert_str_eq(read->trust[0].files[0], "etc/server-ca.crt");
    cr_assert_str_eq(read->trust[0].files[1], "/abs/other.pem");
    cr_assert_str_eq(read->identities[0].p12, "etc/a/client.p12");
    cr_assert_str_eq(read->identities[1].key, "etc/b.key");
    cr_assert_str_eq(read->identities[0].passphrase.argument, "client.p12.pass");
    installation_free(&parsed);
    faults_free(none);
    bytes_free(&again);
    close_world(&world);
}

/** One part of a hostile answer; the last has the kind 0. */
struct part {
    unsigned char kind;
    const char *octets;
    size_t length;
};
#define PART(kind, text)                                                                                     \
    {                                                                                                        \
        (kind), (text), sizeof(text) - 1                                                                     \
    }
#define TRUST    PART('t', PLACE "\001")
#define CLIENTS  PART('t', PLACE "\002")
#define IDENTITY PART('d', PLACE)
#define PARTS    6

static const struct hostile {
    const char *wrong;
    struct part parts[PARTS];
} hostile[] = {
    {"nothing", {{0}}},
    {"something unknown", {PART('z', "")}},
    {"a part where none of its kind can be", {PART('f', "a")}},
    {"a part where none of its kind can be", {PART('p', "a")}},
    {"a part where none of its kind can be", {TRUST, PART('p', "a")}},
    {"a part where none of its kind can be", {IDENTITY, PART('f', "a")}},
    {"a part where none of its kind can be", {TRUST, PART('f', "a"), IDENTITY, PART('h', "a.example")}},
    {"a part where none of its kind can be", {CLIENTS, PART('f', "a"), PART('h', "a.example")}},
    {"a part where none of its kind can be",
     {TRUST, PART('f', "a"), PART('h', "a.example"), PART('h', "b.example")}},
    {"a part where none of its kind can be", {IDENTITY, PART('p', "a"), PART('p', "b")}},
    {"a part where none of its kind can be", {IDENTITY, PART('l', "a"), PART('l', "b")}},
    {"a part where none of its kind can be", {IDENTITY, PART('s', "prompt"), PART('s', "fd:3")}},
    {"a part where none of its kind can be", {PART('i', PLACE "a"), PART('i', PLACE "a")}},
    {"a part where none of its kind can be", {PART('x', "\001"), PART('x', "\001")}},
    {"a part where none of its kind can be", {PART('x', "\003")}},
    {"a part where none of its kind can be", {PART('x', "")}},
    {"a part where none of its kind can be", {PART('x', "\001\001")}},
    {"a place that is none", {PART('t', "")}},
    {"a place that is none", {PART('t', "\0\0\0\001\0\0\0")}},
    {"a place that is none", {PART('t', "\377\0\0\001\0\0\0\001\001")}},
    {"a place that is none", {PART('t', "\0\0\0\001\0\040\0\001\001")}},
    {"a place that is none", {PART('i', "")}},
    {"a place that is none", {PART('d', PLACE "x")}},
    {"a scope that is none", {PART('t', PLACE)}},
    {"a scope that is none", {PART('t', PLACE "\000")}},
    {"a scope that is none", {PART('t', PLACE "\003")}},
    {"a scope that is none", {PART('t', PLACE "\001\002")}},
    {"a text that cannot be", {TRUST, PART('f', "")}},
    {"a text that cannot be", {TRUST, PART('f', "-")}},
    {"a text that cannot be", {TRUST, PART('f', "a\0b")}},
    {"a text that cannot be", {TRUST, PART('f', "a\nb")}},
    {"a text that cannot be", {TRUST, PART('f', "a\377")}},
    {"a text that cannot be", {IDENTITY, PART('l', "\033[31m")}},
    {"a text that cannot be", {IDENTITY, PART('s', "pass:a\0b")}},
    {"a text that cannot be", {IDENTITY, PART('s', "pass:\377")}},
    {"a text that cannot be", {PART('i', PLACE "a\0")}},
    {"a text that cannot be", {PART('a', "/a\0")}},
    {"a host that is none", {TRUST, PART('h', "a b")}},
    {"a host that is none", {TRUST, PART('h', "")}},
    {"a host that is none", {TRUST, PART('h', "a.example\0")}},
    {"a host that is none", {TRUST, PART('h', "*.example")}},
    {"a passphrase that comes from nowhere", {IDENTITY, PART('s', "generate")}},
    {"a passphrase that comes from nowhere", {IDENTITY, PART('s', "")}},
    {"a passphrase that comes from nowhere", {IDENTITY, PART('s', "secret")}},
    {"a program too many, or none", {PART('a', "curl")}},
    {"a program too many, or none", {PART('a', "")}},
    {"trust in nothing", {TRUST}},
    {"trust in nothing", {TRUST, TRUST, PART('f', "a")}},
    {"an identity that is none", {IDENTITY}},
    {"an identity that is none", {IDENTITY, PART('c', "a")}},
    {"an identity that is none", {IDENTITY, PART('k', "a")}},
    {"an identity that is none", {IDENTITY, PART('p', "a"), PART('k', "a")}},
    {"an identity that is none", {IDENTITY, PART('p', "a"), PART('c', "a"), PART('k', "a")}},
    {"complaints that cannot be counted", {TRUST, PART('f', "a"), PART('m', "\0\0\0\0\0\0\0\001")}},
    {"more behind its end", {TRUST, PART('f', "a"), PART('.', "")}},
    {"more behind its end", {TRUST, PART('f', "a"), PART('.', "x")}},
};

/** The answer as it is in world is refused for this. */
static void refused(struct world *world, const char *wrong)
{
    char expected[300];

    (void)snprintf(
        expected, sizeof(expected),
        "i.yaml: the process that parses it answered with %s (the file may be made to do this; nothing was "
        "taken from it)\n",
        wrong);
    cr_assert_eq(installation_answer_read(slice_of(&world->answer), "i.yaml", "etc", &world->installation,
                                          world->faults),
                 -1, "%s", wrong);
    cr_assert_str_eq(told(world->faults, &world->text), expected, "told \"%s\"", bytes_text(&world->text));
    cr_assert_null(world->installation.trust);
    cr_assert_null(world->installation.identities);
    cr_assert_null(world->installation.shown);
}

static void append(struct world *world, const struct part *part)
{
    cr_assert_eq(confined_answer_append(&world->answer, part->kind,
                                        (struct slice){(const unsigned char *)part->octets, part->length}),
                 0);
}

Test(installation_answer, nothing_is_taken_of_one_that_cannot_be)
{
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct world world;

        open_world(&world);
        for (size_t k = 0; k < PARTS && hostile[i].parts[k].kind != 0; k++) {
            append(&world, &hostile[i].parts[k]);
        }
        cr_assert_eq(confined_answer_close(&world.answer, world.faults), 0);
        refused(&world, hostile[i].wrong);
        close_world(&world);
    }
}

Test(installation_answer, nor_of_one_that_is_cut_off)
{
    static const struct part parts[] = {TRUST, PART('f', "a"), PART('.', "")};
    struct world world;
    size_t length;

    open_world(&world);
    for (size_t i = 0; i < 3; i++) {
        append(&world, &parts[i]);
    }
    length = world.answer.length;
    cr_assert_eq(
        installation_answer_read(slice_of(&world.answer), "i.yaml", "", &world.installation, world.faults),
        0);
    for (size_t i = 0; i < length; i++) {
        faults_free(world.faults);
        world.faults = faults_new();
        world.answer.length = i;
        refused(&world, "no end");
    }
    close_world(&world);
}

/** One of @p first, then @p count of @p part. */
static void repeated(const struct part *first, const struct part *part, size_t count, const char *wrong)
{
    struct world world;

    open_world(&world);
    if (first != NULL) {
        append(&world, first);
    }
    for (size_t i = 0; i < count; i++) {
        append(&world, part);
    }
    cr_assert_eq(confined_answer_close(&world.answer, world.faults), 0);
    refused(&world, wrong);
    close_world(&world);
}

Test(installation_answer, lists_and_texts_are_bounded)
{
    static const struct part trust = TRUST, identity = IDENTITY, file = PART('f', "a"),
                             program = PART('a', "/a");
    char *text = malloc(65537);
    struct part lines[] = {{'f', text, 4096}, {'l', text, 256}, {'s', text, 65537}, {'a', text, 4096}};

    cr_assert_not_null(text);
    memset(text, '/', 65537);
    repeated(NULL, &trust, INSTALLATION_LIST_MAX + 1, "too many entries of trust");
    repeated(NULL, &identity, INSTALLATION_LIST_MAX + 1, "too many identities");
    repeated(&trust, &file, INSTALLATION_LIST_MAX + 1, "a part where none of its kind can be");
    repeated(NULL, &program, INSTALLATION_LIST_MAX + 1, "a program too many, or none");
    repeated(&trust, &lines[0], 1, "a text that cannot be");
    repeated(&identity, &lines[1], 1, "a text that cannot be");
    repeated(&identity, &lines[2], 1, "a text that cannot be");
    repeated(NULL, &lines[3], 1, "a text that cannot be");
    free(text);
}
