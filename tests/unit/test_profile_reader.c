/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/profile_reader: the built-in profiles, files of the user's own, and what is said of files that cannot be taken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest/profile_reader.h"
#include "told.h"
#include "x509/extension.h"
#include "x509/general_name.h"

static struct faults *faults;
static struct bytes text;

static void setup(void)
{
    faults = faults_new();
    cr_assert_not_null(faults);
}

static void teardown(void)
{
    faults_free(faults);
    bytes_free(&text);
}

TestSuite(profile_reader, .init = setup, .fini = teardown);

/** A set with one file "own.yaml" of this text. */
static struct profile_set *with_own(const char *yaml)
{
    struct profile_set *set = profile_set_new(faults);

    cr_assert_not_null(set, "%s", told(faults, &text));
    (void)!profile_set_add_text(set, "own", slice_of_text(yaml), "own.yaml", faults);
    (void)!profile_set_resolve(set, faults);
    return set;
}

/** The profile of a good text; the set comes back, too. */
static const struct profile *read_good(const char *yaml, struct profile_set **set)
{
    const struct profile *profile;

    *set = with_own(yaml);
    cr_assert_eq(faults_errors(faults), 0, "%s", told(faults, &text));
    profile = profile_set_find(*set, "own");
    cr_assert_not_null(profile);
    return profile;
}

static uint32_t kinds(const char *words)
{
    char copy[100];
    uint32_t found = 0;

    (void)snprintf(copy, sizeof(copy), "%s", words);
    for (char *rest = copy, *word = NULL; (word = strsep(&rest, " ")) != NULL;) {
        enum general_name_kind kind = GENERAL_NAME_OTHER;

        cr_assert_eq(general_name_kind_parse(word, &kind), 0);
        found |= profile_san_bit((int)kind);
    }
    return found;
}

static bool has_usage(const struct profile *profile, const char *name)
{
    struct oid oid;

    cr_assert_eq(oid_parse_extended_key_usage(name, &oid), 0);
    for (size_t i = 0; i < profile->extended_key_usage_count; i++) {
        if (oid_equal(&oid, oid_slice(&profile->extended_key_usages[i]))) {
            return true;
        }
    }
    return false;
}

/* ---- the built-in ones ---------------------------------------------------------------------------------------------- */

Test(profile_reader, built_in)
{
    static const char *const names[] = {"client", "device",  "intermediate-ca", "ocsp-responder",
                                        "peer",   "root-ca", "server"};
    struct profile_set *set = profile_set_new(faults);
    const char *origin = NULL;

    cr_assert_not_null(set);
    cr_assert_eq(profile_set_resolve(set, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(profile_set_count(set), sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < profile_set_count(set); i++) {
        const struct profile *profile = profile_set_at(set, i, &origin);

        cr_expect_str_eq(profile->name, names[i]);
        cr_expect_str_eq(origin, "built in");
        cr_expect_not_null(profile->description);
        cr_expect_eq(profile->key, KEY_EC_P256);
        cr_expect_eq(profile->backdate.seconds, 300);
        cr_expect_eq(profile_set_gives(set, profile), 0);
        cr_expect_not(profile_set_is_own(set, profile));
    }
    cr_expect_null(profile_set_at(set, profile_set_count(set), NULL));
    cr_expect_null(profile_set_find(set, "Client"));
    cr_expect_str_eq(profile_set_nearest(set, "sever"), "server");
    cr_expect_null(profile_set_nearest(set, "zebra"));
    profile_set_free(set);
}

Test(profile_reader, built_in_authorities)
{
    struct profile_set *set = profile_set_new(faults);
    const struct profile *root, *intermediate;

    cr_assert_eq(profile_set_resolve(set, faults), 0);
    root = profile_set_find(set, "root-ca");
    intermediate = profile_set_find(set, "intermediate-ca");
    cr_expect(root->ca && intermediate->ca);
    cr_expect_eq(root->path_length, -1);
    cr_expect_eq(intermediate->path_length, 0);
    cr_expect_eq(root->key_usage, KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN);
    cr_expect_eq(intermediate->key_usage, root->key_usage);
    cr_expect_eq(root->extended_key_usage_count + intermediate->extended_key_usage_count, 0);
    cr_expect_eq(root->validity.duration.months, 120);
    cr_expect_eq(intermediate->validity.duration.months, 60);
    cr_expect_eq(intermediate->subject_require_count, 1);
    cr_expect_eq(root->san_allow | intermediate->san_allow, 0);
    profile_set_free(set);
}

Test(profile_reader, built_in_leaves)
{
    struct profile_set *set = profile_set_new(faults);
    const struct profile *profile;

    cr_assert_eq(profile_set_resolve(set, faults), 0);
    profile = profile_set_find(set, "server");
    cr_expect_eq(profile->key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT);
    cr_expect(has_usage(profile, "serverAuth") && !has_usage(profile, "clientAuth"));
    cr_expect_eq(profile->san_require, kinds("dns ip"));
    cr_expect_eq(profile->san_allow, kinds("dns ip uri"));
    cr_expect_eq(profile->validity.duration.seconds, INT64_C(397) * 86400);
    cr_expect_null(profile->bundle);

    profile = profile_set_find(set, "peer");
    cr_expect(has_usage(profile, "serverAuth") && has_usage(profile, "clientAuth"));
    cr_expect_eq(profile->san_require, kinds("dns ip"));

    profile = profile_set_find(set, "client");
    cr_expect(!has_usage(profile, "serverAuth") && has_usage(profile, "clientAuth"));
    cr_expect_eq(profile->san_require, 0);
    cr_expect_eq(profile->san_allow, kinds("dns ip email uri upn rid dirname other"));

    profile = profile_set_find(set, "device");
    cr_expect(has_usage(profile, "clientAuth"));
    cr_expect_str_eq(profile->bundle, "ios-legacy");

    profile = profile_set_find(set, "ocsp-responder");
    cr_expect(has_usage(profile, "OCSPSigning"));
    cr_expect(profile->ocsp_no_check);
    cr_expect_not(profile->ca);
    profile_set_free(set);
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

Test(profile_reader, every_field)
{
    struct profile_set *set = NULL;
    const struct profile *profile =
        read_good("description: All\n"
                  "key: rsa-3072\n"
                  "validity: {from: 2020-01-01, duration: 2y}\n"
                  "backdate: 0s\n"
                  "basic_constraints: {ca: true, path_length: 3}\n"
                  "key_usage: [keyCertSign, digitalSignature]\n"
                  "extended_key_usage: [serverAuth, 1.2.3.4]\n"
                  "san: {require: dns, allow: [dns, email]}\n"
                  "subject: {require: [CN, 2.5.4.10], defaults: {O: Example, OU: [a, b]}}\n"
                  "name_constraints: {permitted: [dns:example.com], excluded: [\"ip:10.0.0.0/8\"]}\n"
                  "certificate_policies: [1.3.6.1.4.1.99999.1, 2.23.140.1.2.1]\n"
                  "crl_url: [http://a.example/ca.crl, http://b.example/ca.crl]\n"
                  "ocsp_url: http://ocsp.example/\n"
                  "ca_issuers_url: http://a.example/ca.cer\n"
                  "ocsp_no_check: true\n"
                  "bundle: modern\n"
                  "extensions:\n"
                  "  - {oid: 1.2.3.4, critical: true, der: \"0c 04 74:65:78:74\"}\n"
                  "  - {oid: 1.2.3.5, asn1: \"UTF8String:text\"}\n",
                  &set);

    cr_expect_str_eq(profile->name, "own");
    cr_expect_str_eq(profile->description, "All");
    cr_expect_eq(profile->key, KEY_RSA_3072);
    cr_expect(profile->validity.fixed_from && !profile->validity.fixed_until);
    cr_expect_eq(profile->validity.duration.months, 24);
    cr_expect_eq(profile->backdate.seconds, 0);
    cr_expect(profile->ca);
    cr_expect_eq(profile->path_length, 3);
    cr_expect_eq(profile->key_usage, KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_DIGITAL_SIGNATURE);
    cr_expect(has_usage(profile, "serverAuth") && has_usage(profile, "1.2.3.4"));
    cr_expect_eq(profile->san_require, kinds("dns"));
    cr_expect_eq(profile->san_allow, kinds("dns email"));
    cr_expect_eq(profile->subject_require_count, 2);
    cr_expect_eq(profile->subject_defaults.count, 3);
    cr_expect_str_eq(profile->subject_defaults.attributes[2].value, "b");
    cr_expect_eq(profile->permitted.length, 13);
    cr_expect_eq(profile->excluded.length, 10);
    cr_expect_not(profile->name_constraints_auto);
    cr_expect_eq(profile->policy_count, 2);
    cr_assert_eq(profile->crl_url_count, 2);
    cr_expect_str_eq(profile->crl_urls[1], "http://b.example/ca.crl");
    cr_expect_str_eq(profile->ocsp_url, "http://ocsp.example/");
    cr_expect_str_eq(profile->ca_issuers_url, "http://a.example/ca.cer");
    cr_expect(profile->ocsp_no_check);
    cr_expect_str_eq(profile->bundle, "modern");
    cr_assert_eq(profile->extension_count, 2);
    cr_expect(profile->extensions[0].critical && !profile->extensions[1].critical);
    cr_expect(slice_equal(slice_of(&profile->extensions[0].value), slice_of_text("\x0c\x04text")));
    cr_expect(slice_equal(slice_of(&profile->extensions[1].value), slice_of_text("\x0c\x04text")));
    cr_expect_eq(profile_set_gives(set, profile),
                 PROFILE_GIVES_KEY | PROFILE_GIVES_VALIDITY | PROFILE_GIVES_BACKDATE);
    cr_expect(profile_set_is_own(set, profile));
    profile_set_free(set);
}

Test(profile_reader, extends_replaces_field_by_field)
{
    struct profile_set *set = NULL;
    const struct profile *profile = read_good("extends: device\n"
                                              "validity: 30d\n"
                                              "san: {require: [email]}\n"
                                              "extended_key_usage: [emailProtection]\n"
                                              "bundle: none\n",
                                              &set);

    cr_expect_null(profile->description, "a description is not inherited");
    cr_expect_eq(profile->validity.duration.seconds, INT64_C(30) * 86400);
    cr_expect_eq(profile->key_usage, KEY_USAGE_DIGITAL_SIGNATURE);
    cr_expect_eq(profile->san_require, kinds("email"));
    cr_expect_eq(profile->san_allow, kinds("dns ip email uri upn rid dirname other"), "inherited");
    cr_expect(has_usage(profile, "emailProtection") && !has_usage(profile, "clientAuth"),
              "lists are replaced");
    cr_expect_null(profile->bundle);
    cr_expect_eq(profile_set_gives(set, profile), PROFILE_GIVES_VALIDITY);
    profile_set_free(set);
}

Test(profile_reader, an_own_file_overrides_and_extends_what_it_overrides)
{
    struct profile_set *set = profile_set_new(faults);
    const struct profile *profile;
    const char *origin = NULL;

    cr_assert_eq(profile_set_add_text(set, "client", slice_of_text("extends: client\nkey: rsa-2048\n"),
                                      "one/client.yaml", faults),
                 0);
    cr_assert_eq(profile_set_add_text(set, "client", slice_of_text("extends: client\nvalidity: 1d\n"),
                                      "two/client.yaml", faults),
                 0);
    cr_assert_eq(profile_set_resolve(set, faults), 0, "%s", told(faults, &text));
    profile = profile_set_find(set, "client");
    cr_expect_eq(profile->key, KEY_RSA_2048);
    cr_expect_eq(profile->validity.duration.seconds, 86400);
    cr_expect(has_usage(profile, "clientAuth"));
    cr_expect_eq(profile_set_gives(set, profile), PROFILE_GIVES_KEY | PROFILE_GIVES_VALIDITY);
    cr_expect_eq(profile_set_count(set), 7);
    cr_expect_eq(profile_set_at(set, 0, &origin), profile);
    cr_expect_str_eq(origin, "two/client.yaml");
    cr_expect_eq(profile_set_find(set, "device")->key, KEY_RSA_2048, "device extends the client one sees");
    profile_set_free(set);
}

/* ---- complaints ----------------------------------------------------------------------------------------------------- */

static void refused(const char *yaml, const char *expected)
{
    struct profile_set *set = with_own(yaml);

    cr_expect_str_eq(told(faults, &text), expected, "\n%s--- said:\n%s--- expected:\n%s", yaml,
                     told(faults, &text), expected);
    profile_set_free(set);
    faults_free(faults);
    faults = faults_new();
}

Test(profile_reader, refused_shape)
{
    refused("[]\n", "own.yaml:1:1: must be a mapping, but is a list\n");
    refused("key\n", "own.yaml:1:1: must be a mapping, but is a text\n");
    refused("{}\n", "own.yaml:1:1: a profile needs the key \"validity\" (validity: 90d, or extends: a "
                    "profile that has one)\n");
    refused("description: x\n", "own.yaml:1:1: a profile needs the key \"validity\" (validity: 90d, or "
                                "extends: a profile that has one)\n");
    refused("keys: 1\n"
            "Validity: 1d\n"
            "validity: 1d\n"
            "extends: [client]\n",
            "own.yaml:1:1: unknown key \"keys\" in a profile (did you mean \"key\"?)\n"
            "own.yaml:2:1: unknown key \"Validity\" in a profile (did you mean \"validity\"?)\n"
            "own.yaml:4:10: extends: must be a text, but is a list\n");
    refused("extends: own\n"
            "validity: 1d\n",
            "own.yaml:1:10: extends: profile \"own\" extends itself\n");
    refused("extends: clinet\n"
            "validity: 1d\n"
            "key: x\n",
            "own.yaml:1:10: extends: there is no profile \"clinet\" (did you mean \"client\"?)\n"
            "own.yaml:3:6: key: \"x\" is not a key algorithm (rsa-2048, rsa-3072, rsa-4096, ec-p256, "
            "ec-p384, ec-p521, ed25519, ed448, ml-dsa-44, ml-dsa-65, ml-dsa-87)\n");
    refused("description: \"\"\n"
            "validity: 5\n"
            "backdate: []\n"
            "key: {}\n",
            "own.yaml:1:14: description: must have 1 to 1000 bytes, but has 0\n"
            "own.yaml:2:11: validity: \"5\" lacks a unit; write s, min, h, d, w, mo or y behind the number, "
            "as in 90d\n"
            "own.yaml:3:11: backdate: must be a text, but is a list\n"
            "own.yaml:4:6: key: must be a text, but is a mapping\n");
}

Test(profile_reader, refused_usages)
{
    refused("validity: 1d\n"
            "key_usage: [digitalsignature, encrypt, {}]\n"
            "extended_key_usage: [serverauth, foo, clientAuth, 1.3.6.1.5.5.7.3.2]\n",
            "own.yaml:2:13: key_usage[0]: \"digitalsignature\" is not a key usage (did you mean "
            "\"digitalSignature\"?)\n"
            "own.yaml:2:31: key_usage[1]: \"encrypt\" is not a key usage (digitalSignature, keyEncipherment, "
            "keyAgreement, keyCertSign, cRLSign and so on)\n"
            "own.yaml:2:40: key_usage[2]: must be a text, but is a mapping (a blank behind a colon makes a "
            "mapping)\n"
            "own.yaml:3:22: extended_key_usage[0]: \"serverauth\" is not an extended key usage (did you mean "
            "\"serverAuth\"?)\n"
            "own.yaml:3:34: extended_key_usage[1]: \"foo\" is not an extended key usage (serverAuth, "
            "clientAuth, OCSPSigning and so on, or a dotted OID)\n"
            "own.yaml:3:51: extended_key_usage[3]: \"1.3.6.1.5.5.7.3.2\" is listed twice\n");
    refused("validity: 1d\n"
            "key_usage: keyCertSign\n",
            "own.yaml:2:12: key_usage: keyCertSign is for authorities (RFC 5280 section 4.2.1.9) "
            "(basic_constraints: {ca: true})\n");
    refused("validity: 1d\n"
            "basic_constraints: {ca: true}\n",
            "own.yaml:1:1: key_usage: an authority needs keyCertSign (RFC 5280 section 4.2.1.3) (key_usage: "
            "[keyCertSign, cRLSign])\n");
    refused("validity: 1d\n"
            "basic_constraints: {path_length: 1}\n"
            "name_constraints: auto\n",
            "own.yaml:2:20: basic_constraints: path_length is for authorities (RFC 5280 section 4.2.1.9) "
            "(ca: true, or path_length: none)\n"
            "own.yaml:3:19: name_constraints: are for authorities (RFC 5280 section 4.2.1.10)\n");
    refused(
        "extends: root-ca\n"
        "basic_constraints: {ca: yes, path_length: 256, critical: true}\n",
        "own.yaml:2:25: basic_constraints.ca: must be true or false, but is \"yes\" (write true, without "
        "quotes)\n"
        "own.yaml:2:43: basic_constraints.path_length: must be a whole number from 0 to 255, but is \"256\"\n"
        "own.yaml:2:48: basic_constraints: unknown key \"critical\" in basic constraints (known: ca, "
        "path_length)\n");
}

Test(profile_reader, refused_names)
{
    refused("extends: server\n"
            "san: {allow: [ip, mail], require: 5}\n",
            "own.yaml:2:19: san.allow[1]: \"mail\" is not a kind of name (one of dns, ip, email, uri, upn, "
            "rid, dirname, other)\n"
            "own.yaml:2:35: san.require: \"5\" is not a kind of name (one of dns, ip, email, uri, upn, rid, "
            "dirname, other)\n");
    refused("extends: server\n"
            "san: {require: email}\n",
            "own.yaml:2:6: san: requires a kind of name that it does not allow\n");
    refused("extends: server\n"
            "subject: {require: [CN, Cx, CN], defaults: {C: DEU, L: \"\"}}\n",
            "own.yaml:2:25: subject.require[1]: \"Cx\" is not an attribute of a name (did you mean \"CN\"?)\n"
            "own.yaml:2:29: subject.require[2]: \"CN\" is listed twice\n"
            "own.yaml:2:48: subject.defaults.C: \"DEU\" is not a country code of two letters, such as US\n"
            "own.yaml:2:56: subject.defaults.L: \"\" is empty\n");
    refused("extends: root-ca\n"
            "name_constraints: {permitted: [\"ip:10.0.0.1\", foo], other: 1}\n",
            "own.yaml:2:32: name_constraints.permitted[0]: \"ip:10.0.0.1\" lacks the length of its prefix; "
            "write a network such as ip:10.0.0.0/8\n"
            "own.yaml:2:47: name_constraints.permitted[1]: \"foo\" has no kind in front; write one, as in "
            "dns:localhost, ip:127.0.0.1 or email:user@example.com\n"
            "own.yaml:2:53: name_constraints: unknown key \"other\" in name constraints (known: permitted, "
            "excluded)\n");
}

Test(profile_reader, refused_urls)
{
    refused("extends: client\n"
            "crl_url: [example.com, \"http://a b/\"]\n"
            "ocsp_url: []\n"
            "ca_issuers_url: ca.crt\n",
            "own.yaml:2:11: crl_url[0]: \"example.com\" is not a URI with a scheme, such as "
            "https://example.com/ (http://example.com/ca.crl)\n"
            "own.yaml:2:24: crl_url[1]: \"http://a b/\" has a space, a control character or one outside "
            "ASCII; percent-encode it (http://example.com/ca.crl)\n"
            "own.yaml:3:11: ocsp_url: must be a text, but is a list\n"
            "own.yaml:4:17: ca_issuers_url: \"ca.crt\" is not a URI with a scheme, such as "
            "https://example.com/ (http://example.com/ca.crl)\n");
    refused("extends: client\n"
            "certificate_policies: [1.2.3, one, 1.2.3]\n"
            "ocsp_no_check: 1\n"
            "bundle: ios\n",
            "own.yaml:2:31: certificate_policies[1]: \"one\" is not an OID (dotted, as 1.3.6.1.4.1.99999.1)\n"
            "own.yaml:2:36: certificate_policies[2]: \"1.2.3\" is listed twice\n"
            "own.yaml:3:16: ocsp_no_check: must be true or false, but is \"1\"\n"
            "own.yaml:4:9: bundle: \"ios\" is not a target for bundles (one of ios-legacy, android-legacy, "
            "modern, java, java-truststore)\n");
    refused("extends: client\n"
            "bundle: java-truststore\n",
            "own.yaml:2:9: bundle: \"java-truststore\" holds no identity\n");
}

Test(profile_reader, refused_extensions)
{
    refused("extends: client\n"
            "extensions: {}\n",
            "own.yaml:2:13: extensions: must be a list, but is a mapping\n");
    refused("extends: client\n"
            "extensions: [~, {oid: 1.2.3}, {der: 0500}, {oid: x, der: zz}, {oid: 1.2.3, der: \"05\", asn1: "
            "\"NULL\"}]\n",
            "own.yaml:2:14: extensions[0]: an extension needs the key \"oid\"\n"
            "own.yaml:2:17: extensions[1]: needs der or asn1 (der: 0c0474657874, or asn1: UTF8String:text)\n"
            "own.yaml:2:31: extensions[2]: an extension needs the key \"oid\"\n"
            "own.yaml:2:50: extensions[3].oid: \"x\" is not an OID (dotted, as 1.3.6.1.4.1.99999.1)\n"
            "own.yaml:2:58: extensions[3].der: is not hexadecimal (0c0474657874)\n"
            "own.yaml:2:81: extensions[4].der: is not one well-formed value in DER (0c0474657874 is the "
            "UTF8String \"text\")\n"
            "own.yaml:2:93: extensions[4].asn1: has both der and asn1\n");
    refused("extends: client\n"
            "extensions:\n"
            "  - {oid: 2.5.29.17, der: 0500}\n"
            "  - {oid: 2.5.29.14, der: 0500}\n"
            "  - {oid: 1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608, der: 0500}\n"
            "  - {oid: 1.2.3, der: 0500}\n"
            "  - {oid: 1.2.3, der: 0500, critical: 1}\n"
            "  - {oid: 1.2.3, der: 0500}\n",
            "own.yaml:3:11: extensions[0].oid: extension 2.5.29.17 is written from san\n"
            "own.yaml:4:11: extensions[1].oid: extension 2.5.29.14 is written by itself\n"
            "own.yaml:5:11: extensions[2].oid: extension "
            "1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608 marks "
            "fixtures\n"
            "own.yaml:7:39: extensions[4].critical: must be true or false, but is \"1\"\n"
            "own.yaml:8:5: extensions[5]: the same oid as item 0 (RFC 5280 section 4.2)\n");
    refused("extends: client\n"
            "extensions:\n"
            "  - {oid: 1.2.3, asn1: \"SEQUENCE:section\"}\n"
            "  - {oid: 1.2.4, asn1: \"UTF8:\"}\n"
            "  - {oid: 1.2.5, asn1: \"FOO:bar\"}\n"
            "  - {oid: 1.2.6, asn1: \"\"}\n"
            "  - {oid: 1.2.7, asn1: \"INTEGER:x\"}\n",
            "own.yaml:3:24: extensions[0].asn1: \"SEQUENCE:section\" has a SEQUENCE or SET, which can only "
            "be given as der (UTF8String:text, BOOLEAN:TRUE, INTEGER:5, NULL and so on)\n"
            "own.yaml:5:24: extensions[2].asn1: \"FOO:bar\" is not a value in ASN.1 (UTF8String:text, "
            "BOOLEAN:TRUE, INTEGER:5, NULL and so on)\n"
            "own.yaml:6:24: extensions[3].asn1: \"\" is not a value in ASN.1 (UTF8String:text, BOOLEAN:TRUE, "
            "INTEGER:5, NULL and so on)\n"
            "own.yaml:7:24: extensions[4].asn1: \"INTEGER:x\" is not a value in ASN.1 (UTF8String:text, "
            "BOOLEAN:TRUE, INTEGER:5, NULL and so on)\n");
}

static void circle(void)
{
    struct profile_set *set = profile_set_new(faults);

    cr_assert_eq(profile_set_add_text(set, "a", slice_of_text("extends: b\n"), "a.yaml", faults), 0);
    cr_assert_eq(profile_set_add_text(set, "b", slice_of_text("extends: a\n"), "b.yaml", faults), 0);
    cr_expect_eq(profile_set_resolve(set, faults), -1);
    profile_set_free(set);
}

Test(profile_reader, circles_and_depth)
{
    struct profile_set *set = NULL;
    char name[20], yaml[60];

    circle();
    cr_expect_str_eq(told(faults, &text), "b.yaml:1:10: extends: profiles extend each other in a circle\n");
    faults_free(faults);
    faults = faults_new();
    for (int order = 0; order < 2; order++) {
        set = profile_set_new(faults);
        for (int i = 0; i <= PROFILE_EXTENDS_MAX + 1; i++) {
            int number = order == 0 ? i : PROFILE_EXTENDS_MAX + 1 - i;

            (void)snprintf(name, sizeof(name), "p%d", number);
            (void)snprintf(yaml, sizeof(yaml), number > 0 ? "extends: p%d\n" : "validity: 1d\n", number - 1);
            cr_assert_eq(profile_set_add_text(set, name, slice_of_text(yaml), name, faults), 0);
        }
        cr_expect_eq(profile_set_resolve(set, faults), -1);
        cr_expect_str_eq(told(faults, &text),
                         order == 0 ? "p17:1:10: extends: more than 16 profiles extend each other\n"
                                    : "p1:1:10: extends: more than 16 profiles extend each other\n");
        profile_set_free(set);
        faults_free(faults);
        faults = faults_new();
    }
}

Test(profile_reader, names_of_profiles)
{
    struct profile_set *set = profile_set_new(faults);

    cr_expect_eq(profile_set_add_text(set, "a b", slice_of_text("validity: 1d\n"), "a b.yaml", faults), -1);
    cr_expect_str_eq(told(faults, &text),
                     "a b.yaml: \"a b\" cannot be a profile's name (letters, digits, -, _ and .)\n");
    profile_set_free(set);
}

/* ---- folders -------------------------------------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, const char *content)
{
    char path[300];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(content, file), 0);
    cr_assert_eq(fclose(file), 0);
}

static void remove_folder(const char *folder, const char *const *names)
{
    char path[300];

    for (; *names != NULL; names++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, *names);
        cr_expect_eq(unlink(path), 0);
    }
    cr_expect_eq(rmdir(folder), 0);
}

Test(profile_reader, folder)
{
    static const char *const files[] = {"staff.yaml", "base.yaml", "notes.txt", ".hidden.yaml", NULL};
    char folder[] = "/tmp/profiles-XXXXXX";
    struct profile_set *set = profile_set_new(faults);
    const char *origin = NULL;

    cr_assert_not_null(mkdtemp(folder));
    write_file(folder, "staff.yaml", "extends: base\nsubject: {defaults: {OU: Staff}}\n");
    write_file(folder, "base.yaml", "extends: client\nvalidity: 7d\n");
    write_file(folder, "notes.txt", "not YAML: [");
    write_file(folder, ".hidden.yaml", "not YAML: [");
    cr_expect_eq(profile_set_add_folder(set, folder, faults), 0);
    cr_expect_eq(profile_set_resolve(set, faults), 0, "%s", told(faults, &text));
    cr_expect_eq(profile_set_count(set), 9);
    cr_expect_eq(profile_set_find(set, "staff")->validity.duration.seconds, INT64_C(7) * 86400);
    cr_assert_eq(profile_set_at(set, 0, &origin), profile_set_find(set, "base"));
    cr_expect_not_null(strstr(origin, "/base.yaml"));
    profile_set_free(set);
    remove_folder(folder, files);
}

Test(profile_reader, folder_tells_everything)
{
    static const char *const files[] = {"a.yaml", "b.yaml", "c.yaml", NULL};
    char folder[] = "/tmp/profiles-XXXXXX", expected[600];
    struct profile_set *set = profile_set_new(faults);

    cr_assert_not_null(mkdtemp(folder));
    write_file(folder, "a.yaml", "key: [\n");
    write_file(folder, "b.yaml", "extends: client\nkeyusage: []\n");
    write_file(folder, "c.yaml", "extends: a\nkey: none\n");
    cr_expect_eq(profile_set_add_folder(set, folder, faults), -1);
    cr_expect_eq(profile_set_resolve(set, faults), -1);
    (void)snprintf(expected, sizeof(expected),
                   "%s/b.yaml:2:1: unknown key \"keyusage\" in a profile (did you mean \"key_usage\"?)\n",
                   folder);
    cr_expect_not_null(strstr(told(faults, &text), expected), "%s", told(faults, &text));
    (void)snprintf(expected, sizeof(expected), "%s/c.yaml:2:6: key: \"none\" is not a key algorithm", folder);
    cr_expect_not_null(strstr(told(faults, &text), expected), "%s", told(faults, &text));
    (void)snprintf(expected, sizeof(expected), "%s/a.yaml:", folder);
    cr_expect_not_null(strstr(told(faults, &text), expected), "%s", told(faults, &text));
    cr_expect_eq(faults_errors(faults), 3, "%s", told(faults, &text));
    profile_set_free(set);
    remove_folder(folder, files);
}

Test(profile_reader, folder_missing_and_empty)
{
    char folder[] = "/tmp/profiles-XXXXXX";
    static const char *const none[] = {NULL};
    struct profile_set *set = profile_set_new(faults);

    cr_assert_not_null(mkdtemp(folder));
    cr_expect_eq(profile_set_add_folder(set, folder, faults), 0);
    cr_expect_eq(faults_warnings(faults), 1);
    remove_folder(folder, none);
    cr_expect_eq(profile_set_add_folder(set, folder, faults), -1);
    cr_expect_eq(faults_errors(faults), 1);
    cr_expect_not_null(
        strstr(told(faults, &text), "the folder of profiles cannot be read: No such file or directory"));
    profile_set_free(set);
}
