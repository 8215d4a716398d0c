/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is at hand while entries are judged, for those who judge: plan/judge.h and plan/revocation.h.
 */
#ifndef MTLSKIT_PLAN_JUDGING_H
#define MTLSKIT_PLAN_JUDGING_H

#include "base/digest.h"
#include "plan/authority.h"
#include "plan/facets.h"
#include "plan/look.h"
#include "plan/step.h"

/** What judging needs besides the entry; all borrowed. */
struct judge {
    const struct plan_state *state;
    const struct plan_options *options;
    struct digester *digester;
    struct facet_desk *facets;
    instant now;
};

/** Everything one entry is judged by. */
struct judging {
    const struct entry *entry;
    struct authority *issuer; /* NULL: none */
    struct authority *self;   /* for authorities */
    struct plan_record record;
    struct plan_facets facets;
    struct look look;
    struct digest adopt_identity, adopt_certificate;
    bool adopt_key; /* the adopted authority's key is there */
    struct plan_step *step;
};

#endif
