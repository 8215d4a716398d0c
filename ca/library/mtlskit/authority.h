/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority: a key that signs, with its certificate; a root, or under another authority. First it is told what it is to be, then it
 * is made, in memory; or an existing one is read.
 *
 * Once it is made or read it serves any number of threads at once: each of them signs with a signer of its own, which the authority keeps
 * for the next one, so that threads wait for each other no longer than it takes to hand it over.
 */
#ifndef MTLSKIT_AUTHORITY_H
#define MTLSKIT_AUTHORITY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;
struct mtlskit_profile;

/** Opaque. */
struct mtlskit_authority;

/** @p name tells things of a seeded context apart, as the names of a manifest do; elsewhere it is for messages alone. */
MTLSKIT_API struct mtlskit_authority *mtlskit_authority_new(struct mtlskit_context *context,
                                                            const char *name);
MTLSKIT_API void mtlskit_authority_free(struct mtlskit_authority *authority);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_authority_error(const struct mtlskit_authority *authority);

/* ---- what it is to be: all of it is refused once the authority is there ---------------------------------------------- */

/** The subject as RFC 4514 writes it: "CN=Example CA,O=Example". */
MTLSKIT_API int mtlskit_authority_set_subject(struct mtlskit_authority *authority,
                                              const char *subject) MTLSKIT_MUST_USE;
/** The profile by its name; without one a root has "root-ca", and who is under another "intermediate-ca". */
MTLSKIT_API int mtlskit_authority_set_profile_name(struct mtlskit_authority *authority,
                                                   const char *name) MTLSKIT_MUST_USE;
/** A profile of one's own (mtlskit/profile.h), which is copied. */
MTLSKIT_API int mtlskit_authority_set_profile(struct mtlskit_authority *authority,
                                              const struct mtlskit_profile *profile) MTLSKIT_MUST_USE;
/** "ec-p256", "rsa-2048" and so on, rather than the profile's. */
MTLSKIT_API int mtlskit_authority_set_key_algorithm(struct mtlskit_authority *authority,
                                                    const char *algorithm) MTLSKIT_MUST_USE;
/** How long from now: "10y", "90d", "1y6mo". What outlives the issuer ends with it. */
MTLSKIT_API int mtlskit_authority_set_validity(struct mtlskit_authority *authority,
                                               const char *duration) MTLSKIT_MUST_USE;
/** From when until when, in seconds since 1970; an end past the issuer's is refused when the authority is made. */
MTLSKIT_API int mtlskit_authority_set_dates(struct mtlskit_authority *authority, int64_t not_before,
                                            int64_t not_after) MTLSKIT_MUST_USE;
/** How many authorities may follow below it, rather than what the profile says. */
MTLSKIT_API int mtlskit_authority_set_path_length(struct mtlskit_authority *authority,
                                                  unsigned path_length) MTLSKIT_MUST_USE;
/** A name constraint (RFC 5280 section 4.2.1.10): "dns:example.com", "ip:10.0.0.0/8", "email:example.com". */
MTLSKIT_API int mtlskit_authority_permit_name(struct mtlskit_authority *authority,
                                              const char *name) MTLSKIT_MUST_USE;
MTLSKIT_API int mtlskit_authority_exclude_name(struct mtlskit_authority *authority,
                                               const char *name) MTLSKIT_MUST_USE;

/* ---- making and reading ---------------------------------------------------------------------------------------------- */

/** Make key and certificate. @p issuer, which signs it, may be used by others at the same time; NULL: it is a root. */
MTLSKIT_API int mtlskit_authority_make(struct mtlskit_authority *authority,
                                       struct mtlskit_authority *issuer) MTLSKIT_MUST_USE;
/**
 * Take an existing one.
 * @param certificates PEM: its own first, then those above it, nearest first, as far as they are wanted in chains; or its own as DER
 * @param key          PEM or DER of the private key
 * @param passphrase   of an encrypted key; else NULL
 * Refused: what is no authority, a key that is another's, a fixture in a context without a seed, also above it, and the reverse.
 */
MTLSKIT_API int mtlskit_authority_read(struct mtlskit_authority *authority, const void *certificates,
                                       size_t certificates_length, const void *key, size_t key_length,
                                       const char *passphrase) MTLSKIT_MUST_USE;

/* ---- what it is: NULL before it is there ----------------------------------------------------------------------------- */

/** Its certificate as PEM: what is to be trusted, when it is a root. */
MTLSKIT_API const char *mtlskit_authority_certificate_pem(const struct mtlskit_authority *authority);
/** The same as DER. */
MTLSKIT_API const unsigned char *mtlskit_authority_certificate_der(const struct mtlskit_authority *authority,
                                                                   size_t *length);
/** Its certificate and all that are above it, the root included, as PEM. */
MTLSKIT_API const char *mtlskit_authority_chain_pem(const struct mtlskit_authority *authority);
/** The private key, unencrypted PKCS#8, as PEM. */
MTLSKIT_API const char *mtlskit_authority_key_pem(const struct mtlskit_authority *authority);
/** The private key as OpenSSL has it; borrowed. */
MTLSKIT_API EVP_PKEY *mtlskit_authority_pkey(const struct mtlskit_authority *authority);

MTLSKIT_END

#endif
