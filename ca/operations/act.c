/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A single act: the same crew as a manifest's run, with steps that come from a command.
 */
#include "operations/act.h"

#include <stdlib.h>
#include <string.h>

#include "base/publisher.h"

bool act_is_stopping(const struct act *act)
{
    return act->observer != NULL && act->observer->stopping != NULL &&
           act->observer->stopping(act->observer->state);
}

static bool ask_stopping(void *state)
{
    return act_is_stopping(state);
}

/** Passes on how far the batch is; all of it counts as done only when it is on disk. */
static void tell_prepared(void *state, size_t done)
{
    const struct act *act = state;

    if (act->observer != NULL && act->observer->progress != NULL && done < act->total) {
        act->observer->progress(act->observer->state, done, act->total);
    }
}

static int crew_start(struct act *act, struct faults *faults)
{
    struct crew_place place = {
        .context = act->context,
        .directory = act->directory.folder,
        .ledger = act->directory.ledger,
        .passphrases = act->passphrases,
        .manifest_id = act->owner,
        .prepared = tell_prepared,
        .stopping = ask_stopping,
        .state = act,
    };

    crew_free(act->crew);
    act->crew = crew_new(&place, faults);
    if (act->crew == NULL) {
        return -1;
    }
    crew_settle(act->crew, act->directory.folder, act->directory.ledger, act->publisher);
    return 0;
}

int act_open(struct act *act, const struct context *context, const char *path,
             const struct act_observer *observer, struct faults *faults)
{
    act->context = context;
    act->observer = observer;
    if (directory_open(&act->directory, path, DIRECTORY_WRITE, context, faults) != 0) {
        return -1;
    }
    act->publisher = directory_publisher(&act->directory, context, faults);
    if (act->publisher == NULL) {
        return -1;
    }
    act->passphrases = passphrases_new(context, NULL);
    if (act->passphrases == NULL) {
        fault_memory(faults);
        return -1;
    }
    return act_own(act, "", faults);
}

int act_own(struct act *act, const char *manifest, struct faults *faults)
{
    char *owner = strdup(manifest);

    if (owner == NULL) {
        fault_memory(faults);
        return -1;
    }
    free(act->owner);
    act->owner = owner;
    return crew_start(act, faults);
}

void act_close(struct act *act)
{
    crew_free(act->crew);
    publisher_free(act->publisher);
    passphrases_free(act->passphrases);
    free(act->owner);
    directory_close(&act->directory);
    *act = ACT_EMPTY;
}

int act_foresee_validity(struct act *act, const struct plan_step *step, struct faults *faults)
{
    size_t before = faults_errors(faults);

    return crew_foresee_validity(act->crew, step, faults) == 0 && faults_errors(faults) == before ? 0 : -1;
}

int act_foresee_needs(struct act *act, const struct plan_step *step, struct faults *faults)
{
    size_t before = faults_errors(faults);

    return crew_foresee(act->crew, step, faults) == 0 && faults_errors(faults) == before ? 0 : -1;
}

int act_foresee(struct act *act, const struct plan_step *step, struct faults *faults)
{
    return act_foresee_validity(act, step, faults) == 0 ? act_foresee_needs(act, step, faults) : -1;
}

bool act_full(const struct act *act)
{
    return crew_full(act->crew);
}

void act_expect(struct act *act, size_t steps)
{
    crew_expect(act->crew, steps);
}

static void tell_written(void *state, const char *name, const char *path)
{
    const struct act *act = state;

    if (act->observer != NULL && act->observer->written != NULL) {
        act->observer->written(act->observer->state, name, path);
    }
}

int act_take(struct act *act, const struct plan_step *step, struct faults *faults)
{
    if (crew_full(act->crew) && crew_push(act->crew, tell_written, act, faults) != 0) {
        return -1;
    }
    if (crew_take(act->crew, step, faults) != 0) {
        crew_abandon(act->crew, tell_written, act, faults);
        return -1;
    }
    return 0;
}

int act_flush(struct act *act, struct faults *faults)
{
    int status = crew_flush(act->crew, NULL, tell_written, act, faults);

    crew_tell_findings(act->crew, faults);
    return status;
}
