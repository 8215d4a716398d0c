/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules on the strength of hashes, keys and curves.
 */
#include "x509/lint_case.h"

#define RSA_BITS_LEAST 2048
/** Octets of 65537; and of the longest exponent NIST allows, 2^256 - 1. */
#define EXPONENT_LEAST 3
#define EXPONENT_MOST  32

static bool is_rsa(const struct lint_case *c)
{
    return !c->key.malformed && (c->key.kind == LINT_KEY_RSA || c->key.kind == LINT_KEY_RSA_PSS);
}

/* A root's own signature proves nothing: nobody looks at it. */
static bool weak_hash(const struct lint_case *c, struct lint_detail *detail)
{
    static const char *const words[] = {"", "MD2", "MD4", "MD5", "SHA-1", ""};

    lint_say(detail, "%s", words[c->hash]);
    return c->hash != LINT_HASH_NONE && c->hash != LINT_HASH_SHA2 && !c->self_signed;
}

static bool small_rsa(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "%zu bits", c->key.bits);
    return is_rsa(c) && c->key.bits < RSA_BITS_LEAST;
}

static bool odd_exponent(const struct lint_case *c, struct lint_detail *detail)
{
    const struct slice e = c->key.exponent;

    if (!is_rsa(c)) {
        return false;
    }
    lint_say(detail, "%zu octets", e.length);
    return e.length < EXPONENT_LEAST || e.length > EXPONENT_MOST || (e.data[e.length - 1] & 1) == 0;
}

static bool strange_modulus(const struct lint_case *c, struct lint_detail *detail)
{
    if (!is_rsa(c)) {
        return false;
    }
    lint_say(detail, "%zu bits", c->key.bits);
    return c->key.bits % 8 != 0 || (c->key.modulus.data[c->key.modulus.length - 1] & 1) == 0;
}

static bool rare_curve(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->key.malformed && c->key.kind == LINT_KEY_EC && c->key.curve == LINT_CURVE_OTHER;
}

static bool dsa(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->key.kind == LINT_KEY_DSA;
}

static const struct lint_rule rules[] = {
    {"strength-hash", LINT_ERROR, LINT_STRENGTH, "RFC 9155, NIST SP 800-131A section 9",
     "it is signed with a broken hash", "SHA-256 or better", weak_hash},
    {"strength-rsa", LINT_ERROR, LINT_STRENGTH, "NIST SP 800-57 part 1 table 2", "the RSA key is too small",
     "2048 bits or more", small_rsa},
    {"strength-rsa-exponent", LINT_WARNING, LINT_STRENGTH, "NIST FIPS 186-5 appendix A.1.1",
     "the RSA exponent is even, less than 65537, or larger than 256 bits", "65537", odd_exponent},
    {"strength-rsa-modulus", LINT_WARNING, LINT_STRENGTH,
     "CA/Browser Forum Baseline Requirements section 6.1.5",
     "the RSA modulus is even, or its bits are no multiple of 8", "a key made by an ordinary generator",
     strange_modulus},
    {"strength-curve", LINT_WARNING, LINT_STRENGTH, "RFC 8446 section 4.2.3",
     "TLS 1.3 has no signature on this curve, and most stacks refuse it", "P-256 or P-384", rare_curve},
    {"strength-dsa", LINT_ERROR, LINT_STRENGTH, "RFC 8446 section 4.2.3, NIST FIPS 186-5",
     "the key is for DSA, which TLS 1.3 and all browsers dropped", "EC or RSA", dsa},
};

const struct lint_family lint_strength = {rules, sizeof(rules) / sizeof(rules[0])};
