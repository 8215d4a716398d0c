/* SPDX-License-Identifier: Apache-2.0 */
/* The note that makes the next run quick: when it is left, and whether it holds. */
#include "apply/note.h"

#include "issuing/provenance.h"
#include "issuing/settled.h"

int note_leave(const struct note *note, struct faults *faults)
{
    const size_t *counts = note->totals->counts;

    if (note->inputs == NULL || !manifest_stands_alone(note->manifest) || note->findings ||
        faults_warnings(faults) > 0 ||
        counts[PLAN_ORPHAN] + counts[PLAN_NOT_OURS] + counts[PLAN_REMOVE] > 0) {
        return 0;
    }
    return settled_put(note->context, note->ledger, note->inputs, note->due, note->manifest, faults);
}

int note_holds(const struct context *context, const char *directory, const char *manifest_path,
               const struct digest *inputs, struct directory *place, size_t *entries, bool *fixture)
{
    struct faults *unused = faults_new();
    int status = 0;

    if (unused != NULL && directory_look(place, directory, DIRECTORY_ASK, unused) == 0 &&
        place->ledger != NULL) {
        int seeded = provenance_is_fixture(place->ledger, unused);

        *fixture = seeded == 1;
        status = seeded >= 0 && settled_holds(context, place->ledger, place->folder, manifest_path, inputs,
                                              entries, unused) == 1
                     ? 1
                     : 0;
    }
    directory_go_on(place);
    faults_free(unused);
    return status;
}
