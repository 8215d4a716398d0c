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
    /** Told how many jobs have had their keys so far, the slow part; may be NULL. */
    void (*prepared)(void *state, size_t done);
    /** Asked before each key, from any thread: whether no more are to be begun. May be NULL. */
    bool (*stopping)(void *state);
    void *state;
};

struct crew *crew_new(const struct crew_place *place, struct faults *faults);
/** After crew_flush or crew_abandon, when something was taken. NULL is taken. */
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

/** How many steps will be taken in all, where that is known. */
void crew_expect(struct crew *crew, size_t steps);
/** Take a step of the acting walk into the batch, which must not be full. */
int crew_take(struct crew *crew, const struct plan_step *step, struct faults *faults) MUST_USE;
/** The authority of @p entry with its key at hand, borrowed; NULL with a fault. */
const struct authority_at_work *crew_authority(struct crew *crew, const struct entry *entry,
                                               struct faults *faults);
/** Whether the batch is full. */
bool crew_full(struct crew *crew);
/** How many steps were taken whose files and rows are not on disk yet. */
size_t crew_pending(struct crew *crew);
/** Something more to write in the ledger, in the group that completes the last batch. */
struct crew_closing {
    int (*write)(void *state, struct faults *faults);
    void *state;
};

/** Told each file after its barrier, and after its rows. */
typedef void (*crew_written_fn)(void *state, const char *name, const char *path);

/** Send the batch on its way, while earlier ones may still be under way, and begin another. Outside of any group of the ledger. @p written may be NULL. -1: all has come to its end, as with crew_flush. */
int crew_push(struct crew *crew, crew_written_fn written, void *state, struct faults *faults) MUST_USE;
/**
 * Make all that was taken: keys, intents, signatures, files, rows. Outside of any group of the ledger. @p closing and
 * @p written may be NULL. When place.stopping says so, what has no key yet is left out (crew_left_out), and so is @p closing.
 * -1: of each batch all or nothing was made, and none after one that failed.
 */
int crew_flush(struct crew *crew, const struct crew_closing *closing, crew_written_fn written, void *state,
               struct faults *faults) MUST_USE;

/** Have lint look at a certificate of @p entry that stands; before the first step is taken. @p certificate: DER. -1 with a fault. */
int crew_look(struct crew *crew, const struct entry *entry, struct slice certificate, struct faults *faults)
    MUST_USE;
/** Whether lint found something to tell, in what stands or in what was made; to be asked in crew_closing, too. */
bool crew_has_findings(const struct crew *crew);
/** Forget what it found. */
void crew_forget_findings(struct crew *crew);
/** Warn of what lint found in those certificates, once for each rule and profile (issuing/findings.h). */
void crew_tell_findings(struct crew *crew, struct faults *faults);
/** How many steps were made since crew_new; whether some were taken and left out. */
size_t crew_made(const struct crew *crew);
bool crew_left_out(const struct crew *crew);
/** After a failure elsewhere: what has its intents on disk is brought to its end, the rest is dropped. */
void crew_abandon(struct crew *crew, crew_written_fn written, void *state, struct faults *faults);

/** When the first of what was made falls due (plan_due); INSTANT_MAX: never. */
instant crew_due(const struct crew *crew);

#endif
