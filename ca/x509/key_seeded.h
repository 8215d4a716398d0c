/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that follow from the randomness of a context and from nothing else: the same octets give the same key, whatever OpenSSL is at hand,
 * whose own making of keys takes no source of randomness from outside. For fixtures (base/context.h): how long the arithmetic takes tells of
 * the numbers, which count as public.
 *
 * What is drawn, and in what order, is part of the version in base/seed.c.
 */
#ifndef MTLSKIT_X509_KEY_SEEDED_H
#define MTLSKIT_X509_KEY_SEEDED_H

#include <openssl/types.h>

#include "base/context.h"
#include "base/fault.h"

/** RSA exponents: primes, or not every prime that does not fit them would be seen. */
#define KEY_SEEDED_EXPONENT 65537

/*
 * Each gives a key that the caller owns (EVP_PKEY_free), or NULL with a fault: no randomness (in a seeded context nothing was begun), an
 * algorithm this OpenSSL does not have, no memory.
 */

/**
 * A key on the curve that OpenSSL calls @p group ("prime256v1"; any that it knows by name, weak ones too). The private number is drawn as as
 * many octets as the order has, cut to its bits from the right, again until it is 1 to order - 1 (FIPS 186-5 appendix A.2.2).
 */
EVP_PKEY *key_seeded_ec(const struct context *context, const char *group, struct faults *faults);
/**
 * An RSA key of @p bits (even, 512 or more; weak ones too) with @p exponent, an odd prime. Primes p > q of half the bits with the two
 * topmost set: each candidate is drawn whole. d is the inverse modulo lcm(p - 1, q - 1) (FIPS 186-5 appendix A.1).
 */
EVP_PKEY *key_seeded_rsa(const struct context *context, int bits, unsigned long exponent,
                         struct faults *faults);
/** "ED25519" or "ED448": the private octets are drawn as they are (RFC 8032 sections 5.1.5, 5.2.5). */
EVP_PKEY *key_seeded_eddsa(const struct context *context, const char *type, struct faults *faults);
/** "ML-DSA-44" and the like, from a seed of 32 octets (FIPS 204 algorithm 6). */
EVP_PKEY *key_seeded_ml_dsa(const struct context *context, const char *type, struct faults *faults);

#endif
