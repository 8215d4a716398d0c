/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foresight: what the steps of a run will need and whether they can be carried out, so that a fault comes before anything is written.
 */
#ifndef MTLSKIT_ISSUING_FORESIGHT_H
#define MTLSKIT_ISSUING_FORESIGHT_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "issuing/passphrases.h"
#include "plan/plan.h"

/** Opaque. */
struct foresight;

/** All borrowed; @p directory -1 when there is no PKI directory yet. NULL when memory is out, or @p authorities NULL. */
struct foresight *foresight_new(const struct context *context, int directory, struct authorities *authorities,
                                struct passphrases *passphrases);
/** NULL is taken. */
void foresight_free(struct foresight *foresight);
/** Go on with another directory. */
void foresight_use(struct foresight *foresight, int directory);

/**
 * Take the next step of the checking walk: authority keys that are on disk and passphrases are fetched and checked now. What is missing
 * goes to @p faults, each once, and the walk goes on. -1: memory is out, or the ledger failed.
 */
int foresight_take(struct foresight *foresight, const struct plan_step *step, struct faults *faults) MUST_USE;
/** The part that asks for no key and no passphrase: validity within the issuer's, names within an adopted one's constraints. */
int foresight_take_validity(struct foresight *foresight, const struct plan_step *step, struct faults *faults)
    MUST_USE;

#endif
