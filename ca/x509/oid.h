/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object identifiers: dotted text to DER content octets and back, and the names of those the formats here use.
 */
#ifndef MTLSKIT_X509_OID_H
#define MTLSKIT_X509_OID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Longest OID taken, in content octets. */
#define OID_MAX 64

struct oid {
    unsigned char octets[OID_MAX]; /**< DER content, without tag and length */
    size_t length;
};

/**
 * Parse "1.3.6.1.5.5.7.3.2": arcs of any size (X.660; 2.25.UUID has 128 bits), two of them at least, without leading zeros.
 * -1 when malformed or too long.
 */
int oid_parse(const char *dotted, struct oid *oid) MUST_USE;
/** Append the dotted form of DER content octets; -1 when malformed, longer than OID_MAX or out of memory. */
int oid_format(struct slice content, struct bytes *dotted) MUST_USE;
struct slice oid_slice(const struct oid *oid);
bool oid_equal(const struct oid *oid, struct slice content);

/**
 * Extended key usages by name: serverAuth, clientAuth, codeSigning, emailProtection, timeStamping, OCSPSigning,
 * anyExtendedKeyUsage, msSmartcardLogin, ipsecIKE, ... (RFC 5280 section 4.2.1.12 and the registry); else dotted. -1: neither.
 * Names are told apart by case, as the registry writes them.
 */
int oid_parse_extended_key_usage(const char *text, struct oid *oid) MUST_USE;
/** Name of an extended key usage for display, or NULL. */
const char *oid_extended_key_usage_name(struct slice content);

#endif
