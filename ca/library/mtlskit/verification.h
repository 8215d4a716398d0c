/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification, as named checks: does the chain lead to an authority one trusts, do dates, purpose and host fit, are keys strong
 * enough. Each has a verdict and, where it is no, what to do.
 */
#ifndef MTLSKIT_VERIFICATION_H
#define MTLSKIT_VERIFICATION_H

#include <stddef.h>
#include <stdint.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_authority;
struct mtlskit_context;
struct mtlskit_identity;

/** Opaque. */
struct mtlskit_verification;

MTLSKIT_API struct mtlskit_verification *mtlskit_verification_new(struct mtlskit_context *context);
MTLSKIT_API void mtlskit_verification_free(struct mtlskit_verification *verification);
/** What went wrong in the last call that changed it, after a no of mtlskit_verification_run() the checks that failed; "" when nothing did. */
MTLSKIT_API const char *mtlskit_verification_error(const struct mtlskit_verification *verification);

/* ---- the question ----------------------------------------------------------------------------------------------------- */

/** Certificates in question: PEM with the leaf first and its intermediates behind it, or one as DER. Replaces what was set before. */
MTLSKIT_API int mtlskit_verification_set_chain(struct mtlskit_verification *verification,
                                               const void *certificates, size_t length) MTLSKIT_MUST_USE;
/** The same of an identity: its certificate, chain and key, which are copied. */
MTLSKIT_API int mtlskit_verification_set_identity(struct mtlskit_verification *verification,
                                                  const struct mtlskit_identity *identity) MTLSKIT_MUST_USE;
/** Certificates to trust, besides those added before: PEM or DER. Without any nothing is asked. */
MTLSKIT_API int mtlskit_verification_add_anchors(struct mtlskit_verification *verification,
                                                 const void *certificates, size_t length) MTLSKIT_MUST_USE;
/** The same of an authority: its own certificate. */
MTLSKIT_API int
mtlskit_verification_add_authority(struct mtlskit_verification *verification,
                                   const struct mtlskit_authority *authority) MTLSKIT_MUST_USE;
/** Ask for a host name or an IP address. NULL: not asked. */
MTLSKIT_API int mtlskit_verification_set_host(struct mtlskit_verification *verification,
                                              const char *host) MTLSKIT_MUST_USE;
/** Ask for a purpose: "server", "client", or "any". */
MTLSKIT_API int mtlskit_verification_set_purpose(struct mtlskit_verification *verification,
                                                 const char *purpose) MTLSKIT_MUST_USE;
/** Ask for a time, in seconds since 1970, rather than for the context's now. */
MTLSKIT_API int mtlskit_verification_set_time(struct mtlskit_verification *verification,
                                              int64_t at) MTLSKIT_MUST_USE;

/* ---- the answer ------------------------------------------------------------------------------------------------------- */

/** Ask. 0: every check holds; 1: some check failed; -1: it could not be asked. */
MTLSKIT_API int mtlskit_verification_run(struct mtlskit_verification *verification) MTLSKIT_MUST_USE;
/** How many checks there are. */
MTLSKIT_API size_t mtlskit_verification_count(const struct mtlskit_verification *verification);
/** Of check number @p index; NULL past the last: its stable word ("chain", "host"), and what it is about. */
MTLSKIT_API const char *mtlskit_verification_id(const struct mtlskit_verification *verification,
                                                size_t index);
MTLSKIT_API const char *mtlskit_verification_title(const struct mtlskit_verification *verification,
                                                   size_t index);
/** "pass", "fail", "warn" or "skipped". */
MTLSKIT_API const char *mtlskit_verification_verdict(const struct mtlskit_verification *verification,
                                                     size_t index);
/** What was found, and what to do; "" when there is nothing to say. */
MTLSKIT_API const char *mtlskit_verification_detail(const struct mtlskit_verification *verification,
                                                    size_t index);
MTLSKIT_API const char *mtlskit_verification_advice(const struct mtlskit_verification *verification,
                                                    size_t index);
/** The verdict of the check with that word, or NULL. */
MTLSKIT_API const char *mtlskit_verification_verdict_of(const struct mtlskit_verification *verification,
                                                        const char *id);

MTLSKIT_END

#endif
