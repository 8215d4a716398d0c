/* SPDX-License-Identifier: Apache-2.0 */
/* Fleets of a manifest: entries out of the rows of a table, or out of a count; and what is said of rows that will not do. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "manifest/manifest.h"
#include "scratch.h"
#include "told.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"

static struct context *context;
static struct faults *faults;
static struct bytes text;

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
    context_free(context);
    faults_free(faults);
    bytes_free(&text);
    scratch_stop();
}

TestSuite(fleet, .init = setup, .fini = teardown);

#define TOP "mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}}}\ncertificates:\n"

/** Read @p yaml beside a table devices.csv with @p csv in it. */
static struct manifest *read_with(const char *csv, const char *yaml)
{
    if (csv != NULL) {
        scratch_write("devices.csv", csv, 0644);
    }
    return manifest_parse(context, slice_of_text(yaml), "pki.yaml", scratch_folder, faults);
}

static struct manifest *read_good(const char *csv, const char *yaml)
{
    struct manifest *manifest = read_with(csv, yaml);

    cr_assert_not_null(manifest, "%s", told(faults, &text));
    return manifest;
}

/** What is told of @p yaml, with the scratch folder left out. */
static const char *told_of(const char *csv, const char *yaml)
{
    struct manifest *manifest = read_with(csv, yaml);
    struct bytes all = BYTES_EMPTY;
    const char *at;
    char folder[80];

    cr_assert_null(manifest, "nothing was told");
    (void)snprintf(folder, sizeof(folder), "%s/", scratch_folder);
    at = told(faults, &all);
    bytes_clear(&text);
    while (*at != '\0') {
        const char *found = strstr(at, folder);
        size_t length = found != NULL ? (size_t)(found - at) : strlen(at);

        cr_assert_eq(bytes_append(&text, at, length), 0);
        at += length + (found != NULL ? strlen(folder) : 0);
    }
    bytes_free(&all);
    faults_free(faults);
    faults = faults_new();
    return bytes_text(&text);
}

/** Names, subjects, SANs and output paths of all certificates: one a line. */
static const char *all_of(const struct manifest *manifest)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;

    bytes_clear(&text);
    while ((entry = manifest_next(&cursor)) != NULL) {
        struct output output;

        if (entry->kind == ENTRY_AUTHORITY) {
            continue;
        }
        cr_assert_eq(bytes_printf(&text, "%s [", entry->name), 0);
        cr_assert_eq(name_format(slice_of(&entry->subject), &text), 0);
        cr_assert_eq(bytes_append_text(&text, "]"), 0);
        for (struct slice rest = slice_of(&entry->names); rest.length > 0;) {
            struct der_item item;

            cr_assert_eq(der_read(&rest, &item), 1);
            cr_assert_eq(bytes_append_text(&text, " "), 0);
            cr_assert_eq(general_name_format(item.whole, &text), 0);
        }
        for (size_t i = 0; i < entry_output_count(entry); i++) {
            cr_assert_eq(bytes_append_text(&text, " "), 0);
            cr_assert_eq(entry_output_at(entry, i, &output, &text), 0);
        }
        cr_assert_eq(bytes_append_text(&text, "\n"), 0);
    }
    cr_assert(!cursor.failed);
    return bytes_text(&text);
}

Test(fleet, each_row_is_an_entry)
{
    struct manifest *manifest =
        read_good("serial,host,owner\n001,a.example,\"Smith, John\"\n002,b.example,A+B=C\n",
                  TOP "  first: {profile: client, subject: {CN: first}}\n"
                      "  device-{row.serial}:\n"
                      "    each: devices.csv\n"
                      "    profile: device\n"
                      "    subject: {O: 'Fleet {{1}}', CN: '{row.owner}'}\n"
                      "    san: ['dns:{row.host}', 'uri:urn:serial:{row.serial}']\n"
                      "    bundles: [{target: modern, file: 'p12/{row.serial}.p12', name: '{row.owner}'}]\n"
                      "  last: {profile: client, subject: {CN: last}}\n");

    cr_assert_eq(manifest_count(manifest), 5);
    cr_assert_str_eq(
        all_of(manifest),
        "first [CN=first] first.key first.crt\n"
        "device-001 [CN=Smith\\, John,O=Fleet {1}] dns:a.example uri:urn:serial:001 device-001.key "
        "device-001.crt p12/001.p12 p12/001.p12.pass\n"
        "device-002 [CN=A\\+B=C,O=Fleet {1}] dns:b.example uri:urn:serial:002 device-002.key "
        "device-002.crt p12/002.p12 p12/002.p12.pass\n"
        "last [CN=last] last.key last.crt\n");
    cr_assert_eq(faults_count(faults), 0);
    manifest_free(manifest);
}

Test(fleet, a_value_cannot_become_part_of_a_dn)
{
    struct manifest *manifest =
        read_good("s,o\n1,\"x,CN=root+O=evil\"\n2,\"# \"\"\\\"\n",
                  TOP "  d{row.s}: {each: devices.csv, profile: client, subject: 'CN={row.o},O=Org'}\n");

    cr_assert_str_eq(all_of(manifest), "d1 [CN=x\\,CN=root\\+O=evil,O=Org] d1.key d1.crt\n"
                                       "d2 [CN=\\# \\\"\\\\,O=Org] d2.key d2.crt\n");
    manifest_free(manifest);
}

Test(fleet, a_value_cannot_become_yaml_or_another_kind_of_name)
{
    struct manifest *manifest =
        read_good("s,o\n1,null\n2,~\n3,\"{CN: x}\"\n4,\"'\"\n",
                  TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: '{row.o}'}}\n");

    cr_assert_str_eq(all_of(manifest), "d1 [CN=null] d1.key d1.crt\nd2 [CN=~] d2.key d2.crt\n"
                                       "d3 [CN={CN: x}] d3.key d3.crt\nd4 [CN='] d4.key d4.crt\n");
    manifest_free(manifest);
    cr_assert_str_eq(
        told_of("s,o\n1,dns:a\n",
                TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}, san: ['{row.o}']}\n"),
        "pki.yaml:4:74: certificates.\"d{row.s}\".san[0]: \"{row.o}\" must begin with the kind of name "
        "(dns:{row.host}, ip:{row.address}, email:{row.mail} and so on)\n");
}

Test(fleet, a_count)
{
    struct manifest *manifest = read_good(
        NULL, TOP
        "  'n{n:03}': {count: 3, profile: client, subject: {CN: 'number {n}'}, k8s-secret: 'k/{n}.yaml'}\n");

    cr_assert_str_eq(all_of(manifest), "n001 [CN=number 1] n001.key n001.crt k/1.yaml\n"
                                       "n002 [CN=number 2] n002.key n002.crt k/2.yaml\n"
                                       "n003 [CN=number 3] n003.key n003.crt k/3.yaml\n");
    manifest_free(manifest);
}

Test(fleet, bad_rows_have_their_place)
{
    cr_assert_str_eq(
        told_of(
            "s,ip\n1,192.0.2.1\n2,192.0.2.300\n3\na/"
            "b,192.0.2.4\n..,192.0.2.5\n\"x\ny\",\"192.0.2\n.6\"\n,192.0.2.7\n",
            TOP
            "  '{row.s}': {each: devices.csv, profile: client, subject: {CN: c}, san: ['ip:{row.ip}']}\n"),
        "devices.csv:3:3: certificates.2.san[0]: \"ip:192.0.2.300\" is not an IP address\n"
        "devices.csv:4:1: the row has 1 field, and the table 2 columns (a field with a comma in it is "
        "written in "
        "quotes)\n"
        "devices.csv:5:1: certificates.\"{row.s}\": \"a/b\" has a slash, which cannot be part of a file's "
        "name\n"
        "devices.csv:6:1: certificates.\"{row.s}\": \"..\" is no file's name\n"
        "devices.csv:7:1: certificates.\"x\\x0Ay\": the name has a control character (names are file names; "
        "the "
        "subject takes any text)\n"
        "devices.csv:10:1: certificates.\"{row.s}\": \"\" is empty, and the name it is part of would lack "
        "it\n");
}

Test(fleet, complaints_of_what_every_row_shares_come_once)
{
    cr_assert_str_eq(
        told_of("s\n1\n2\n3\n",
                TOP "  d{row.s}: {each: devices.csv, profile: client, validty: 3d, subject: {CN: c}}\n"),
        "pki.yaml:4:50: certificates.d1: unknown key \"validty\" in a certificate (did you mean "
        "\"validity\"?)\n");
    cr_assert_str_eq(
        told_of("s\n1\n2\n3\n", TOP "  d{row.s}: {each: devices.csv, profile: cleint, subject: {CN: c}}\n"),
        "pki.yaml:4:42: certificates.d1.profile: there is no profile \"cleint\" (did you mean "
        "\"client\"?)\n");
}

Test(fleet, complaints_are_bounded)
{
    struct bytes csv = BYTES_EMPTY;
    const char *all;
    size_t lines = 0;

    cr_assert_eq(bytes_append_text(&csv, "s,ip\n"), 0);
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(bytes_printf(&csv, "%zu,x\n", i), 0);
    }
    all =
        told_of(bytes_text(&csv), TOP
                "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}, san: ['ip:{row.ip}']}\n");
    for (; *all != '\0'; all++) {
        lines += *all == '\n' ? 1 : 0;
    }
    cr_assert_eq(lines, 20);
    bytes_free(&csv);
}

Test(fleet, variables_and_where_they_stand)
{
    cr_assert_str_eq(
        told_of("serial,host\n1,a\n",
                TOP "  d{row.seral}: {each: devices.csv, profile: client, subject: {CN: '{host}'}}\n"
                    "  e{row.serial}:\n"
                    "    each: devices.csv\n"
                    "    profile: client\n"
                    "    subject: {CN: 'x{row.hots}', O: 'a}'}\n"
                    "    validity: '{row.host}'\n"
                    "    bundles:\n"
                    "      - {target: modern, passphrase: 'pass:{row.serial}'}\n"
                    "      - {target: '{n}', file: '{row.serial', passphrase: 'env:P_{row.x}'}\n"),
        "pki.yaml:4:3: certificates.\"d{row.seral}\": the name has a variable that is no column of the table "
        "(did "
        "you mean \"{row.serial}\"?)\n"
        "pki.yaml:8:19: certificates.\"e{row.serial}\".subject.CN: \"x{row.hots}\" has a variable that is no "
        "column "
        "of the table (did you mean \"{row.host}\"?)\n"
        "pki.yaml:8:37: certificates.\"e{row.serial}\".subject.O: \"a}\" has a closing brace that nothing "
        "opened "
        "({row.serial}, {row.host}; {{ and }} are braces)\n"
        "pki.yaml:9:15: certificates.\"e{row.serial}\".validity: this takes no variables (name, subject, "
        "san, "
        "k8s-secret, and file and name of bundles do)\n"
        "pki.yaml:11:38: certificates.\"e{row.serial}\".bundles[0].passphrase: a passphrase takes no value "
        "of a row, "
        "but for the names of env: and file: (env:P12_{row.serial}, file:{row.serial}.pass, or generate)\n"
        "pki.yaml:12:18: certificates.\"e{row.serial}\".bundles[1].target: this takes no variables (name, "
        "subject, "
        "san, k8s-secret, and file and name of bundles do)\n"
        "pki.yaml:12:31: certificates.\"e{row.serial}\".bundles[1].file: \"{row.serial\" has a brace that is "
        "not "
        "closed (did you mean \"{row.serial}\"?)\n"
        "pki.yaml:12:58: certificates.\"e{row.serial}\".bundles[1].passphrase: \"env:P_{row.x}\" has a "
        "variable that "
        "is no column of the table ({row.serial}, {row.host}; {{ and }} are braces)\n");
    cr_assert_str_eq(
        told_of("a\n1\n", TOP "  d{row.a}: {profile: client, subject: {CN: c}}\n"
                              "  e: {each: devices.csv, profile: client, subject: {CN: c}}\n"
                              "  f: {each: devices.csv, count: 3}\n"
                              "  g{n}: {count: 0}\n"
                              "  h{row.a}: {each: ''}\n"),
        "pki.yaml:4:3: certificates.\"d{row.a}\": the name has a variable, and nothing says what it "
        "stands for (each: devices.csv, or count: 100)\n"
        "pki.yaml:5:3: certificates.e: the name has no variable, so all entries would have one "
        "(device-{row.serial}: as one of its columns)\n"
        "pki.yaml:6:33: certificates.f.count: stands beside each: one of them says how many\n"
        "pki.yaml:7:17: certificates.\"g{n}\".count: must be a whole number from 1 to 1000000, but is "
        "\"0\"\n"
        "pki.yaml:8:20: certificates.\"h{row.a}\".each: must be a file (each: devices.csv)\n");
}

Test(fleet, passphrases)
{
    static const char yaml[] = TOP "  d{row.s}:\n"
                                   "    each: devices.csv\n"
                                   "    profile: client\n"
                                   "    subject: {CN: c}\n"
                                   "    passphrase: 'file:in/{row.s}.pass'\n"
                                   "    bundles:\n"
                                   "      - {target: modern, passphrase: 'env:P12_{row.s}'}\n"
                                   "      - {target: java, file: '{row.s}.java.p12'}\n";
    struct manifest *manifest = read_good("s\n1\n", yaml);
    const struct entry *entry = manifest_find(manifest, "d1");

    cr_assert_not_null(entry);
    cr_assert_str_eq(entry->passphrase.argument, "in/1.pass");
    cr_assert_str_eq(entry->bundles[0].passphrase.argument, "P12_1");
    cr_assert_eq(entry->bundles[1].passphrase.source, PASSPHRASE_GENERATE);
    manifest_free(manifest);
    cr_assert_str_eq(
        told_of("s\na-b\n", yaml),
        "devices.csv:2:1: certificates.da-b.bundles[0].passphrase: \"a-b\" cannot be part of a variable's "
        "name: letters, digits and _ can\n");
}

Test(fleet, warnings_come_once)
{
    struct manifest *manifest = read_good(
        "s\n1\n2\n3\n",
        TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}, passphrase: 'pass:x'}\n");

    cr_assert_eq(faults_warnings(faults), 1);
    manifest_free(manifest);
}

Test(fleet, names_and_files_are_unique)
{
    cr_assert_str_eq(
        told_of("s\na\nb\nA\n", TOP "  B: {profile: client, subject: {CN: c}}\n"
                                    "  '{row.s}': {each: devices.csv, profile: client, subject: {CN: c}}\n"),
        "devices.csv:3:1: certificates.b: the name is that of pki.yaml:4, so both would write one file "
        "(names are unique, whatever their case)\n"
        "devices.csv:4:1: certificates.A: the name is that of devices.csv:2, so both would write one "
        "file (names are unique, whatever their case)\n");
}

Test(fleet, chosen_paths_are_unique)
{
    static const char bundle[] = TOP "  one: {profile: client, subject: {CN: c}}\n"
                                     "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c},\n"
                                     "    bundles: [{target: modern, file: '{row.f}'}]}\n";

    cr_assert_str_eq(told_of("s,f\n1,x.p12\n2,X.P12\n", bundle),
                     "devices.csv:3:1: certificates.d2: a file of it is, or lies below, a file of \"d1\" "
                     "(devices.csv:2) (each file has a path of its own, whatever the case of its letters)\n");
    cr_assert_str_eq(told_of("s,f\n1,ONE.crt\n2,d1.key\n", bundle),
                     "devices.csv:2:1: certificates.d1: a file of it is, or lies below, a file of \"one\" "
                     "(pki.yaml:4) (each file has a path of its own, whatever the case of its letters)\n"
                     "devices.csv:3:1: certificates.d2: a file of it is, or lies below, a file of \"d1\" "
                     "(devices.csv:2) (each file has a path of its own, whatever the case of its letters)\n");
    cr_assert_str_eq(told_of("s,f\n1,a.p12\n",
                             TOP "  one: {profile: client, subject: {CN: c}, bundles: [{target: "
                                 "modern, allow_empty_passphrase: true, file: A.p12/x}]}\n"
                                 "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: "
                                 "c}, bundles: [{target: modern, file: '{row.f}'}]}\n"),
                     "pki.yaml:4:3: certificates.one: a file of it is, or lies below, a file of \"d1\" "
                     "(devices.csv:2) (each file has a path of its own, whatever the case of its letters)\n");
    cr_assert_str_eq(
        told_of("s,f\n1,ledger.db\n", bundle),
        "devices.csv:2:3: certificates.d1.bundles[0].file: \"ledger.db\" is kept for the ledger (a path "
        "below the PKI directory)\n");
}

Test(fleet, what_an_entry_owes_its_issuer)
{
    static const char yaml[] =
        "mtlskit: 1\n"
        "authorities: {ca: {subject: {CN: ca}, name_constraints: %s}}\n"
        "certificates:\n"
        "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}, san: ['dns:{row.h}']}\n";
    char filled[512];

    (void)snprintf(filled, sizeof(filled), yaml, "{permitted: ['dns:example.com']}");
    cr_assert_str_eq(
        told_of("s,h\n1,a.example.com\n2,a.example.org\n", filled),
        "devices.csv:3:3: certificates.d2.san[0]: \"dns:a.example.org\" lies outside of the name "
        "constraints of \"ca\" (permitted there: dns:example.com)\n");
    (void)snprintf(filled, sizeof(filled), yaml, "auto");
    cr_assert_str_eq(
        told_of("s,h\n1,a.example.com\n", filled),
        "pki.yaml:4:3: certificates.\"d{row.s}\": the name constraints of \"ca\" are auto, and cannot "
        "follow a fleet (name_constraints: {permitted: [dns:example.com]})\n");
}

Test(fleet, a_table_that_is_none)
{
    char expected[256];

    (void)remove("devices.csv");
    cr_assert_null(read_with(NULL, TOP "  d{row.s}: {each: none.csv, profile: client, subject: {CN: c}}\n"));
    (void)snprintf(expected, sizeof(expected), "%s/none.csv: cannot be read: No such file or directory\n",
                   scratch_folder);
    cr_assert_eq(faults_errors(faults), 1);
    cr_assert_not_null(strstr(told(faults, &text), "none.csv"));
    faults_free(faults);
    faults = faults_new();
    cr_assert_str_eq(
        told_of("a,a\n", TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}}\n"),
        "devices.csv:1:3: the name \"a\" is that of column 1, too\n");
}

Test(fleet, entries_can_be_kept_found_and_walked_side_by_side)
{
    struct manifest *manifest = read_good(
        "s\n1\n2\n3\n", TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: 'c{row.s}'}}\n");
    struct manifest_cursor one = manifest_entries(manifest), other = manifest_entries(manifest);
    const struct entry *kept, *again;

    cr_assert_eq(manifest_next(&one)->kind, ENTRY_AUTHORITY);
    cr_assert_eq(manifest_next(&other)->kind, ENTRY_AUTHORITY);
    kept = entry_keep(manifest_next(&one));
    cr_assert_str_eq(manifest_next(&one)->name, "d2");
    cr_assert_str_eq(manifest_next(&other)->name, "d1");
    cr_assert_str_eq(manifest_next(&one)->name, "d3");
    cr_assert_str_eq(kept->name, "d1");
    cr_assert_str_eq(kept->issuer->name, "ca");
    again = manifest_find(manifest, "d2");
    cr_assert_str_eq(manifest_next(&other)->name, "d2");
    cr_assert_str_eq(again->name, "d2");
    cr_assert_null(manifest_next(&one));
    cr_assert_null(manifest_next(&one));
    cr_assert(manifest_has(manifest, "d3") && manifest_has(manifest, "ca") && !manifest_has(manifest, "d4") &&
              !manifest_has(manifest, "D3") && !manifest_has(manifest, "d{row.s}"));
    cr_assert_null(manifest_find(manifest, "d{row.s}"));
    entry_release(kept);
    manifest_free(manifest);
}

Test(fleet, an_entry_like_another_has_memory_of_its_own)
{
    struct manifest *manifest = read_good(
        NULL, TOP "  one: {issuer: ca, profile: client, validity: 9d, san: [email:a@b.example], bundles: "
                  "[{target: modern, passphrase: 'env:P'}]}\n");
    struct entry *model = manifest_entry(manifest, "one");
    char name[] = "other";
    const struct entry *like = entry_like(model, name, slice_of_text("subject"), (struct slice){NULL, 0});

    cr_assert_null(manifest_entry(manifest, "other"));
    name[0] = 'x';
    cr_assert_str_eq(like->name, "other");
    cr_assert(slice_equal(slice_of(&like->subject), slice_of_text("subject")));
    cr_assert_eq(like->names.length, 0);
    cr_assert(like->issuer == model->issuer && like->profile == model->profile && like->key == model->key);
    cr_assert_eq(like->validity.duration.seconds, model->validity.duration.seconds);
    cr_assert_gt(model->validity.duration.seconds, 0);
    cr_assert_eq(like->formats, model->formats);
    cr_assert_eq(model->bundle_count, 1);
    cr_assert_eq(like->bundle_count, 0, "what it owns is not shared");
    cr_assert(entry_is_of_fleet(like) && !entry_is_of_fleet(model));
    cr_assert_eq(entry_keep(like), like);
    entry_release(like);
    cr_assert_str_eq(like->name, "other", "kept once more");
    entry_release(like);
    manifest_free(manifest);
}

Test(fleet, an_empty_table_is_an_empty_fleet)
{
    struct manifest *manifest =
        read_good("s\n", TOP "  d{row.s}: {each: devices.csv, profile: client, subject: {CN: c}}\n");

    cr_assert_str_eq(all_of(manifest), "");
    cr_assert_eq(manifest_count(manifest), 1);
    manifest_free(manifest);
}

Test(fleet, the_tables_are_known)
{
    struct manifest *manifest =
        read_good("s\n1\n", TOP "  d{row.s}: {each: ./devices.csv, profile: client, subject: {CN: c}}\n"
                                "  e{n}: {count: 1, profile: client, subject: {CN: c}}\n");
    struct slice content;

    cr_assert_str_eq(manifest_table(manifest, 0, &content), "./devices.csv");
    cr_assert(slice_equal(content, slice_of_text("s\n1\n")));
    cr_assert_null(manifest_table(manifest, 1, &content));
    cr_assert(manifest_stands_alone(manifest));
    manifest_free(manifest);
}
