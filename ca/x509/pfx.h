/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PFX (RFC 7292 section 4): the DER of a P12, from certificates and a key whose names and algorithms are already settled
 * (x509/bundle.h settles them). Two safes, as most writers make them: the certificates encrypted as a whole, the
 * key in a shrouded bag of its own. Also the identifiers that reading needs as well.
 */
#ifndef MTLSKIT_X509_PFX_H
#define MTLSKIT_X509_PFX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/pbe.h"

/** The version a PFX has. */
#define PFX_VERSION 3

/** Identifiers of RFC 7292 and of the content types it takes from PKCS #7. */
enum pfx_type {
    PFX_UNKNOWN,
    PFX_DATA,
    PFX_SIGNED_DATA,
    PFX_ENVELOPED_DATA,
    PFX_ENCRYPTED_DATA,
    PFX_KEY_BAG,
    PFX_SHROUDED_KEY_BAG,
    PFX_CERTIFICATE_BAG,
    PFX_CRL_BAG,
    PFX_SECRET_BAG,
    PFX_SAFE_CONTENTS_BAG,
    PFX_X509_CERTIFICATE,
    PFX_FRIENDLY_NAME,
    PFX_LOCAL_KEY_ID,
    PFX_JAVA_TRUSTED /**< 2.16.840.1.113894.746875.1.1: Java takes the certificate as an anchor */
};
/** What an OID's content octets stand for. */
enum pfx_type pfx_type_of(struct slice oid);

/** One certificate; borrowed. */
struct pfx_certificate {
    struct slice der;
    struct slice friendly_name; /**< UTF-8; empty: none */
};

/** What is written; borrowed. */
struct pfx {
    const struct pfx_certificate *certificates;
    size_t count;
    bool java_trusted;         /**< each certificate carries Java's attribute */
    struct slice local_key_id; /**< of the key and the first certificate; empty: none */
    struct slice key;          /**< PKCS#8, which has the first certificate's name; empty: none */
    const char *encryption; /**< PBE_SHA1_3DES or PBE_AES_256_SHA256; for fixtures, others of pbe_prepare */
    const char *mac;        /**< "SHA-1" or "SHA-256"; NULL: none, for fixtures */
    long iterations;
};
/** Encode and append; salts and IVs come from @p context. -1: an algorithm is missing or memory is out. */
int pfx_encode(const struct context *context, const struct pfx *pfx,
               const struct passphrase_forms *passphrase, struct bytes *der) MUST_USE;

#endif
