/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk that acts: step after step is carried out, or taken into a batch of the crew; in the order of the plan, and so that what a
 * step needs of those before it is finished.
 */
#include <unistd.h>

#include "apply/exposure.h"
#include "apply/lists.h"
#include "apply/note.h"
#include "apply/removal.h"
#include "apply/run.h"
#include "apply/withdrawal.h"
#include "base/memory_lock.h"
#include "ledger/ledger.h"

static struct note run_note(const struct run *run)
{
    const struct plan_totals *totals = plan_totals(run->plan);

    return (struct note){.context = run->context,
                         .ledger = run->directory.ledger,
                         .manifest = run->manifest,
                         .manifest_id = bytes_text(&run->manifest_id),
                         .inputs = run->inputs,
                         .totals = totals,
                         .findings = crew_has_findings(run->crew) || run->looks_left,
                         .due = crew_due(run->crew) < totals->due ? crew_due(run->crew) : totals->due};
}

void run_leave_note(struct run *run)
{
    struct faults *unused = faults_new();
    struct note note = run_note(run);

    if (unused == NULL || note_is_missing(&note, run->faults, unused) != 1 ||
        faccessat(run->directory.folder, ".", W_OK, 0) != 0) {
        faults_free(unused);
        return;
    }
    /* nobody is waited for: it saves the next run some time, no more */
    ledger_close(run->directory.ledger);
    run->directory.ledger = NULL;
    run->directory.patience = (struct patience){0};
    if (directory_settle(&run->directory, run->context, unused) == 0) {
        note.ledger = run->directory.ledger;
        if (ledger_begin(note.ledger, unused) == 0) {
            if (note_leave(&note, unused) != 0 || ledger_commit(note.ledger, unused) != 0) {
                ledger_rollback(note.ledger);
            }
        }
    }
    faults_free(unused);
}

static struct lists_place run_lists(const struct run *run)
{
    return (struct lists_place){run->context,
                                run->directory.folder,
                                run->directory.ledger,
                                run->publisher,
                                run->crew,
                                run->passphrases,
                                run->tokens};
}

/** What a run writes in the ledger after its steps: how the lists lie there, and the note. */
static int run_closing(void *state, struct faults *faults)
{
    struct run *run = state;
    const struct lists_place lists = run_lists(run);

    const struct note note = run_note(run);

    return lists_remember(&lists, run->manifest, faults) == 0 ? note_leave(&note, faults) : -1;
}

/** The same in a group of its own. */
static int run_close(struct run *run)
{
    if (ledger_begin(run->directory.ledger, run->faults) != 0) {
        return -1;
    }
    if (run_closing(run, run->faults) != 0) {
        ledger_rollback(run->directory.ledger);
        return -1;
    }
    return ledger_commit(run->directory.ledger, run->faults);
}

/** Ends the group of the ledger that was open to be read in; what little was written in it is flushed with what follows. */
static int run_stop_reading(struct run *run)
{
    bool reading = run->reading;

    run->reading = false;
    return reading ? ledger_commit_unflushed(run->directory.ledger, run->faults) : 0;
}

/** Makes all that was taken. At the end it leaves the note that makes the next run quick. */
static int run_flush(struct run *run, bool last)
{
    const struct crew_closing closing = {run_closing, run};
    size_t count = crew_pending(run->crew);

    if (run_stop_reading(run) != 0 || crew_flush(run->crew, last ? &closing : NULL, run->observer->written,
                                                 run->observer->state, run->faults) != 0) {
        return -1;
    }
    return last && count == 0 ? run_close(run) : 0;
}

/** Sends a full batch on its way. */
static int run_push(struct run *run)
{
    if (run_stop_reading(run) != 0) {
        return -1;
    }
    return crew_push(run->crew, run->observer->written, run->observer->state, run->faults);
}

bool run_stopping(void *state)
{
    const struct run *run = state;

    return run->observer->stopping != NULL && run->observer->stopping(run->observer->state);
}

/** How many steps are done, on disk and all. */
static size_t run_done(const struct run *run)
{
    return run->removed + crew_made(run->crew);
}

/** Whether an authority's key lives no longer than the run: then the next one cannot go on under it. */
static bool run_is_ephemeral(const struct run *run)
{
    struct manifest_cursor cursor = manifest_entries(run->manifest);
    const struct entry *entry;

    while ((entry = manifest_next(&cursor)) != NULL && entry->kind == ENTRY_AUTHORITY) {
        if (entry->ephemeral && !context_is_fixture(run->context)) {
            return true;
        }
    }
    return false;
}

void run_lock_memory(const struct run *run)
{
    /* a fixture's keys are public */
    bool locks = run->ephemeral != NULL && !context_is_fixture(run->context);
    enum memory_lock lock = locks ? memory_lock(run->total) : MEMORY_LOCKED;
    const struct entry *open = lock == MEMORY_LOCKED           ? NULL
                               : lock == MEMORY_LOCKED_SECRETS ? run->swappable
                                                               : run->ephemeral;

    if (open != NULL && memory_is_swapped()) {
        entry_warning(
            run->faults, open, "make it where nothing is swapped, or memory may be locked (ulimit -l)",
            "its key is kept nowhere, but the memory it is in cannot be locked here: the system may swap it "
            "to a disk while it signs");
    }
}

/** Says how far a run came that was asked to stop. */
static int run_stopped(const struct run *run)
{
    fault_error(run->faults, NULL, NULL,
                run_is_ephemeral(run)
                    ? "a key was ephemeral and is gone: --replace-authority makes all under it anew"
                    : "the same command goes on from there",
                "interrupted: %zu of %zu entries are done", run_done(run), run->total);
    return -1;
}

/** The next step of the walk that acts. All questions of a batch are asked in one group: SQLite then locks once. */
static int run_next(struct run *run, struct plan_step *step, struct faults *told)
{
    if (!run->agenda.incomplete) {
        return agenda_next(&run->agenda, step) ? 1 : 0;
    }
    if (!run->reading) {
        if (ledger_begin(run->directory.ledger, run->faults) != 0) {
            return -1;
        }
        run->reading = true;
    }
    return plan_next(run->plan, step, told);
}

/** What was taken is made before the step at hand. 1: it is; 0: the run is to stop, and some of it was left out; -1 with faults. */
static int run_flush_before(struct run *run)
{
    if (run_flush(run, false) != 0) {
        return -1;
    }
    return crew_left_out(run->crew) ? 0 : 1;
}

/** A fixture's certificate may have been made in the step before the one that revokes it: then it is to be finished first. 1, 0, -1 as above. */
static int run_flush_made(struct run *run)
{
    int status;

    if (!run->plan_options.seeded || crew_pending(run->crew) == 0) {
        return 1;
    }
    status = run_flush_before(run);
    if (status != 1) {
        return status;
    }
    if (ledger_begin(run->directory.ledger, run->faults) != 0) {
        return -1;
    }
    run->reading = true;
    return 1;
}

/** Carries one step out, or takes it into the batch. */
static int run_step(struct run *run, const struct plan_step *step, bool *authority_last)
{
    int status;

    if (step->action == PLAN_PROTECT && step->file) {
        return exposure_end_file(run->directory.folder, run->directory.ledger, step->name, run->faults);
    }
    if (step->exposed != 0 &&
        exposure_end(run->directory.folder, run->directory.ledger, step, run->faults) != 0) {
        return -1;
    }
    if (step->action == PLAN_REMOVE) {
        status = run_flush_before(run);
        if (status != 1) {
            return status;
        }
        run->removed++;
        return removal_carry_out(run->directory.ledger, run->publisher, step, run->faults);
    }
    if (step->action == PLAN_CRL) {
        const struct lists_place lists = run_lists(run);

        status = run_flush_before(run);
        if (status != 1) {
            return status;
        }
        return lists_make(&lists, step, run->observer->written, run->observer->state, run->faults);
    }
    if (step->action == PLAN_REVOKE || step->action == PLAN_RELEASE) {
        status = run_flush_made(run);
        if (status != 1) {
            return status;
        }
        return withdrawal_carry_out(run->directory.ledger, step, context_now(run->context),
                                    bytes_text(&run->manifest_id), run->faults);
    }
    if (step->claims) {
        return withdrawal_claim(run->directory.ledger, step->name, run->faults);
    }
    if (!plan_action_makes(step->action)) {
        return 0;
    }
    /* what is under an authority needs it finished; two authorities may need each other */
    if (step->authority || *authority_last) {
        status = run_flush_before(run);
        if (status != 1) {
            return status;
        }
    }
    if (crew_full(run->crew) && run_push(run) != 0) {
        return -1;
    }
    *authority_last = step->authority;
    return crew_take(run->crew, step, run->faults);
}

int run_act(struct run *run)
{
    /* what the plan has to say, it has said in the walk that checked */
    struct faults *told = faults_new();
    struct plan_step step;
    bool authority_last = false, stopped = false;
    int found = -1;

    if (told == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    if (run->observer->progress != NULL) {
        run->observer->progress(run->observer->state, 0, run->total);
    }
    if (run->agenda.incomplete) {
        plan_rewind(run->plan);
    }
    while (!stopped && (found = run_next(run, &step, told)) == 1) {
        if (run_step(run, &step, &authority_last) != 0) {
            found = -1;
            break;
        }
        stopped = crew_left_out(run->crew) || (run_done(run) < run->total && run_stopping(run));
    }
    if (faults_errors(told) > 0) {
        faults_move(run->faults, told);
        found = -1;
    }
    if (found >= 0) {
        found = run_flush(run, !stopped);
        stopped = crew_left_out(run->crew) || (stopped && run_done(run) < run->total);
    } else {
        if (run->reading) {
            ledger_rollback(run->directory.ledger);
        }
        crew_abandon(run->crew, run->observer->written, run->observer->state, run->faults);
    }
    if (found == 0 && run->observer->progress != NULL) {
        run->observer->progress(run->observer->state, run_done(run), run->total);
    }
    if (found == 0 && stopped) {
        found = run_stopped(run);
    }
    faults_free(told);
    return found;
}
