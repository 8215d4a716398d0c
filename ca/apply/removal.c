/* SPDX-License-Identifier: Apache-2.0 */
/* Removing what an entry wrote. */
#include "apply/removal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "issuing/settled.h"
#include "ledger/ledger_directory.h"

/** Files of an entry that is removed. */
struct removal {
    bool authority;
    char **paths;
    size_t count;
};

static int removal_note(void *state, const struct ledger_output *output)
{
    struct removal *removal = state;
    char **grown;

    if (output->kind != -1 && ledger_output_is_claim(output)) {
        return 0; /* what is there now, if anything, may be anybody's */
    }
    /* neither its key nor its list, which others may still ask for */
    if (removal->authority && (output->kind == (int)OUTPUT_KEY || output->kind == (int)OUTPUT_CRL)) {
        return 0;
    }
    grown = realloc(removal->paths, (removal->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return -1;
    }
    removal->paths = grown;
    removal->paths[removal->count] = strdup(output->path);
    if (removal->paths[removal->count] == NULL) {
        return -1;
    }
    removal->count++;
    return 0;
}

int removal_carry_out(struct ledger *ledger, struct publisher *publisher, const struct plan_step *step,
                      struct faults *faults)
{
    struct removal removal = {step->authority, NULL, 0};
    size_t i;
    int status = -1;

    if (step->file) {
        const struct ledger_output one = {.path = (char *)step->name, .kind = -1};

        status = removal_note(&removal, &one);
    } else {
        status = ledger_each_output(ledger, step->name, removal_note, &removal, faults);
    }
    if (status != 0) {
        goto out;
    }
    status = -1;
    for (i = 0; i < removal.count; i++) {
        if (publisher_remove(publisher, removal.paths[i], faults) != 0) {
            goto out;
        }
    }
    if (ledger_begin(ledger, faults) != 0) {
        goto out;
    }
    for (i = 0; i < removal.count; i++) {
        if (ledger_remove_output(ledger, removal.paths[i], faults) != 0) {
            goto undo;
        }
    }
    if ((!step->file && ledger_retire(ledger, step->name, faults) != 0) ||
        settled_forget(ledger, faults) != 0) {
        goto undo;
    }
    status = ledger_commit(ledger, faults);
    goto out;
undo:
    ledger_rollback(ledger);
out:
    for (i = 0; i < removal.count; i++) {
        free(removal.paths[i]);
    }
    free(removal.paths);
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return status;
}
