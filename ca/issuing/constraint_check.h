/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check against name constraints: those in the certificates of adopted authorities, which no manifest tells, so that a name outside
 * of them is told of by the walk that checks. Constraints that the manifest writes are held when it is read.
 */
#ifndef MTLSKIT_ISSUING_CONSTRAINT_CHECK_H
#define MTLSKIT_ISSUING_CONSTRAINT_CHECK_H

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "plan/plan.h"

/** Opaque. */
struct constraint_check;

/** Over @p authorities (borrowed). NULL when memory is out. */
struct constraint_check *constraint_check_new(struct authorities *authorities);
void constraint_check_free(struct constraint_check *check);
/**
 * Take the next step of the checking walk. Names that verifiers would refuse go to @p faults and are no failure: the walk goes on.
 * -1: memory is out, or the ledger failed.
 */
int constraint_check_take(struct constraint_check *check, const struct plan_step *step, struct faults *faults)
    MUST_USE;

#endif
