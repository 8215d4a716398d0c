/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: one walk over the plan that checks everything and tells the steps, then a second that acts; where the plan makes few
 * things, it acts by what the first has kept of them. Nothing is written, not even the ledger or the directory, before the first walk
 * has ended without an error.
 */
#include "apply/apply.h"

#include "apply/run.h"
#include "handout/handout.h"
#include "issuing/leftovers.h"
#include "issuing/path_between.h"
#include "issuing/provenance.h"
#include "issuing/settings.h"
#include "issuing/settled.h"
#include "issuing/tokens.h"
#include "ledger/ledger.h"

/** A publisher in a directory without leftovers. */
static int run_publisher(struct run *run)
{
    run->publisher = publisher_new(run->context, run->directory.folder, run->options->directory);
    if (run->publisher == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    if (run->directory.made) {
        publisher_expect_nothing(run->publisher);
        return 0;
    }
    return leftovers_sweep(run->publisher, run->manifest, run->faults);
}

/** The plan was found good and has work: from here on it may be written. */
static int run_settle(struct run *run)
{
    /* a matter of milliseconds */
    run->directory.brief = run->total <= AGENDA_STEPS;
    if (directory_settle(&run->directory, run->context, run->faults) != 0 || run_publisher(run) != 0) {
        return -1;
    }
    survey_use(run->survey, &run->directory);
    crew_settle(run->crew, run->directory.folder, run->directory.ledger, run->publisher);
    crew_expect(run->crew, run->total);
    return 0;
}

/** Whether what is recorded of the entry stands when the run is over. */
static bool step_keeps(const struct run *run, const struct plan_step *step)
{
    switch (step->action) {
    case PLAN_UNCHANGED:
    case PLAN_REWRITE:
    case PLAN_PROTECT:
        return step->entry != NULL && !survey_is_revoked(run->survey, step->name);
    case PLAN_RELEASE:
        return true;
    default:
        return false;
    }
}

/** Has lint look at the certificate that stays; when what is above it may change, later. */
static int run_look(struct run *run, const struct plan_step *step)
{
    struct slice standing = survey_standing(run->survey, step->name);

    if (standing.length == 0 || !step_keeps(run, step)) {
        return 0;
    }
    if (run->authorities_change) {
        run->looks_left = true;
        return 0;
    }
    return crew_look(run->crew, step->entry, standing, run->faults);
}

/** Whether lint looks at the step's entry in the walk after the run: once at each. */
static bool step_stands(const struct run *run, const struct plan_step *step)
{
    return step->entry != NULL && step->action != PLAN_CRL && step->action != PLAN_REVOKE &&
           step->action != PLAN_RELEASE && !survey_is_revoked(run->survey, step->name) &&
           survey_standing(run->survey, step->name).length > 0;
}

/** Has lint look at all that stands now, whatever the options would have done with it again, after authorities have changed. */
static int run_look_again(struct run *run)
{
    struct faults *told = faults_new();
    struct plan_step step;
    int found = -1;

    if (told == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    crew_forget_findings(run->crew);
    plan_rewind(run->plan);
    while ((found = plan_next(run->plan, &step, told)) == 1) {
        if (step_stands(run, &step) &&
            crew_look(run->crew, step.entry, survey_standing(run->survey, step.name), run->faults) != 0) {
            found = -1;
            break;
        }
    }
    faults_free(told);
    return found;
}

/** What a step means for the run as a whole. */
static void run_note_step(struct run *run, const struct plan_step *step)
{
    const struct entry *entry = step->entry;

    run->total += plan_action_makes(step->action) || step->action == PLAN_REMOVE ? 1 : 0;
    run->claims = run->claims || step->claims;
    run->authorities_change =
        run->authorities_change ||
        (step->authority && plan_action_makes(step->action) && step->action != PLAN_REWRITE);
    if (entry != NULL && entry->ephemeral && step->new_key) {
        enum key_family family = key_algorithm_family(entry->key);

        run->ephemeral = run->ephemeral != NULL ? run->ephemeral : entry;
        /* copies of RSA primes are elsewhere, too */
        if (run->swappable == NULL && family != KEY_FAMILY_EC && family != KEY_FAMILY_EDDSA) {
            run->swappable = entry;
        }
    }
}

/** The walk that checks. */
static int run_check(struct run *run)
{
    const struct apply_observer *observer = run->observer;
    struct plan_step step;
    size_t foreseen = 0; /* errors that are of what the steps need, not of the plan */
    int found;

    while ((found = plan_next(run->plan, &step, run->faults)) == 1) {
        agenda_take(&run->agenda, &step);
        run_note_step(run, &step);
        if (crew_foresee_validity(run->crew, &step, run->faults) != 0) {
            return -1;
        }
        if (!run->options->plan_only && run_look(run, &step) != 0) {
            return -1;
        }
        if (!run->options->plan_only && faults_errors(run->faults) == foreseen) {
            if (crew_foresee(run->crew, &step, run->faults) != 0) {
                return -1;
            }
            foreseen = faults_errors(run->faults);
        }
        if (observer->step != NULL && observer->step(observer->state, &step) != 0) {
            fault_memory(run->faults);
            return -1;
        }
    }
    if (found < 0 || faults_errors(run->faults) > 0) {
        faults_sort(run->faults);
        return -1;
    }
    if (observer->planned != NULL && observer->planned(observer->state, plan_totals(run->plan)) != 0) {
        fault_memory(run->faults);
        return -1;
    }
    return 0;
}

/** Writes what the ledger is to know of the authorities, for commands that have no manifest. */
static int run_settings(struct run *run)
{
    struct ledger *ledger = run->directory.ledger;
    int differ;

    if (ledger_begin(ledger, run->faults) != 0) {
        return -1;
    }
    differ = settings_differ(ledger, run->manifest, run->faults);
    if (differ < 0 ||
        (differ == 1 && (settled_forget(ledger, run->faults) != 0 ||
                         settings_follow(ledger, run->manifest, run->faults) != 0)) ||
        provenance_put(run->context, ledger, run->faults) != 0) {
        ledger_rollback(ledger);
        return -1;
    }
    return ledger_commit(ledger, run->faults);
}

/** The end of a run that has nothing to make. */
static int run_idle(struct run *run)
{
    int differ = 0;

    if (run->options->plan_only) {
        return 0;
    }
    if (run->directory.ledger != NULL) {
        differ = settings_differ(run->directory.ledger, run->manifest, run->faults);
    }
    if (differ == 1) {
        return run_settle(run) == 0 ? run_settings(run) : -1;
    }
    /* the killed run may have come no further than its temporaries */
    if (differ == 0 && run->directory.cut_short && run_publisher(run) != 0) {
        return -1;
    }
    if (differ == 0 && run->directory.ledger != NULL) {
        run_leave_note(run);
    }
    return differ;
}

/** The manifest's id: its own, or its path as seen from the PKI directory. */
static int run_name(struct run *run, const char *manifest_path)
{
    const char *id = manifest_id(run->manifest);

    if (id != NULL) {
        if (bytes_append_text(&run->manifest_id, id) != 0) {
            fault_memory(run->faults);
            return -1;
        }
        return 0;
    }
    return path_between(run->options->directory, manifest_path, &run->manifest_id, run->faults);
}

/** Passes on how many have their keys; all of a run counts as done only when it is on disk. */
static void run_prepared(void *state, size_t done)
{
    const struct run *run = state;

    if (run->observer->progress != NULL && done < run->total) {
        run->observer->progress(run->observer->state, done, run->total);
    }
}

/** Everything a run needs before it plans. */
static int run_prepare(struct run *run, const char *manifest_path)
{
    struct plan_options *options = &run->plan_options;
    struct crew_place place = {0};

    run->passphrases = passphrases_new(run->context, manifest_folder(run->manifest));
    run->tokens = run->passphrases != NULL ? tokens_new(run->context, run->passphrases) : NULL;
    if (run->tokens == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    if (run_name(run, manifest_path) != 0 ||
        directory_look(&run->directory, run->options->directory,
                       run->options->plan_only ? DIRECTORY_READ : DIRECTORY_WRITE, run->faults) != 0 ||
        (run->directory.ledger != NULL &&
         provenance_check(run->context, run->directory.ledger, run->options->directory, run->faults) != 0)) {
        return -1;
    }
    run->survey =
        survey_new(run->context, run->directory.folder, run->directory.ledger, run->passphrases, run->faults);
    if (run->survey == NULL) {
        return -1;
    }
    place.context = run->context;
    place.directory = run->directory.folder;
    place.ledger = run->directory.ledger;
    place.passphrases = run->passphrases;
    place.manifest_id = bytes_text(&run->manifest_id);
    place.prepared = run_prepared;
    place.stopping = run_stopping;
    place.state = run;
    run->crew = crew_new(&place, run->faults);
    if (run->crew == NULL) {
        return -1;
    }
    options->manifest_id = bytes_text(&run->manifest_id);
    options->rewrite = run->options->rewrite;
    options->rewrite_count = run->options->rewrite_count;
    options->replace = run->options->replace;
    options->replace_count = run->options->replace_count;
    options->prune = run->options->prune;
    options->seeded = context_is_fixture(run->context);
    run->plan = plan_new(run->context, run->manifest, survey_state(run->survey), options, run->faults);
    return run->plan != NULL ? 0 : -1;
}

/** Looks at where outputs are handed out, when they are to be. */
static int run_look_out(struct run *run)
{
    const char *path = run->options->plan_only ? NULL : run->options->out;

    if (path != NULL) {
        run->handout = handout_open(run->context, path, run->directory.folder < 0, run->faults);
    }
    return path == NULL || run->handout != NULL ? 0 : -1;
}

/** Hands out what the run has made and found. */
static int run_hand_out(struct run *run)
{
    size_t files = 0;

    if (run->handout == NULL) {
        return 0;
    }
    if (handout_write(run->handout, run->manifest, run->directory.folder, NULL, &files, run->faults) != 0) {
        return -1;
    }
    if (run->observer->handed_out != NULL) {
        run->observer->handed_out(run->observer->state, files);
    }
    return 0;
}

int apply_run(const struct context *context, const struct manifest *manifest, const char *manifest_path,
              const struct digest *inputs, struct directory *place, const struct apply_options *options,
              const struct apply_observer *observer, struct plan_totals *totals, struct faults *faults)
{
    struct run run = {.context = context,
                      .manifest = manifest,
                      .options = options,
                      .observer = observer,
                      .faults = faults,
                      .inputs = inputs,
                      .directory = *place};
    int status = -1;

    *place = DIRECTORY_EMPTY;
    if (run_prepare(&run, manifest_path) != 0 || run_look_out(&run) != 0 || run_check(&run) != 0) {
        goto out;
    }
    *totals = *plan_totals(run.plan);
    if (options->plan_only || (!totals->work && !run.claims)) {
        status = run_idle(&run);
        crew_tell_findings(run.crew, faults);
        status = status == 0 ? run_hand_out(&run) : -1;
        goto out;
    }
    run_lock_memory(&run);
    if (run_settle(&run) == 0 && run_settings(&run) == 0) {
        status = run_act(&run);
        if (status == 0 && run.looks_left) {
            status = run_look_again(&run);
        }
        /* what was made is told of, also when the run ended early; the next one does not make it again */
        crew_tell_findings(run.crew, faults);
        status = status == 0 ? run_hand_out(&run) : -1;
    }
out:
    handout_close(run.handout);
    agenda_clear(&run.agenda);
    plan_free(run.plan);
    crew_free(run.crew);
    publisher_free(run.publisher);
    survey_free(run.survey);
    tokens_free(run.tokens);
    passphrases_free(run.passphrases);
    bytes_free(&run.manifest_id);
    directory_close(&run.directory);
    return status;
}
