/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/sources and command/depfile: what a manifest is made of, and how Make reads it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command/depfile.h"
#include "manifest/sources.h"
#include "scratch.h"
#include "told.h"

static struct context *context;
static struct faults *faults;
static struct sources sources;
static struct bytes text, path;

static void setup(void)
{
    scratch_start();
    context = context_new(NULL);
    faults = faults_new();
    cr_assert_not_null(context);
    cr_assert_not_null(faults);
}

static void teardown(void)
{
    sources_free(&sources);
    bytes_free(&text);
    bytes_free(&path);
    context_free(context);
    faults_free(faults);
    scratch_stop();
}

TestSuite(depfile, .init = setup, .fini = teardown);

/** The sources of @p yaml as a manifest in the scratch folder, a line each, without that folder. */
static const char *sources_told(const char *yaml)
{
    struct manifest *manifest;

    scratch_write("pki.yaml", yaml, 0644);
    cr_assert_eq(bytes_printf(&path, "%s/pki.yaml", scratch_folder), 0);
    manifest = manifest_read(context, bytes_text(&path), NULL, faults);
    cr_assert_not_null(manifest, "%s", told(faults, &text));
    cr_assert_eq(sources_of(manifest, bytes_text(&path), &sources, faults), 0);
    manifest_free(manifest);
    bytes_clear(&text);
    for (size_t i = 0; i < sources.count; i++) {
        const char *shown = sources.paths[i];
        size_t folder = strlen(scratch_folder);

        cr_assert_eq(strncmp(shown, scratch_folder, folder), 0, "%s", shown);
        cr_assert_eq(bytes_printf(&text, "%s\n", shown + folder), 0);
    }
    return bytes_text(&text);
}

Test(depfile, a_manifest_by_itself)
{
    cr_assert_str_eq(sources_told("mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}}}\n"), "/pki.yaml\n");
}

Test(depfile, everything_a_manifest_can_be_made_of)
{
    static const char *const others[] = {"ca.pass", "old.crt", "old.pass", "p12.pass"};

    cr_assert_eq(mkdirat(scratch_directory, "kinds", 0755), 0);
    cr_assert_eq(mkdirat(scratch_directory, "more", 0755), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        scratch_write(others[i], "", 0644);
    }
    scratch_write("kinds/a.yaml", "extends: server\n", 0644);
    scratch_write("kinds/client.yaml", "extends: client\n", 0644);
    scratch_write("more/client.yaml", "extends: client\n", 0644);
    scratch_write("devices.csv", "serial\nd1\nd2\n", 0644);
    cr_assert_str_eq(
        sources_told("mtlskit: 1\n"
                     "profiles: [kinds, more]\n"
                     "authorities:\n"
                     "  ca: {subject: {CN: ca}, passphrase: \"file:ca.pass\"}\n"
                     "  old: {adopt: {certificate: old.crt, key: old.key, passphrase: \"file:old.pass\"}}\n"
                     "certificates:\n"
                     "  server: {issuer: ca, profile: a, san: [dns:localhost]}\n"
                     "  \"{row.serial}\":\n"
                     "    each: devices.csv\n"
                     "    issuer: ca\n"
                     "    profile: client\n"
                     "    subject: {CN: \"{row.serial}\"}\n"
                     "    bundles:\n"
                     "      - {file: \"{row.serial}.p12\", target: modern, passphrase: \"file:p12.pass\"}\n"
                     "      - {file: \"{row.serial}.jks\", target: java, passphrase: \"env:PASS\"}\n"),
        "/ca.pass\n/devices.csv\n/kinds\n/kinds/a.yaml\n/kinds/client.yaml\n/more\n/more/client.yaml\n"
        "/old.crt\n/old.pass\n/p12.pass\n/pki.yaml\n");
}

Test(depfile, a_file_that_each_row_names_is_there_once_and_costs_nothing)
{
    struct bytes csv = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&csv, "serial\n"), 0);
    for (int i = 0; i < 300; i++) {
        cr_assert_eq(bytes_printf(&csv, "d%d\n", i), 0);
    }
    scratch_write("devices.csv", bytes_text(&csv), 0644);
    scratch_write("p12.pass", "", 0644);
    bytes_free(&csv);
    cr_assert_str_eq(
        sources_told(
            "mtlskit: 1\n"
            "authorities: {ca: {subject: {CN: ca}}}\n"
            "certificates:\n"
            "  \"{row.serial}\":\n"
            "    each: devices.csv\n"
            "    issuer: ca\n"
            "    profile: client\n"
            "    subject: {CN: \"{row.serial}\"}\n"
            "    bundles: [{file: \"{row.serial}.p12\", target: modern, passphrase: \"file:p12.pass\"}]\n"),
        "/devices.csv\n/p12.pass\n/pki.yaml\n");
    cr_assert_lt(sources.room, (size_t)200);
}

Test(depfile, many_files_are_all_there)
{
    cr_assert_eq(mkdirat(scratch_directory, "kinds", 0755), 0);
    for (int i = 0; i < 150; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "kinds/p%03d.yaml", i);
        scratch_write(name, "extends: server\n", 0644);
    }
    (void)sources_told("mtlskit: 1\nprofiles: kinds\nauthorities: {ca: {subject: {CN: ca}}}\n");
    cr_assert_eq(sources.count, (size_t)152);
}

/** The rule for "t o" that depends on @p source alone. */
static const char *rule(const char *source)
{
    char *paths[] = {(char *)(uintptr_t)source};
    struct sources one = {paths, 1, 1};

    bytes_clear(&text);
    return depfile_text("t o", &one, &text, faults) == 0 ? bytes_text(&text) : told(faults, &text);
}

Test(depfile, paths_as_make_reads_them)
{
    static const struct {
        const char *path, *written;
    } cases[] = {
        {"pki.yaml", "pki.yaml"},
        {"/a b/c", "/a\\ b/c"},
        {"a#b", "a\\#b"},
        {"$HOME", "$$HOME"},
        {"a\\b", "a\\b"},
        {"a\\ b", "a\\\\\\ b"},
        {"a\\\\ b", "a\\\\\\\\\\ b"},
        {"stra\xc3\x9f", "stra\xc3\x9f"},
        {"50%:=*", "50%:=*"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes expected = BYTES_EMPTY;

        cr_assert_eq(bytes_printf(&expected, "t\\ o: \\\n  %s\n", cases[i].written), 0);
        cr_expect_str_eq(rule(cases[i].path), bytes_text(&expected));
        bytes_free(&expected);
    }
}

Test(depfile, a_line_end_in_a_path_is_refused)
{
    cr_assert_not_null(strstr(rule("a\nb"), "a path with a control character cannot be written"));
}
