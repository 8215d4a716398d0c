/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of others, verified over the very bytes they were made over: those of requests, revocation lists and certificates. RSA (PKCS #1
 * version 1.5 and PSS), ECDSA, EdDSA and ML-DSA; with SHA-2 or SHA-3 where a hash is named. MD5 and SHA-1 are refused unseen.
 */
#ifndef MTLSKIT_X509_SIGNATURE_H
#define MTLSKIT_X509_SIGNATURE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/key.h"

/**
 * Whether @p signature over @p tbs is that of the key @p spki.
 * @param algorithm AlgorithmIdentifier, whole
 * @param spki      SubjectPublicKeyInfo, whole
 * @param signature as it stands in the BIT STRING
 * @param why       on -1 a static phrase that reads on after "the signature": "is wrong"
 */
int signature_verify(const struct context *context, struct slice algorithm, struct slice spki,
                     struct slice tbs, struct slice signature, const char **why) MUST_USE;

/**
 * The same for one signature after the other: what OpenSSL is slow to make, the curve of an EC key and a hash, is kept from the one
 * before (P-256 takes 70 us then, rather than 105). What is answered never depends on what was verified before. One thread.
 */
struct signature_verifier;
/** NULL: no memory. @p context is borrowed. */
struct signature_verifier *signature_verifier_new(const struct context *context);
void signature_verifier_free(struct signature_verifier *verifier);
int signature_verify_next(struct signature_verifier *verifier, struct slice algorithm, struct slice spki,
                          struct slice tbs, struct slice signature, const char **why) MUST_USE;
/** The same by a key that was read before. 0: it is; -1: it is not; 1: that cannot be told, for its algorithm is refused or not known. */
int signature_verify_by(struct signature_verifier *verifier, struct slice algorithm, const struct key *key,
                        struct slice tbs, struct slice signature, const char **why) MUST_USE;

#endif
