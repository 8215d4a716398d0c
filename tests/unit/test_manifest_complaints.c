/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/manifest: what is said, word for word, of manifests that cannot be taken. */
#include <criterion/criterion.h>

#include "manifest/manifest.h"
#include "told.h"

/** A manifest, and every line that is said of it. */
struct refusal {
    const char *yaml;
    const char *said;
};

static void refuse(const struct refusal *refusals, size_t count)
{
    struct context *context = context_new(NULL);
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < count; i++) {
        struct faults *faults = faults_new();
        struct manifest *manifest =
            manifest_parse(context, slice_of_text(refusals[i].yaml), "pki.yaml", "folder", faults);

        cr_expect_null(manifest, "taken:\n%s", refusals[i].yaml);
        cr_expect_str_eq(told(faults, &text), refusals[i].said, "\n%s--- said:\n%s--- expected:\n%s",
                         refusals[i].yaml, told(faults, &text), refusals[i].said);
        manifest_free(manifest);
        faults_free(faults);
    }
    bytes_free(&text);
    context_free(context);
}

#define REFUSE(refusals) refuse(refusals, sizeof(refusals) / sizeof((refusals)[0]))

Test(manifest_complaints, top)
{
    static const struct refusal refusals[] = {
        {"authorities: {}\n", "pki.yaml:1:1: a manifest needs the key \"mtlskit\"\n"},
        {"mtlskit: 2\n",
         "pki.yaml:1:10: mtlskit: must be 1, the version of the grammar this program reads, but is \"2\"\n"},
        {"mtlskit: one\n"
         "id: \"\"\n"
         "names: {}\n"
         "authorites: {}\n",
         "pki.yaml:1:10: mtlskit: must be 1, the version of the grammar this program reads, but is \"one\"\n"
         "pki.yaml:2:5: id: must have 1 to 1023 bytes, but has 0\n"
         "pki.yaml:3:1: unknown key \"names\" in a manifest (known: mtlskit, id, defaults, profiles, "
         "authorities, certificates, installs, fixtures)\n"
         "pki.yaml:4:1: unknown key \"authorites\" in a manifest (did you mean \"authorities\"?)\n"},
        {"- mtlskit: 1\n", "pki.yaml:1:1: must be a mapping, but is a list\n"},
        {"mtlskit: 1\n"
         "authorities: []\n"
         "certificates: text\n",
         "pki.yaml:2:14: authorities: must be a mapping, but is a list\n"
         "pki.yaml:3:15: certificates: must be a mapping, but is a text\n"},
        {"mtlskit: 1\n"
         "id: \"a\\u0007b\"\n"
         "profiles: [nowhere]\n",
         "pki.yaml:2:5: id: has a control character\n"
         "pki.yaml:3:12: profiles[0]: there is no folder \"nowhere\" (folders are looked for from the "
         "manifest's own)\n"},
        {"mtlskit: 1\n"
         "revoked: []\n"
         "each: {}\n",
         "pki.yaml:2:1: unknown key \"revoked\" in a manifest (known: mtlskit, id, defaults, profiles, "
         "authorities, certificates, installs, fixtures)\n"
         "pki.yaml:3:1: unknown key \"each\" in a manifest (known: mtlskit, id, defaults, profiles, "
         "authorities, certificates, installs, fixtures)\n"},
        {"mtlskit: 1\n"
         "defaults: {key: rsa-2084, profile: root-ca, validity: 0d, san: [dns:a], formats: []}\n",
         "pki.yaml:2:17: defaults.key: \"rsa-2084\" is not a key algorithm (did you mean \"rsa-2048\"?)\n"
         "pki.yaml:2:36: defaults.profile: profile \"root-ca\" is for authorities (authorities stand below "
         "authorities:)\n"
         "pki.yaml:2:55: defaults.validity: \"0d\" is zero; a duration must be longer\n"
         "pki.yaml:2:59: defaults: unknown key \"san\" in defaults (known: subject, key, validity, backdate, "
         "renew_before, reuse_key, formats, profile, crl, lint_ignore)\n"
         "pki.yaml:2:82: defaults.formats: names no format ([pem], [der] or [pem, der])\n"},
        {"mtlskit: 1\n"
         "defaults: {subject: {CX: a, CN: [a, [b]], O: {a: b}, C: USA}}\n",
         "pki.yaml:2:22: defaults.subject.CX: \"CX\" is not an attribute of a name (did you mean \"CN\"?)\n"
         "pki.yaml:2:37: defaults.subject.CN[1]: must be a text\n"
         "pki.yaml:2:46: defaults.subject.O: must be a text or a list of texts, but is a mapping\n"
         "pki.yaml:2:57: defaults.subject.C: \"USA\" is not a country code of two letters, such as US\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, subject)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {C: Germany, CN: c}}\n",
         "pki.yaml:4:37: certificates.c.subject.C: \"Germany\" is not a country code of two letters, such as "
         "US\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {Cn: c, OX: d, 1.2.x: e}}\n",
         "pki.yaml:4:41: certificates.c.subject.OX: \"OX\" is not an attribute of a name (did you mean "
         "\"O\"?)\n"
         "pki.yaml:4:48: certificates.c.subject.\"1.2.x\": \"1.2.x\" is not an attribute of a name (C, ST, "
         "L, O, OU, CN and so on, or a dotted OID)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {cn: c, O: d, commonName: e, 2.5.4.10: f, CN: ~}}\n",
         "pki.yaml:4:47: certificates.c.subject.commonName: is the attribute that \"cn\" has given already "
         "(one "
         "key, with a list of values)\n"
         "pki.yaml:4:62: certificates.c.subject.\"2.5.4.10\": is the attribute that \"O\" has given already "
         "(one key, with a list of values)\n"
         "pki.yaml:4:75: certificates.c.subject.CN: is the attribute that \"cn\" has given already (one key, "
         "with a list of values)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: [{O: a}, text, {CN: [x]}, {}, {CN: ~}]}\n",
         "pki.yaml:4:42: certificates.c.subject[1]: must be a mapping of attributes ({O: Example, CN: name}, "
         "a list of such, or \"CN=name,O=Example\")\n"
         "pki.yaml:4:53: certificates.c.subject[2].CN: must be a text (in a list, each value is an item of "
         "its own)\n"
         "pki.yaml:4:59: certificates.c.subject[3]: must be a mapping of attributes ({O: Example, CN: name}, "
         "a list of such, or \"CN=name,O=Example\")\n"
         "pki.yaml:4:68: certificates.c.subject[4].CN: must be a text (in a list, each value is an item of "
         "its own)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {OU: [a, \"\"], CN: c}}\n",
         "pki.yaml:4:42: certificates.c.subject.OU[1]: \"\" is empty\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: [[], ~, a, {}, b]}}\n",
         "pki.yaml:4:39: certificates.c.subject.CN[0]: must be a text\n"
         "pki.yaml:4:43: certificates.c.subject.CN[1]: must be a text\n"
         "pki.yaml:4:49: certificates.c.subject.CN[3]: must be a text\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {OU: [u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, "
         "u14, u15, u16, u17, u18, u19, u20, u21, u22, u23, u24, u25, u26, u27, u28, u29, u30, u31, u32, "
         "u33, u34, u35, u36, u37, u38, u39, u40, u41, u42, u43, u44, u45, u46, u47, u48, u49, u50, u51, "
         "u52, u53, u54, u55, u56, u57, u58, u59, u60, u61, u62, u63, u64]}}\n",
         "pki.yaml:4:349: certificates.c.subject.OU[64]: has more than 64 attributes\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: \"CN=a,,O=b\"}\n",
         "pki.yaml:4:33: certificates.c.subject: \"CN=a,,O=b\" has a part that is not TYPE=VALUE; a name "
         "reads as CN=server,O=Example,C=US\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: /C=US/CN=a}\n",
         "pki.yaml:4:33: certificates.c.subject: \"/C=US/CN=a\" is written with slashes; write it last part "
         "first with commas, as CN=server,O=Example,C=US\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client}\n",
         "pki.yaml:4:3: certificates.c.subject: nothing would tell whose certificate this is (subject: {CN: "
         "name}, or a san)\n"},
        {"mtlskit: 1\n"
         "defaults: {subject: {O: x, CN: y}}\n"
         "authorities: {ca: {}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: ~}}\n",
         "pki.yaml:3:15: authorities.ca.subject: nothing would tell whose certificate this is (subject: {CN: "
         "name}, or a san)\n"
         "pki.yaml:5:33: certificates.c.subject: nothing would tell whose certificate this is (subject: {CN: "
         "name}, or a san)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  ca: {subject: {O: x}}\n",
         "pki.yaml:3:17: authorities.ca.subject: needs CN: profile \"root-ca\" requires it\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: ocsp-responder, subject: {O: x}}\n",
         "pki.yaml:4:41: certificates.c.subject: needs CN: profile \"ocsp-responder\" requires it\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, san)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server}\n",
         "pki.yaml:4:3: certificates.c.san: needs a name of kind dns or ip: profile \"server\" requires it "
         "(san: [dns:example.com])\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: []}\n",
         "pki.yaml:4:29: certificates.c.san: needs a name of kind dns or ip: profile \"server\" requires it "
         "(san: [dns:example.com])\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: [uri:https://a.example/]}\n",
         "pki.yaml:4:29: certificates.c.san: needs a name of kind dns or ip: profile \"server\" requires it "
         "(san: [dns:example.com])\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: [dns:a.example, email:a@b.example]}\n",
         "pki.yaml:4:45: certificates.c.san[1]: profile \"server\" does not allow email names\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: [ip:300.1.1.1, dns: a, ~, \"dns:a b\", foo:bar]}\n",
         "pki.yaml:4:30: certificates.c.san[0]: \"ip:300.1.1.1\" is not an IP address\n"
         "pki.yaml:4:44: certificates.c.san[1]: must be a text, but is a mapping (a blank behind a colon "
         "makes a mapping)\n"
         "pki.yaml:4:52: certificates.c.san[2]: must be a text, but is empty\n"
         "pki.yaml:4:55: certificates.c.san[3]: \"dns:a b\" has a character that host names do not have; "
         "they have letters, digits, hyphens and dots\n"
         "pki.yaml:4:66: certificates.c.san[4]: \"foo:bar\" has an unknown kind; the kinds are dns, ip, "
         "email, uri, upn, rid, dirname and other\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: [dns:a, dns:b, dns:a]}\n",
         "pki.yaml:4:29: certificates.c.san: \"dns:a\" is listed twice\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: server, san: {dns: a}}\n",
         "pki.yaml:4:29: certificates.c.san: must be a list or a text, but is a mapping\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  ca: {subject: {CN: ca}, san: [dns:a]}\n",
         "pki.yaml:3:27: authorities.ca: unknown key \"san\" in an authority (known: description, issuer, "
         "profile, subject, key, validity, backdate, path_length, name_constraints, formats, passphrase, "
         "passphrase_kdf, pin, ephemeral, reuse_key, bundles, revoked, crl, lint_ignore, fault, adopt)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, profile)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {subject: {CN: c}}\n",
         "pki.yaml:4:3: certificates.c: a certificate needs the key \"profile\" (server, client, device, "
         "peer, or one of your own)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: clinet, subject: {CN: c}}\n",
         "pki.yaml:4:16: certificates.c.profile: there is no profile \"clinet\" (did you mean "
         "\"client\"?)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: zebra, subject: {CN: c}}\n",
         "pki.yaml:4:16: certificates.c.profile: there is no profile \"zebra\" (server, client, device, "
         "peer, or one of your own)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: root-ca, subject: {CN: c}}\n",
         "pki.yaml:4:16: certificates.c.profile: profile \"root-ca\" is for authorities (authorities stand "
         "below authorities:)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: [client], subject: {CN: c}}\n",
         "pki.yaml:4:16: certificates.c.profile: must be a text, but is a list\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  ca: {profile: client, subject: {CN: ca}}\n",
         "pki.yaml:3:17: authorities.ca.profile: profile \"client\" is for certificates (root-ca, "
         "intermediate-ca)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, key)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, key: ec-p265, subject: {CN: c}}\n",
         "pki.yaml:4:29: certificates.c.key: \"ec-p265\" is not a key algorithm (did you mean "
         "\"ec-p256\"?)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, key: dsa, subject: {CN: c}}\n",
         "pki.yaml:4:29: certificates.c.key: \"dsa\" is not a key algorithm (rsa-2048, rsa-3072, rsa-4096, "
         "ec-p256, ec-p384, ec-p521, ed25519, ed448, ml-dsa-44, ml-dsa-65, ml-dsa-87)\n"},
    };

    REFUSE(refusals);
}

#define CA(fields)                                                                                           \
    "mtlskit: 1\n"                                                                                           \
    "authorities: {ca: {subject: {CN: ca}, " fields "}}\n"                                                   \
    "certificates: {c: {profile: client, subject: {CN: c}}}\n"

Test(manifest_complaints, key_in_a_token)
{
    static const struct refusal refusals[] = {
        {CA("key: \"pkcs11:objekt=a\""),
         "pki.yaml:2:44: authorities.ca.key: the URI has an attribute that RFC "
         "7512 does not know (pkcs11:token=NAME;object=NAME)\n"},
        {CA("key: \"pkcs11:object=a?pin-value=1234\""),
         "pki.yaml:2:44: authorities.ca.key: the URI holds the PIN itself (pin-value), which belongs in no "
         "file "
         "and on no command line (pkcs11:token=NAME;object=NAME)\n"},
        {CA("key: {uri: \"pkcs11:token=a\", generate: ec-p256}"),
         "pki.yaml:2:44: authorities.ca.key: a key to be generated needs a name (add object=NAME to the "
         "URI)\n"},
        {CA("key: {generate: ec-p256}"),
         "pki.yaml:2:44: authorities.ca.key: a key in a token needs the key \"uri\"\n"},
        {CA("key: {uri: \"pkcs11:object=a\", generate: ed25519}"),
         "pki.yaml:2:79: authorities.ca.key.generate: ed25519 keys are not generated in tokens (rsa-2048, "
         "rsa-3072, rsa-4096, ec-p256, ec-p384)\n"},
        {CA("key: \"pkcs11:object=a\", passphrase: \"env:X\""),
         "pki.yaml:2:75: authorities.ca.passphrase: the key is in a token, so there is no key file to "
         "encrypt "
         "(pin: SPEC is the token's)\n"},
        {CA("pin: \"env:X\""),
         "pki.yaml:2:44: authorities.ca.pin: only a key in a token has a PIN (passphrase: "
         "SPEC encrypts a key file)\n"},
        {CA("key: \"pkcs11:object=a\", ephemeral: true"),
         "pki.yaml:2:74: authorities.ca.ephemeral: a key in a token stays there\n"},
        {CA("ephemeral: true, passphrase: \"env:X\""),
         "pki.yaml:2:68: authorities.ca.passphrase: an ephemeral key has no file to encrypt\n"},
        {CA("key: \"pkcs11:object=a?pin-source=pin.txt\""),
         "pki.yaml:2:44: authorities.ca.key: the URI has a pin-source that is not the absolute path of a "
         "file "
         "(pkcs11:token=NAME;object=NAME)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates: {c: {profile: client, subject: {CN: c}, key: \"pkcs11:object=a\"}}\n",
         "pki.yaml:3:60: certificates.c.key: keys in tokens are for authorities: a certificate's key goes to "
         "who "
         "uses it (an algorithm)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, validity)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: 90}\n",
         "pki.yaml:4:52: certificates.c.validity: \"90\" lacks a unit; write s, min, h, d, w, mo or y behind "
         "the number, as in 90d\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: 0d}\n",
         "pki.yaml:4:52: certificates.c.validity: \"0d\" is zero; a duration must be longer\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: 5m, backdate: -1h}\n",
         "pki.yaml:4:52: certificates.c.validity: \"5m\" has the unit m, which could be minutes or months; "
         "use min or mo\n"
         "pki.yaml:4:66: certificates.c.backdate: \"-1h\" has a sign; a duration has none\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: [1d]}\n",
         "pki.yaml:4:52: certificates.c.validity: must be a duration or a mapping, but is a list (90d, 12h, "
         "6mo, 1y, or a sum such as 1y6mo)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {from: 2030-01-01}}\n",
         "pki.yaml:4:52: certificates.c.validity: needs until or duration ({from: 2030-01-01, until: "
         "2031-01-01} or {from: 2030-01-01, duration: 1y})\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {until: 2030-01-01, duration: 1d}}\n",
         "pki.yaml:4:52: certificates.c.validity: has both until and duration ({from: 2030-01-01, until: "
         "2031-01-01} or {from: 2030-01-01, duration: 1y})\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {from: 2031-01-01, until: 2030-01-01}}\n",
         "pki.yaml:4:52: certificates.c.validity: ends before it begins (until must come after from)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {from: 2030-01-01, until: "
         "2030-01-01T00:00:00Z}}\n",
         "pki.yaml:4:52: certificates.c.validity: from and until are the same instant (until must come after "
         "from)\n"},
        /* with a generated passphrase a bad path is told once */
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, bundles: [{file: ../c.p12, target: modern, passphrase: "
         "generate}]}\n",
         "pki.yaml:4:59: certificates.c.bundles[0].file: \"../c.p12\" has a part \"..\" (a path below the "
         "PKI "
         "directory)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {from: 2031-02-30, untill: 2030-01-01}}\n",
         "pki.yaml:4:59: certificates.c.validity.from: \"2031-02-30\" names a day its month does not have\n"
         "pki.yaml:4:71: certificates.c.validity: unknown key \"untill\" in a validity (did you mean "
         "\"until\"?)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}, validity: {until: 2030-01-01}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {until: \"2030-01-01T00:00:01Z\"}}\n",
         "pki.yaml:4:60: certificates.c.validity.until: ends after its issuer \"ca\" "
         "(2030-01-01T00:00:00Z)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}, validity: {from: 2030-01-01, duration: 1y}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: {until: 2031-01-02}}\n",
         "pki.yaml:4:60: certificates.c.validity.until: ends after its issuer \"ca\" "
         "(2031-01-01T00:00:00Z)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: 10d, renew_before: 10d}\n",
         "pki.yaml:4:71: certificates.c.renew_before: is not shorter than the validity: the certificate "
         "would be renewed at every run\n"},
        {"mtlskit: 1\n"
         "defaults: {renew_before: 30d}\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, validity: 7d}\n",
         "pki.yaml:5:3: certificates.c.renew_before: is not shorter than the validity: the certificate would "
         "be renewed at every run\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, names)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a/b: {subject: {CN: a}}\n"
         "  ..: {subject: {CN: b}}\n"
         "  Ä: {subject: {CN: c}}\n"
         "  -x: {subject: {CN: d}}\n"
         "  ledger.DB: {subject: {CN: e}}\n"
         "  \"\": {subject: {CN: f}}\n",
         "pki.yaml:3:3: authorities.\"a/b\": the name has a slash (names are file names; the subject takes "
         "any text)\n"
         "pki.yaml:4:3: authorities.\"..\": the name has a part \"..\" (names are file names; the subject "
         "takes any text)\n"
         "pki.yaml:5:3: authorities.Ä: the name has letters beyond ASCII, which file systems do not agree on "
         "(names are file names; the subject takes any text)\n"
         "pki.yaml:6:3: authorities.-x: the name begins with a dash, as options do (names are file names; "
         "the subject takes any text)\n"
         "pki.yaml:7:3: authorities.\"ledger.DB\": the name is kept for the ledger (names are file names; "
         "the subject takes any text)\n"
         "pki.yaml:8:3: authorities.\"\": the name is empty (names are file names; the subject takes any "
         "text)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaa: {subject: {CN: a}}\n",
         "pki.yaml:3:3: "
         "authorities.\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\": the name "
         "has more than 200 bytes (names are file names; the subject takes any text)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  Ca: {subject: {CN: a}}\n"
         "  cA: {subject: {CN: b}}\n"
         "certificates:\n"
         "  CA: {issuer: Ca, profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:3: authorities.cA: the name is that of authorities.Ca, so both would write one file "
         "(names are unique among authorities and certificates, whatever their case)\n"
         "pki.yaml:6:3: certificates.CA: the name is that of authorities.cA, so both would write one file "
         "(names are unique among authorities and certificates, whatever their case)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  ca: ~\n"
         "  cb: text\n"
         "  cc: []\n",
         "pki.yaml:3:7: authorities.ca: must be a mapping, but is empty\n"
         "pki.yaml:4:7: authorities.cb: must be a mapping, but is a text\n"
         "pki.yaml:5:7: authorities.cc: must be a mapping, but is a list\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates: {one: {profile: client, subject: {CN: c}, adopt: {}, path_length: 1}}\n",
         "pki.yaml:3:57: certificates.one: unknown key \"adopt\" in a certificate (known: description, "
         "each, count, issuer, profile, subject, san, key, validity, backdate, renew_before, reuse_key, "
         "formats, "
         "passphrase, passphrase_kdf, k8s-secret, bundles, revoked, lint_ignore, fault)\n"
         "pki.yaml:3:68: certificates.one: unknown key \"path_length\" in a certificate (known: description, "
         "each, count, issuer, profile, subject, san, key, validity, backdate, renew_before, reuse_key, "
         "formats, "
         "passphrase, passphrase_kdf, k8s-secret, bundles, revoked, lint_ignore, fault)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, hierarchy)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {issuer: cb, profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:15: certificates.c.issuer: there is no authority \"cb\" (one of those under "
         "authorities:)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {issuer: server, profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:15: certificates.c.issuer: there is no authority \"server\" (one of those under "
         "authorities:)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {issuer: c, profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:15: certificates.c.issuer: \"c\" is a certificate, not an authority\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {issuer: CA, profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:15: certificates.c.issuer: there is no authority \"CA\" (did you mean \"ca\"?)\n"},
        {"mtlskit: 1\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}}\n",
         "pki.yaml:3:3: certificates.c: a certificate needs the key \"issuer\" (authorities: {ca: {subject: "
         "{CN: name}}})\n"},
        {"mtlskit: 1\n"
         "authorities: {a: {subject: {CN: a}}, b: {subject: {CN: b}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}}\n",
         "pki.yaml:4:3: certificates.c: a certificate needs the key \"issuer\" (one of those under "
         "authorities:)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {issuer: a, subject: {CN: a}}\n",
         "pki.yaml:3:15: authorities.a.issuer: \"a\" cannot be its own issuer (without issuer it is a "
         "self-signed root)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {issuer: b, subject: {CN: a}}\n"
         "  b: {issuer: c, subject: {CN: b}}\n"
         "  c: {issuer: a, subject: {CN: c}}\n"
         "  d: {issuer: b, subject: {CN: d}}\n",
         "pki.yaml:3:15: authorities.a.issuer: authorities in a circle: \"a\" is issued by \"b\", \"b\" by "
         "\"c\", \"c\" by \"a\" (one of them has no issuer, and is the root)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  r: {subject: {CN: r}, path_length: 0}\n"
         "  i: {issuer: r, subject: {CN: i}}\n",
         "pki.yaml:3:38: authorities.r.path_length: 0 leaves no room for \"i\" below \"r\" (path_length: "
         "1)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  r: {subject: {CN: r}}\n"
         "  i: {issuer: r, subject: {CN: i}}\n"
         "  j: {issuer: i, subject: {CN: j}}\n"
         "  k: {issuer: j, subject: {CN: k}, path_length: -1}\n",
         "pki.yaml:4:3: authorities.i.path_length: 0 leaves no room for \"j\" below \"i\" (path_length: 2)\n"
         "pki.yaml:5:3: authorities.j.path_length: 0 leaves no room for \"k\" below \"j\" (path_length: "
         "1)\n"
         "pki.yaml:6:49: authorities.k.path_length: must be a whole number from 0 to 255, but is \"-1\"\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, authority)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {subject: {CN: a}, reuse_key: false, formats: [der], renew_before: 1d}\n",
         "pki.yaml:3:36: authorities.a.reuse_key: an authority keeps its key (mtls-ca apply "
         "--replace-authority NAME makes a new one)\n"
         "pki.yaml:3:52: authorities.a.formats: an authority's certificate is always written as pem, too "
         "([pem, der])\n"
         "pki.yaml:3:59: authorities.a: unknown key \"renew_before\" in an authority (known: description, "
         "issuer, profile, subject, key, validity, backdate, path_length, name_constraints, formats, "
         "passphrase, passphrase_kdf, pin, ephemeral, reuse_key, bundles, revoked, crl, lint_ignore, fault, "
         "adopt)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {subject: {CN: a}, name_constraints: maybe}\n"
         "  b: {subject: {CN: b}, name_constraints: {permit: [dns:a]}}\n",
         "pki.yaml:3:43: authorities.a.name_constraints: must be auto or a mapping of permitted and excluded "
         "(auto, or {permitted: [dns:example.com]})\n"
         "pki.yaml:4:44: authorities.b.name_constraints: unknown key \"permit\" in name constraints (known: "
         "permitted, excluded)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {subject: {CN: a}, name_constraints: {permitted: [ip:1.2.3], excluded: 5}}\n",
         "pki.yaml:3:56: authorities.a.name_constraints.permitted[0]: \"ip:1.2.3\" lacks the length of its "
         "prefix; write a network such as ip:10.0.0.0/8\n"
         "pki.yaml:3:77: authorities.a.name_constraints.excluded: \"5\" has no kind in front; write one, as "
         "in dns:localhost, ip:127.0.0.1 or email:user@example.com\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {adopt: {key: k}, subject: {CN: a}, validity: 1d}\n"
         "  b: {adopt: c.crt}\n"
         "  c: {adopt: {certificate: c, issuer: x}, path_length: 1}\n",
         "pki.yaml:3:14: authorities.a.adopt: adopt needs the key \"certificate\"\n"
         "pki.yaml:3:33: authorities.a.subject: an adopted authority is taken as it is, so this cannot be "
         "chosen\n"
         "pki.yaml:3:52: authorities.a.validity: an adopted authority is taken as it is, so this cannot be "
         "chosen\n"
         "pki.yaml:4:14: authorities.b.adopt: must be a mapping, but is a text\n"
         "pki.yaml:5:31: authorities.c.adopt: unknown key \"issuer\" in adopt (known: certificate, key, "
         "passphrase)\n"
         "pki.yaml:5:56: authorities.c.path_length: an adopted authority is taken as it is, so this cannot "
         "be chosen\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {subject: {CN: a}, passphrase: generate}\n",
         "pki.yaml:3:37: authorities.a.passphrase: generate is for bundles: here nobody would be told the "
         "passphrase (env:NAME, file:PATH, prompt and so on)\n"},
        {"mtlskit: 1\n"
         "authorities:\n"
         "  a: {subject: {CN: a}, bundles: [{target: modern, passphrase: prompt}]}\n",
         "pki.yaml:3:44: authorities.a.bundles[0].target: an authority's key is not handed out: its bundles "
         "hold anchors alone (java-truststore)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, bundles)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, bundles: [{passphrase: prompt}]}\n",
         "pki.yaml:4:52: certificates.c.bundles[0]: a bundle needs the key \"target\" (one of ios-legacy, "
         "android-legacy, modern, java, java-truststore)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, subject: {CN: c}, bundles: [~]}\n",
         "pki.yaml:4:52: certificates.c.bundles[0]: a bundle needs the key \"passphrase\" (env:NAME, "
         "file:PATH, prompt, generate and so on, or allow_empty_passphrase: true)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, bundles: {target: modern}}\n",
         "pki.yaml:4:51: certificates.c.bundles: must be a list, but is a mapping\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, key: ed25519, subject: {CN: c}, bundles: [{passphrase: prompt}, {file: m, "
         "passphrase: prompt, target: modern}]}\n",
         "pki.yaml:4:66: certificates.c.bundles[0].target: Apple's readers refuse a bundle with a key of "
         "ed25519 (an rsa or ec key, or target modern)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, bundles: [{target: ios, passphrase: word, name: \"\", "
         "allow_empty_passphrase: yes}]}\n",
         "pki.yaml:4:61: certificates.c.bundles[0].target: \"ios\" is not a target for bundles (one of "
         "ios-legacy, android-legacy, modern, java, java-truststore)\n"
         "pki.yaml:4:78: certificates.c.bundles[0].passphrase: does not say where the passphrase comes from "
         "(env:NAME, file:PATH, fd:N, prompt, generate, or keychain:LABEL on macOS)\n"
         "pki.yaml:4:90: certificates.c.bundles[0].name: must have 1 to 255 bytes, but has 0\n"
         "pki.yaml:4:118: certificates.c.bundles[0].allow_empty_passphrase: must be true or false, but is "
         "\"yes\" (write true, without quotes)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, subject: {CN: c}, bundles: [{passphrase: prompt, file: ../c.p12}, "
         "{passphrase: prompt, file: /c.p12}, {passphrase: prompt, file: ledger.db-wal}]}\n",
         "pki.yaml:4:79: certificates.c.bundles[0].file: \"../c.p12\" has a part \"..\" (a path below the "
         "PKI directory)\n"
         "pki.yaml:4:117: certificates.c.bundles[1].file: \"/c.p12\" begins with a slash (a path below the "
         "PKI directory)\n"
         "pki.yaml:4:153: certificates.c.bundles[2].file: \"ledger.db-wal\" is kept for the ledger (a path "
         "below the PKI directory)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, subject: {CN: c}, bundles: [{passphrase: prompt, file: C.CRT}, {passphrase: "
         "prompt}, {passphrase: prompt}]}\n",
         "pki.yaml:4:79: certificates.c.bundles[0].file: \"C.CRT\" is the same file as \"C.CRT\" of "
         "certificates.c (each file has a path of its own, whatever the case of its letters)\n"
         "pki.yaml:4:109: certificates.c.bundles[2].file: \"c.p12\" is the same file as \"c.p12\" of "
         "certificates.c (each file has a path of its own, whatever the case of its letters)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, subject: {CN: c}, bundles: [{passphrase: generate}, {passphrase: prompt, "
         "file: c.P12.pass}]}\n",
         "pki.yaml:4:103: certificates.c.bundles[1].file: \"c.P12.pass\" is the same file as \"c.p12.pass\" "
         "of certificates.c (each file has a path of its own, whatever the case of its letters)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: device, subject: {CN: c}, bundles: [{passphrase: prompt, file: ca.key/x}, "
         "{passphrase: prompt, file: d}, {passphrase: prompt, file: D/e}, {passphrase: prompt, file: "
         "ca.crl.pem}]}\n",
         "pki.yaml:4:79: certificates.c.bundles[0].file: \"ca.key/x\" lies below the file \"ca.key\" of "
         "authorities.ca (each file has a path of its own, whatever the case of its letters)\n"
         "pki.yaml:4:148: certificates.c.bundles[2].file: \"D/e\" lies below the file \"d\" of "
         "certificates.c (each file has a path of its own, whatever the case of its letters)\n"
         "pki.yaml:4:181: certificates.c.bundles[3].file: \"ca.crl.pem\" is the same file as \"ca.crl.pem\" "
         "of authorities.ca (each file has a path of its own, whatever the case of its letters)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, k8s-secret: ca.trust.pem}\n",
         "pki.yaml:4:54: certificates.c.k8s-secret: \"ca.trust.pem\" is the same file as \"ca.trust.pem\" of "
         "authorities.ca (each file has a path of its own, whatever the case of its letters)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, passphrase: prompt, k8s-secret: {name: A_b, namespace: "
         "a.b, fil: x}}\n",
         "pki.yaml:4:74: certificates.c.k8s-secret: a Kubernetes Secret holds the key as it is, so "
         "passphrase would protect nothing (leave out passphrase, or k8s-secret)\n"
         "pki.yaml:4:81: certificates.c.k8s-secret.name: \"A_b\" is not a name of a Kubernetes object "
         "(lower-case letters, digits, - and .)\n"
         "pki.yaml:4:97: certificates.c.k8s-secret.namespace: \"a.b\" is not a Kubernetes namespace "
         "(lower-case letters, digits and -, at most 63)\n"
         "pki.yaml:4:102: certificates.c.k8s-secret: unknown key \"fil\" in a Kubernetes Secret (did you "
         "mean \"file\"?)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  C_1: {profile: client, subject: {CN: c}, k8s-secret: {}}\n",
         "pki.yaml:4:56: certificates.C_1.k8s-secret: \"C_1\" is not a name of a Kubernetes object (name: "
         "lower-case letters, digits, - and .)\n"},
        {"mtlskit: 1\n"
         "authorities: {ca: {subject: {CN: ca}}}\n"
         "certificates:\n"
         "  c: {profile: client, subject: {CN: c}, formats: [pem, per], reuse_key: \"true\", k8s-secret: "
         "[a]}\n",
         "pki.yaml:4:57: certificates.c.formats[1]: \"per\" is not a format (pem, der)\n"
         "pki.yaml:4:74: certificates.c.reuse_key: must be true or false, but is \"true\" (write true, "
         "without quotes)\n"
         "pki.yaml:4:94: certificates.c.k8s-secret: must be a mapping, but is a list\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, names_outside_of_constraints)
{
    static const struct refusal refusals[] = {
        /* every issuer up the chain, every kind of name */
        {"mtlskit: 1\n"
         "authorities:\n"
         "  root: {subject: {CN: root}, name_constraints: {permitted: [dns:example.com, ip:10.0.0.0/8]}}\n"
         "  middle: {issuer: root, subject: {CN: middle}}\n"
         "certificates:\n"
         "  web: {issuer: middle, profile: server, subject: {CN: web}, san: [dns:a.example.com, "
         "dns:example.org, \"ip:::1\"]}\n"
         "  alone: {issuer: root, profile: server, san: dns:Bücher.example}\n"
         "  host: {issuer: root, profile: client, subject: {CN: www.example.org}}\n",
         "pki.yaml:6:87: certificates.web.san[1]: \"dns:example.org\" lies outside of the name constraints "
         "of "
         "\"root\" (permitted there: dns:example.com)\n"
         "pki.yaml:6:104: certificates.web.san[2]: \"ip:::1\" lies outside of the name constraints of "
         "\"root\" (permitted there: ip:10.0.0.0/8)\n"
         "pki.yaml:7:47: certificates.alone.san: \"dns:xn--bcher-kva.example\" lies outside of the name "
         "constraints of \"root\" (permitted there: dns:example.com)\n"
         "pki.yaml:8:50: certificates.host.subject: \"dns:www.example.org\" lies outside of the name "
         "constraints of \"root\" (permitted there: dns:example.com)\n"},
        /* excluded ones; what the subject says; authorities, too; not judged */
        {"mtlskit: 1\n"
         "authorities:\n"
         "  root: {subject: {CN: root}, name_constraints: {permitted: [\"dirname:O=Example\"], excluded: "
         "[email:example.org, uri:example.com]}}\n"
         "  middle: {issuer: root, subject: {CN: middle}}\n"
         "certificates:\n"
         "  a: {issuer: root, profile: client, subject: {O: Example, emailAddress: a@example.org}}\n"
         "  b: {issuer: root, profile: client, subject: {O: Example}, san: [uri:urn:b]}\n",
         "pki.yaml:4:35: authorities.middle.subject: \"dirname:CN=middle\" lies outside of the name "
         "constraints of \"root\" (permitted there: dirname:O=Example)\n"
         "pki.yaml:6:47: certificates.a.subject: \"email:a@example.org\" is excluded by the name constraints "
         "of \"root\": email:example.org\n"
         "pki.yaml:7:67: certificates.b.san[0]: \"uri:urn:b\" has a form that cannot be held against the "
         "name "
         "constraints of \"root\"\n"},
        /* the nearest issuer that forbids a name is told, and no other */
        {"mtlskit: 1\n"
         "authorities:\n"
         "  root: {subject: {CN: root}, name_constraints: {permitted: [dns:example.com]}}\n"
         "  middle: {issuer: root, subject: {CN: middle}, name_constraints: {excluded: [dns:example.org]}}\n"
         "certificates:\n"
         "  web: {issuer: middle, profile: server, san: [dns:example.org]}\n",
         "pki.yaml:6:48: certificates.web.san[0]: \"dns:example.org\" is excluded by the name constraints of "
         "\"middle\": dns:example.org\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, revocation)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "authorities:\n"
         "  root: {subject: {CN: root}, revoked: keyCompromise, crl: {next_update: soon}}\n"
         "  old: {adopt: {certificate: old.crt}, revoked: superseded, crl: maybe}\n"
         "  leafy: {subject: {CN: leafy}, issuer: root, ephemeral: true, crl: true}\n"
         "certificates:\n"
         "  a: {issuer: root, profile: client, subject: {CN: a}, revoked: lost}\n"
         "  b: {issuer: root, profile: client, subject: {CN: b}, revoked: {reason: removeFromCRL, date: "
         "2999-01-01, invalidity_date: yesterday, why: x}}\n"
         "  c: {issuer: root, profile: client, subject: {CN: c}, revoked: [superseded], crl: true}\n",
         "pki.yaml:3:40: authorities.root.revoked: a root has no issuer that could revoke it (take it out of "
         "the trust stores instead)\n"
         "pki.yaml:3:74: authorities.root.crl.next_update: \"soon\" is not a duration; write one such as "
         "90d, 12h or 1y6mo\n"
         "pki.yaml:4:49: authorities.old.revoked: its issuer is not in this manifest, and only that can "
         "revoke it\n"
         "pki.yaml:4:66: authorities.old.crl: must be true or false, but is \"maybe\"\n"
         "pki.yaml:5:69: authorities.leafy.crl: an ephemeral key is gone when the list must be renewed\n"
         "pki.yaml:7:65: certificates.a.revoked: \"lost\" is no reason to revoke (unspecified, "
         "keyCompromise, cACompromise, affiliationChanged, superseded, cessationOfOperation, "
         "certificateHold, privilegeWithdrawn, aACompromise)\n"
         "pki.yaml:8:74: certificates.b.revoked.reason: \"removeFromCRL\" is no reason to revoke "
         "(unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, cessationOfOperation, "
         "certificateHold, privilegeWithdrawn, aACompromise)\n"
         "pki.yaml:8:95: certificates.b.revoked.date: \"2999-01-01\" is still to come\n"
         "pki.yaml:8:124: certificates.b.revoked.invalidity_date: \"yesterday\" is not a time; write it as "
         "2030-01-31 or 2030-01-31T12:00:00Z\n"
         "pki.yaml:8:135: certificates.b.revoked: unknown key \"why\" in a revocation (known: reason, date, "
         "invalidity_date)\n"
         "pki.yaml:9:65: certificates.c.revoked: must be a mapping, but is a list\n"
         "pki.yaml:9:79: certificates.c: unknown key \"crl\" in a certificate (known: description, each, "
         "count, issuer, profile, subject, san, key, validity, backdate, renew_before, reuse_key, formats, "
         "passphrase, passphrase_kdf, k8s-secret, bundles, revoked, lint_ignore, fault)\n"},
    };

    REFUSE(refusals);
}

Test(manifest_complaints, fixtures)
{
    static const struct refusal refusals[] = {
        {"mtlskit: 1\n"
         "fixtures: a text\n",
         "pki.yaml:2:11: fixtures: must be a mapping, but is a text\n"},
        {"mtlskit: 1\n"
         "fixtures: {now: 2025-01-31}\n",
         "pki.yaml:2:11: fixtures: fixtures needs the key \"insecure_seed\"\n"},
        {"mtlskit: 1\n"
         "fixtures: {insecure_seed: \"\", now: tomorrow, seed: x}\n",
         "pki.yaml:2:27: fixtures.insecure_seed: must have 1 to 1023 bytes, but has 0\n"
         "pki.yaml:2:36: fixtures.now: \"tomorrow\" is not a time; write it as 2030-01-31 or "
         "2030-01-31T12:00:00Z\n"
         "pki.yaml:2:46: fixtures: unknown key \"seed\" in fixtures (known: insecure_seed, now)\n"},
        /* the rest is read as a fixture's, wherever that stands; its clock stands in 2020 */
        {"mtlskit: 1\n"
         "authorities:\n"
         "  old: {adopt: {certificate: old.crt}}\n"
         "  card: {subject: {CN: card}, key: \"pkcs11:token=T;object=ca\"}\n"
         "  ca: {subject: {CN: ca}}\n"
         "certificates:\n"
         "  c: {issuer: ca, profile: client, subject: {CN: c}, revoked: {reason: superseded, date: "
         "2020-01-02}}\n"
         "fixtures: {insecure_seed: a seed of enough octets}\n",
         "pki.yaml:3:3: authorities.old: what is adopted is no fixture, and nothing of a fixture may come "
         "under it (a manifest of its own, without a seed, adopts it)\n"
         "pki.yaml:4:3: authorities.card: a key in a token follows from no seed, and a fixture's key is "
         "public "
         "(key: ec-p256)\n"
         "pki.yaml:7:90: certificates.c.revoked.date: \"2020-01-02\" is still to come (a fixture without a "
         "time is "
         "made as 2020 begins: give it one (--now))\n"},
    };

    REFUSE(refusals);
}
