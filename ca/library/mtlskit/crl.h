/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate revocation list (RFC 5280 section 5): serial numbers are entered, an authority signs; or somebody's list is read and
 * asked.
 */
#ifndef MTLSKIT_CRL_H
#define MTLSKIT_CRL_H

#include <stddef.h>
#include <stdint.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_authority;
struct mtlskit_context;

/** Opaque. */
struct mtlskit_crl;

/** Empty: nothing is revoked. */
MTLSKIT_API struct mtlskit_crl *mtlskit_crl_new(struct mtlskit_context *context);
MTLSKIT_API void mtlskit_crl_free(struct mtlskit_crl *crl);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_crl_error(const struct mtlskit_crl *crl);

/**
 * Enter a certificate: revoked now, or since the time that is given.
 * @param serial in hexadecimal digits, as mtlskit_identity_serial() and mtlskit_certificate_serial() tell it
 * @param reason "keyCompromise", "superseded" and so on, as RFC 5280 section 5.3.1 has it; NULL: none is given
 */
MTLSKIT_API int mtlskit_crl_revoke(struct mtlskit_crl *crl, const char *serial,
                                   const char *reason) MTLSKIT_MUST_USE;
MTLSKIT_API int mtlskit_crl_revoke_at(struct mtlskit_crl *crl, const char *serial, const char *reason,
                                      int64_t since) MTLSKIT_MUST_USE;
/** Its number, which grows from one list to the next; 1 when nothing is said. */
MTLSKIT_API int mtlskit_crl_set_number(struct mtlskit_crl *crl, uint64_t number) MTLSKIT_MUST_USE;
/** How long from now it is to be believed: "7d" when nothing is said. */
MTLSKIT_API int mtlskit_crl_set_validity(struct mtlskit_crl *crl, const char *duration) MTLSKIT_MUST_USE;
/** From when until when, in seconds since 1970. */
MTLSKIT_API int mtlskit_crl_set_dates(struct mtlskit_crl *crl, int64_t this_update,
                                      int64_t next_update) MTLSKIT_MUST_USE;

/**
 * Have @p authority, which others may use at the same time, sign the list of all that was entered. It can be signed again, with more
 * entered. Refused: an authority whose key usages do not allow it.
 */
MTLSKIT_API int mtlskit_crl_sign(struct mtlskit_crl *crl,
                                 struct mtlskit_authority *authority) MTLSKIT_MUST_USE;
/** Take an existing list (PEM or DER) rather than what was entered; it cannot be entered into. */
MTLSKIT_API int mtlskit_crl_read(struct mtlskit_crl *crl, const void *content,
                                 size_t length) MTLSKIT_MUST_USE;

/** Whether it is signed by @p authority, which it has to name as its issuer: 0; 1: it is not, and the error says why; -1: it could not be asked. */
MTLSKIT_API int mtlskit_crl_check(struct mtlskit_crl *crl,
                                  const struct mtlskit_authority *authority) MTLSKIT_MUST_USE;
/** Whether @p serial, hexadecimal, is on the signed or read list: the reason, "unspecified" where none is given; NULL: it is not there. */
MTLSKIT_API const char *mtlskit_crl_reason(const struct mtlskit_crl *crl, const char *serial);
/** How many are on it. */
MTLSKIT_API size_t mtlskit_crl_count(const struct mtlskit_crl *crl);
/** In seconds since 1970; 0 when there is none. */
MTLSKIT_API int64_t mtlskit_crl_this_update(const struct mtlskit_crl *crl);
MTLSKIT_API int64_t mtlskit_crl_next_update(const struct mtlskit_crl *crl);
/** NULL before it was signed or read. */
MTLSKIT_API const char *mtlskit_crl_pem(const struct mtlskit_crl *crl);
MTLSKIT_API const unsigned char *mtlskit_crl_der(const struct mtlskit_crl *crl, size_t *length);

MTLSKIT_END

#endif
