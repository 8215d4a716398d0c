/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The note that a run leaves in the ledger when it left nothing open and said nothing (issuing/settled.h): the next one with the same
 * files then knows, without reading the manifest's YAML, that there is nothing to do.
 */
#ifndef MTLSKIT_APPLY_NOTE_H
#define MTLSKIT_APPLY_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/** What a note is made of; all borrowed. */
struct note {
    const struct context *context;
    struct ledger *ledger;
    const struct manifest *manifest;
    const char *manifest_id;
    const struct digest *inputs; /**< NULL: none is left */
    const struct plan_totals *totals;
    instant due;   /**< when something will have to be done */
    bool findings; /**< lint has something to say of what was made, or stands */
};

/** Leave it; where the next run will have something to do or to say, forget the one there is: this run has written. Within a group of the ledger. */
int note_leave(const struct note *note, struct faults *faults) MUST_USE;
/** Whether a run that had nothing to do, and wrote nothing, is to leave one: there is none, or an older one of the same manifest. 1, 0, -1 with a fault. */
int note_is_missing(const struct note *note, const struct faults *said, struct faults *faults) MUST_USE;
/**
 * Whether there is one, and it still holds: 1, with the number of entries, and whether it is a fixture; 0 not known. Never fails: whatever is wrong, apply_run will
 * find.
 * @param inputs what the run is given (settled_inputs)
 * @param place  empty; what apply_run may go on with then. To be closed
 */
int note_holds(const struct context *context, const char *directory, const char *manifest_path,
               const struct digest *inputs, struct directory *place, size_t *entries, bool *fixture);

#endif
