/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removal: what the user named is taken out of a store, with what was put there for its sake, and the trust there was before comes
 * back. Decided first, as a value; a removal that was stopped is finished by recovery.
 */
#ifndef MTLSKIT_STEPS_REMOVAL_H
#define MTLSKIT_STEPS_REMOVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/naming.h"
#include "steps/run.h"

struct removal_step {
    enum step_act act; /**< STEP_TAKE, or STEP_RELEASE */
    enum item_kind kind;
    struct bytes certificate; /**< DER */
    struct digest owner;
    struct bytes shown;
    enum scope scope;
    struct bytes before; /**< the trust that comes back */
};
/** Starts as all zeros; removal_free. */
struct removal {
    struct removal_step *steps;
    size_t count;
};
void removal_free(struct removal *removal);
/** The item of a step, borrowed from it. */
struct item removal_item(const struct removal_step *step);

/**
 * Add what has the name: an identity (certificate, key, and the intermediates that came with it), or an anchor (trust, and the
 * certificate that came with it). 1: added; 0: there is none, and no fault; -1 with a fault: a label that two have, which are listed.
 */
int removal_add_named(const struct run *run, const struct journal_records *records,
                      const struct name_sought *name, struct removal *removal) MUST_USE;
/** Add the identity whose leaf is @p certificate (DER). 1: added; 0: it is not there; -1. */
int removal_add_identity(const struct run *run, const struct journal_records *records,
                         struct slice certificate, struct removal *removal) MUST_USE;
/** Add the anchor @p certificate (DER). 1: added; 0: it is not trusted, and no run of ours left anything of it; -1. */
int removal_add_anchor(const struct run *run, const struct journal_records *records, struct slice certificate,
                       struct removal *removal) MUST_USE;

/** Do it. What cannot be removed is told, and stays in the journal for recovery. */
int removal_perform(const struct run *run, struct journal_records *records, const struct removal *removal)
    MUST_USE;

#endif
