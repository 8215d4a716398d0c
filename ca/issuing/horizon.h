/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The horizon: when the authorities of a run end, so that a certificate that cannot lie within its issuer's time is told
 * of by the walk that checks, before anything is written. Asks for no key and no passphrase.
 */
#ifndef MTLSKIT_ISSUING_HORIZON_H
#define MTLSKIT_ISSUING_HORIZON_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "plan/plan.h"

/** Opaque. */
struct horizon;

/** For a run at @p now over @p authorities (borrowed). NULL when memory is out. */
struct horizon *horizon_new(struct authorities *authorities, instant now);
void horizon_free(struct horizon *horizon);
/**
 * Take the next step of the checking walk; issuers come before what they issue. What is wrong with its validity goes to
 * @p faults and is no failure: the walk goes on. -1: memory is out, or the ledger failed.
 */
int horizon_take(struct horizon *horizon, const struct plan_step *step, struct faults *faults) MUST_USE;

#endif
