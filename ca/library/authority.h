/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority as the rest of the library sees it: once it is there, it certifies what a draft says, and lends its signers.
 */
#ifndef MTLSKIT_LIBRARY_AUTHORITY_H
#define MTLSKIT_LIBRARY_AUTHORITY_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "library/pool.h"
#include "library/wish.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/issuer.h"

struct mtlskit_authority;

/** A signer of an authority's on loan: one thread's. */
struct desk {
    struct pool_item item; /* first: a desk is found by it */
    struct context *context;
    struct issuer *issuer;
};
/** NULL with a fault, also when the authority is not there yet or is of another context than @p context. It is to be given back. */
struct desk *desk_take(struct mtlskit_authority *authority, const struct mtlskit_context *context,
                       struct faults *faults);
/** NULL is taken. */
void desk_give(struct mtlskit_authority *authority, struct desk *desk);

/** Its own certificate, and what is above it, nearest first; NULL before it is there. Borrowed, never change. */
const struct certificate_view *authority_view(const struct mtlskit_authority *authority);
const struct certificate_list *authority_above(const struct mtlskit_authority *authority);

/**
 * Certify: dates, serial, name constraints of it and of all above it, signature.
 * @param wish     whose it is, validity, path length, constraints
 * @param issuance subject, names, key and profile are there; the rest is filled in
 * @param der      the certificate, appended
 * Faults go to the wish's handle.
 */
int authority_certify(struct mtlskit_authority *authority, const struct wish *wish, struct issuance *issuance,
                      struct bytes *der) MUST_USE;

#endif
