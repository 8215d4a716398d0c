/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Withdrawal: carrying out what `revoked:` asks for, in the ledger alone, and remembering that a manifest asked for it.
 */
#ifndef MTLSKIT_APPLY_WITHDRAWAL_H
#define MTLSKIT_APPLY_WITHDRAWAL_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

/** Carry out a step that revokes or releases, at @p now, for manifest @p manifest_id. Within a group of the ledger. */
int withdrawal_carry_out(struct ledger *ledger, const struct plan_step *step, instant now,
                         const char *manifest_id, struct faults *faults) MUST_USE;
/** Remember that the manifest says that the certificate in force of @p name is revoked. Within a group of the ledger. */
int withdrawal_claim(struct ledger *ledger, const char *name, struct faults *faults) MUST_USE;
/** Fill in what @p record says of the revocation of certificate @p id, the one in force of @p name. */
int withdrawal_recall(struct ledger *ledger, const char *name, int64_t id, struct plan_record *record,
                      struct faults *faults) MUST_USE;

#endif
