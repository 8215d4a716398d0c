/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA without randomness (RFC 6979): the nonce follows from the key and the message, so that a fixture's signatures come out the same with
 * every OpenSSL. Not for keys that are secrets: how long the arithmetic takes tells of the nonce.
 */
#ifndef MTLSKIT_X509_ECDSA_DETERMINISTIC_H
#define MTLSKIT_X509_ECDSA_DETERMINISTIC_H

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

/** One key with one hash. Opaque; one thread at a time; wiped when freed. */
struct ecdsa_deterministic;

/**
 * @param pkey   a private EC key on a curve that OpenSSL knows by name; what is needed of it is copied
 * @param digest OpenSSL's name of the hash of the message, which is also that of the nonces ("SHA256")
 * NULL with a fault for any other key, a hash that the context's library does not have, or when memory is out.
 */
struct ecdsa_deterministic *ecdsa_deterministic_new(const struct context *context, EVP_PKEY *pkey,
                                                    const char *digest, struct faults *faults);
/** NULL is taken. */
void ecdsa_deterministic_free(struct ecdsa_deterministic *ecdsa);
/** Append the ECDSA-Sig-Value (RFC 3279 section 2.2.3) over @p message. */
int ecdsa_deterministic_sign(struct ecdsa_deterministic *ecdsa, struct slice message, struct bytes *signature,
                             struct faults *faults) MUST_USE;

#endif
