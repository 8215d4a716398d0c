/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that are being signed, for the parts of operations/sign.c.
 */
#ifndef MTLSKIT_OPERATIONS_SIGNING_H
#define MTLSKIT_OPERATIONS_SIGNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "issuing/lost_keys.h"
#include "manifest/manifest.h"
#include "manifest/profile_reader.h"
#include "operations/act.h"
#include "operations/petition.h"
#include "operations/sign.h"
#include "operations/standing.h"
#include "plan/facets.h"

/** A request that is judged. */
struct candidate {
    const struct petition *petition;
    struct bytes names; /**< SAN: GeneralName DERs */
    bool twin;          /**< one before it has its name, and that was told */
    bool done;          /**< it was signed before */
};

struct signing {
    const struct context *context;
    const struct sign_order *order;
    struct faults *faults;
    struct act act;
    struct standing *standing;
    struct digester *digester;
    struct facet_desk *facets;
    struct lost_keys *lost;
    const struct entry *issuer;
    struct manifest *manifest; /* of the first order */
    const struct entry *model; /* in it: of the others the names alone differ */
    uint64_t outputs;          /* what of each is written */
    struct profile_set *profiles;
    const struct profile *profile; /* in it */
    struct petitions *petitions;
    struct candidate *candidates;
    signed_fn told;
    void *state;
};

/** Holds everything that was asked for against profile, issuer and ledger; what is wrong is told. -1: memory is out, or the ledger failed. */
int signing_judge(struct signing *signing) MUST_USE;
/** What signing the candidate, whose entry that is, takes. */
struct plan_step signing_step(const struct signing *signing, const struct candidate *candidate,
                              const struct entry *entry);

#endif
