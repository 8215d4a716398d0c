/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging one entry: what is recorded of it and what lies on disk, held against what the manifest asks for, gives a step.
 */
#ifndef MTLSKIT_PLAN_JUDGE_H
#define MTLSKIT_PLAN_JUDGE_H

#include "base/attributes.h"
#include "base/fault.h"
#include "plan/judging.h"

/** When a plan will first have something to say of a certificate valid from @p not_before to @p not_after; INSTANT_MAX: never. */
instant plan_due(const struct entry *entry, instant not_before, instant not_after);

/** Judge judging->entry; fills its step and, for an authority, its row. -1 when it cannot be judged at all. */
int judge_entry(const struct judge *judge, struct judging *judging, struct faults *faults) MUST_USE;

#endif
