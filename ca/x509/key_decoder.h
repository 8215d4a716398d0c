/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys taken out of their DER by hand: RSA, EC on a named curve, Ed25519 and Ed448. OpenSSL's decoders do the same, but give
 * memory that held the key back without wiping it (seen with 3.0), and take ten times as long. What is not decoded here is called
 * foreign, and left to them.
 */
#ifndef MTLSKIT_X509_KEY_DECODER_H
#define MTLSKIT_X509_KEY_DECODER_H

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"

enum key_decoded {
    KEY_DECODED,
    KEY_DECODED_MALFORMED, /**< not what it should be, or its numbers do not fit each other */
    KEY_DECODED_FOREIGN    /**< another algorithm, explicit curve parameters, more than two primes */
};

/** PrivateKeyInfo (RFC 5958 section 2), versions 0 and 1. *pkey is the caller's when KEY_DECODED. */
enum key_decoded key_decode_pkcs8(const struct context *context, struct slice der, EVP_PKEY **pkey) MUST_USE;
/** RSAPrivateKey (RFC 8017 appendix A.1.2). */
enum key_decoded key_decode_rsa(const struct context *context, struct slice der, EVP_PKEY **pkey) MUST_USE;
/** ECPrivateKey (RFC 5915 section 3) that names its curve. */
enum key_decoded key_decode_ec(const struct context *context, struct slice der, EVP_PKEY **pkey) MUST_USE;
/**
 * SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): a public key. Only the common forms are decoded here - EC on a named curve, Ed25519 and
 * Ed448, RSA; whatever else is right or wrong with one is KEY_DECODED_FOREIGN, so that OpenSSL's decoder has the last word.
 */
enum key_decoded key_decode_spki(const struct context *context, struct slice der, EVP_PKEY **pkey) MUST_USE;

#endif
