/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step needs of the world before it can be carried out: passphrases, and what lies on disk or is recorded.
 */
#ifndef MTLSKIT_ISSUING_NEEDS_H
#define MTLSKIT_ISSUING_NEEDS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "issuing/passphrases.h"
#include "plan/plan.h"

/** The passphrases of the step's bundles, each held against its target. @p secrets: one a bundle; NULL only fetches and checks. */
int needs_passphrases(struct passphrases *passphrases, const struct plan_step *step,
                      const struct bytes **secrets, struct faults *faults) MUST_USE;
/** The passphrase of the entry's key file; *secret is NULL where none is wanted. */
int needs_key_passphrase(struct passphrases *passphrases, const struct plan_step *step,
                         const struct bytes **secret, struct faults *faults) MUST_USE;

/** Whether a certificate's key that was exchanged by hand can be read: what cannot be is told of before anything is made. */
int needs_changed_key(const struct context *context, int directory, const struct plan_step *step,
                      const struct bytes *secret, struct faults *faults) MUST_USE;

/**
 * Look at what the revocation list of @p entry needs: its key (unless @p anew: this run makes it), and a certificate that lets it sign
 * lists. What is missing goes to @p faults. -1: memory is out, or the ledger failed.
 */
int needs_list(struct authorities *authorities, const struct entry *entry, bool anew, struct faults *faults)
    MUST_USE;

/** Read what @p job, whose step is taken, needs of what is there: its key, and the certificate to adopt or to write again. */
int needs_existing(int directory, struct ledger *ledger, struct job *job, struct faults *faults) MUST_USE;

#endif
