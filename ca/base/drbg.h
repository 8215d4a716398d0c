/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC_DRBG (NIST SP 800-90A revision 1, section 10.1.2): a stream of octets that follows from what it was begun with and from nothing
 * else, on every machine and with every OpenSSL. What RFC 6979 takes its nonces from, and what fixtures are made of; never a source of secrets.
 */
#ifndef MTLSKIT_BASE_DRBG_H
#define MTLSKIT_BASE_DRBG_H

#include <stddef.h>

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Opaque; one thread at a time; wiped when freed. */
struct drbg;

/** @param digest OpenSSL's name of the hash below HMAC ("SHA2-256"). NULL: @p libctx has none of that name, or memory is out. */
struct drbg *drbg_new(OSSL_LIB_CTX *libctx, const char *digest);
/** NULL is taken. */
void drbg_free(struct drbg *drbg);
/** Begin anew with @p material: entropy input, nonce and personalization string, one behind the other. */
int drbg_begin(struct drbg *drbg, struct slice material) MUST_USE;
/**
 * The next @p length octets. What comes depends on how the calls before were cut: two of 16 octets are not one of 32.
 * After drbg_begin.
 */
int drbg_generate(struct drbg *drbg, unsigned char *octets, size_t length) MUST_USE;

#endif
