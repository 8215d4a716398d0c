/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signer wall: whatever turns to-be-signed bytes into a signature. Nothing above this header sees a private key
 * while signing; a token, another process or a seeded nonce comes in as another struct signer_methods.
 */
#ifndef MTLSKIT_X509_SIGNER_H
#define MTLSKIT_X509_SIGNER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/key.h"

/** What a kind of signer does. All three are needed. */
struct signer_methods {
    /** Append the signature over @p tbs, as it stands in the BIT STRING. One thread at a time. */
    int (*sign)(void *state, struct slice tbs, struct bytes *signature, struct faults *faults);
    /** A second signer over the same key for another thread; NULL with a fault. */
    void *(*duplicate)(void *state, struct faults *faults);
    void (*release)(void *state);
};

/** Opaque; one thread at a time. */
struct signer;

/** How keys of a kind sign: for signers by methods. */
struct signer_scheme {
    const char *digest;      /**< OpenSSL's name of the hash; NULL: the algorithm hashes by itself */
    struct slice identifier; /**< AlgorithmIdentifier DER, static */
};
/** The scheme of @p key, which may be public; -1: keys of its kind make no signatures here. */
int signer_scheme_of(const struct key *key, struct signer_scheme *scheme) MUST_USE;

/** A signer over a private key in memory; keeps its own reference. The hash fits the key: SHA-256 for RSA and P-256, SHA-384 for P-384, SHA-512 for P-521, none for EdDSA and ML-DSA. In a fixture's context it draws nothing: ECDSA as RFC 6979 has it, ML-DSA in its deterministic variant. */
struct signer *signer_from_key(const struct context *context, const struct key *key, struct faults *faults);
/**
 * A signer by methods.
 * @param algorithm DER AlgorithmIdentifier of the signatures it makes, copied
 * @param spki      DER SubjectPublicKeyInfo of its key, copied
 * @param state     given to the methods; owned by the signer from here on, also on failure
 */
struct signer *signer_new(const struct signer_methods *methods, void *state, struct slice algorithm,
                          struct slice spki, struct faults *faults);
struct signer *signer_duplicate(const struct signer *signer, struct faults *faults);
void signer_free(struct signer *signer);

/**
 * A second signer over the same key that hashes with @p digest, "SHA1" or "MD5": for flawed fixtures (x509/flaw.h). Refused: a key that
 * is not in memory, one whose algorithm has no signature with it (ECDSA none with MD5, EdDSA and ML-DSA none at all).
 */
struct signer *signer_weaken(const struct signer *signer, const char *digest, struct faults *faults);

/**
 * Whether what it signs is a fixture: certificates, CRLs and requests that are written with it carry the fixture mark
 * (x509/certificate.h). So is each that signer_from_key makes in a fixture's context.
 */
bool signer_is_fixture(const struct signer *signer);
/** Say so of a signer by methods. */
void signer_mark_fixture(struct signer *signer);

/** AlgorithmIdentifier DER for tbsCertificate.signature and signatureAlgorithm (the two must be equal, RFC 5280 section 4.1.1.2). */
struct slice signer_algorithm(const struct signer *signer);
/** SubjectPublicKeyInfo DER of the signing key. */
struct slice signer_spki(const struct signer *signer);
int signer_sign(struct signer *signer, struct slice tbs, struct bytes *signature, struct faults *faults)
    MUST_USE;

/** Append SEQUENCE { tbs, algorithm, BIT STRING signature }: a Certificate, CertificateList or CertificationRequest. Signs @p tbs. */
int signer_assemble(struct signer *signer, struct slice tbs, struct bytes *der, struct faults *faults)
    MUST_USE;

#endif
