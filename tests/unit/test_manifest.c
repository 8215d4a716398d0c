/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/manifest: what is read, and what is said of what cannot be. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "manifest/manifest.h"
#include "told.h"
#include "x509/der.h"
#include "x509/general_name.h"

static struct context *context;
static struct faults *faults;
static struct bytes text;

static void setup(void)
{
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
}

TestSuite(manifest, .init = setup, .fini = teardown);

static struct manifest *parse(const char *yaml)
{
    return manifest_parse(context, slice_of_text(yaml), "pki.yaml", "folder", faults);
}

/** A manifest that must be good. */
static struct manifest *read_good(const char *yaml)
{
    struct manifest *manifest = parse(yaml);

    cr_assert_not_null(manifest, "%s", told(faults, &text));
    return manifest;
}

static const char *subject_of(const struct entry *entry)
{
    bytes_clear(&text);
    cr_assert_eq(name_format(slice_of(&entry->subject), &text), 0);
    return bytes_text(&text);
}

/** GeneralNames as text, blanks between them. */
static const char *names_text(const struct bytes *names, bool constraints)
{
    struct slice rest = slice_of(names);
    struct der_item item;

    bytes_clear(&text);
    while (rest.length > 0) {
        cr_assert_eq(der_read(&rest, &item), 1);
        cr_assert_eq(bytes_append_text(&text, text.length > 0 ? " " : ""), 0);
        cr_assert_eq(constraints ? general_name_format_constraint(item.whole, &text)
                                 : general_name_format(item.whole, &text),
                     0);
    }
    return bytes_text(&text);
}

static const char *outputs_text(const struct entry *entry)
{
    struct output output;

    bytes_clear(&text);
    for (size_t i = 0; i < entry_output_count(entry); i++) {
        cr_assert_eq(bytes_append_text(&text, i > 0 ? " " : ""), 0);
        cr_assert_eq(entry_output_at(entry, i, &output, &text), 0);
        cr_assert_eq(bytes_printf(&text, "(%s)", output_kind_word(output.kind)), 0);
    }
    return bytes_text(&text);
}

/** Names of all entries in the order they are made. */
static const char *order_text(const struct manifest *manifest)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;

    bytes_clear(&text);
    while ((entry = manifest_next(&cursor)) != NULL) {
        cr_assert_eq(bytes_printf(&text, "%s%s", text.length > 0 ? " " : "", entry->name), 0);
    }
    return bytes_text(&text);
}

/* ---- what is read --------------------------------------------------------------------------------------------------- */

static const char example[] =
    "mtlskit: 1\n"
    "defaults:\n"
    "  subject: {C: US, ST: Texas, L: Austin, O: Your Organization, OU: Your Unit}\n"
    "authorities:\n"
    "  server-ca: {subject: {CN: testServerCA}, validity: 1000d}\n"
    "  client-ca: {subject: {CN: testClientCA}, validity: 1000d}\n"
    "certificates:\n"
    "  server:\n"
    "    issuer: server-ca\n"
    "    profile: server\n"
    "    subject: {CN: testServerTLS}\n"
    "    san: [dns:localhost, ip:127.0.0.1, \"ip:::1\"]\n"
    "  client:\n"
    "    issuer: client-ca\n"
    "    profile: client\n"
    "    subject: {CN: testClientTLS}\n"
    "    san: [email:client1@example.local]\n"
    "    bundles:\n"
    "      - {file: client.p12, target: ios-legacy, passphrase: \"env:P12_PASSWORD\", "
    "name: testClientTLS}\n";

Test(manifest, example_authority)
{
    struct manifest *manifest = read_good(example);
    const struct entry *entry = manifest_find(manifest, "server-ca");

    cr_assert_eq(manifest_count(manifest), 4);
    cr_expect_str_eq(order_text(manifest), "server-ca client-ca server client");
    cr_expect_null(manifest_id(manifest));
    cr_expect_str_eq(manifest_folder(manifest), "folder");
    cr_assert_not_null(entry);
    cr_expect_eq(entry->kind, ENTRY_AUTHORITY);
    cr_expect_null(entry->issuer);
    cr_expect_str_eq(entry->profile->name, "root-ca");
    cr_expect_str_eq(subject_of(entry),
                     "CN=testServerCA,OU=Your Unit,O=Your Organization,L=Austin,ST=Texas,C=US");
    cr_expect_eq(entry->validity.duration.seconds, INT64_C(1000) * 86400);
    cr_expect_eq(entry->validity.duration.months, 0);
    cr_expect_eq(entry->backdate.seconds, 300);
    cr_expect_eq(entry->key, KEY_EC_P256);
    cr_expect_eq(entry->path_length, -1);
    cr_expect(entry->reuse_key);
    cr_expect_eq(entry->names.length, 0);
    cr_expect_str_eq(entry->place.file, "pki.yaml");
    cr_expect_eq(entry->place.line, 5);
    cr_expect_eq(entry->place.column, 3);
    cr_expect_str_eq(outputs_text(entry), "server-ca.key(key) server-ca.crt(certificate)");
    manifest_free(manifest);
}

Test(manifest, example_certificates)
{
    struct manifest *manifest = read_good(example);
    const struct entry *server = manifest_find(manifest, "server"),
                       *client = manifest_find(manifest, "client");

    cr_assert_not_null(server);
    cr_assert_not_null(client);
    cr_expect_eq(server->kind, ENTRY_CERTIFICATE);
    cr_expect_eq(server->issuer, manifest_find(manifest, "server-ca"));
    cr_expect_str_eq(server->profile->name, "server");
    cr_expect_str_eq(subject_of(server),
                     "CN=testServerTLS,OU=Your Unit,O=Your Organization,L=Austin,ST=Texas,C=US");
    cr_expect_str_eq(names_text(&server->names, false), "dns:localhost ip:127.0.0.1 ip:::1");
    cr_expect_eq(server->validity.duration.seconds, INT64_C(397) * 86400);
    cr_expect_not(server->renew_before_given);
    cr_expect_str_eq(outputs_text(server), "server.key(key) server.crt(certificate)");

    cr_expect_str_eq(names_text(&client->names, false), "email:client1@example.local");
    cr_expect_str_eq(outputs_text(client), "client.key(key) client.crt(certificate) client.p12(bundle)");
    cr_assert_eq(client->bundle_count, 1);
    cr_expect_str_eq(client->bundles[0].target->word, "ios-legacy");
    cr_expect_str_eq(client->bundles[0].name, "testClientTLS");
    cr_expect_eq(client->bundles[0].passphrase.source, PASSPHRASE_ENV);
    cr_expect_str_eq(client->bundles[0].passphrase.argument, "P12_PASSWORD");
    cr_expect_eq(client->bundles[0].place.line, 19);
    cr_expect_null(manifest_find(manifest, "Client"), "found by its exact name alone");
    cr_expect_null(manifest_find(manifest, "nobody"));
    manifest_free(manifest);
}

Test(manifest, defaults_profile_and_own)
{
    struct manifest *manifest = read_good(
        "mtlskit: 1\n"
        "id: fleet\n"
        "defaults:\n"
        "  subject: {O: Example, OU: [One, Two], L: Here}\n"
        "  key: rsa-2048\n"
        "  validity: 30d\n"
        "  backdate: 1h\n"
        "  renew_before: 10d\n"
        "  reuse_key: false\n"
        "  formats: [der]\n"
        "  profile: client\n"
        "authorities:\n"
        "  ca: {subject: {CN: root}}\n"
        "certificates:\n"
        "  one: {subject: {OU: Three, CN: one, L: ~}}\n"
        "  two: {subject: [{O: Other}, {OU: x, CN: two}], key: ed25519, validity: 1y, reuse_key: true}\n"
        "  three: {subject: \"CN=three,O=Alone\", formats: [pem, der], renew_before: 1d}\n"
        "  four: {subject: {OU: [A, B, C], CN: four}}\n");
    const struct entry *entry = manifest_find(manifest, "ca");

    cr_expect_str_eq(manifest_id(manifest), "fleet");
    cr_expect_str_eq(subject_of(entry), "CN=root,L=Here,OU=Two,OU=One,O=Example");
    cr_expect_eq(entry->validity.duration.months, 120, "defaults' validity is for certificates");
    cr_expect_eq(entry->key, KEY_RSA_2048);
    cr_expect_eq(entry->backdate.seconds, 3600);
    cr_expect(entry->reuse_key, "an authority keeps its key");
    cr_expect_not(entry->renew_before_given);
    cr_expect_str_eq(outputs_text(entry), "ca.key(key) ca.crt(certificate) ca.cer(der)");

    entry = manifest_find(manifest, "one");
    cr_expect_eq(entry->issuer, manifest_find(manifest, "ca"), "the only authority is the issuer");
    cr_expect_str_eq(subject_of(entry), "CN=one,OU=Three,O=Example");
    cr_expect_eq(entry->validity.duration.seconds, INT64_C(30) * 86400);
    cr_expect(entry->renew_before_given);
    cr_expect_eq(entry->renew_before.seconds, INT64_C(10) * 86400);
    cr_expect_not(entry->reuse_key);
    cr_expect_str_eq(outputs_text(entry), "one.key(key) one.cer(der)");

    entry = manifest_find(manifest, "two");
    cr_expect_str_eq(subject_of(entry), "OU=x+CN=two,O=Other");
    cr_expect_eq(entry->key, KEY_ED25519);
    cr_expect_eq(entry->validity.duration.months, 12);
    cr_expect(entry->reuse_key);

    entry = manifest_find(manifest, "three");
    cr_expect_str_eq(subject_of(entry), "CN=three,O=Alone");
    cr_expect_eq(entry->renew_before.seconds, 86400);
    cr_expect_str_eq(outputs_text(entry), "three.key(key) three.crt(certificate) three.cer(der)");

    cr_expect_str_eq(subject_of(manifest_find(manifest, "four")), "CN=four,L=Here,OU=C,OU=B,OU=A,O=Example");
    manifest_free(manifest);
}

Test(manifest, validity_windows)
{
    struct manifest *manifest =
        read_good("mtlskit: 1\n"
                  "authorities:\n"
                  "  ca: {subject: {CN: ca}, validity: {from: 2020-01-01, until: 2060-01-01T00:00:00Z}}\n"
                  "certificates:\n"
                  "  past: {profile: client, subject: {CN: p}, validity: {from: 2021-01-01, duration: 1d}}\n"
                  "  end: {profile: client, subject: {CN: e}, validity: {until: 2060-01-01}}\n"
                  "  sure: {profile: client, subject: {CN: s}, validity: {duration: 1y6mo}, backdate: 0s}\n");
    const struct entry *entry = manifest_find(manifest, "ca");

    cr_expect(entry->validity.fixed_from && entry->validity.fixed_until);
    cr_expect_eq(entry->validity.from, INT64_C(1577836800));
    cr_expect_eq(entry->validity.until, INT64_C(2840140800));
    entry = manifest_find(manifest, "past");
    cr_expect(entry->validity.fixed_from && !entry->validity.fixed_until);
    cr_expect_eq(entry->validity.duration.seconds, 86400);
    entry = manifest_find(manifest, "end");
    cr_expect(!entry->validity.fixed_from && entry->validity.fixed_until);
    entry = manifest_find(manifest, "sure");
    cr_expect(!entry->validity.fixed_from && !entry->validity.fixed_until);
    cr_expect_eq(entry->validity.duration.months, 18);
    cr_expect_eq(entry->backdate.seconds, 0);
    manifest_free(manifest);
}

Test(manifest, issuers_come_first)
{
    struct manifest *manifest = read_good("mtlskit: 1\n"
                                          "authorities:\n"
                                          "  low: {issuer: middle, subject: {CN: low}}\n"
                                          "  middle: {issuer: top, subject: {CN: middle}, path_length: 1}\n"
                                          "  other: {subject: {CN: other}}\n"
                                          "  top: {subject: {CN: top}}\n"
                                          "certificates:\n"
                                          "  leaf: {issuer: low, profile: client, subject: {CN: leaf}}\n");

    cr_expect_str_eq(order_text(manifest), "top middle low other leaf");
    cr_expect_str_eq(manifest_find(manifest, "low")->profile->name, "intermediate-ca");
    cr_expect_eq(manifest_find(manifest, "middle")->path_length, 1);
    cr_expect_str_eq(outputs_text(manifest_find(manifest, "low")),
                     "low.key(key) low.crt(certificate) low.trust.pem(trust)");
    manifest_free(manifest);
}

Test(manifest, deliverables)
{
    struct manifest *manifest =
        read_good("mtlskit: 1\n"
                  "authorities:\n"
                  "  ca:\n"
                  "    subject: {CN: ca}\n"
                  "    passphrase: file:ca.pass\n"
                  "    bundles: [{file: stores/trust.p12, target: java-truststore, passphrase: \"env:A\"}]\n"
                  "certificates:\n"
                  "  phone:\n"
                  "    profile: device\n"
                  "    subject: {CN: phone}\n"
                  "    passphrase: \"env:KEY\"\n"
                  "    bundles:\n"
                  "      - {passphrase: generate}\n"
                  "      - {file: phones/a.p12, target: modern, allow_empty_passphrase: true}\n"
                  "  web: {profile: server, san: [dns:example.com], k8s-secret: {}}\n"
                  "  api: {profile: server, san: dns:example.com, k8s-secret: k8s/api.yaml}\n"
                  "  WEB2: {profile: server, san: dns:a, k8s-secret: {name: web.two, namespace: prod, file: "
                  "w2.yaml}}\n");
    const struct entry *entry = manifest_find(manifest, "phone");

    cr_expect_str_eq(outputs_text(entry),
                     "phone.key(key) phone.crt(certificate) phone.p12(bundle) phone.p12.pass(passphrase) "
                     "phones/a.p12(bundle)");
    cr_expect_str_eq(entry->bundles[0].target->word, "ios-legacy", "the profile's");
    cr_expect_null(entry->bundles[0].name);
    cr_expect_eq(entry->bundles[1].passphrase.source, PASSPHRASE_NONE);
    cr_expect(entry->bundles[1].allow_empty_passphrase);
    cr_expect_eq(entry->passphrase.source, PASSPHRASE_ENV);
    cr_expect_str_eq(outputs_text(manifest_find(manifest, "ca")),
                     "ca.key(key) ca.crt(certificate) stores/trust.p12(bundle)");
    entry = manifest_find(manifest, "web");
    cr_expect_str_eq(outputs_text(entry), "web.key(key) web.crt(certificate) web.secret.yaml(k8s-secret)");
    cr_expect_str_eq(entry->k8s_secret_name, "web");
    cr_expect_null(entry->k8s_namespace);
    cr_expect_str_eq(manifest_find(manifest, "api")->k8s_secret_file, "k8s/api.yaml");
    entry = manifest_find(manifest, "WEB2");
    cr_expect_str_eq(entry->k8s_secret_name, "web.two");
    cr_expect_str_eq(entry->k8s_namespace, "prod");
    manifest_free(manifest);
}

Test(manifest, adopted_authority)
{
    struct manifest *manifest =
        read_good("mtlskit: 1\n"
                  "authorities:\n"
                  "  old:\n"
                  "    adopt: {certificate: old/ca.crt, key: /keys/ca.key, passphrase: \"env:CA\"}\n"
                  "    formats: [pem, der]\n"
                  "    bundles: [{file: trust.p12, target: java-truststore, passphrase: generate}]\n"
                  "certificates:\n"
                  "  leaf: {profile: client, subject: {CN: leaf}, validity: {until: 2100-01-01}}\n");
    const struct entry *entry = manifest_find(manifest, "old");

    cr_expect_str_eq(entry->adopt_certificate, "folder/old/ca.crt");
    cr_expect_str_eq(entry->adopt_key, "/keys/ca.key");
    cr_expect_eq(entry->adopt_passphrase.source, PASSPHRASE_ENV);
    cr_expect_eq(entry->key, KEY_NONE);
    cr_expect_eq(entry->subject.length, 0);
    cr_expect_not_null(entry->profile);
    cr_expect_str_eq(outputs_text(entry),
                     "old.crt(certificate) old.cer(der) trust.p12(bundle) trust.p12.pass(passphrase)",
                     "its key stays where it is");
    manifest_free(manifest);
}

Test(manifest, revocation_and_lists)
{
    struct manifest *manifest = read_good(
        "mtlskit: 1\n"
        "defaults: {crl: {next_update: 7d}}\n"
        "authorities:\n"
        "  root: {subject: {CN: root}}\n"
        "  often: {subject: {CN: often}, issuer: root, crl: {next_update: 12h}, revoked: {reason: "
        "ca-compromise}}\n"
        "  never: {subject: {CN: never}, issuer: root, crl: false}\n"
        "  monthly: {subject: {CN: monthly}, issuer: root, crl: true}\n"
        "  once: {subject: {CN: once}, issuer: root, ephemeral: true}\n"
        "certificates:\n"
        "  a: {issuer: root, profile: client, subject: {CN: a}, revoked: keyCompromise}\n"
        "  b: {issuer: root, profile: client, subject: {CN: b}, revoked: {date: 2020-02-03T04:05:06Z, "
        "invalidity_date: 2020-01-01}}\n"
        "  c: {issuer: root, profile: client, subject: {CN: c}}\n");
    const struct entry *entry = manifest_find(manifest, "root");

    cr_expect(entry->crl.wanted);
    cr_expect_eq(entry->crl.next_update.seconds, 7 * 86400);
    cr_expect_not(entry->revoked.wanted);
    entry = manifest_find(manifest, "often");
    cr_expect_eq(entry->crl.next_update.seconds, 12 * 3600);
    cr_expect_eq(entry->revoked.reason, 2);
    cr_expect_not(manifest_find(manifest, "never")->crl.wanted);
    cr_expect_eq(manifest_find(manifest, "monthly")->crl.next_update.seconds, 30 * 86400);
    cr_expect_not(manifest_find(manifest, "once")->crl.wanted);
    entry = manifest_find(manifest, "a");
    cr_expect(entry->revoked.wanted && !entry->revoked.has_date && !entry->revoked.has_invalidity);
    cr_expect_eq(entry->revoked.reason, 1);
    cr_expect_eq(entry->revoked_place.line, 10);
    entry = manifest_find(manifest, "b");
    cr_expect(entry->revoked.has_date && entry->revoked.has_invalidity);
    cr_expect_eq(entry->revoked.date, 1580702706);
    cr_expect_eq(entry->revoked.invalidity, 1577836800);
    cr_expect_eq(entry->revoked.reason, 0);
    cr_expect_not(manifest_find(manifest, "c")->revoked.wanted);
    manifest_free(manifest);
}

Test(manifest, constraints_from_names)
{
    struct manifest *manifest = read_good(
        "mtlskit: 1\n"
        "authorities:\n"
        "  top: {subject: {CN: top}, name_constraints: auto}\n"
        "  low: {issuer: top, subject: {CN: low, emailAddress: ca@example.org}, name_constraints: auto}\n"
        "  free: {issuer: top, subject: {CN: free}}\n"
        "  set: {issuer: top, subject: {CN: set}, name_constraints: {permitted: dns:example.com, "
        "excluded: [\"ip:10.0.0.0/8\"]}}\n"
        "certificates:\n"
        "  a: {issuer: low, profile: server, san: [\"dns:*.b.example\", dns:a.example, ip:192.0.2.1, "
        "\"ip:2001:db8::1\"]}\n"
        "  b: {issuer: low, profile: server, san: [dns:a.example, uri:https://u.example/]}\n"
        "  c: {issuer: free, profile: client, subject: {CN: c}, san: [email:c@example.org]}\n"
        "  d: {issuer: free, profile: client, subject: {CN: d.example}}\n");

    cr_expect_str_eq(names_text(&manifest_find(manifest, "low")->permitted, true),
                     "dns:a.example dns:b.example ip:192.0.2.1/32 ip:2001:db8::1/128");
    cr_expect_str_eq(names_text(&manifest_find(manifest, "top")->permitted, true),
                     "email:c@example.org email:ca@example.org dns:a.example dns:b.example dns:d.example "
                     "ip:192.0.2.1/32 ip:2001:db8::1/128",
                     "%s", names_text(&manifest_find(manifest, "top")->permitted, true));
    cr_expect_eq(manifest_find(manifest, "top")->excluded.length, 0);
    cr_expect_eq(manifest_find(manifest, "free")->permitted.length, 0);
    cr_expect_str_eq(names_text(&manifest_find(manifest, "set")->permitted, true), "dns:example.com");
    cr_expect_str_eq(names_text(&manifest_find(manifest, "set")->excluded, true), "ip:10.0.0.0/8");
    cr_expect_eq(faults_warnings(faults), 0);
    manifest_free(manifest);
}

Test(manifest, warnings)
{
    struct manifest *manifest =
        read_good("mtlskit: 1\n"
                  "authorities:\n"
                  "  a: {subject: {CN: same}, name_constraints: auto}\n"
                  "  b: {subject: {CN: same}}\n"
                  "certificates:\n"
                  "  c: {issuer: b, profile: client, subject: {CN: c}, passphrase: \"pass:secret\"}\n");

    cr_expect_null(strstr(told(faults, &text), "secret"));
    cr_expect_not_null(strstr(told(faults, &text), "warning: pki.yaml:6:65: certificates.c.passphrase: "),
                       "%s", told(faults, &text));
    cr_expect_not_null(
        strstr(told(faults, &text), "warning: pki.yaml:4:3: authorities.b.subject: is that of \"a\", too"),
        "%s", told(faults, &text));
    cr_expect_not_null(
        strstr(told(faults, &text), "warning: pki.yaml:3:3: authorities.a.name_constraints: auto"), "%s",
        told(faults, &text));
    cr_expect_eq(faults_warnings(faults), 3);
    manifest_free(manifest);
}

/* The entry's own goes before a profile of one's own, that before the defaults, those before a built-in profile. */
Test(manifest, what_goes_before_what)
{
    char folder[] = "/tmp/manifest-XXXXXX", path[64], yaml[600];
    struct manifest *manifest;
    FILE *file;

    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/staff.yaml", folder);
    file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs("extends: client\nkey: ec-p384\nsubject: {defaults: {OU: Staff}}\n", file), 0);
    cr_assert_eq(fclose(file), 0);
    (void)snprintf(yaml, sizeof(yaml),
                   "mtlskit: 1\n"
                   "profiles: [%s]\n"
                   "defaults: {key: rsa-2048, backdate: 1h, subject: {O: Example, OU: Default}}\n"
                   "authorities: {ca: {subject: {CN: ca}}}\n"
                   "certificates:\n"
                   "  a: {profile: client, subject: {CN: a}}\n"
                   "  b: {profile: staff, subject: {CN: b}}\n"
                   "  c: {profile: staff, subject: {CN: c, OU: Own}, key: ec-p521, backdate: 0s}\n",
                   folder);
    manifest = read_good(yaml);
    cr_expect_eq(manifest_find(manifest, "a")->key, KEY_RSA_2048);
    cr_expect_str_eq(subject_of(manifest_find(manifest, "a")), "CN=a,OU=Default,O=Example");
    cr_expect_eq(manifest_find(manifest, "b")->key, KEY_EC_P384);
    cr_expect_eq(manifest_find(manifest, "b")->backdate.seconds, 3600);
    cr_expect_str_eq(subject_of(manifest_find(manifest, "b")), "CN=b,OU=Staff,O=Example");
    cr_expect_eq(manifest_find(manifest, "c")->key, KEY_EC_P521);
    cr_expect_eq(manifest_find(manifest, "c")->backdate.seconds, 0);
    cr_expect_str_eq(subject_of(manifest_find(manifest, "c")), "CN=c,OU=Own,O=Example");
    cr_expect_not(manifest_stands_alone(manifest));
    manifest_free(manifest);
    cr_expect_eq(unlink(path), 0);
    cr_expect_eq(rmdir(folder), 0);
}

Test(manifest, post_quantum_keys)
{
    struct manifest *manifest = parse("mtlskit: 1\n"
                                      "defaults: {key: ml-dsa-65}\n"
                                      "authorities: {ca: {subject: {CN: ca}, key: ec-p256}}\n"
                                      "certificates:\n"
                                      "  a: {profile: client, subject: {CN: a}, key: ml-dsa-44}\n"
                                      "  b: {profile: client, subject: {CN: b}}\n");

    if (key_algorithm_available(context, KEY_ML_DSA_44)) {
        cr_assert_not_null(manifest, "%s", told(faults, &text));
        cr_expect_eq(manifest_find(manifest, "a")->key, KEY_ML_DSA_44);
        cr_expect_eq(manifest_find(manifest, "b")->key, KEY_ML_DSA_65);
    } else {
        cr_expect_null(manifest);
        cr_expect_str_eq(
            told(faults, &text),
            "pki.yaml:5:47: certificates.a.key: the OpenSSL at hand has no ml-dsa-44 (ml-dsa needs "
            "OpenSSL 3.5)\n"
            "pki.yaml:6:3: certificates.b.key: the OpenSSL at hand has no ml-dsa-65 (ml-dsa needs "
            "OpenSSL 3.5)\n");
    }
    manifest_free(manifest);
}

/* Columns of a place count characters; the base of subjects is kept from entry to entry, whatever each does to it. */
Test(manifest, one_entry_leaves_nothing_to_the_next)
{
    struct manifest *manifest = read_good("mtlskit: 1\n"
                                          "defaults: {subject: {O: Example, OU: Unit}, profile: client}\n"
                                          "authorities: {ca: {subject: {CN: ca}}}\n"
                                          "certificates:\n"
                                          "  a: {subject: {CN: a}}\n"
                                          "  b: {subject: {CN: b, OU: ~}}\n"
                                          "  c: {subject: {CN: c}}\n"
                                          "  d: {subject: []  , san: [dns:d]}\n"
                                          "  e: {subject: {CN: e, O: Other}}\n"
                                          "  f: {san: [dns:f]}\n"
                                          "  g: {subject: \"CN=g\"}\n"
                                          "  h: {subject: {CN: [h, hh]}}\n");

    cr_expect_str_eq(subject_of(manifest_find(manifest, "a")), "CN=a,OU=Unit,O=Example");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "b")), "CN=b,O=Example");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "c")), "CN=c,OU=Unit,O=Example");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "d")), "");
    cr_expect(name_is_empty(slice_of(&manifest_find(manifest, "d")->subject)));
    cr_expect_str_eq(subject_of(manifest_find(manifest, "e")), "CN=e,OU=Unit,O=Other");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "f")), "OU=Unit,O=Example");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "g")), "CN=g");
    cr_expect_str_eq(subject_of(manifest_find(manifest, "h")), "CN=hh,CN=h,OU=Unit,O=Example");
    manifest_free(manifest);
}

/** A manifest of @p count certificates with a name and a SAN each. */
static void make_large(struct bytes *yaml, size_t count)
{
    cr_assert_eq(
        bytes_append_text(yaml, "mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}, name_constraints: auto}}\n"
                                "certificates:\n"),
        0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(
            bytes_printf(yaml, "  c%zu: {profile: server, subject: {CN: c %zu}, san: [dns:c%zu.example]}\n",
                         i, i, i),
            0);
    }
}

static double seconds_to_read(size_t count)
{
    struct bytes yaml = BYTES_EMPTY;
    struct timespec from, to;
    struct manifest *manifest;

    make_large(&yaml, count);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    manifest = manifest_parse(context, slice_of(&yaml), "large.yaml", "", faults);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    cr_assert_not_null(manifest, "%s", told(faults, &text));
    cr_expect_eq(manifest_count(manifest), count + 1);
    manifest_free(manifest);
    bytes_free(&yaml);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* No quadratic step: ten times the entries take about ten times the time, not a hundred. */
Test(manifest, time_grows_with_the_file)
{
    double small, large;

    (void)seconds_to_read(500);
    small = seconds_to_read(1000);
    large = seconds_to_read(10000);
    cr_expect_lt(large, small * 30, "%f s for 1,000, %f s for 10,000", small, large);
}
