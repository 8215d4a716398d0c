/* SPDX-License-Identifier: Apache-2.0 */
/* Installations: what install.yaml and the options of a command come to, and every way of writing one wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "installation/installation.h"
#include "scratch.h"
#include "told.h"

struct world {
    struct installation installation;
    struct faults *faults;
    struct bytes text;
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
    bytes_free(&world->text);
}

static int parse(struct world *world, const char *yaml)
{
    return installation_parse(slice_of_text(yaml), "install.yaml", "etc", &world->installation,
                              world->faults);
}

/** The document is refused with just these lines. */
static void refused(const char *body, const char *expected)
{
    char yaml[4000];
    struct world world;

    open_world(&world);
    (void)snprintf(yaml, sizeof(yaml), "mtlskit-install: 1\n%s", body);
    cr_assert_eq(parse(&world, yaml), -1, "%s", body);
    cr_assert_str_eq(told(world.faults, &world.text), expected, "told \"%s\"", bytes_text(&world.text));
    cr_assert_null(world.installation.trust);
    cr_assert_null(world.installation.shown);
    close_world(&world);
}

Test(installation, everything_is_read_and_paths_start_from_the_files_folder)
{
    struct world world;
    const struct installation *read = &world.installation;

    open_world(&world);
    cr_assert_eq(parse(&world,
                       "mtlskit-install: 1\n"
                       "into: nss:sql:/tmp/db\n"
                       "trust:\n"
                       "  - {files: [server-ca.crt, /abs/other.pem], for: server, host: bücher.example}\n"
                       "  - files: client-ca.crt\n"
                       "    for: client\n"
                       "identities:\n"
                       "  - {p12: a/client.p12, passphrase: 'file:client.p12.pass', label: my client}\n"
                       "  - {certificate: b.crt, key: b.key}\n"
                       "extractable: false\n"
                       "allow: [/usr/bin/curl, /Applications/Safari.app]\n"),
                 0, "%s", told(world.faults, &world.text));
    cr_assert_eq(faults_count(world.faults), 0);
    cr_assert_str_eq(read->folder, "etc");
    cr_assert_str_eq(read->into, "nss:sql:/tmp/db");
    cr_assert_eq(read->into_place.line, 2);
    cr_assert_str_eq(read->into_place.file, "install.yaml");
    cr_assert_eq(read->trust_count, 2);
    cr_assert_eq(read->trust[0].file_count, 2);
    cr_assert_str_eq(read->trust[0].files[0], "etc/server-ca.crt");
    cr_assert_str_eq(read->trust[0].files[1], "/abs/other.pem");
    cr_assert_eq(read->trust[0].scope, SCOPE_SERVER);
    cr_assert_str_eq(read->trust[0].host, "xn--bcher-kva.example");
    cr_assert_eq(read->trust[0].place.line, 4);
    cr_assert_str_eq(read->trust[1].files[0], "etc/client-ca.crt");
    cr_assert_eq(read->trust[1].scope, SCOPE_CLIENT);
    cr_assert_null(read->trust[1].host);
    cr_assert_eq(read->identity_count, 2);
    cr_assert_str_eq(read->identities[0].p12, "etc/a/client.p12");
    cr_assert_eq(read->identities[0].passphrase.source, PASSPHRASE_FILE);
    cr_assert_str_eq(read->identities[0].passphrase.argument, "client.p12.pass");
    cr_assert_str_eq(read->identities[0].label, "my client");
    cr_assert_null(read->identities[1].p12);
    cr_assert_str_eq(read->identities[1].certificate, "etc/b.crt");
    cr_assert_str_eq(read->identities[1].key, "etc/b.key");
    cr_assert_eq(read->identities[1].passphrase.source, PASSPHRASE_NONE);
    cr_assert_null(read->identities[1].label);
    cr_assert_eq(read->extractable, EXTRACTABLE_NO);
    cr_assert_eq(read->allow_count, 2);
    cr_assert_str_eq(read->allow[1], "/Applications/Safari.app");
    close_world(&world);
}

Test(installation, little_is_enough)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(parse(&world, "{mtlskit-install: 1, identities: [{p12: c.p12}], label: L, into: ~}"), 0,
                 "%s", told(world.faults, &world.text));
    cr_assert_null(world.installation.into);
    cr_assert_eq(world.installation.extractable, EXTRACTABLE_BEST);
    cr_assert_str_eq(world.installation.identities[0].label, "L");
    cr_assert_eq(
        parse(&world, "{mtlskit-install: 1, trust: [{files: a.crt, for: server, host: '192.0.2.1'}]}"), 0);
    cr_assert_eq(world.installation.identity_count, 0);
    cr_assert_str_eq(world.installation.trust[0].host, "192.0.2.1");
    close_world(&world);
}

Test(installation, what_is_wrong_is_told_with_its_place)
{
    refused(
        "trust: [{file: [a], for: both, host: 'a b'}]\n",
        "install.yaml:2:10: trust[0]: unknown key \"file\" in an entry of trust (did you mean \"files\"?)\n"
        "install.yaml:2:26: trust[0].for: must be server or client, but is \"both\" (server: to check "
        "servers; "
        "client: to check clients)\n"
        "install.yaml:2:38: trust[0].host: \"a b\" is neither a host name nor an IP address (such as "
        "api.example.com or 192.0.2.1)\n"
        "install.yaml:2:9: trust[0]: an entry of trust needs the key \"files\"\n");
    refused("identities: [{p12: a, key: b}, {certificate: c}, {}, {key: d}, x]\n",
            "install.yaml:2:14: identities[0]: has both \"p12\" and \"key\" (an identity is either: list the "
            "other as one "
            "more)\n"
            "install.yaml:2:32: identities[1]: needs the key \"key\", too\n"
            "install.yaml:2:50: identities[2]: names no file (p12, or certificate and key)\n"
            "install.yaml:2:54: identities[3]: needs the key \"certificate\", too\n"
            "install.yaml:2:64: identities[4]: must be a mapping, but is a text\n");
    refused("trust: []\nidentities: []\n",
            "install.yaml:1:1: nothing is named that is to be installed (trust or identities)\n");
    refused("into: x\n",
            "install.yaml:1:1: nothing is named that is to be installed (trust or identities)\n");
    refused("trust: [{files: a, for: client, host: b.example}]\n",
            "install.yaml:2:39: trust[0].host: clients are not checked by a host's name (leave out host)\n");
    refused("trust: [{files: [], for: client}]\n",
            "install.yaml:2:17: trust[0].files: is empty (a list of files that hold certificates)\n");
    refused(
        "trust: [{files: '-', for: client}]\n",
        "install.yaml:2:17: trust[0].files: \"-\" is standard input only on a command line (name a file)\n");
    refused(
        "identities: [{p12: a, passphrase: generate}]\n",
        "install.yaml:2:35: identities[0].passphrase: generate is for bundles: here nobody would be told the "
        "passphrase (env:NAME, file:PATH, prompt and so on)\n");
    refused("identities: [{p12: a}]\nextractable: maybe\nallow: [curl]\n",
            "install.yaml:3:14: extractable: must be best, true or false, but is \"maybe\" (best: not "
            "extractable where "
            "the store can see to that)\n"
            "install.yaml:4:9: allow[0]: \"curl\" is not the absolute path of a program (such as "
            "/usr/bin/curl)\n");
}

Test(installation, what_is_said_of_keys_wants_one)
{
    refused("trust: [{files: a, for: server}]\nlabel: L\nextractable: true\nallow: [/a]\n",
            "install.yaml:3:8: label: names an identity, and there is none (leave it out)\n"
            "install.yaml:5:8: allow: is said of the keys of identities, and there is none (leave it out)\n"
            "install.yaml:4:14: extractable: is said of the keys of identities, and there is none (leave it "
            "out)\n");
    refused("identities: [{p12: a}, {p12: b}]\nlabel: L\n",
            "install.yaml:3:8: label: names one identity, and there are 2 (give each identity a label of its "
            "own)\n");
    refused("identities: [{p12: a, label: K}]\nlabel: L\n",
            "install.yaml:3:8: label: the identity has a label of its own (leave out one of them)\n");
}

Test(installation, another_version_is_refused)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(parse(&world, "mtlskit-install: 2\ntrust: [{files: a, for: server}]\n"), -1);
    cr_assert_str_eq(
        told(world.faults, &world.text),
        "install.yaml:1:18: mtlskit-install: must be 1, the version of the grammar this program reads, but "
        "is \"2\"\n");
    close_world(&world);
}

Test(installation, lists_are_bounded)
{
    struct world world;
    struct bytes yaml = BYTES_EMPTY;

    open_world(&world);
    cr_assert_eq(bytes_append_text(&yaml, "mtlskit-install: 1\ntrust:\n- {for: server, files: [a"), 0);
    for (size_t i = 0; i < INSTALLATION_LIST_MAX - 1; i++) {
        cr_assert_eq(bytes_append_text(&yaml, ", a"), 0);
    }
    cr_assert_eq(bytes_append_text(&yaml, "]}\n"), 0);
    cr_assert_eq(parse(&world, bytes_text(&yaml)), 0);
    cr_assert_eq(bytes_append_text(&yaml, "- {for: server, files: [a]}\n"), 0);
    cr_assert_eq(parse(&world, bytes_text(&yaml)), -1);
    cr_assert_not_null(strstr(told(world.faults, &world.text), "names more than 1000 files in all"));
    bytes_free(&yaml);
    close_world(&world);
}

Test(installation, a_file_is_read_from_its_folder, .init = scratch_start, .fini = scratch_stop)
{
    struct world world;
    char path[200];
    char expected[200];

    open_world(&world);
    scratch_write("i.yaml", "mtlskit-install: 1\nidentities: [{p12: c.p12, passphrase: 'file:p'}]\n", 0600);
    (void)snprintf(path, sizeof(path), "%s/i.yaml", scratch_folder);
    (void)snprintf(expected, sizeof(expected), "%s/c.p12", scratch_folder);
    cr_assert_eq(installation_read(path, &world.installation, world.faults), 0);
    cr_assert_str_eq(world.installation.identities[0].p12, expected);
    cr_assert_str_eq(world.installation.folder, scratch_folder);
    cr_assert_eq(installation_read("/nonexistent/i.yaml", &world.installation, world.faults), -1);
    cr_assert_str_eq(told(world.faults, &world.text),
                     "/nonexistent/i.yaml: cannot be read: No such file or directory\n");
    cr_assert_null(world.installation.identities);
    close_world(&world);
}

Test(installation, options_come_to_the_same)
{
    static const char *const trust[] = {"a.crt", "-"};
    static const char *const allow[] = {"/usr/bin/curl"};
    const struct installation_options options = {.into = "nss:chromium",
                                                 .p12 = "dir/it's \"here\": {x}.p12",
                                                 .passphrase = "env:P",
                                                 .label = "# no comment",
                                                 .extractable = "true",
                                                 .trust = trust,
                                                 .trust_count = 2,
                                                 .scope = "server",
                                                 .host = "a.example",
                                                 .allow = allow,
                                                 .allow_count = 1};
    struct world world;

    open_world(&world);
    cr_assert_eq(installation_of_options(&options, &world.installation, world.faults), 0, "%s",
                 told(world.faults, &world.text));
    cr_assert_str_eq(world.installation.into, "nss:chromium");
    cr_assert_str_eq(world.installation.identities[0].p12, "dir/it's \"here\": {x}.p12");
    cr_assert_str_eq(world.installation.identities[0].label, "# no comment");
    cr_assert_eq(world.installation.identities[0].passphrase.source, PASSPHRASE_ENV);
    cr_assert_eq(world.installation.trust[0].file_count, 2);
    cr_assert_str_eq(world.installation.trust[0].files[1], "-");
    cr_assert_str_eq(world.installation.trust[0].host, "a.example");
    cr_assert_eq(world.installation.extractable, EXTRACTABLE_YES);
    cr_assert_str_eq(world.installation.allow[0], "/usr/bin/curl");
    cr_assert_str_eq(world.installation.folder, "");
    close_world(&world);
}

Test(installation, options_are_judged_by_the_same_rules_without_a_place)
{
    static const char *const trust[] = {"a.crt"};
    const struct installation_options options = {
        .certificate = "a", .extractable = "no", .trust = trust, .trust_count = 1, .scope = "both"};
    struct world world;

    open_world(&world);
    cr_assert_eq(installation_of_options(&options, &world.installation, world.faults), -1);
    cr_assert_str_eq(
        told(world.faults, &world.text),
        "trust[0].for: must be server or client, but is \"both\" (server: to check servers; client: to check "
        "clients)\n"
        "identities[0]: needs the key \"key\", too\n"
        "extractable: must be best, true or false, but is \"no\" (best: not extractable where the store can "
        "see to that)\n");
    close_world(&world);
}
