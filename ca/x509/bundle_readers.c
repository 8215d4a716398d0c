/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who takes a P12. What is known of each reader is a set of rules; a P12 is held against them one by one. Apple's come from its
 * published p12import.c and from reports of failed imports; Java 17, OpenSSL 3.0, NSS 3.87 and GnuTLS 3.7 were run with every
 * variant and with keys on secp256k1, Ed25519 and Ed448; Windows' from reports that PBES2 is read from Server 2019 on
 * (ansible.windows #582, keystore-explorer #318). Of Android and Windows nothing is known but for RSA and the NIST curves.
 */
#include "x509/bundle.h"

#include <string.h>

#include "x509/pbe.h"

#define RULE_MAC       (1u << 0)
#define RULE_MAC_SHA1  (1u << 1)
#define RULE_NO_PBMAC1 (1u << 2)
#define RULE_NO_PBES2  (1u << 3)
#define RULE_AES_256   (1u << 4)
#define RULE_NO_LEGACY (1u << 5)
#define RULE_SHROUDED  (1u << 6)
#define RULE_APPLE_KEY (1u << 7)
#define RULE_NO_EDDSA  (1u << 8)
#define RULE_NO_EMPTY  (1u << 9)
#define RULE_ASCII     (1u << 10)
#define RULE_KEY       (1u << 11)
#define RULE_TRUSTED   (1u << 12)
#define RULE_USUAL_KEY (1u << 13)

#define IOS            (1u << BUNDLE_IOS_LEGACY)
#define ANDROID        (1u << BUNDLE_ANDROID_LEGACY)
#define MODERN         (1u << BUNDLE_MODERN)
#define JAVA           (1u << BUNDLE_JAVA)
#define TRUST          (1u << BUNDLE_JAVA_TRUSTSTORE)

static const struct reader {
    const char *name;
    enum bundle_family family;
    unsigned int targets; /* those that promise it */
    unsigned int rules;
} readers[] = {
    {"macOS 14, iOS 17 and earlier", BUNDLE_FAMILY_APPLE, IOS,
     RULE_MAC | RULE_MAC_SHA1 | RULE_NO_PBES2 | RULE_SHROUDED | RULE_APPLE_KEY | RULE_NO_EMPTY},
    {"macOS 15, iOS 18 and later", BUNDLE_FAMILY_APPLE, IOS | MODERN,
     RULE_MAC | RULE_NO_PBMAC1 | RULE_AES_256 | RULE_SHROUDED | RULE_APPLE_KEY | RULE_NO_EMPTY},
    {"Android 12 and earlier", BUNDLE_FAMILY_ANDROID, ANDROID,
     RULE_MAC_SHA1 | RULE_NO_PBES2 | RULE_USUAL_KEY},
    {"Android 13 and later", BUNDLE_FAMILY_ANDROID, ANDROID | MODERN, RULE_NO_PBMAC1 | RULE_USUAL_KEY},
    {"Java 8u301, 11.0.12, 17 and later, for its key", BUNDLE_FAMILY_JAVA, JAVA,
     RULE_KEY | RULE_SHROUDED | RULE_ASCII | RULE_NO_PBMAC1},
    {"Java 8u301, 11.0.12, 17 and later, as a trust store", BUNDLE_FAMILY_JAVA_TRUST, TRUST,
     RULE_TRUSTED | RULE_ASCII | RULE_NO_PBMAC1},
    {"OpenSSL 3 and what is built on it (curl, Node 17, Python)", BUNDLE_FAMILY_OTHER, MODERN,
     RULE_MAC | RULE_NO_LEGACY | RULE_NO_PBMAC1},
    {"OpenSSL 1.1", BUNDLE_FAMILY_OTHER, 0, RULE_MAC | RULE_NO_PBMAC1},
    {"NSS: Firefox, Chromium on Linux", BUNDLE_FAMILY_OTHER, MODERN,
     RULE_MAC | RULE_NO_EDDSA | RULE_NO_PBMAC1},
    {"GnuTLS", BUNDLE_FAMILY_OTHER, 0, RULE_MAC | RULE_NO_PBMAC1},
    {"Windows 10 1703, Server 2016 and earlier", BUNDLE_FAMILY_OTHER, 0,
     RULE_MAC_SHA1 | RULE_NO_PBES2 | RULE_USUAL_KEY},
    {"Windows 10 1709, Server 2019 and later", BUNDLE_FAMILY_OTHER, 0, RULE_NO_PBMAC1 | RULE_USUAL_KEY},
};
#define READER_COUNT (sizeof(readers) / sizeof(readers[0]))

/* What the rules ask of a P12. */
struct traits {
    bool legacy, pbes2, pbes2_other, unknown; /* encryptions found in it */
    bool plain_key, any_key, trusted, pbmac1, unknown_mac;
};

static struct traits traits_of(const struct bundle_report *report)
{
    struct traits traits = {0};

    for (size_t i = 0; i < report->item_count; i++) {
        const struct bundle_report_item *item = &report->items[i];
        const char *encryption = item->encryption;

        traits.legacy |= strstr(encryption, "RC2") != NULL || strstr(encryption, "RC4") != NULL ||
                         strstr(encryption, "-DES") != NULL || strstr(encryption, " DES") != NULL;
        traits.unknown |= strncmp(encryption, "PBE", 3) != 0 && strcmp(encryption, "none") != 0;
        traits.pbes2 |= strncmp(encryption, "PBES2", 5) == 0;
        traits.pbes2_other |=
            strncmp(encryption, "PBES2", 5) == 0 && strcmp(encryption, PBE_AES_256_SHA256) != 0;
        traits.plain_key |= strcmp(item->kind, "key") == 0;
        traits.any_key |= strcmp(item->kind, "key") == 0 || strcmp(item->kind, "shrouded key") == 0;
        traits.trusted |= item->java_trusted;
    }
    traits.pbmac1 = strncmp(report->mac_digest, "PBMAC1", 6) == 0;
    traits.unknown_mac = report->has_mac && !traits.pbmac1 && strncmp(report->mac_digest, "SHA-", 4) != 0;
    return traits;
}

/* RSA, P-256, P-384, P-521: what everybody uses, and what reports are about. */
static bool is_usual(const struct key *key)
{
    switch (key_algorithm_of(key)) {
    case KEY_EC_P256:
    case KEY_EC_P384:
    case KEY_EC_P521:
        return true;
    default:
        return key_family_of(key) == KEY_FAMILY_RSA;
    }
}

static bool is_eddsa(const struct key *key)
{
    return key != NULL && key_family_of(key) != KEY_FAMILY_RSA && key_family_of(key) != KEY_FAMILY_EC;
}

/* Why not, as far as the MAC goes; NULL: no objection. */
static const char *object_to_mac(unsigned int rules, const struct bundle_report *report,
                                 const struct traits *traits)
{
    if ((rules & RULE_MAC) != 0 && !report->has_mac) {
        return "it has no MAC";
    }
    if ((rules & RULE_MAC_SHA1) != 0 && report->has_mac && strcmp(report->mac_digest, "SHA-1") != 0) {
        return "it reads SHA-1 MACs only";
    }
    if ((rules & RULE_NO_PBMAC1) != 0 && traits->pbmac1) {
        return "PBMAC1 is read by OpenSSL 3.4, Java 26 and few others";
    }
    return traits->unknown_mac ? "its MAC is of an unknown kind" : NULL;
}

static const char *object_to_encryption(unsigned int rules, const struct traits *traits)
{
    if (traits->unknown) {
        return "its encryption is of an unknown kind";
    }
    if ((rules & RULE_NO_PBES2) != 0 && traits->pbes2) {
        return "it does not read PBES2 (AES)";
    }
    if ((rules & RULE_AES_256) != 0 && traits->pbes2_other) {
        return "of PBES2 it reads AES-256-CBC with HMAC-SHA256 only";
    }
    if ((rules & RULE_NO_LEGACY) != 0 && traits->legacy) {
        return "RC2, RC4 and DES are in its legacy provider, which is not loaded by default";
    }
    if ((rules & RULE_SHROUDED) != 0 && traits->plain_key) {
        return "it ignores unencrypted keys";
    }
    return NULL;
}

static const char *object_to_content(unsigned int rules, const struct bundle_report *report,
                                     const struct traits *traits)
{
    if ((rules & RULE_APPLE_KEY) != 0 && report->key != NULL && !bundle_key_suits_apple(report->key)) {
        return "it takes RSA keys and EC keys on P-192 to P-521 only; another key fails the whole import";
    }
    if ((rules & RULE_NO_EDDSA) != 0 && is_eddsa(report->key)) {
        return "it takes RSA and EC keys only";
    }
    if ((rules & RULE_NO_EMPTY) != 0 && report->opened && report->empty_passphrase) {
        return "the empty passphrase has two encodings, and it does not read both";
    }
    if ((rules & RULE_ASCII) != 0 && report->opened && !report->java_passphrase) {
        return "it takes ASCII passphrases only";
    }
    if ((rules & RULE_KEY) != 0 && !traits->any_key) {
        return "it holds no private key";
    }
    if ((rules & RULE_TRUSTED) != 0 && !traits->trusted) {
        return report->opened
                   ? "no certificate carries Java's trust attribute (2.16.840.1.113894.746875.1.1)"
                   : "whether certificates carry Java's trust attribute shows with the passphrase only";
    }
    return NULL;
}

/* The rows of which nothing is known with such a key. */
static bool is_untested(unsigned int rules, const struct bundle_report *report)
{
    return (rules & RULE_USUAL_KEY) != 0 && report->key != NULL && !is_usual(report->key);
}

const char *bundle_reader_at(size_t index, const struct bundle_report *report, bool *takes,
                             const char **reason)
{
    struct traits traits;
    unsigned int rules;

    if (index >= READER_COUNT) {
        return NULL;
    }
    traits = traits_of(report);
    rules = readers[index].rules;
    *reason = object_to_mac(rules, report, &traits);
    if (*reason == NULL) {
        *reason = object_to_encryption(rules, &traits);
    }
    if (*reason == NULL) {
        *reason = object_to_content(rules, report, &traits);
    }
    if (*reason == NULL && is_untested(rules, report)) {
        *reason = "not tested with a key of this kind";
    }
    *takes = *reason == NULL;
    return readers[index].name;
}

bool bundle_reader_is_unsure(size_t index, const struct bundle_report *report)
{
    struct traits traits = traits_of(report);
    unsigned int rules = index < READER_COUNT ? readers[index].rules : 0;

    if (object_to_mac(rules, report, &traits) != NULL || object_to_encryption(rules, &traits) != NULL) {
        return false;
    }
    return is_untested(rules, report) || ((rules & RULE_TRUSTED) != 0 && !report->opened && !traits.trusted);
}

enum bundle_family bundle_reader_family(size_t index)
{
    return index < READER_COUNT ? readers[index].family : BUNDLE_FAMILY_OTHER;
}

bool bundle_reader_is_promised(size_t index, const struct bundle_target *target)
{
    return index < READER_COUNT && (readers[index].targets & (1u << target->id)) != 0;
}
