/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a plan that makes few things, kept from the walk that checked for the one that acts: to ask the ledger and the disk for
 * all of them again costs more than to make one certificate.
 */
#ifndef MTLSKIT_APPLY_AGENDA_H
#define MTLSKIT_APPLY_AGENDA_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/step.h"

/** More steps are not kept. */
#define AGENDA_STEPS 16

/** Begins as zeros. */
struct agenda {
    struct plan_step steps[AGENDA_STEPS];
    size_t count, next;
    bool incomplete; /**< a step was not kept: the plan is walked again */
};

/** Take note of the next step of the plan; of one that makes an entry, the entry lives until agenda_clear. */
void agenda_take(struct agenda *agenda, const struct plan_step *step);
/** The next step that was kept, in the plan's order; false at the end. Only when it is not incomplete. */
bool agenda_next(struct agenda *agenda, struct plan_step *step);
void agenda_clear(struct agenda *agenda);

#endif
