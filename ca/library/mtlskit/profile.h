/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile: a kind of certificate - key, validity, usages, which names it takes. Seven are built in, by name: root-ca, intermediate-ca,
 * server, client, device, peer and ocsp-responder; they are those of mtls-ca(1). One of one's own begins as a copy of one of them, or
 * empty.
 *
 * It is copied where it is used, so that changing it later changes nothing that was told before; whether it is sound as a whole is
 * looked at then.
 */
#ifndef MTLSKIT_PROFILE_H
#define MTLSKIT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

struct mtlskit_context;

/** Opaque. */
struct mtlskit_profile;

/** Empty: a P-256 key, five minutes of backdate, every kind of name allowed, no usages, no validity. @p name is for messages. */
MTLSKIT_API struct mtlskit_profile *mtlskit_profile_new(struct mtlskit_context *context, const char *name);
MTLSKIT_API void mtlskit_profile_free(struct mtlskit_profile *profile);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_profile_error(const struct mtlskit_profile *profile);

/** Become what the built-in profile @p name is, and forget what was set before. */
MTLSKIT_API int mtlskit_profile_extend(struct mtlskit_profile *profile, const char *name) MTLSKIT_MUST_USE;

/** "ec-p256", "ec-p384", "rsa-2048", "ed25519" and so on. */
MTLSKIT_API int mtlskit_profile_set_key_algorithm(struct mtlskit_profile *profile,
                                                  const char *algorithm) MTLSKIT_MUST_USE;
/** "397d", "10y", "1y6mo". */
MTLSKIT_API int mtlskit_profile_set_validity(struct mtlskit_profile *profile,
                                             const char *duration) MTLSKIT_MUST_USE;
/** How long before now a certificate begins, for clocks that are late: "5min", "0s". */
MTLSKIT_API int mtlskit_profile_set_backdate(struct mtlskit_profile *profile,
                                             const char *duration) MTLSKIT_MUST_USE;
/** It makes authorities. @p path_length: how many may follow below; -1: any number. */
MTLSKIT_API int mtlskit_profile_set_authority(struct mtlskit_profile *profile,
                                              int path_length) MTLSKIT_MUST_USE;
/** With commas between: "digitalSignature,keyEncipherment"; "" for none. keyEncipherment is written for RSA keys alone. */
MTLSKIT_API int mtlskit_profile_set_key_usages(struct mtlskit_profile *profile,
                                               const char *usages) MTLSKIT_MUST_USE;
/** "serverAuth,clientAuth", or dotted OIDs; "" for none. */
MTLSKIT_API int mtlskit_profile_set_extended_key_usages(struct mtlskit_profile *profile,
                                                        const char *usages) MTLSKIT_MUST_USE;
/** Kinds of alternative names it allows: "dns,ip,email,uri,upn,rid,dirname,other"; "" for none. */
MTLSKIT_API int mtlskit_profile_set_names_allowed(struct mtlskit_profile *profile,
                                                  const char *kinds) MTLSKIT_MUST_USE;
/** Kinds of which there must be at least one name; "" for none. */
MTLSKIT_API int mtlskit_profile_set_names_required(struct mtlskit_profile *profile,
                                                   const char *kinds) MTLSKIT_MUST_USE;
/** Attributes that a subject must have: "CN,O"; "" for none. */
MTLSKIT_API int mtlskit_profile_set_subject_required(struct mtlskit_profile *profile,
                                                     const char *attributes) MTLSKIT_MUST_USE;
/** The subject of who is told none, as RFC 4514 writes it. */
MTLSKIT_API int mtlskit_profile_set_subject(struct mtlskit_profile *profile,
                                            const char *subject) MTLSKIT_MUST_USE;
/** Certificate policies as dotted OIDs, with commas between; "" for none. */
MTLSKIT_API int mtlskit_profile_set_policies(struct mtlskit_profile *profile,
                                             const char *policies) MTLSKIT_MUST_USE;
/** One more place where the issuer's CRL is. */
MTLSKIT_API int mtlskit_profile_add_crl_url(struct mtlskit_profile *profile,
                                            const char *url) MTLSKIT_MUST_USE;
/** Where the issuer's OCSP responder is; NULL: nowhere. */
MTLSKIT_API int mtlskit_profile_set_ocsp_url(struct mtlskit_profile *profile,
                                             const char *url) MTLSKIT_MUST_USE;
/** Where the issuer's certificate is; NULL: nowhere. */
MTLSKIT_API int mtlskit_profile_set_issuer_url(struct mtlskit_profile *profile,
                                               const char *url) MTLSKIT_MUST_USE;
/** One more extension. @p oid: dotted; @p value: the DER inside its OCTET STRING. Those that the library writes itself are refused. */
MTLSKIT_API int mtlskit_profile_add_extension(struct mtlskit_profile *profile, const char *oid, bool critical,
                                              const void *value, size_t length) MTLSKIT_MUST_USE;

MTLSKIT_END

#endif
