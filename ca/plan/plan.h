/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: the difference between a manifest and a PKI directory, as a stream of steps. It does no I/O and touches no key:
 * what is recorded and what lies on disk it asks of the callbacks it was given, so it can be tested against golden text.
 */
#ifndef MTLSKIT_PLAN_PLAN_H
#define MTLSKIT_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/manifest.h"
#include "plan/facets.h"
#include "plan/step.h"

/** Steps told so far. */
struct plan_totals {
    size_t counts[PLAN_NOT_OURS + 1];
    bool work; /**< some step writes or deletes */
    instant
        due; /**< when the first of the entries that stay will be renewed or warned of; INSTANT_MAX: never */
};

/** Opaque. */
struct plan;

/** A plan over @p manifest. All arguments are borrowed and must outlive it. NULL: unknown NAMEs in options, each told with the nearest one. */
struct plan *plan_new(const struct context *context, const struct manifest *manifest,
                      const struct plan_state *state, const struct plan_options *options,
                      struct faults *faults);
void plan_free(struct plan *plan);
/**
 * The next step: 1, 0 at the end, -1 when it cannot be planned at all. What is wrong with single entries (a foreign file
 * in the way, an authority that would be replaced by accident) is added to faults and the walk goes on, so that all complaints come in one run.
 * Nothing may be carried out before a whole walk ended with no error.
 */
int plan_next(struct plan *plan, struct plan_step *step, struct faults *faults) MUST_USE;
/** Start over: the same steps again (after the walk that checked, the one that acts). Totals start anew. */
void plan_rewind(struct plan *plan);
/** Counts of the walk so far. */
const struct plan_totals *plan_totals(const struct plan *plan);

#endif
