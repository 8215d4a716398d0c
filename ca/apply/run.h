/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one run of apply holds, from the plan to the last barrier. For apply.c, which plans, checks and begins, and acting.c.
 */
#ifndef MTLSKIT_APPLY_RUN_H
#define MTLSKIT_APPLY_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "apply/agenda.h"
#include "apply/apply.h"
#include "apply/survey.h"
#include "base/attributes.h"
#include "base/bytes.h"
#include "base/publisher.h"
#include "handout/handout_sink.h"
#include "issuing/crew.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"

/** What one run holds. */
struct run {
    const struct context *context;
    const struct manifest *manifest;
    const struct apply_options *options;
    const struct apply_observer *observer;
    struct faults *faults;
    struct bytes manifest_id;
    struct directory directory;
    struct passphrases *passphrases;
    struct tokens *tokens; /* of keys before */
    struct survey *survey;
    struct publisher *publisher;
    struct crew *crew;
    struct plan *plan;
    struct agenda agenda;
    struct handout_sink *handout; /* NULL: nothing is handed out */
    struct plan_options plan_options;
    const struct digest *inputs;   /* NULL: no note is left */
    bool claims;                   /* a step does, which is no work to be told of */
    const struct entry *ephemeral; /* the first authority whose key is made and kept nowhere */
    const struct entry *swappable; /* the first of those whose key is not all in OpenSSL's secure heap */
    bool authorities_change;       /* a certificate of theirs is made or taken in */
    bool looks_left;               /* so lint has not seen what stands under them */
    bool reading;                  /* a group of the ledger is open to be read in */
    size_t total, removed;
};

/**
 * Before the walk that acts: the memory that ephemeral keys will be in is kept from being swapped to a disk; a warning where that cannot be.
 */
void run_lock_memory(const struct run *run);
/** After a run that had nothing to do: leaves the note that makes the next one quick, where there is none and it may be written. */
void run_leave_note(struct run *run);
/** The walk that acts, after the one that checked and when all may be written. */
int run_act(struct run *run) MUST_USE;
/** Whether the run, which @p state is, is to stop; something is left to be done. */
bool run_stopping(void *state);

#endif
