/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision: what is to be done so that everything wanted is in the store, in order, as a value. Nothing is changed here; the store is
 * only looked at.
 *
 *   - what is there is kept; it is joined when another run of ours put it and may take it away again;
 *   - what stands in the place of something wanted is a conflict, which is named and never overwritten;
 *   - an anchor is never trusted for servers and clients both, also not by adding one to the other, unless that was asked for by name;
 *   - what the store cannot enforce (a scope, a host, programs, that a key cannot be read back) is refused.
 *
 * All that is wrong is said in one run.
 */
#ifndef MTLSKIT_STEPS_DECISION_H
#define MTLSKIT_STEPS_DECISION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/run.h"
#include "steps/wanted.h"

struct step {
    enum step_act act;
    struct item item; /**< borrowed as in the wanted it was decided from */
    struct digest owner;
    const char *shown; /**< the certificate's subject; borrowed from the wanted */
    enum scope scope_before;
    bool pending;        /**< set by carry_out: the store did not take it, which was pardoned */
    struct bytes before; /**< STEP_REPLACE, STEP_JOIN of trust: the trust there was before any run of ours */
};
/** Starts as all zeros; decision_free. */
struct decision {
    struct step *steps;
    size_t count;
    size_t changes; /**< steps other than STEP_KEEP */
};
void decision_free(struct decision *decision);

/** Exceptions, each by name. Starts as all zeros: none. */
struct decision_rules {
    bool insecure_for_any; /**< --insecure-for-any */
    bool holding; /**< for hold: a key that is there and not ours is refused, and one of ours is joined */
};

/** Decide. @p records: what the journal holds (journal_read). -1 with faults. @p decision is replaced. */
int decide(const struct run *run, const struct wanted *wanted, const struct journal_records *records,
           const struct decision_rules *rules, struct decision *decision) MUST_USE;

#endif
