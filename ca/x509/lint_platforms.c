/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules of platforms: what Apple's systems, Android and Java refuse or do not show.
 */
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/lint_case.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)
#define DAY    INT64_C(86400)
/** Days a server certificate may live: under any root, and under one that Apple ships; an hour of slack is known of the first. */
#define APPLE_DAYS        825
#define APPLE_SLACK       3600
#define APPLE_PUBLIC_DAYS 398
/** 2019-07-01: from here on Apple asks for serverAuth and a limited life. */
#define APPLE_SINCE   INT64_C(1561939200)

#define APPLE_TRUSTED "support.apple.com/103769 (HT210176)"

static bool is_root(const struct lint_case *c)
{
    return c->self_issued && (c->ca || c->version < 3 || (c->key_usage & KEY_USAGE_KEY_CERT_SIGN) != 0);
}

static bool apple_days(const struct lint_case *c, int64_t most)
{
    return c->server && c->time_read[0] && c->time_read[1] && c->at[0] >= APPLE_SINCE &&
           c->at[1] - c->at[0] > most;
}

static void say_days(const struct lint_case *c, struct lint_detail *detail)
{
    int64_t life = c->at[1] - c->at[0];
    int64_t rest = life % DAY;

    lint_say(detail, "%lld days", (long long)(life / DAY));
    if (rest >= HOUR) {
        lint_say(detail, " and %lld h", (long long)(rest / HOUR));
    } else if (rest != 0) {
        lint_say(detail, " and %lld min", (long long)((rest + MINUTE - 1) / MINUTE));
    }
}

static bool apple_names(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->server && !c->hosts;
}

static bool apple_825(const struct lint_case *c, struct lint_detail *detail)
{
    say_days(c, detail);
    return apple_days(c, APPLE_DAYS * DAY + APPLE_SLACK);
}

static bool apple_398(const struct lint_case *c, struct lint_detail *detail)
{
    say_days(c, detail);
    return apple_days(c, APPLE_PUBLIC_DAYS * DAY) && !apple_days(c, APPLE_DAYS * DAY + APPLE_SLACK);
}

static bool apple_purpose(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->server && (c->usages & LINT_EKU_SERVER) == 0 && c->time_read[0] && c->at[0] >= APPLE_SINCE;
}

static bool apple_hash(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return (c->server || (c->ca && !c->self_signed)) && c->hash != LINT_HASH_NONE &&
           c->hash != LINT_HASH_SHA2;
}

static bool apple_rsa(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "%zu bits", c->key.bits);
    return (c->server || c->ca) && !c->key.malformed && c->key.kind == LINT_KEY_RSA && c->key.bits < 2048;
}

static bool no_eddsa(const struct lint_case *c, struct lint_detail *detail)
{
    static const char *const words[] = {
        [LINT_KEY_ED25519] = "Ed25519",
        [LINT_KEY_ED448] = "Ed448",
        [LINT_KEY_ML_DSA] = "ML-DSA",
    };

    if (c->key.kind != LINT_KEY_ED25519 && c->key.kind != LINT_KEY_ED448 && c->key.kind != LINT_KEY_ML_DSA) {
        return false;
    }
    lint_say(detail, "%s", words[c->key.kind]);
    return true;
}

/* The last CN, wherever it stands. */
static bool has_common_name(struct slice name)
{
    struct der_item outer;
    struct der_item set;
    struct der_item pair;
    struct der_item type;

    if (der_expect(&name, DER_SEQUENCE, &outer) != 0) {
        return false;
    }
    while (der_read(&outer.content, &set) == 1) {
        while (der_read(&set.content, &pair) == 1) {
            if (der_expect(&pair.content, DER_OID, &type) == 0 && type.content.length == 3 &&
                type.content.data[0] == 0x55 && type.content.data[1] == 0x04 && type.content.data[2] == 3) {
                return true;
            }
        }
    }
    return false;
}

static bool ios_root(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return is_root(c) && !has_common_name(c->subject);
}

static bool android_root(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return is_root(c) && !c->ca;
}

static bool android_p521(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return (c->server || c->client) && !c->key.malformed && c->key.curve == LINT_CURVE_P521;
}

static bool java_disabled(const struct lint_case *c, struct lint_detail *detail)
{
    if ((c->hash == LINT_HASH_MD2 || c->hash == LINT_HASH_MD4 || c->hash == LINT_HASH_MD5) &&
        !c->self_signed) {
        lint_say(detail, "the hash");
        return true;
    }
    lint_say(detail, "RSA of %zu bits", c->key.bits);
    return c->key.bits != 0 && c->key.bits < 1024;
}

static const struct lint_rule rules[] = {
    {"apple-san", LINT_ERROR, LINT_APPLE, APPLE_TRUSTED,
     "the server certificate has no dns or ip name; the subject's CN is not looked at, nor by browsers, Go "
     "or "
     "Python",
     "san: [dns:NAME] or [ip:ADDRESS]", apple_names},
    {"apple-validity-825", LINT_ERROR, LINT_APPLE, APPLE_TRUSTED,
     "the server certificate lives longer than 825 days, backdate included: iOS and macOS refuse it",
     "validity: 825d less the backdate, or shorter", apple_825},
    {"apple-validity-398", LINT_NOTICE, LINT_APPLE, "support.apple.com/102028 (HT211025)",
     "the server certificate lives longer than 398 days, Apple's limit under roots it ships; under your own "
     "it is 825",
     "validity: 397d, if a public authority's rules are to be kept", apple_398},
    {"apple-server-auth", LINT_ERROR, LINT_APPLE, APPLE_TRUSTED,
     "the server certificate has no extended key usage serverAuth: iOS and macOS refuse it",
     "extended_key_usage: [serverAuth]", apple_purpose},
    {"apple-sha2", LINT_ERROR, LINT_APPLE, APPLE_TRUSTED,
     "the certificate of a server or an issuing authority is not signed with SHA-2", "SHA-256 or better",
     apple_hash},
    {"apple-rsa-2048", LINT_ERROR, LINT_APPLE, APPLE_TRUSTED,
     "the RSA key of a server or an authority is smaller than 2048 bits", "2048 bits or more, or EC",
     apple_rsa},
    {"apple-key", LINT_NOTICE, LINT_APPLE, "developer.apple.com, Security: kSecAttrKeyType",
     "Apple's systems have no TLS or keychain for keys of this kind",
     "RSA, P-256 or P-384, where a phone or Mac is met", no_eddsa},
    {"ios-root-cn", LINT_WARNING, LINT_APPLE, "github.com/FiloSottile/mkcert issues 47 and 233",
     "the root has no CN: iOS may leave it out of the list where one trusts roots", "a CN in its subject",
     ios_root},
    {"android-root-ca", LINT_ERROR, LINT_ANDROID, "Android, packages/apps/CertInstaller: CredentialHelper",
     "the root's basicConstraints do not say cA: Android does not install it as an authority",
     "basicConstraints with cA, critical", android_root},
    {"android-p521", LINT_WARNING, LINT_ANDROID, "github.com/google/conscrypt issue 681",
     "the key is on P-521, which TLS of Android and Chrome does not take", "P-256 or P-384", android_p521},
    {"android-key", LINT_NOTICE, LINT_ANDROID,
     "BoringSSL, ssl/extensions.cc: default verification algorithms",
     "TLS of Android and Chrome does not take keys of this kind unless told to", "P-256, P-384 or RSA",
     no_eddsa},
    {"java-disabled", LINT_ERROR, LINT_JAVA, "java.security: jdk.certpath.disabledAlgorithms",
     "Java disables this hash or key size", "SHA-256, and RSA of 2048 bits or more", java_disabled},
    {"java-key", LINT_NOTICE, LINT_JAVA, "JDK-8166596",
     "Java's TLS has EdDSA since 16; earlier ones refuse keys of this kind",
     "RSA or EC where older Java is met", no_eddsa},
};

const struct lint_family lint_platforms = {rules, sizeof(rules) / sizeof(rules[0])};
