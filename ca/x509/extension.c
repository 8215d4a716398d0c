/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate extensions:
 *
 *   Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
 *
 * A critical FALSE is left out, as DER wants of a default.
 */
#include "x509/extension.h"

#include <string.h>

#include "x509/certificate.h"

static const struct {
    const char *name;
    uint32_t bit;
} key_usages[] = {
    {"digitalSignature", KEY_USAGE_DIGITAL_SIGNATURE},
    {"contentCommitment", KEY_USAGE_CONTENT_COMMITMENT},
    {"keyEncipherment", KEY_USAGE_KEY_ENCIPHERMENT},
    {"dataEncipherment", KEY_USAGE_DATA_ENCIPHERMENT},
    {"keyAgreement", KEY_USAGE_KEY_AGREEMENT},
    {"keyCertSign", KEY_USAGE_KEY_CERT_SIGN},
    {"cRLSign", KEY_USAGE_CRL_SIGN},
    {"encipherOnly", KEY_USAGE_ENCIPHER_ONLY},
    {"decipherOnly", KEY_USAGE_DECIPHER_ONLY},
    {"nonRepudiation", KEY_USAGE_CONTENT_COMMITMENT}, /* its older name; last, so that it is not shown */
};
#define KEY_USAGES (sizeof(key_usages) / sizeof(key_usages[0]))

uint32_t extension_key_usage_bit(const char *name)
{
    for (size_t i = 0; i < KEY_USAGES; i++) {
        if (strcmp(key_usages[i].name, name) == 0) {
            return key_usages[i].bit;
        }
    }
    return 0;
}

const char *extension_key_usage_name(unsigned bit)
{
    return bit < KEY_USAGES - 1 ? key_usages[bit].name : NULL;
}

/* id-ce, 2.5.29.n (RFC 5280 section 4.2.1), and id-pe, 1.3.6.1.5.5.7.1.n (section 4.2.2). */
#define ID_CE(n)                                                                                             \
    {                                                                                                        \
        {0x55, 0x1d, n}, 3                                                                                   \
    }

static const struct oid subject_key_identifier = ID_CE(14);
static const struct oid key_usage = ID_CE(15);
static const struct oid subject_alternative_name = ID_CE(17);
static const struct oid basic_constraints = ID_CE(19);
static const struct oid name_constraints = ID_CE(30);
static const struct oid crl_distribution_points = ID_CE(31);
static const struct oid certificate_policies = ID_CE(32);
static const struct oid authority_key_identifier = ID_CE(35);
static const struct oid extended_key_usage = ID_CE(37);
static const struct oid authority_information_access = {{0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01}, 8};
static const struct oid ocsp_no_check = {{0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05}, 9};

const struct oid *extension_type(enum extension_kind kind)
{
    switch (kind) {
    case EXTENSION_SUBJECT_KEY_IDENTIFIER:
        return &subject_key_identifier;
    case EXTENSION_KEY_USAGE:
        return &key_usage;
    case EXTENSION_SUBJECT_ALTERNATIVE_NAME:
        return &subject_alternative_name;
    case EXTENSION_BASIC_CONSTRAINTS:
        return &basic_constraints;
    case EXTENSION_NAME_CONSTRAINTS:
        return &name_constraints;
    case EXTENSION_CRL_DISTRIBUTION_POINTS:
        return &crl_distribution_points;
    case EXTENSION_CERTIFICATE_POLICIES:
        return &certificate_policies;
    case EXTENSION_AUTHORITY_KEY_IDENTIFIER:
        return &authority_key_identifier;
    case EXTENSION_EXTENDED_KEY_USAGE:
        return &extended_key_usage;
    case EXTENSION_AUTHORITY_INFORMATION_ACCESS:
        return &authority_information_access;
    case EXTENSION_OCSP_NO_CHECK:
        return &ocsp_no_check;
    }
    return NULL;
}

/* Open an extension up to and with its OCTET STRING. */
static void extension_begin(struct der *der, const struct oid *type, bool critical)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_slice(type));
    if (critical) {
        der_boolean(der, true);
    }
    der_begin(der, DER_OCTET_STRING);
}

static void extension_end(struct der *der)
{
    der_end(der);
    der_end(der);
}

void extension_write(struct der *der, const struct oid *type, bool critical, struct slice value)
{
    extension_begin(der, type, critical);
    der_raw(der, value);
    extension_end(der);
}

void extension_write_basic_constraints(struct der *der, bool ca, int path_length)
{
    extension_begin(der, &basic_constraints, true);
    der_begin(der, DER_SEQUENCE);
    if (ca) {
        der_boolean(der, true);
        if (path_length >= 0) {
            der_number(der, (uint64_t)path_length);
        }
    }
    der_end(der);
    extension_end(der);
}

void extension_write_key_usage(struct der *der, uint32_t bits)
{
    extension_begin(der, &key_usage, true);
    der_named_bits(der, DER_BIT_STRING, bits);
    extension_end(der);
}

void extension_write_extended_key_usage(struct der *der, const struct oid *usages, size_t count)
{
    extension_begin(der, &extended_key_usage, false);
    der_begin(der, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        der_value(der, DER_OID, oid_slice(&usages[i]));
    }
    der_end(der);
    extension_end(der);
}

void extension_write_subject_key_identifier(struct der *der, struct slice identifier)
{
    extension_begin(der, &subject_key_identifier, false);
    der_value(der, DER_OCTET_STRING, identifier);
    extension_end(der);
}

void extension_write_authority_key_identifier(struct der *der, struct slice identifier)
{
    extension_begin(der, &authority_key_identifier, false);
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_CONTEXT(0), identifier);
    der_end(der);
    extension_end(der);
}

void extension_write_subject_alternative_name(struct der *der, struct slice names, bool critical)
{
    extension_begin(der, &subject_alternative_name, critical);
    der_value(der, DER_SEQUENCE, names);
    extension_end(der);
}

/*
 * GeneralSubtrees: each name in a SEQUENCE of its own; minimum is 0, its default, and maximum absent (section 4.2.1.10).
 * *names must be whole GeneralNames.
 */
static void write_subtrees(struct der *der, unsigned char tag, struct slice names)
{
    struct der_item name;
    int status;

    if (names.length == 0) {
        return;
    }
    der_begin(der, tag);
    while ((status = der_read(&names, &name)) == 1) {
        der_value(der, DER_SEQUENCE, name.whole);
    }
    der_end(der);
    if (status != 0) {
        der->failed = true;
    }
}

void extension_write_name_constraints(struct der *der, struct slice permitted, struct slice excluded)
{
    extension_begin(der, &name_constraints, true);
    der_begin(der, DER_SEQUENCE);
    write_subtrees(der, DER_CONTEXT_CONSTRUCTED(0), permitted);
    write_subtrees(der, DER_CONTEXT_CONSTRUCTED(1), excluded);
    der_end(der);
    extension_end(der);
}

void extension_write_certificate_policies(struct der *der, const struct oid *policies, size_t count)
{
    extension_begin(der, &certificate_policies, false);
    der_begin(der, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, oid_slice(&policies[i]));
        der_end(der);
    }
    der_end(der);
    extension_end(der);
}

/* GeneralName uniformResourceIdentifier. */
static void write_url(struct der *der, const char *url)
{
    der_value(der, DER_CONTEXT(6), slice_of_text(url));
}

void extension_write_crl_distribution_points(struct der *der, const char *const *urls, size_t count)
{
    extension_begin(der, &crl_distribution_points, false);
    der_begin(der, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        der_begin(der, DER_SEQUENCE);               /* DistributionPoint */
        der_begin(der, DER_CONTEXT_CONSTRUCTED(0)); /* distributionPoint */
        der_begin(der, DER_CONTEXT_CONSTRUCTED(0)); /* fullName */
        write_url(der, urls[i]);
        der_end(der);
        der_end(der);
        der_end(der);
    }
    der_end(der);
    extension_end(der);
}

static void write_access(struct der *der, unsigned char method, const char *url)
{
    const unsigned char id_ad[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, method};

    if (url != NULL) {
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, (struct slice){id_ad, sizeof(id_ad)});
        write_url(der, url);
        der_end(der);
    }
}

void extension_write_authority_information_access(struct der *der, const char *ocsp_url,
                                                  const char *ca_issuers_url)
{
    extension_begin(der, &authority_information_access, false);
    der_begin(der, DER_SEQUENCE);
    write_access(der, 1, ocsp_url);
    write_access(der, 2, ca_issuers_url);
    der_end(der);
    extension_end(der);
}

void extension_write_ocsp_no_check(struct der *der)
{
    extension_begin(der, &ocsp_no_check, false);
    der_null(der);
    extension_end(der);
}

void extension_write_fixture_mark(struct der *der)
{
    extension_begin(der, certificate_fixture_mark(), false);
    der_null(der);
    extension_end(der);
}
