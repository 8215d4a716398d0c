/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boundary: the name constraints in the certificates of adopted authorities, which no manifest tells, so that a name outside
 * of them is told of by the walk that checks. Constraints that the manifest writes are held when it is read.
 */
#ifndef MTLSKIT_ISSUING_BOUNDARY_H
#define MTLSKIT_ISSUING_BOUNDARY_H

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/authorities.h"
#include "plan/plan.h"

/** Opaque. */
struct boundary;

/** Over @p authorities (borrowed). NULL when memory is out. */
struct boundary *boundary_new(struct authorities *authorities);
void boundary_free(struct boundary *boundary);
/**
 * Take the next step of the checking walk. Names that verifiers would refuse go to @p faults and are no failure: the walk goes on.
 * -1: memory is out, or the ledger failed.
 */
int boundary_take(struct boundary *boundary, const struct plan_step *step, struct faults *faults) MUST_USE;

#endif
