/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate read back: what it says, and the pins of its key. Nothing here verifies it (mtlskit/verification.h does).
 */
#ifndef MTLSKIT_CERTIFICATE_H
#define MTLSKIT_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;

/** Opaque. */
struct mtlskit_certificate;

MTLSKIT_API struct mtlskit_certificate *mtlskit_certificate_new(struct mtlskit_context *context);
MTLSKIT_API void mtlskit_certificate_free(struct mtlskit_certificate *certificate);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_certificate_error(const struct mtlskit_certificate *certificate);

/** Read the first certificate of PEM, or one as DER. What was there before is replaced; after a failure nothing is there. */
MTLSKIT_API int mtlskit_certificate_read(struct mtlskit_certificate *certificate, const void *content,
                                         size_t length) MTLSKIT_MUST_USE;

/* ---- what it says: NULL, 0 or false before it was read ------------------------------------------------------------------ */

/** Subject and issuer as RFC 4514 writes them; "" for an empty name. */
MTLSKIT_API const char *mtlskit_certificate_subject(const struct mtlskit_certificate *certificate);
MTLSKIT_API const char *mtlskit_certificate_issuer(const struct mtlskit_certificate *certificate);
/** The serial number in lower-case hexadecimal digits, as mtlskit_crl_revoke() takes it. */
MTLSKIT_API const char *mtlskit_certificate_serial(const struct mtlskit_certificate *certificate);
/** In seconds since 1970. */
MTLSKIT_API int64_t mtlskit_certificate_not_before(const struct mtlskit_certificate *certificate);
MTLSKIT_API int64_t mtlskit_certificate_not_after(const struct mtlskit_certificate *certificate);
/** Subject alternative names: "dns:localhost", "ip:127.0.0.1"; NULL past the last. */
MTLSKIT_API size_t mtlskit_certificate_name_count(const struct mtlskit_certificate *certificate);
MTLSKIT_API const char *mtlskit_certificate_name(const struct mtlskit_certificate *certificate, size_t index);
/** "digitalSignature,keyEncipherment"; "" when it has no such extension. */
MTLSKIT_API const char *mtlskit_certificate_key_usages(const struct mtlskit_certificate *certificate);
/** "serverAuth,clientAuth", with dotted OIDs for those that have no name; "" when it has no such extension. */
MTLSKIT_API const char *
mtlskit_certificate_extended_key_usages(const struct mtlskit_certificate *certificate);
/** Whether it is an authority's, and how many authorities may follow below it; -1: any number, or it is none. */
MTLSKIT_API bool mtlskit_certificate_is_authority(const struct mtlskit_certificate *certificate);
MTLSKIT_API int mtlskit_certificate_path_length(const struct mtlskit_certificate *certificate);
/** Whether it carries the mark of fixtures, whose keys are public. */
MTLSKIT_API bool mtlskit_certificate_is_fixture(const struct mtlskit_certificate *certificate);
/** "ec-p256", "rsa-2048" and so on; "foreign" for a key of any other kind. */
MTLSKIT_API const char *mtlskit_certificate_key_algorithm(const struct mtlskit_certificate *certificate);

/** SHA-256 of the SubjectPublicKeyInfo in base64: what curl, Android and Apple pin (RFC 7469 section 2.4). */
MTLSKIT_API const char *mtlskit_certificate_pin(const struct mtlskit_certificate *certificate);
/** SHA-256 of the whole certificate in lower-case hexadecimal digits. */
MTLSKIT_API const char *mtlskit_certificate_fingerprint(const struct mtlskit_certificate *certificate);
MTLSKIT_API const char *mtlskit_certificate_pem(const struct mtlskit_certificate *certificate);
MTLSKIT_API const unsigned char *mtlskit_certificate_der(const struct mtlskit_certificate *certificate,
                                                         size_t *length);

MTLSKIT_END

#endif
