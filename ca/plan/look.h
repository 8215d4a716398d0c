/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at the outputs of one entry: which are missing, changed, or made from something else than they would be now.
 */
#ifndef MTLSKIT_PLAN_LOOK_H
#define MTLSKIT_PLAN_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/digest.h"
#include "base/fault.h"
#include "plan/step.h"

/** What is looked at, and what for; all borrowed. */
struct looking {
    const struct plan_state *state;
    struct digester *digester;
    const struct entry *entry;
    const struct plan_record *record;
    const struct digest *certificate; /**< of the entry */
    const struct digest
        *above;  /**< certificates of its issuers; NULL for a root or when they are not known */
    bool asked;  /**< --rewrite names it: what lies in the way is overwritten */
    bool seeded; /**< it is one of a fixture */
};

/** What the outputs of one entry say together. */
struct look {
    uint64_t all;     /* every output */
    uint64_t keys;    /* the private key's file */
    uint64_t stale;   /* to be written even if the certificate stays */
    uint64_t exposed; /* open to others than their owner */
    unsigned reasons; /* why */
    bool key_missing, key_changed;
    bool crt_changed; /* an authority's certificate file holds something else */
};

/** Look at every output; what cannot be written is complained of. -1: it cannot be judged at all. */
int look_at_outputs(const struct looking *looking, struct look *look, struct faults *faults) MUST_USE;

#endif
