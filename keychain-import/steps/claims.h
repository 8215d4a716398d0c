/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who claims an item: found in the records of the journal. What nobody claims any more is taken out of the store.
 */
#ifndef MTLSKIT_STEPS_CLAIMS_H
#define MTLSKIT_STEPS_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/run.h"

/** A claim and the record it stands in; borrowed from the records. */
struct standing_claim {
    const struct record *record;
    const struct claim *claim;
    size_t number; /**< of the claim in its record */
};

/** Which claims are asked for. Starts as all zeros: of every run, for every owner. */
struct claim_search {
    const char *store; /**< its name in full */
    enum item_kind kind;
    struct slice certificate;   /**< DER */
    const struct digest *owner; /**< for this owner alone; NULL: any */
    const char *not_in;         /**< not those of this file */
    bool finished; /**< of runs alone that ended, or that live: what was killed claims nothing for good */
    bool ended;    /**< of runs alone that ended */
};
/** The claim behind @p after (all zeros: the first), oldest first, that is not released and no CLAIM_TAKE. False: there is none. */
bool claims_next(const struct journal_records *records, const struct claim_search *search,
                 struct standing_claim *after) MUST_USE;
/** Whether there is any. */
bool claims_any(const struct journal_records *records, const struct claim_search *search) MUST_USE;

/**
 * Release the claims of ended runs that @p search finds; a record that claims nothing any more is removed. 0, or -1 with faults.
 * The records' states follow.
 */
int claims_release(const struct run *run, struct journal_records *records, const struct claim_search *search)
    MUST_USE;

#endif
