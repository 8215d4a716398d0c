/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle: an identity with its chain, or certificates to trust, as one PKCS #12 for one target: "ios-legacy", "android-legacy",
 * "modern", "java", "java-truststore", as mtls-ca(1) tells them apart.
 */
#ifndef MTLSKIT_BUNDLE_H
#define MTLSKIT_BUNDLE_H

#include <stddef.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;
struct mtlskit_identity;

/** Opaque. */
struct mtlskit_bundle;

MTLSKIT_API struct mtlskit_bundle *mtlskit_bundle_new(struct mtlskit_context *context);
MTLSKIT_API void mtlskit_bundle_free(struct mtlskit_bundle *bundle);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_bundle_error(const struct mtlskit_bundle *bundle);

/** Who is to read it; "modern" when nothing is said. */
MTLSKIT_API int mtlskit_bundle_set_target(struct mtlskit_bundle *bundle, const char *target) MTLSKIT_MUST_USE;
/** The passphrase, UTF-8; needed, and not empty. */
MTLSKIT_API int mtlskit_bundle_set_passphrase(struct mtlskit_bundle *bundle,
                                              const char *passphrase) MTLSKIT_MUST_USE;
/** The name that key and certificate are shown by (friendlyName), UTF-8. NULL, as at first: the certificate's common name. */
MTLSKIT_API int mtlskit_bundle_set_friendly_name(struct mtlskit_bundle *bundle,
                                                 const char *name) MTLSKIT_MUST_USE;

/**
 * Write key, certificate and all that is above it, as far as it is known. Refused: an identity without a key, a key that the target does
 * not take. What was written before is replaced; after a failure nothing is there.
 */
MTLSKIT_API int mtlskit_bundle_write(struct mtlskit_bundle *bundle,
                                     const struct mtlskit_identity *identity) MTLSKIT_MUST_USE;
/** Write certificates to trust, PEM or DER, for a target that holds nothing else: "java-truststore". */
MTLSKIT_API int mtlskit_bundle_write_anchors(struct mtlskit_bundle *bundle, const void *certificates,
                                             size_t length) MTLSKIT_MUST_USE;
/** What was written: DER. NULL when there is nothing. */
MTLSKIT_API const unsigned char *mtlskit_bundle_p12(const struct mtlskit_bundle *bundle, size_t *length);

MTLSKIT_END

#endif
