/* SPDX-License-Identifier: Apache-2.0 */
/* What every step does with its run. */
#include "steps/run.h"

#include <stddef.h>

const char *step_act_word(enum step_act act)
{
    static const char *const words[] = {"keep", "join", "put", "replace", "take", "pending", "release"};

    return words[act];
}

bool run_is_interrupted(const struct run *run)
{
    if (run->interrupted == NULL || !run->interrupted()) {
        return false;
    }
    fault_error(run->faults, NULL, NULL, NULL, "interrupted");
    return true;
}

void run_tell(const struct run *run, enum step_act act, const struct item *item, const char *shown)
{
    if (run->told != NULL) {
        const struct step_told told = {act, item, shown};

        run->told(run->told_state, &told);
    }
}
