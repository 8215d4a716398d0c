/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A single act in a PKI directory: the directory locked, and the crew that makes what is asked for as a manifest's run would -
 * intents before signatures, files before completed rows.
 */
#ifndef MTLSKIT_OPERATIONS_ACT_H
#define MTLSKIT_OPERATIONS_ACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/crew.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "plan/step.h"

/** Steps that share one barrier. */
#define ACT_BATCH 1000

/** What an act tells its caller; any may be NULL. */
struct act_observer {
    void *state;
    /** A file was written and is durable. */
    void (*written)(void *state, const char *name, const char *path);
    void (*progress)(void *state, size_t done, size_t total);
    /** Whether to stop: keys that are begun are finished, the rest is left. Asked from any thread. */
    bool (*stopping)(void *state);
};

/** Begins as ACT_EMPTY. */
struct act {
    const struct context *context;
    const struct act_observer *observer;
    struct directory directory;
    struct passphrases *passphrases;
    struct publisher *publisher;
    struct crew *crew;
    size_t total; /**< of the steps, for progress; 0: none is told */
    char *owner;  /**< id of the manifest whose entry is made; "" by hand */
};
#define ACT_EMPTY ((struct act){.directory = DIRECTORY_EMPTY})

/** Open the PKI directory at @p path to write; one without a ledger is a fault. Passphrase files are relative to the working directory. */
int act_open(struct act *act, const struct context *context, const char *path,
             const struct act_observer *observer, struct faults *faults) MUST_USE;
void act_close(struct act *act);
/** What the steps from here on belong to (borrowed until act_close); "" is how it begins. Nothing may be pending. */
int act_own(struct act *act, const char *manifest, struct faults *faults) MUST_USE;
/** Check whether the validity of a step lies within its issuer's, and its names within the issuer's constraints. -1 with a fault. */
int act_foresee_validity(struct act *act, const struct plan_step *step, struct faults *faults) MUST_USE;
/** Fetch and check what a step needs that may have to be asked for: passphrases, the issuer's key. -1 with a fault. */
int act_foresee_needs(struct act *act, const struct plan_step *step, struct faults *faults) MUST_USE;
/** Both: as far as a step can be checked before anything is written. */
int act_foresee(struct act *act, const struct plan_step *step, struct faults *faults) MUST_USE;
/** How many steps will be taken in all, where that is known. After act_own. */
void act_expect(struct act *act, size_t steps);
/** Take a foreseen step into the batch; what it borrows must live until it is flushed. */
int act_take(struct act *act, const struct plan_step *step, struct faults *faults) MUST_USE;
/** Whether the batch is full: it is to be flushed before more is taken. */
bool act_full(const struct act *act);
/** Make the batch: when it returns 0 all of it is on disk and in the ledger. */
int act_flush(struct act *act, struct faults *faults) MUST_USE;
/** Whether the observer wants the act to stop. */
bool act_is_stopping(const struct act *act);

#endif
