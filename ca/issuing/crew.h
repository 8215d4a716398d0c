/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crew: authorities ready to sign and the workers that sign with them; turns a batch of jobs into files and rows.
 */
#ifndef MTLSKIT_ISSUING_CREW_H
#define MTLSKIT_ISSUING_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "issuing/job.h"
#include "issuing/passphrases.h"
#include "ledger/ledger.h"

/** Opaque; one thread at a time. */
struct crew;

/** What a crew works with; borrowed. */
struct crew_place {
    const struct context *context;
    int directory;               /**< open PKI directory; -1 until crew_settle */
    struct ledger *ledger;       /**< open for writing after crew_settle */
    struct publisher *publisher; /**< after crew_settle */
    struct passphrases *passphrases;
    const char *manifest_id;
    /** Told after each job of a batch whose key is there, the slow part; may be NULL. */
    void (*prepared)(void *state, size_t done);
    /** Asked before each key, from any thread: whether no more are to be begun. May be NULL. */
    bool (*stopping)(void *state);
    void *state;
};

struct crew *crew_new(const struct crew_place *place, struct faults *faults);
void crew_free(struct crew *crew);
/** The plan was found good: from here on the crew may write. */
void crew_settle(struct crew *crew, int directory, struct ledger *ledger, struct publisher *publisher);

/**
 * Look at a step of the checking walk: what it will need - authority keys that are on disk, passphrases - is fetched and
 * checked now, so that a fault comes before anything is written. What is missing goes to faults, each once, and the walk goes on.
 * -1: memory is out, or the ledger failed.
 */
int crew_foresee(struct crew *crew, const struct plan_step *step, struct faults *faults) MUST_USE;
/** The part of it that a run which only plans needs too: whether the validity of each lies within its issuer's, and its names within the constraints of an adopted one. What does not goes to faults, and the walk goes on. */
int crew_foresee_validity(struct crew *crew, const struct plan_step *step, struct faults *faults) MUST_USE;

/** Take a step of the acting walk into the batch. */
int crew_take(struct crew *crew, const struct plan_step *step, struct faults *faults) MUST_USE;
/** How many steps the batch holds. */
size_t crew_pending(const struct crew *crew);
/** Something more to write in the ledger, in the group that completes the batch. */
struct crew_closing {
    int (*write)(void *state, struct faults *faults);
    void *state;
};

/**
 * Make the batch: keys, intents, signatures, files, rows. @p written is told each file after its barrier; @p closing and @p written may be NULL.
 * When place.stopping says so, what has no key yet is left out (crew_left_out), and so is @p closing.
 */
int crew_flush(struct crew *crew, const struct crew_closing *closing,
               void (*written)(void *state, const char *name, const char *path), void *state,
               struct faults *faults) MUST_USE;

/** Warn of what lint found in the certificates made so far, once for each rule and profile (issuing/findings.h). */
void crew_tell_findings(struct crew *crew, struct faults *faults);
/** How many steps were made since crew_new; whether some were taken and left out. */
size_t crew_made(const struct crew *crew);
bool crew_left_out(const struct crew *crew);

/** When the first of what was made falls due (plan_due); INSTANT_MAX: never. */
instant crew_due(const struct crew *crew);

#endif
