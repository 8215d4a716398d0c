/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation in a plan: what `revoked:` asks for held against what is recorded, and when a revocation list is due.
 */
#ifndef MTLSKIT_PLAN_REVOCATION_H
#define MTLSKIT_PLAN_REVOCATION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "plan/judging.h"

/**
 * Whether revocation decides over the entry: then its step (and for an authority its row) is filled in, and neither a new certificate nor
 * files are looked for. A certificate that is revoked is never replaced by itself.
 */
bool revocation_decides(const struct judge *judge, struct judging *judging, struct faults *faults);

/**
 * Judge the revocation list of @p authority, after all entries: 1 it is due, with the step filled in; 0 it is not, and *due says when it
 * will be (INSTANT_MAX: never); -1 it cannot be judged.
 */
int revocation_list_judge(const struct judge *judge, struct authority *authority, struct plan_step *step,
                          instant *due, struct faults *faults) MUST_USE;
/**
 * The same for the next of the keys before, after number *generation (0 to begin), which is set: 1 its list is due; 0 it is not;
 * 2 there is none left; -1. One that is due, but whose key is not at hand, is a warning.
 */
int revocation_list_judge_old(const struct judge *judge, const struct authority *authority,
                              int64_t *generation, struct plan_step *step, instant *due,
                              struct faults *faults) MUST_USE;

#endif
