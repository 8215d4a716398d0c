/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removal: what an entry wrote is deleted, when it left the manifest and --prune asks for it.
 */
#ifndef MTLSKIT_APPLY_REMOVAL_H
#define MTLSKIT_APPLY_REMOVAL_H

#include "base/attributes.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

/** Delete the files that the ledger says the step's entry wrote - never an authority's key or revocation list - and retire its certificate; of a step for a file, that file. No group is open. */
int removal_carry_out(struct ledger *ledger, struct publisher *publisher, const struct plan_step *step,
                      struct faults *faults) MUST_USE;

#endif
