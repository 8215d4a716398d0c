/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signer whose key is in a PKCS#11 token: RSA (PKCS#1 v1.5) on SHA-256, ECDSA on P-256, P-384 and P-521 with the hash that fits the curve.
 * What is to be signed is hashed here; the token sees digests only. Every signature is checked against the public key before it
 * is used, so a token that signs wrong makes no certificate.
 *
 * Duplicates have processes and sessions of their own, so that workers sign side by side, or share one where the token has no more
 * (token/token_link.h); the PIN is kept for them.
 */
#ifndef MTLSKIT_TOKEN_TOKEN_SIGNER_H
#define MTLSKIT_TOKEN_TOKEN_SIGNER_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "token/token_link.h"
#include "x509/key.h"
#include "x509/signer.h"

/** A key in a token. All borrowed for the call. */
struct token_key {
    const char *uri;             /**< as token_uri_read takes it */
    const struct bytes *pin;     /**< NULL: none is given */
    enum key_algorithm generate; /**< made when the key is absent; KEY_NONE: nothing is made */
    const char *label;           /**< of a key made, where the URI says none */
    const char *program;         /**< the helper; NULL: the one that belongs to this program */
};

/**
 * Open the token and its key, and let it sign once to see that it does. *signer is NULL unless 1 is returned.
 * 1: there; 0: the token is there, the key is not (and none was to be made); -1 with one fault that begins with what the URI calls the
 * token. A wrong PIN is tried once.
 */
int token_signer_open(const struct context *context, const struct token_key *key, struct signer **signer,
                      struct faults *faults) MUST_USE;

/**
 * Let the key that @p link has found or seen last sign something that is no certificate, and check that by the public key @p spki
 * (SubjectPublicKeyInfo). @p shown: what complaints call the token.
 */
int token_key_try(const struct context *context, struct token_link *link, struct slice spki,
                  const char *shown, struct faults *faults) MUST_USE;

#endif
