/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying out a decision: each step is claimed in the journal, then done; at the end all is settled and proved. Whatever fails, what this
 * run did, and only that, is undone in reverse; what cannot be undone stays in the journal, is told, and is finished by recovery.
 */
#ifndef MTLSKIT_STEPS_CARRYING_H
#define MTLSKIT_STEPS_CARRYING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/decision.h"
#include "steps/run.h"

/** Whether it is pardoned that the store did not take @p item (--pending-trust): what was done stays, and the step is passed over. */
typedef bool (*carry_pardon_fn)(void *state, const struct item *item);
/** The last act before all is done, when everything is proved; a failure, with a fault, undoes it all. */
typedef int (*carry_seal_fn)(void *state, const struct decision *decision);

/** How it is carried out. Starts as all zeros. */
struct carrying {
    carry_pardon_fn pardon; /**< NULL: nothing is pardoned */
    carry_seal_fn seal;     /**< NULL: none */
    void *state;            /**< of both */
    bool open;              /**< the record is not ended: whoever holds what was put undoes it later (hold) */
};

/**
 * Do all of @p decision, whose steps say afterwards what is pending. *entry is the run's record, open, with @p carrying->open; else NULL
 * afterwards. Nothing to do: no record, and *entry is NULL. -1 with faults: all that could be undone is undone.
 */
int carry_out(const struct run *run, struct decision *decision, const struct carrying *carrying,
              struct journal_entry **entry) MUST_USE;

/**
 * Undo what @p record claims, newest first: an item that no other run claims is taken out of the store, a claim of another keeps it there.
 * @p entry is the record, open; it is closed, and dropped when nothing is left. @p records: what the journal holds, its states follow.
 * -1 with faults, and a list of what is left.
 */
int undo(const struct run *run, struct journal_records *records, struct record *record,
         struct journal_entry *entry) MUST_USE;

/** Whether undoing @p record leaves what its claim @p number is about in the store, for another's sake. */
bool undo_leaves(const struct journal_records *records, const struct record *record, size_t number) MUST_USE;

#endif
