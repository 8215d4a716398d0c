/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate extensions (RFC 5280 section 4.2), each written as one Extension with the criticality that document
 * asks for. They append to a der writer, whose failure sticks.
 */
#ifndef MTLSKIT_X509_EXTENSION_H
#define MTLSKIT_X509_EXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "x509/der.h"
#include "x509/oid.h"

/** KeyUsage bits (section 4.2.1.3): bit n of the named list is 1 << n. */
#define KEY_USAGE_DIGITAL_SIGNATURE  (1u << 0)
#define KEY_USAGE_CONTENT_COMMITMENT (1u << 1)
#define KEY_USAGE_KEY_ENCIPHERMENT   (1u << 2)
#define KEY_USAGE_DATA_ENCIPHERMENT  (1u << 3)
#define KEY_USAGE_KEY_AGREEMENT      (1u << 4)
#define KEY_USAGE_KEY_CERT_SIGN      (1u << 5)
#define KEY_USAGE_CRL_SIGN           (1u << 6)
#define KEY_USAGE_ENCIPHER_ONLY      (1u << 7)
#define KEY_USAGE_DECIPHER_ONLY      (1u << 8)

/** Bit by name ("digitalSignature", ...; nonRepudiation is taken for contentCommitment); 0 unknown. */
uint32_t extension_key_usage_bit(const char *name);
/** Name of bit n, or NULL. */
const char *extension_key_usage_name(unsigned bit);

/** The extensions written here. */
enum extension_kind {
    EXTENSION_SUBJECT_KEY_IDENTIFIER,
    EXTENSION_KEY_USAGE,
    EXTENSION_SUBJECT_ALTERNATIVE_NAME,
    EXTENSION_BASIC_CONSTRAINTS,
    EXTENSION_NAME_CONSTRAINTS,
    EXTENSION_CRL_DISTRIBUTION_POINTS,
    EXTENSION_CERTIFICATE_POLICIES,
    EXTENSION_AUTHORITY_KEY_IDENTIFIER,
    EXTENSION_EXTENDED_KEY_USAGE,
    EXTENSION_AUTHORITY_INFORMATION_ACCESS,
    EXTENSION_OCSP_NO_CHECK
};
/** The OID of one; static. */
const struct oid *extension_type(enum extension_kind kind);

/** Any extension: @p value is the DER inside the OCTET STRING. */
void extension_write(struct der *der, const struct oid *type, bool critical, struct slice value);
/** Critical. @p path_length < 0: none; for @p ca false it is not looked at, and the value is an empty SEQUENCE. */
void extension_write_basic_constraints(struct der *der, bool ca, int path_length);
/** Critical. */
void extension_write_key_usage(struct der *der, uint32_t bits);
/** Not critical. */
void extension_write_extended_key_usage(struct der *der, const struct oid *usages, size_t count);
/** Not critical. @p identifier is the key identifier's octets. */
void extension_write_subject_key_identifier(struct der *der, struct slice identifier);
/** Not critical; by key identifier only. */
void extension_write_authority_key_identifier(struct der *der, struct slice identifier);
/** @p names: GeneralName DERs one after the other. Critical exactly when the subject is empty (section 4.2.1.6). */
void extension_write_subject_alternative_name(struct der *der, struct slice names, bool critical);
/**
 * Critical. @p permitted and @p excluded: GeneralName DERs one after the other; either may be empty, not both. Bytes that are no
 * DER make the writer fail.
 */
void extension_write_name_constraints(struct der *der, struct slice permitted, struct slice excluded);
/** Not critical. */
void extension_write_certificate_policies(struct der *der, const struct oid *policies, size_t count);
/** Not critical: one DistributionPoint with one URI each. */
void extension_write_crl_distribution_points(struct der *der, const char *const *urls, size_t count);
/** Not critical. Either may be NULL. */
void extension_write_authority_information_access(struct der *der, const char *ocsp_url,
                                                  const char *ca_issuers_url);
/** Not critical; id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1). */
void extension_write_ocsp_no_check(struct der *der);
/** Not critical: the fixture mark (x509/certificate.h), value NULL. */
void extension_write_fixture_mark(struct der *der);

#endif
