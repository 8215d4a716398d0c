/* SPDX-License-Identifier: Apache-2.0 */
/* The note that makes the next run quick: when it is left, and whether it holds. */
#include "apply/note.h"

#include "issuing/provenance.h"
#include "issuing/settled.h"

/** Whether the next run has nothing to do but to say so. @p said: what this one said. */
static bool is_quiet(const struct note *note, const struct faults *said)
{
    const size_t *counts = note->totals->counts;

    return note->inputs != NULL && manifest_stands_alone(note->manifest) && !note->findings &&
           faults_warnings(said) == 0 &&
           counts[PLAN_ORPHAN] + counts[PLAN_NOT_OURS] + counts[PLAN_REMOVE] == 0;
}

int note_leave(const struct note *note, struct faults *faults)
{
    return is_quiet(note, faults) ? settled_put(note->context, note->ledger, note->inputs, note->due,
                                                note->manifest, note->manifest_id, faults)
                                  : settled_forget(note->ledger, faults);
}

int note_is_missing(const struct note *note, const struct faults *said, struct faults *faults)
{
    return is_quiet(note, said) ? settled_is_free(note->context, note->ledger, note->inputs, note->due,
                                                  note->manifest, note->manifest_id, faults)
                                : 0;
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
