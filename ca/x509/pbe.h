/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Password-based encryption and integrity as P12 files use them: PKCS #12's own derivation (RFC 7292 appendices B and C) and
 * PKCS #5's PBES2, PBKDF2 (RFC 8018) and PBMAC1 (RFC 9579). Parameters are read from foreign bytes and bounded before
 * anything is derived from them; salts and IVs of our own come from the context.
 */
#ifndef MTLSKIT_X509_PBE_H
#define MTLSKIT_X509_PBE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/der.h"
#include "x509/derivation.h"

/** The salts we write: a public report puts import failures down to longer ones. */
#define PBE_SALT_LENGTH 8
/** Longest IV and digest. */
#define PBE_IV_MAX     16
#define PBE_DIGEST_MAX 64

/** Names of the two algorithms that are written, as pbe_read gives them, and of one that fixtures are written with. */
#define PBE_SHA1_3DES      "PBE-SHA1-3DES"
#define PBE_AES_256_SHA256 "PBES2 AES-256-CBC HMAC-SHA256"
#define PBE_SHA1_RC2_40    "PBE-SHA1-RC2-40"

/** An encryption: what an AlgorithmIdentifier says. Slices are borrowed from what was read, or from whoever prepared it. */
struct pbe {
    char name
        [64]; /**< PBE_SHA1_3DES, "PBES2 AES-128-CBC HMAC-SHA1", "PBE-SHA1-RC2-40", "PBES2 AES-256-CBC scrypt", or a dotted OID */
    const struct pbe_cipher *cipher; /**< NULL: not one of those opened here */
    bool pbes2;                      /**< PBKDF2; else PKCS #12's derivation, of the initial vector too */
    struct derivation derivation;
    struct slice initial_vector;
};
/**
 * Read the content of an AlgorithmIdentifier. An unknown algorithm is no failure: cipher is NULL and name its OID.
 * -1 when malformed or out of bounds, with *why a static phrase.
 */
int pbe_read(struct slice identifier, struct pbe *pbe, const char **why) MUST_USE;
/** Whether only OpenSSL's legacy provider can have it (RC2, RC4, DES). */
bool pbe_is_legacy(const struct pbe *pbe);

/** What one encryption of ours needs fresh. */
struct pbe_nonce {
    unsigned char salt[PBE_SALT_LENGTH];
    unsigned char initial_vector[PBE_IV_MAX];
};
/** An encryption by name (PBE_SHA1_3DES, PBE_AES_256_SHA256 or PBE_SHA1_RC2_40); fills @p nonce, which must outlive @p pbe. */
int pbe_prepare(const struct context *context, const char *name, long iterations, struct pbe_nonce *nonce,
                struct pbe *pbe) MUST_USE;
/** Write the AlgorithmIdentifier of a prepared one. */
void pbe_write(struct der *der, const struct pbe *pbe);

/** How pbe_crypt ended. */
enum pbe_result {
    PBE_DONE,
    PBE_WRONG,       /**< the padding does not fit: wrong passphrase or altered */
    PBE_UNAVAILABLE, /**< this OpenSSL, as it is set up, does not have the algorithm */
    PBE_FAILED       /**< memory is out */
};
/** Decrypt (or encrypt) @p input; the output is appended, and not touched unless PBE_DONE. */
enum pbe_result pbe_crypt(const struct context *context, const struct pbe *pbe,
                          const struct passphrase_forms *passphrase, bool encrypt, struct slice input,
                          struct bytes *output) MUST_USE;

/** A MacData (RFC 7292 section 4): HMAC under a derived key. Slices are borrowed. */
struct pbe_mac {
    char name[32];                          /**< "SHA-1", "SHA-256", "PBMAC1 SHA-256", or a dotted OID */
    const struct derivation_digest *digest; /**< of HMAC; NULL: not one of those known here */
    bool pbmac1;                            /**< PBKDF2; else PKCS #12's derivation */
    struct derivation derivation;
    struct slice value;
};
/** Read the content of a MacData; as pbe_read. */
int pbe_mac_read(struct slice mac_data, struct pbe_mac *mac, const char **why) MUST_USE;
/** A MAC with HMAC of SHA-1 or SHA-256 ("SHA-1", "SHA-256") over PKCS #12's derivation. */
int pbe_mac_prepare(const struct context *context, const char *name, long iterations, struct pbe_nonce *nonce,
                    struct pbe_mac *mac) MUST_USE;
/** Compute over @p content; @p value has room for PBE_DIGEST_MAX. */
enum pbe_result pbe_mac_compute(const struct context *context, const struct pbe_mac *mac,
                                const struct passphrase_forms *passphrase, struct slice content,
                                unsigned char *value, size_t *length) MUST_USE;
/** Write the MacData of a prepared one, with @p value. */
void pbe_mac_write(struct der *der, const struct pbe_mac *mac, struct slice value);

#endif
