/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that make an entry are kept. What others do depends on what was done before them, and is asked for again. */
#include "apply/agenda.h"

#include <string.h>

/** Whether nothing is to be done for the step. */
static bool is_idle(const struct plan_step *step)
{
    return !step->claims && step->exposed == 0 &&
           (step->action == PLAN_UNCHANGED || step->action == PLAN_ORPHAN || step->action == PLAN_NOT_OURS);
}

void agenda_take(struct agenda *agenda, const struct plan_step *step)
{
    if (is_idle(step)) {
        return;
    }
    if (agenda->count == AGENDA_STEPS || !plan_action_makes(step->action) || step->claims ||
        step->exposed != 0) {
        agenda->incomplete = true;
        return;
    }
    agenda->steps[agenda->count] = *step;
    agenda->steps[agenda->count].entry = entry_keep(step->entry);
    agenda->count++;
}

bool agenda_next(struct agenda *agenda, struct plan_step *step)
{
    if (agenda->next == agenda->count) {
        return false;
    }
    *step = agenda->steps[agenda->next++];
    return true;
}

void agenda_clear(struct agenda *agenda)
{
    size_t i;

    for (i = 0; i < agenda->count; i++) {
        entry_release(agenda->steps[i].entry);
    }
    memset(agenda, 0, sizeof(*agenda));
}
