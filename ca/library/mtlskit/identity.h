/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identity: a private key with its certificate and chain - a server's, a client's. First it is told what it is to be, then an
 * authority issues it; or an existing one is read. Also a certificate for a request, whose key is elsewhere.
 */
#ifndef MTLSKIT_IDENTITY_H
#define MTLSKIT_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_authority;
struct mtlskit_context;
struct mtlskit_profile;
struct mtlskit_request;

/** Opaque. */
struct mtlskit_identity;

/** @p name tells things of a seeded context apart, as the names of a manifest do; elsewhere it is for messages alone. */
MTLSKIT_API struct mtlskit_identity *mtlskit_identity_new(struct mtlskit_context *context, const char *name);
MTLSKIT_API void mtlskit_identity_free(struct mtlskit_identity *identity);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_identity_error(const struct mtlskit_identity *identity);

/* ---- what it is to be ------------------------------------------------------------------------------------------------ */

/** The profile by its name: "server", "client", "device", "peer", "ocsp-responder". One is needed. */
MTLSKIT_API int mtlskit_identity_set_profile_name(struct mtlskit_identity *identity,
                                                  const char *name) MTLSKIT_MUST_USE;
/** A profile of one's own (mtlskit/profile.h), which is copied. */
MTLSKIT_API int mtlskit_identity_set_profile(struct mtlskit_identity *identity,
                                             const struct mtlskit_profile *profile) MTLSKIT_MUST_USE;
/** The subject as RFC 4514 writes it: "CN=client,O=Example". Not needed where there are alternative names. */
MTLSKIT_API int mtlskit_identity_set_subject(struct mtlskit_identity *identity,
                                             const char *subject) MTLSKIT_MUST_USE;
/** One more subject alternative name: "dns:localhost", "ip:127.0.0.1", "email:a@example.com", "uri:..." and so on, as in a manifest. */
MTLSKIT_API int mtlskit_identity_add_name(struct mtlskit_identity *identity,
                                          const char *name) MTLSKIT_MUST_USE;
/** "ec-p256", "rsa-2048" and so on, rather than the profile's. */
MTLSKIT_API int mtlskit_identity_set_key_algorithm(struct mtlskit_identity *identity,
                                                   const char *algorithm) MTLSKIT_MUST_USE;
/** An existing private key (PEM or DER) rather than a fresh one. @p passphrase: of an encrypted key, else NULL. */
MTLSKIT_API int mtlskit_identity_set_key(struct mtlskit_identity *identity, const void *key, size_t length,
                                         const char *passphrase) MTLSKIT_MUST_USE;
/** How long from now: "90d", "12h", "1y6mo". What outlives the issuer ends with it. */
MTLSKIT_API int mtlskit_identity_set_validity(struct mtlskit_identity *identity,
                                              const char *duration) MTLSKIT_MUST_USE;
/** From when until when, in seconds since 1970; an end past the issuer's is refused when it is issued. */
MTLSKIT_API int mtlskit_identity_set_dates(struct mtlskit_identity *identity, int64_t not_before,
                                           int64_t not_after) MTLSKIT_MUST_USE;

/* ---- issuing and reading: what was there before is replaced; after a failure nothing is there ------------------------- */

/**
 * Issue it by @p authority, which others may use at the same time: a fresh key, unless one was set, a fresh serial, a certificate.
 * Refused: names that the profile does not allow or that lie outside of an issuer's name constraints.
 */
MTLSKIT_API int mtlskit_identity_issue(struct mtlskit_identity *identity,
                                       struct mtlskit_authority *authority) MTLSKIT_MUST_USE;
/**
 * Issue a certificate for the key of @p request. Subject and names that were not set are those of the request, under the same rules;
 * of what else it asks for nothing is taken over. Refused also: a key that is weak or unusual, a usage that the profile does not give.
 */
MTLSKIT_API int mtlskit_identity_issue_for(struct mtlskit_identity *identity,
                                           struct mtlskit_authority *authority,
                                           const struct mtlskit_request *request) MTLSKIT_MUST_USE;
/**
 * Take an existing one.
 * @param certificates PEM: its own first, then those above it, nearest first
 * @param key          PEM or DER of the private key; NULL: the certificate alone
 * @param passphrase   of an encrypted key; else NULL
 * Refused: a key that is another's.
 */
MTLSKIT_API int mtlskit_identity_read(struct mtlskit_identity *identity, const void *certificates,
                                      size_t certificates_length, const void *key, size_t key_length,
                                      const char *passphrase) MTLSKIT_MUST_USE;

/* ---- what it is: NULL before it is there ------------------------------------------------------------------------------ */

/** Certificate and intermediates, never a root, as PEM: what a server's or client's program is given. */
MTLSKIT_API const char *mtlskit_identity_chain_pem(const struct mtlskit_identity *identity);
/** The certificate alone, as PEM. */
MTLSKIT_API const char *mtlskit_identity_certificate_pem(const struct mtlskit_identity *identity);
/** The certificate as DER. */
MTLSKIT_API const unsigned char *mtlskit_identity_certificate_der(const struct mtlskit_identity *identity,
                                                                  size_t *length);
/** The private key, unencrypted PKCS#8, as PEM. NULL also when the key is elsewhere. */
MTLSKIT_API const char *mtlskit_identity_key_pem(const struct mtlskit_identity *identity);
/** The private key as OpenSSL has it, for SSL_CTX_use_PrivateKey(); borrowed. NULL also when the key is elsewhere. */
MTLSKIT_API EVP_PKEY *mtlskit_identity_pkey(const struct mtlskit_identity *identity);
/**
 * A certificate of the chain as OpenSSL has it, for SSL_CTX_use_certificate(): 0 its own, 1 the nearest intermediate and so on; NULL past
 * the last. Made anew at each call; the caller frees it with X509_free().
 */
MTLSKIT_API X509 *mtlskit_identity_x509(const struct mtlskit_identity *identity, size_t index);
/** When it begins and ends, in seconds since 1970; 0 before it is there. */
MTLSKIT_API int64_t mtlskit_identity_not_before(const struct mtlskit_identity *identity);
MTLSKIT_API int64_t mtlskit_identity_not_after(const struct mtlskit_identity *identity);
/** The serial number in lower-case hexadecimal digits, as mtlskit_crl_revoke() takes it. */
MTLSKIT_API const char *mtlskit_identity_serial(const struct mtlskit_identity *identity);

MTLSKIT_END

#endif
