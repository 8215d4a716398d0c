/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outputs of one entry, each held against what is recorded of it.
 */
#include "plan/look.h"

#include <stdio.h>
#include <string.h>

#include "plan/facets.h"

/** Outputs an entry may have: the width of plan_step.outputs. */
#define OUTPUTS_MAX 64
/** Room for a hint. */
#define HINT_MAX 600

/** Complains about a path that cannot be written. */
static void output_blocked(const struct looking *looking, const char *path, enum output_state found,
                           struct faults *faults)
{
    const struct entry *entry = looking->entry;
    char hint[HINT_MAX] = "";

    if (found == OUTPUT_BLOCKED) {
        entry_error(faults, entry, "move it away", "%s is in the way and is not a regular file%s", path,
                    strchr(path, '/') != NULL ? ", or what leads to it is not a folder" : "");
        return;
    }
    if (looking->seeded) {
        (void)snprintf(hint, sizeof(hint), "move it away: of a fixture all comes again as it was");
    } else if (entry->kind == ENTRY_AUTHORITY) {
        (void)snprintf(hint, sizeof(hint), "move it away, or take the authority in with adopt");
    } else {
        (void)snprintf(hint, sizeof(hint), "move it away, or overwrite it with --rewrite %s", entry->name);
    }
    entry_error(faults, entry, hint, "%s exists, and this PKI directory's ledger does not know it", path);
}

/** Whether a run that was cut off may have left files of the entry that are not recorded. */
static bool is_excused(const struct entry *entry, const struct plan_record *record)
{
    return record->visible || (record->locked && entry->passphrase.source != PASSPHRASE_NONE);
}

/** Notes how one output stands. */
static void output_note(const struct looking *looking, const struct output *output, uint64_t bit,
                        const char *path, const struct output_standing *standing, struct look *look,
                        struct faults *faults)
{
    enum output_state found = standing->state;
    bool same_inputs = standing->same_inputs;
    const struct entry *entry = looking->entry;
    const struct plan_record *record = looking->record;
    bool key = output->kind == OUTPUT_KEY;

    look->exposed |= standing->exposed ? bit : 0;
    if (found == OUTPUT_BLOCKED) {
        output_blocked(looking, path, found, faults);
    } else if (found == OUTPUT_FOREIGN && !is_excused(entry, record) &&
               (!looking->asked || entry->kind == ENTRY_AUTHORITY)) {
        output_blocked(looking, path, found, faults);
    } else if (key) {
        look->key_missing = found == OUTPUT_MISSING || found == OUTPUT_UNRECORDED;
        look->key_changed = found == OUTPUT_CHANGED || found == OUTPUT_FOREIGN;
        if (record->issued && !look->key_missing && !same_inputs) {
            look->stale |= bit;
            look->reasons |= REASON_BUNDLE;
        }
    } else if (record->issued && found != OUTPUT_SAME) {
        look->stale |= bit;
        look->reasons |= found == OUTPUT_CHANGED || found == OUTPUT_FOREIGN ? REASON_FILE_CHANGED
                         : found == OUTPUT_MISSING                          ? REASON_FILE_MISSING
                                                                            : REASON_BUNDLE;
        look->crt_changed =
            look->crt_changed || (output->kind == OUTPUT_CERTIFICATE && found == OUTPUT_CHANGED);
    } else if (record->issued && !same_inputs) {
        look->stale |= bit;
        look->reasons |= REASON_BUNDLE;
    }
}

/** A bundle and the file with its generated passphrase are written together or not at all. */
static void outputs_pair(const struct entry *entry, struct look *look)
{
    const struct entry_bundle *bundle = NULL;
    size_t count = entry_output_count(entry);
    struct bytes path = BYTES_EMPTY;
    size_t i;

    for (i = 0; i < count && count <= OUTPUTS_MAX; i++) {
        struct output output = {0};

        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0 || output.bundle == NULL) {
            continue;
        }
        if (output.bundle == bundle && (look->stale & (UINT64_C(3) << (i - 1))) != 0) {
            look->stale |= UINT64_C(3) << (i - 1);
        }
        bundle = output.bundle;
    }
    bytes_free(&path);
}

int look_at_outputs(const struct looking *looking, struct look *look, struct faults *faults)
{
    const struct entry *entry = looking->entry;
    const struct plan_state *state = looking->state;
    size_t count = entry_output_count(entry);
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int status = -1;

    if (count > OUTPUTS_MAX) {
        entry_error(faults, entry, NULL, "an entry can have at most %d output files", OUTPUTS_MAX);
        goto out;
    }
    for (i = 0; i < count; i++) {
        struct output output;
        struct digest inputs;
        struct output_standing standing;

        bytes_clear(&path);
        memset(&inputs, 0, sizeof(inputs));
        memset(&standing, 0, sizeof(standing));
        /* where nothing was issued there is nothing to compare */
        if (entry_output_at(entry, i, &output, &path) != 0 ||
            (looking->record->issued &&
             plan_output_inputs(looking->digester, entry, &output, looking->certificate, looking->above,
                                &inputs) != 0)) {
            fault_memory(faults);
            goto out;
        }
        if (state->output(state->state, entry, &output, bytes_text(&path), &inputs, &standing, faults) != 0) {
            goto out;
        }
        look->all |= UINT64_C(1) << i;
        look->keys |= output.kind == OUTPUT_KEY ? UINT64_C(1) << i : 0;
        output_note(looking, &output, UINT64_C(1) << i, bytes_text(&path), &standing, look, faults);
    }
    outputs_pair(entry, look);
    status = 0;
out:
    bytes_free(&path);
    return status;
}
