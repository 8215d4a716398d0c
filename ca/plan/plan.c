/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: walks the manifest's entries, issuers first, holds each against what is recorded and what lies on disk, and
 * says what is to be done. Then it walks what is recorded but not in the manifest.
 *
 * What is known of an authority after its own step decides over everything under it, so a row is kept for each:
 *
 *   identities    hash of key and subject, its own and its issuers': a certificate under it stays good while this stays
 *   certificates  hash of the certificates themselves: files that hold the chain are written again when this changes
 *   known         false when the authority is made or made anew in this run: everything under it is made as well
 */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/judge.h"
#include "plan/revocation.h"

enum phase { PHASE_ENTRIES, PHASE_CRLS, PHASE_OLD_CRLS, PHASE_OTHERS, PHASE_FILES, PHASE_STRAYS, PHASE_END };

struct plan {
    struct judge judge;
    const struct manifest *manifest;
    struct manifest_cursor cursor;
    enum phase phase;
    struct authority *authorities;
    size_t authority_count, authority_room;
    size_t list;                   /* where the walk over the authorities' revocation lists stands, */
    int64_t generation;            /* and among the keys before of that one */
    const struct entry *withdrawn; /* made in the step before, to be revoked in the next; NULL: none */
    struct authority *last;        /* found last: most certificates come in runs under one issuer */
    struct plan_totals totals;
    char other[256]; /* where the walk over the others stands */
    char owner[1024];
    struct bytes file; /* where the walk over the files stands */
    size_t stray;      /* and that over the strays */
};

/** Every NAME of an option must be in the manifest, and an authority where one is asked for. */
static void names_check(const struct manifest *manifest, const char *option, const char *const *names,
                        size_t count, bool authority, struct faults *faults)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const struct entry *entry = manifest_find(manifest, names[i]);

        if (entry == NULL) {
            fault_error(faults, NULL, NULL, NULL, "%s %s: the manifest has no such entry", option, names[i]);
        } else if (authority && entry->kind != ENTRY_AUTHORITY) {
            fault_error(faults, NULL, NULL, "--rewrite is for certificates", "%s %s: not an authority",
                        option, names[i]);
        }
    }
}

struct plan *plan_new(const struct context *context, const struct manifest *manifest,
                      const struct plan_state *state, const struct plan_options *options,
                      struct faults *faults)
{
    struct plan *plan = NULL;

    names_check(manifest, "--rewrite", options->rewrite, options->rewrite_count, false, faults);
    names_check(manifest, "--replace-authority", options->replace, options->replace_count, true, faults);
    if (faults_errors(faults) > 0) {
        return NULL;
    }
    plan = calloc(1, sizeof(*plan));
    if (plan == NULL || (plan->judge.digester = digester_new(context)) == NULL ||
        (plan->judge.facets = facet_desk_new(plan->judge.digester)) == NULL) {
        fault_memory(faults);
        plan_free(plan);
        return NULL;
    }
    plan->manifest = manifest;
    plan->judge.state = state;
    plan->judge.options = options;
    plan->judge.now = context_now(context);
    plan_rewind(plan);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (plan == NULL) {
        return;
    }
    facet_desk_free(plan->judge.facets);
    digester_free(plan->judge.digester);
    free(plan->authorities);
    bytes_free(&plan->file);
    free(plan);
}

void plan_rewind(struct plan *plan)
{
    plan->cursor = manifest_entries(plan->manifest);
    plan->phase = PHASE_ENTRIES;
    plan->authority_count = 0;
    plan->list = 0;
    plan->generation = 0;
    plan->last = NULL;
    plan->withdrawn = NULL;
    plan->other[0] = 0;
    plan->stray = 0;
    bytes_clear(&plan->file);
    memset(&plan->totals, 0, sizeof(plan->totals));
    plan->totals.due = INSTANT_MAX;
}

const struct plan_totals *plan_totals(const struct plan *plan)
{
    return &plan->totals;
}

static struct authority *authority_find(struct plan *plan, const struct entry *entry)
{
    size_t i;

    if (plan->last != NULL && plan->last->entry == entry) {
        return plan->last;
    }
    for (i = 0; i < plan->authority_count; i++) {
        if (plan->authorities[i].entry == entry) {
            plan->last = &plan->authorities[i];
            return plan->last;
        }
    }
    return NULL;
}

static struct authority *authority_add(struct plan *plan, const struct entry *entry, struct faults *faults)
{
    struct authority *authority;

    if (plan->authority_count == plan->authority_room) {
        size_t room = plan->authority_room > 0 ? plan->authority_room * 2 : 16;
        struct authority *grown = realloc(plan->authorities, room * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(faults);
            return NULL;
        }
        plan->authorities = grown;
        plan->authority_room = room;
        plan->last = NULL;
    }
    authority = &plan->authorities[plan->authority_count++];
    memset(authority, 0, sizeof(*authority));
    authority->entry = entry;
    authority->not_after = INSTANT_MAX;
    return authority;
}

/**
 * Two entries that adopt one authority are refused while either is new: to readers their revocation lists are one authority's, and each
 * would leave out what the other has.
 */
static void refuse_twin(const struct plan *plan, const struct judging *judging, struct faults *faults)
{
    struct authority *self = judging->self;

    self->identity = judging->adopt_identity;
    for (size_t i = 0; i + 1 < plan->authority_count; i++) {
        const struct authority *other = &plan->authorities[i];

        if (other->entry->adopt_certificate != NULL && (self->made || other->made) &&
            digest_equal(&other->identity, &self->identity)) {
            entry_error_at(faults, self->entry, (struct entry_spot){ENTRY_ADOPT_CERTIFICATE, NULL},
                           "one entry adopts it, and all certificates name that one as their issuer",
                           "%s is the authority that \"%s\" adopts already", self->entry->adopt_certificate,
                           other->entry->name);
            return;
        }
    }
}

static int step_entry(struct plan *plan, const struct entry *entry, struct plan_step *step,
                      struct faults *faults)
{
    struct judging judging;

    memset(&judging, 0, sizeof(judging));
    judging.entry = entry;
    judging.step = step;
    if (entry->kind == ENTRY_AUTHORITY && (judging.self = authority_add(plan, entry, faults)) == NULL) {
        return -1;
    }
    judging.issuer = entry->issuer != NULL ? authority_find(plan, entry->issuer) : NULL;
    step->action = PLAN_UNCHANGED;
    step->name = entry->name;
    step->entry = entry;
    step->authority = entry->kind == ENTRY_AUTHORITY;
    if (judge_entry(&plan->judge, &judging, faults) != 0) {
        return -1;
    }
    if (judging.self != NULL && entry->adopt_certificate != NULL) {
        refuse_twin(plan, &judging, faults);
    }
    if (step->action == PLAN_CREATE && entry->revoked.wanted) {
        plan->withdrawn = entry;
    }
    return 1;
}

/** A fixture's certificate that was to be made revoked: made it is in the step before. */
static int step_withdrawn(struct plan *plan, struct plan_step *step)
{
    const struct entry *entry = plan->withdrawn;
    struct authority *issuer = entry->issuer != NULL ? authority_find(plan, entry->issuer) : NULL;

    plan->withdrawn = NULL;
    step->action = PLAN_REVOKE;
    step->name = entry->name;
    step->entry = entry;
    step->authority = entry->kind == ENTRY_AUTHORITY;
    step->due = INSTANT_MAX;
    if (issuer != NULL) {
        issuer->lacking = true;
    }
    return 1;
}

/** The next revocation list that is due; when those that are not will be, the totals note. */
static int step_list(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    int found = 0;

    while (found == 0 && plan->list < plan->authority_count) {
        instant due = INSTANT_MAX;

        found = revocation_list_judge(&plan->judge, &plan->authorities[plan->list], step, &due, faults);
        if (found == 0 && due < plan->totals.due) {
            plan->totals.due = due;
        }
        plan->list++;
    }
    return found;
}

/** The same of the keys they had before: after the others, whose keys are opened first, so that what is wrong with a PIN shows there. */
static int step_old_list(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    int found = 0;

    while (found == 0 && plan->list < plan->authority_count) {
        instant due = INSTANT_MAX;

        found = revocation_list_judge_old(&plan->judge, &plan->authorities[plan->list], &plan->generation,
                                          step, &due, faults);
        if (found == 0 && due < plan->totals.due) {
            plan->totals.due = due;
        }
        if (found == 2) {
            plan->list++;
            plan->generation = 0;
            found = 0;
        }
    }
    return found;
}

/** The next recorded name that the manifest does not have. */
static int step_other(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    char name[256];
    bool authority = false;
    int found;

    do {
        found = plan->judge.state->next(plan->judge.state->state, plan->other, name, plan->owner, &authority,
                                        faults);
        if (found != 1) {
            return found;
        }
        memcpy(plan->other, name, sizeof(plan->other));
    } while (manifest_has(plan->manifest, plan->other));
    step->name = plan->other;
    step->owner = plan->owner;
    step->authority = authority;
    if (strcmp(plan->owner, plan->judge.options->manifest_id) != 0) {
        step->action = PLAN_NOT_OURS;
    } else {
        step->action = plan->judge.options->prune ? PLAN_REMOVE : PLAN_ORPHAN;
    }
    return 1;
}

/** Whether @p path is that of the authority's revocation list, of its key now or one before. It stays also when no new ones are asked for. */
static bool is_list(const struct entry *entry, const char *path)
{
    static const char before[] = ".generation-";
    size_t length = strlen(entry->name);

    if (entry->kind != ENTRY_AUTHORITY || strncmp(path, entry->name, length) != 0) {
        return false;
    }
    path += length;
    if (strncmp(path, before, strlen(before)) == 0) {
        path += strlen(before);
        path += strspn(path, "0123456789");
    }
    return strcmp(path, ".crl") == 0 || strcmp(path, ".crl.pem") == 0 || strcmp(path, ".crl.head") == 0;
}

/** Whether @p entry writes a file at @p path. */
static bool entry_writes(const struct entry *entry, const char *path, struct bytes *scratch)
{
    size_t count = entry_output_count(entry);
    size_t i;

    if (is_list(entry, path)) {
        return true;
    }
    for (i = 0; i < count; i++) {
        struct output output;

        bytes_clear(scratch);
        if (entry_output_at(entry, i, &output, scratch) != 0 || strcmp(bytes_text(scratch), path) == 0) {
            return true;
        }
    }
    return false;
}

/** The next recorded file of an entry that does not define it any more: a bundle or format that left the manifest. */
static int step_file(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    struct bytes scratch = BYTES_EMPTY;
    const struct entry *entry = NULL;
    char name[256];
    bool key = false;
    int found;

    do {
        found = plan->judge.state->next_file(plan->judge.state->state, bytes_text(&plan->file), &path, name,
                                             &key, faults);
        if (found == 1) {
            bytes_move(&plan->file, &path);
            entry = manifest_find(plan->manifest, name);
        }
        /* a key whose entry is there was moved on purpose, as when an authority is adopted now: it is left alone */
    } while (found == 1 && (entry == NULL || key || entry_writes(entry, bytes_text(&plan->file), &scratch)));
    if (found == 1) {
        step->name = bytes_text(&plan->file);
        step->file = true;
        step->owner = plan->judge.options->manifest_id;
        step->action = plan->judge.options->prune ? PLAN_REMOVE : PLAN_ORPHAN;
    }
    bytes_free(&path);
    bytes_free(&scratch);
    return found;
}

/** The next file of no entry that is open to others than its owner. */
static int step_stray(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    const char *path = NULL;
    bool authority = false;
    int found =
        plan->judge.state->stray(plan->judge.state->state, plan->manifest, plan->judge.options->manifest_id,
                                 plan->stray, &path, &authority, faults);

    if (found == 1) {
        plan->stray++;
        step->action = PLAN_PROTECT;
        step->reasons = REASON_EXPOSED;
        step->name = path;
        step->file = true;
        step->due = INSTANT_MAX;
        if (authority) {
            fault_warning(faults, NULL, path, "what it signed is only as good as nobody having copied it",
                          "others than its owner could read an authority's key");
        }
    }
    return found;
}

int plan_next(struct plan *plan, struct plan_step *step, struct faults *faults)
{
    int found = 0;

    memset(step, 0, sizeof(*step));
    if (plan->withdrawn != NULL) {
        found = step_withdrawn(plan, step);
    } else if (plan->phase == PHASE_ENTRIES) {
        const struct entry *entry = manifest_next(&plan->cursor);

        if (entry == NULL && plan->cursor.failed) {
            fault_memory(faults);
            found = -1;
        } else if (entry == NULL) {
            plan->phase = PHASE_CRLS;
        } else {
            found = step_entry(plan, entry, step, faults);
        }
    }
    if (plan->phase == PHASE_CRLS && found == 0) {
        found = step_list(plan, step, faults);
        if (found == 0) {
            plan->phase = PHASE_OLD_CRLS;
            plan->list = 0;
        }
    }
    if (plan->phase == PHASE_OLD_CRLS && found == 0) {
        found = step_old_list(plan, step, faults);
        if (found == 0) {
            plan->phase = PHASE_OTHERS;
        }
    }
    if (plan->phase == PHASE_OTHERS) {
        found = step_other(plan, step, faults);
        if (found == 0) {
            plan->phase = PHASE_FILES;
        }
    }
    if (plan->phase == PHASE_FILES) {
        found = step_file(plan, step, faults);
        if (found == 0) {
            plan->phase = PHASE_STRAYS;
        }
    }
    if (plan->phase == PHASE_STRAYS) {
        found = step_stray(plan, step, faults);
        if (found == 0) {
            plan->phase = PHASE_END;
        }
    }
    if (found == 1) {
        plan->totals.counts[step->action]++;
        if ((step->action == PLAN_UNCHANGED || step->action == PLAN_REWRITE || step->action == PLAN_CRL ||
             step->action == PLAN_PROTECT) &&
            step->due < plan->totals.due) {
            plan->totals.due = step->due;
        }
        plan->totals.work =
            plan->totals.work ||
            (step->action != PLAN_UNCHANGED && step->action != PLAN_ORPHAN && step->action != PLAN_NOT_OURS);
    }
    return found;
}
