/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of validities: when the authorities of a run end, so that a certificate that cannot lie within its issuer's time is told
 * of by the walk that checks, before anything is written. Asks for no key and no passphrase.
 */
#ifndef MTLSKIT_ISSUING_VALIDITY_CHECK_H
#define MTLSKIT_ISSUING_VALIDITY_CHECK_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "plan/plan.h"

/** Opaque. */
struct validity_check;

/** For a run at the context's time over @p authorities (both borrowed). NULL when memory is out. */
struct validity_check *validity_check_new(const struct context *context, struct authorities *authorities);
void validity_check_free(struct validity_check *check);
/**
 * Take the next step of the checking walk; issuers come before what they issue. What is wrong with its validity goes to
 * @p faults and is no failure: the walk goes on. -1: memory is out, or the ledger failed.
 */
int validity_check_take(struct validity_check *check, const struct plan_step *step, struct faults *faults)
    MUST_USE;

#endif
