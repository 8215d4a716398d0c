/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: what is wrong with a certificate in the eyes of RFC 5280, Apple, Android, Java, and of whoever has run mutual TLS for a while.
 * The rules are those of mtls-ca(1)'s lint. Signatures are not verified, and the clock is not looked at.
 */
#ifndef MTLSKIT_LINT_H
#define MTLSKIT_LINT_H

#include <stddef.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;

/** Opaque. */
struct mtlskit_lint;

MTLSKIT_API struct mtlskit_lint *mtlskit_lint_new(struct mtlskit_context *context);
MTLSKIT_API void mtlskit_lint_free(struct mtlskit_lint *lint);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_lint_error(const struct mtlskit_lint *lint);

/**
 * Hold the first certificate of @p certificates against all rules; PEM, with those above it behind it as far as they are known, or one as
 * DER. 0: it was looked at, whatever was found; -1: it could not be read.
 */
MTLSKIT_API int mtlskit_lint_run(struct mtlskit_lint *lint, const void *certificates,
                                 size_t length) MTLSKIT_MUST_USE;

/** How many rules it breaks. */
MTLSKIT_API size_t mtlskit_lint_count(const struct mtlskit_lint *lint);
/** Of number @p index; NULL past the last: the rule ("apple-validity-825"), "error", "warning" or "notice", and the document it is from. */
MTLSKIT_API const char *mtlskit_lint_id(const struct mtlskit_lint *lint, size_t index);
MTLSKIT_API const char *mtlskit_lint_severity(const struct mtlskit_lint *lint, size_t index);
MTLSKIT_API const char *mtlskit_lint_document(const struct mtlskit_lint *lint, size_t index);
/** What is wrong, what this certificate has ("" when there is no more to say), and what would be right. */
MTLSKIT_API const char *mtlskit_lint_wrong(const struct mtlskit_lint *lint, size_t index);
MTLSKIT_API const char *mtlskit_lint_detail(const struct mtlskit_lint *lint, size_t index);
MTLSKIT_API const char *mtlskit_lint_right(const struct mtlskit_lint *lint, size_t index);

MTLSKIT_END

#endif
