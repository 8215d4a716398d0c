/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certification request (PKCS #10, RFC 2986): made with a key of its own, to be signed elsewhere; or somebody's, read, for
 * mtlskit_identity_issue_for().
 */
#ifndef MTLSKIT_REQUEST_H
#define MTLSKIT_REQUEST_H

#include <stddef.h>

#include <openssl/types.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;

/** Opaque. */
struct mtlskit_request;

/** @p name tells things of a seeded context apart; elsewhere it is for messages alone. */
MTLSKIT_API struct mtlskit_request *mtlskit_request_new(struct mtlskit_context *context, const char *name);
MTLSKIT_API void mtlskit_request_free(struct mtlskit_request *request);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_request_error(const struct mtlskit_request *request);

/* ---- what it is to ask for -------------------------------------------------------------------------------------------- */

/** The subject as RFC 4514 writes it. Not needed where there are alternative names. */
MTLSKIT_API int mtlskit_request_set_subject(struct mtlskit_request *request,
                                            const char *subject) MTLSKIT_MUST_USE;
/** One more subject alternative name: "dns:localhost", "ip:127.0.0.1". */
MTLSKIT_API int mtlskit_request_add_name(struct mtlskit_request *request, const char *name) MTLSKIT_MUST_USE;
/** Of the fresh key: "ec-p256", which it is when nothing is said, "rsa-2048" and so on. */
MTLSKIT_API int mtlskit_request_set_key_algorithm(struct mtlskit_request *request,
                                                  const char *algorithm) MTLSKIT_MUST_USE;
/** An existing private key (PEM or DER) rather than a fresh one. @p passphrase: of an encrypted key, else NULL. */
MTLSKIT_API int mtlskit_request_set_key(struct mtlskit_request *request, const void *key, size_t length,
                                        const char *passphrase) MTLSKIT_MUST_USE;

/* ---- making and reading: what was there before is replaced; after a failure nothing is there --------------------------- */

/** Make key and request. */
MTLSKIT_API int mtlskit_request_make(struct mtlskit_request *request) MTLSKIT_MUST_USE;
/** Take the one request in @p content (PEM or DER). Refused: one that is not signed by its own key. */
MTLSKIT_API int mtlskit_request_read(struct mtlskit_request *request, const void *content,
                                     size_t length) MTLSKIT_MUST_USE;

/* ---- what it is: NULL before it is there -------------------------------------------------------------------------------- */

MTLSKIT_API const char *mtlskit_request_pem(const struct mtlskit_request *request);
MTLSKIT_API const unsigned char *mtlskit_request_der(const struct mtlskit_request *request, size_t *length);
/** The private key, unencrypted PKCS#8, as PEM. NULL also for a request that was read. */
MTLSKIT_API const char *mtlskit_request_key_pem(const struct mtlskit_request *request);
/** The private key as OpenSSL has it; borrowed. NULL also for a request that was read. */
MTLSKIT_API EVP_PKEY *mtlskit_request_pkey(const struct mtlskit_request *request);
/** The subject it asks for, as RFC 4514 writes it. */
MTLSKIT_API const char *mtlskit_request_subject(const struct mtlskit_request *request);
/** The alternative names it asks for: "dns:localhost"; NULL past the last. */
MTLSKIT_API size_t mtlskit_request_name_count(const struct mtlskit_request *request);
MTLSKIT_API const char *mtlskit_request_name(const struct mtlskit_request *request, size_t index);

MTLSKIT_END

#endif
