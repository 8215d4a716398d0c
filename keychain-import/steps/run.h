/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: one store, the journal, and who is told of it. What every step gets.
 */
#ifndef MTLSKIT_STEPS_RUN_H
#define MTLSKIT_STEPS_RUN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "journal/journal.h"
#include "store/store.h"

enum step_act {
    STEP_KEEP,    /**< it is there: nothing is done */
    STEP_JOIN,    /**< it is there by another run of ours; this one claims it, too */
    STEP_PUT,     /**< it is put */
    STEP_REPLACE, /**< trust is put over other trust */
    STEP_TAKE,    /**< it is taken away; trust: what there was before comes back */
    STEP_PENDING, /**< trust that the store did not take from a program: a person has to finish it */
    STEP_RELEASE  /**< our claim on it goes; the item stays, because another run claims it */
};
/** "keep", "join", "put", "replace", "take", "pending", "release". */
const char *step_act_word(enum step_act act);

/** One step as it is done. Borrowed for the call. */
struct step_told {
    enum step_act act;
    const struct item *item;
    const char *shown; /**< the certificate's subject */
};
typedef void (*step_told_fn)(void *state, const struct step_told *told);

/** All borrowed; starts as all zeros. */
struct run {
    const struct context *context;
    struct store *store;
    struct journal *journal;   /**< open for writing and locked, but for what only looks */
    const char *command;       /**< for the record: "install" */
    bool (*interrupted)(void); /**< asked between steps; NULL: never */
    step_told_fn told;         /**< of each step that was done; may be NULL */
    void *told_state;
    struct faults *faults;
};

/** Whether the run is to stop here; then a fault says so. */
bool run_is_interrupted(const struct run *run) MUST_USE;
void run_tell(const struct run *run, enum step_act act, const struct item *item, const char *shown);

#endif
