/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules of RFC 5280 section 4.2: what stands in extensions, which are critical, and what an authority must have. Many of them are
 * what OpenSSL's strict mode asks for, which Python's ssl.create_default_context() has on since 3.13.
 */
#include <string.h>

#include "x509/extension.h"
#include "x509/lint_case.h"
#include "x509/oid.h"

#define STRICT "; OpenSSL's strict mode, and so Python 3.13, refuses it"

static bool has(const struct lint_case *c, enum lint_extension_kind kind)
{
    return c->known[kind] != NULL;
}

static bool critical(const struct lint_case *c, enum lint_extension_kind kind)
{
    return c->known[kind] != NULL && c->known[kind]->critical;
}

static bool duplicated(const struct lint_case *c, struct lint_detail *detail)
{
    if (c->duplicate != NULL) {
        lint_say_oid(detail, c->duplicate->type);
    }
    return c->duplicate != NULL;
}

static bool malformed(const struct lint_case *c, struct lint_detail *detail)
{
    if (c->malformed != NULL) {
        lint_say_oid(detail, c->malformed->type);
    }
    return c->malformed != NULL;
}

static bool too_many(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "more than %d", LINT_EXTENSIONS_MAX);
    return c->overflow;
}

static bool default_written(const struct lint_case *c, struct lint_detail *detail)
{
    for (size_t i = 0; i < c->extension_count; i++) {
        if (c->extensions[i].critical_written && !c->extensions[i].critical) {
            lint_say(detail, "critical FALSE of ");
            lint_say_oid(detail, c->extensions[i].type);
            return true;
        }
    }
    lint_say(detail, "cA FALSE");
    return c->ca_written && !c->ca;
}

static bool unknown_critical(const struct lint_case *c, struct lint_detail *detail)
{
    for (size_t i = 0; i < c->extension_count; i++) {
        const struct lint_extension *extension = &c->extensions[i];
        bool known = false;

        for (size_t kind = 0; kind < LINT_KNOWN; kind++) {
            known |= c->known[kind] != NULL && slice_equal(c->known[kind]->type, extension->type);
        }
        if (extension->critical && !known) {
            lint_say_oid(detail, extension->type);
            return true;
        }
    }
    return false;
}

static bool constraints_not_critical(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && !critical(c, LINT_BASIC_CONSTRAINTS);
}

static bool signs_without_ca(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->ca && (c->key_usage & KEY_USAGE_KEY_CERT_SIGN) != 0;
}

static bool ca_without_usage(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && !has(c, LINT_KEY_USAGE);
}

static bool ca_that_cannot_sign(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && has(c, LINT_KEY_USAGE) && (c->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0;
}

static bool path_length_without_ca(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->has_path_length &&
           (!c->ca || (has(c, LINT_KEY_USAGE) && (c->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0));
}

static bool usage_empty(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return has(c, LINT_KEY_USAGE) && c->malformed != c->known[LINT_KEY_USAGE] && !c->key_usage_any;
}

static bool usage_not_critical(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return has(c, LINT_KEY_USAGE) && !critical(c, LINT_KEY_USAGE);
}

/* The usages that no key of this kind has. */
static uint32_t impossible_usages(enum lint_key_kind kind)
{
    const uint32_t encipher = KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;
    const uint32_t agree = KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY;

    switch (kind) {
    case LINT_KEY_RSA:
        return agree;
    case LINT_KEY_EC:
        return encipher;
    case LINT_KEY_RSA_PSS:
    case LINT_KEY_ED25519:
    case LINT_KEY_ED448:
    case LINT_KEY_ML_DSA:
    case LINT_KEY_DSA:
        return encipher | agree;
    case LINT_KEY_X:
        return ~agree;
    default:
        return 0;
    }
}

static bool usage_key(const struct lint_case *c, struct lint_detail *detail)
{
    uint32_t wrong = c->key_usage & impossible_usages(c->key.kind);

    for (unsigned bit = 0; bit < 9; bit++) {
        if ((wrong & UINT32_C(1) << bit) != 0) {
            lint_say(detail, "%s", extension_key_usage_name(bit));
            return true;
        }
    }
    return false;
}

static bool ca_without_identifier(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && c->ski.length == 0;
}

static bool leaf_without_identifier(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->ca && c->version >= 3 && c->ski.length == 0;
}

static bool without_authority_identifier(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->self_issued && c->version >= 3 && c->aki.length == 0;
}

static bool identifiers_differ(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->above != NULL && c->aki.length != 0 && c->above->ski.length != 0 &&
           !slice_equal(c->aki, c->above->ski);
}

static bool half_pair(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->aki_half_pair;
}

static bool never_critical(const struct lint_case *c, struct lint_detail *detail)
{
    static const enum lint_extension_kind kinds[] = {LINT_SKI, LINT_AKI,          LINT_AIA,
                                                     LINT_SIA, LINT_FRESHEST_CRL, LINT_SUBJECT_DIRECTORY};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (critical(c, kinds[i])) {
            lint_say_oid(detail, c->known[kinds[i]]->type);
            return true;
        }
    }
    return false;
}

static bool always_critical(const struct lint_case *c, struct lint_detail *detail)
{
    static const enum lint_extension_kind kinds[] = {LINT_NAME_CONSTRAINTS, LINT_POLICY_CONSTRAINTS,
                                                     LINT_INHIBIT_ANY_POLICY};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (has(c, kinds[i]) && !critical(c, kinds[i])) {
            lint_say_oid(detail, c->known[kinds[i]]->type);
            return true;
        }
    }
    return false;
}

static bool constraints_in_leaf(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return has(c, LINT_NAME_CONSTRAINTS) && !c->ca;
}

static bool constraints_empty(const struct lint_case *c, struct lint_detail *detail)
{
    struct slice rest;
    struct der_item item;

    (void)detail;
    if (!has(c, LINT_NAME_CONSTRAINTS)) {
        return false;
    }
    rest = c->known[LINT_NAME_CONSTRAINTS]->value;
    return der_expect(&rest, DER_SEQUENCE, &item) == 0 && item.content.length == 0;
}

static bool purposes_empty(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return has(c, LINT_EXTENDED_KEY_USAGE) && c->malformed != c->known[LINT_EXTENDED_KEY_USAGE] &&
           c->eku.length == 0;
}

static bool purposes_usage(const struct lint_case *c, struct lint_detail *detail)
{
    const uint32_t client = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT;
    const uint32_t server = client | KEY_USAGE_KEY_ENCIPHERMENT;

    if (!c->leaf || !c->key_usage_any) {
        return false;
    }
    if ((c->usages & LINT_EKU_SERVER) != 0 && (c->key_usage & server) == 0) {
        lint_say(detail, "serverAuth");
        return true;
    }
    lint_say(detail, "clientAuth");
    return (c->usages & LINT_EKU_CLIENT) != 0 && (c->key_usage & client) == 0;
}

/* The next PolicyInformation's identifier: 1, 0 none left or malformed. */
static int next_policy(struct slice *rest, struct slice *policy)
{
    struct der_item item;
    struct der_item type;

    if (der_expect(rest, DER_SEQUENCE, &item) != 0 || der_expect(&item.content, DER_OID, &type) != 0) {
        return 0;
    }
    *policy = type.content;
    return 1;
}

static bool policy_twice(const struct lint_case *c, struct lint_detail *detail)
{
    struct slice rest;
    struct slice policy;
    struct slice other;
    struct der_item list;

    if (!has(c, LINT_POLICIES)) {
        return false;
    }
    rest = c->known[LINT_POLICIES]->value;
    if (der_expect(&rest, DER_SEQUENCE, &list) != 0) {
        return false;
    }
    rest = list.content;
    /* a certificate with more than a few of them is hostile: the first are enough */
    for (size_t i = 0; i < 32 && next_policy(&rest, &policy) == 1; i++) {
        struct slice behind = rest;

        for (size_t j = 0; j < 32 && next_policy(&behind, &other) == 1; j++) {
            if (slice_equal(policy, other)) {
                lint_say_oid(detail, policy);
                return true;
            }
        }
    }
    return false;
}

static bool text_begins(struct slice text, const char *with)
{
    return text.length >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

/* Any URI in there, by its tag: [6] of a GeneralName, whatever stands around it. */
static bool holds_https(struct slice value, unsigned depth)
{
    struct der_item item;

    while (depth < 8 && der_read(&value, &item) == 1) {
        if (item.tag == DER_CONTEXT(6) ? text_begins(item.content, "https:")
                                       : (item.tag & 0x20) != 0 && holds_https(item.content, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool https_revocation(const struct lint_case *c, struct lint_detail *detail)
{
    static const enum lint_extension_kind kinds[] = {LINT_CRL_POINTS, LINT_AIA, LINT_FRESHEST_CRL};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (has(c, kinds[i]) && holds_https(c->known[kinds[i]]->value, 0)) {
            lint_say_oid(detail, c->known[kinds[i]]->type);
            return true;
        }
    }
    return false;
}

static bool path_too_long(const struct lint_case *c, struct lint_detail *detail)
{
    size_t between = c->ca && !c->self_issued ? 1 : 0;

    for (const struct lint_case *above = c->above; above != NULL; above = above->above) {
        if (above->has_path_length && between > above->path_length) {
            lint_say(detail, "pathLenConstraint %zu", above->path_length);
            return true;
        }
        between += above->self_issued ? 0 : 1;
    }
    return false;
}

static const struct lint_rule rules[] = {
    {"rfc5280-extension-twice", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2",
     "an extension is there twice", "each extension once", duplicated},
    {"rfc5280-extension-malformed", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2",
     "an extension's content is not of its type", "content as its section of the document has it", malformed},
    {"rfc5280-extensions-many", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 4.2",
     "there are more extensions than are looked at", "a certificate one can read", too_many},
    {"rfc5280-default-written", LINT_WARNING, LINT_RFC5280, "X.690 section 11.5",
     "a FALSE is written out where DER leaves the default away", "leave the value out", default_written},
    {"rfc5280-critical-unknown", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 4.2",
     "an extension few programs know is critical: the others refuse the certificate", "not critical",
     unknown_critical},
    {"rfc5280-basic-constraints-critical", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.9",
     "the authority's basicConstraints are not critical" STRICT, "critical", constraints_not_critical},
    {"rfc5280-cert-sign", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.9",
     "keyCertSign is there without cA in basicConstraints" STRICT,
     "drop keyCertSign, or make it an authority", signs_without_ca},
    {"rfc5280-ca-key-usage", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.3",
     "the authority has no keyUsage" STRICT, "keyCertSign and cRLSign, critical", ca_without_usage},
    {"rfc5280-ca-cert-sign", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.3",
     "the authority's keyUsage lacks keyCertSign: what it issues is refused", "keyCertSign and cRLSign",
     ca_that_cannot_sign},
    {"rfc5280-path-length", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.9",
     "there is a pathLenConstraint without cA and keyCertSign" STRICT, "leave it out",
     path_length_without_ca},
    {"rfc5280-path-length-exceeded", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 6.1.4 (l)",
     "there are more authorities above it than one of them allows",
     "a higher path_length above, or one authority less", path_too_long},
    {"rfc5280-key-usage-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.3",
     "keyUsage has no bit set", "one usage at least, or no keyUsage", usage_empty},
    {"rfc5280-key-usage-critical", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 4.2.1.3",
     "keyUsage is not critical", "critical", usage_not_critical},
    {"rfc5280-key-usage-key", LINT_ERROR, LINT_RFC5280,
     "RFC 3279 section 2.3, RFC 4055 section 1.2, RFC 8410 section 5, RFC 8813 section 3",
     "keyUsage has what a key of this kind cannot do", "digitalSignature; keyEncipherment with RSA alone",
     usage_key},
    {"rfc5280-subject-key-identifier", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.2",
     "the authority has no subjectKeyIdentifier" STRICT, "the hash of its public key", ca_without_identifier},
    {"rfc5280-leaf-key-identifier", LINT_NOTICE, LINT_RFC5280, "RFC 5280 section 4.2.1.2",
     "it has no subjectKeyIdentifier", "the hash of its public key", leaf_without_identifier},
    {"rfc5280-authority-key-identifier", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.1",
     "it has no authorityKeyIdentifier" STRICT, "its issuer's subjectKeyIdentifier",
     without_authority_identifier},
    {"rfc5280-authority-key-differs", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.1",
     "its authorityKeyIdentifier is not the subjectKeyIdentifier of its issuer: no path is found",
     "issue it anew under the authority's certificate of now", identifiers_differ},
    {"rfc5280-authority-key-pair", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.1",
     "authorityKeyIdentifier has the issuer or the serial number without the other", "both or neither",
     half_pair},
    {"rfc5280-never-critical", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2",
     "an extension that must not be critical is", "not critical", never_critical},
    {"rfc5280-always-critical", LINT_ERROR, LINT_RFC5280, "RFC 5280 sections 4.2.1.10, 4.2.1.11 and 4.2.1.14",
     "constraints are not critical: who does not know them passes over them", "critical", always_critical},
    {"rfc5280-name-constraints-leaf", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.10",
     "there are name constraints in what is no authority", "leave them out", constraints_in_leaf},
    {"rfc5280-name-constraints-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.10",
     "the name constraints neither permit nor exclude anything", "a name, or no name constraints",
     constraints_empty},
    {"rfc5280-extended-usage-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.12",
     "extKeyUsage is there and empty", "one purpose at least, or no extKeyUsage", purposes_empty},
    {"rfc5280-extended-usage-key-usage", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.12",
     "keyUsage allows nothing of what extKeyUsage names", "digitalSignature", purposes_usage},
    {"rfc5280-policy-twice", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.4", "a policy is there twice",
     "each policy once", policy_twice},
    {"rfc5280-https-revocation", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 8",
     "revocation or the issuer is to be fetched by https, whose certificate wants the same first", "http",
     https_revocation},
};

const struct lint_family lint_extensions = {rules, sizeof(rules) / sizeof(rules[0])};
