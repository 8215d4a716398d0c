/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys derived from a passphrase: PKCS #12's own way (RFC 7292 appendix B) and PBKDF2 (RFC 8018 section 5.2), with the
 * parameters they are written with. What comes from foreign bytes is bounded before anything is derived.
 */
#ifndef MTLSKIT_X509_DERIVATION_H
#define MTLSKIT_X509_DERIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/der.h"

/** More iterations than this in one derivation are refused. */
#define DERIVATION_ITERATIONS_MAX 1000000
/** Longer salts are refused. */
#define DERIVATION_SALT_MAX 256
/** Longest key derived. */
#define DERIVATION_KEY_MAX 64

/** A hash, as a MAC's and as PBKDF2's pseudorandom function. Static rows. */
struct derivation_digest {
    struct slice oid;      /**< of the hash */
    struct slice hmac_oid; /**< of HMAC with it */
    const char *name;      /**< "SHA-256" */
    const char *hmac_name; /**< "HMAC-SHA256" */
    const char *evp;       /**< OpenSSL's name */
    size_t length;
};
/** By OID (of HMAC with it, or of itself), or NULL. */
const struct derivation_digest *derivation_digest_by_oid(struct slice oid, bool hmac);
/** By name ("SHA-1"), or NULL. */
const struct derivation_digest *derivation_digest_by_name(const char *name);

/** A passphrase in the two forms that derivations want. Starts as all zeros; wiped when freed. */
struct passphrase_forms {
    struct bytes utf8; /**< for PBKDF2 */
    struct bytes bmp;  /**< for PKCS #12's: UTF-16, big-endian, with two zero octets behind */
};
/** Replaces what was there. -1 when @p utf8 is not UTF-8 or memory is out. An empty one becomes two zero octets. */
int passphrase_forms_set(struct passphrase_forms *forms, struct slice utf8) MUST_USE;
/** Wipe. What is left is the other encoding of the empty passphrase: no octets at all. */
void passphrase_forms_free(struct passphrase_forms *forms);

/** What PKCS #12's derivation is for (RFC 7292 appendix B.3). */
enum derivation_purpose { DERIVATION_KEY = 1, DERIVATION_IV = 2, DERIVATION_MAC = 3 };

/** Parameters of one derivation; slices are borrowed. */
struct derivation {
    const struct derivation_digest *digest; /**< PBKDF2: of the pseudorandom function */
    struct slice salt;
    long iterations;
    long key_length; /**< as PBKDF2-params says it; 0: not said */
    struct {
        long n, r, p;
    } scrypt;             /**< what it takes when unknown is scrypt (RFC 7914); n 0: it is not */
    struct slice unknown; /**< OID of a function not known here, which cannot be derived with; else empty */
};

/**
 * The content of an AlgorithmIdentifier: its OID, and its parameters (tag 0: none). -1 when malformed.
 */
int derivation_split(struct slice identifier, struct slice *oid, struct der_item *parameters) MUST_USE;
/** OCTET STRING and INTEGER off the front of *rest, as all parameters begin. -1: malformed or out of bounds, *why a static phrase. */
int derivation_read_salt(struct slice *rest, struct derivation *derivation, const char **why) MUST_USE;
/** The content of a keyDerivationFunc (RFC 8018 appendix A.4). Anything but PBKDF2 over a known HMAC is left in unknown. */
int derivation_read_pbkdf2(struct slice identifier, struct derivation *derivation, const char **why) MUST_USE;
/** Write a keyDerivationFunc: PBKDF2. */
void derivation_write_pbkdf2(struct der *der, const struct derivation *derivation);

/** Derive @p length octets. -1: not available, or memory is out. OpenSSL's error queue is left as it was. */
int derivation_pkcs12(const struct context *context, const struct derivation *derivation,
                      const struct passphrase_forms *passphrase, enum derivation_purpose purpose,
                      unsigned char *key, size_t length) MUST_USE;
int derivation_pbkdf2(const struct context *context, const struct derivation *derivation,
                      const struct passphrase_forms *passphrase, unsigned char *key, size_t length) MUST_USE;

#endif
