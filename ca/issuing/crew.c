/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch's way, with its barriers:
 *
 *   keys and serials (workers) -> intents, committed and flushed (one thread) -> signatures (workers) and files (one
 *   thread), written to temporaries as they come -> the publisher's barrier -> rows completed, committed
 *
 * So a serial is on disk before its certificate is signed, and whoever finds a row complete finds its files. Several
 * batches are under way at once: while one waits for the disk, others get their keys and signatures. The completion of
 * the last is flushed; those before it are with the intents that follow, and by it: a loss of power in between leaves
 * what one before the completion leaves.
 */
#include "issuing/crew.h"

#include <stdint.h>
#include <stdlib.h>

#include "issuing/authorities.h"
#include "issuing/batch.h"
#include "issuing/findings.h"
#include "issuing/foresight.h"
#include "issuing/lost_keys.h"
#include "issuing/needs.h"
#include "issuing/record.h"
#include "issuing/retired_key.h"
#include "issuing/sampling.h"
#include "issuing/settled.h"
#include "plan/judge.h"

/** Batches on their way at once, with the one that is filled. */
#define BATCHES 4

struct crew {
    struct crew_place place;
    struct authorities *authorities;
    struct foresight *foresight;
    struct findings *findings;
    struct lost_keys *lost; /* read before the first intents; NULL until then */
    bool found;             /* there are findings in what was made, whose batch may not have ended */
    struct workshop *workshop;
    struct batch batches[BATCHES]; /* a ring */
    size_t fresh[BATCHES];         /* how many passphrases were given when each was sent on its way */
    size_t oldest;                 /* of those under way */
    size_t under_way;              /* what follows them is being filled */
    size_t making;                 /* the older ones of these, whose intents are on disk */
    size_t sent;                   /* batches so far */
    size_t expected, taken;        /* jobs: in all, where that is known, and so far */
    size_t prepared;               /* jobs so far that have their keys */
    instant now;
    instant due;
    size_t made;
    struct sampling sampling;
    bool left_out; /* some jobs were, because the run is to stop */
    bool failed;
    struct faults *faults; /* of the call under way, as what follows */
    crew_written_fn written;
    void *written_state;
};

struct crew *crew_new(const struct crew_place *place, struct faults *faults)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    bool whole = crew != NULL;
    size_t i;

    if (crew != NULL) {
        crew->place = *place;
        crew->now = context_now(place->context);
        crew->due = INSTANT_MAX;
        crew->authorities =
            authorities_new(place->context, place->directory, place->ledger, place->passphrases);
        crew->foresight =
            foresight_new(place->context, place->directory, crew->authorities, place->passphrases);
        crew->findings = findings_new();
        crew->workshop = workshop_new(place->context, place->stopping, place->state);
        whole = crew->authorities != NULL && crew->foresight != NULL && crew->findings != NULL &&
                crew->workshop != NULL;
        for (i = 0; i < BATCHES; i++) {
            whole = batch_init(&crew->batches[i], crew->workshop) == 0 && whole;
        }
    }
    if (!whole) {
        fault_memory(faults);
        crew_free(crew);
        return NULL;
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    size_t i;

    if (crew == NULL) {
        return;
    }
    /* nothing is on its way, unless somebody forgot: then what has begun ends before it is freed */
    for (i = 0; i < BATCHES && crew->workshop != NULL; i++) {
        batch_stop(&crew->batches[i]);
        (void)!batch_end(&crew->batches[i]);
    }
    for (i = 0; i < BATCHES; i++) {
        batch_free(&crew->batches[i]);
    }
    workshop_free(crew->workshop);
    foresight_free(crew->foresight);
    findings_free(crew->findings);
    lost_keys_free(crew->lost);
    authorities_free(crew->authorities);
    free(crew);
}

void crew_settle(struct crew *crew, int directory, struct ledger *ledger, struct publisher *publisher)
{
    crew->place.directory = directory;
    crew->place.ledger = ledger;
    crew->place.publisher = publisher;
    workshop_settle(crew->workshop, ledger, publisher);
    authorities_use(crew->authorities, directory, ledger);
    foresight_use(crew->foresight, directory);
}

/** The @p number-th batch, from the oldest on. */
static struct batch *batch_at(struct crew *crew, size_t number)
{
    return &crew->batches[(crew->oldest + number) % BATCHES];
}

static struct batch *batch_filling(struct crew *crew)
{
    return batch_at(crew, crew->under_way);
}

bool crew_full(struct crew *crew)
{
    const struct batch *batch = batch_filling(crew);
    size_t before = crew->taken - batch->count;

    return batch_is_full(batch, crew->sent, crew->expected > before ? crew->expected - before : SIZE_MAX);
}

void crew_expect(struct crew *crew, size_t steps)
{
    crew->expected = steps;
}

int crew_foresee_validity(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    return foresight_take_validity(crew->foresight, step, faults);
}

int crew_foresee(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    return foresight_take(crew->foresight, step, faults);
}

const struct authority_at_work *crew_authority(struct crew *crew, const struct entry *entry,
                                               struct faults *faults)
{
    struct authority_at_work *authority = authorities_recall(crew->authorities, entry, faults);

    return authority != NULL && authorities_load_key(crew->authorities, authority, faults) == 0 ? authority
                                                                                                : NULL;
}

int crew_take(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    struct job *job = batch_add(batch_filling(crew), step);
    size_t number;

    if (job == NULL) {
        fault_memory(faults);
        return -1;
    }
    crew->taken++;
    job->faults = faults_new();
    if (step->entry->bundle_count > 0) {
        job->bundle_passphrases = calloc(step->entry->bundle_count, sizeof(*job->bundle_passphrases));
    }
    if (job->faults == NULL || (job->bundle_passphrases == NULL && step->entry->bundle_count > 0)) {
        fault_memory(faults);
        return -1;
    }
    if (step->entry->issuer != NULL) {
        job->issuer = authorities_recall(crew->authorities, step->entry->issuer, faults);
        number = authorities_number(crew->authorities, step->entry->issuer);
        if (job->issuer == NULL ||
            (plan_action_signs(step->action) &&
             authorities_load_key(crew->authorities, authorities_at(crew->authorities, number), faults) !=
                 0)) {
            return -1;
        }
        job->issuer_number = number;
    }
    if (step->entry->token_uri != NULL && plan_action_signs(step->action)) {
        struct tokens *tokens = authorities_tokens(crew->authorities);

        if (tokens_open(tokens, step->entry, true, faults) != 1) {
            return -1;
        }
        job->token = tokens_signer(tokens, step->entry);
    }
    if (needs_key_passphrase(crew->place.passphrases, step, &job->key_passphrase, faults) != 0 ||
        needs_passphrases(crew->place.passphrases, step, job->bundle_passphrases, faults) != 0) {
        return -1;
    }
    return needs_existing(crew->place.directory, crew->place.ledger, job, faults);
}

static struct recorder crew_recorder(const struct crew *crew)
{
    return (struct recorder){
        .context = crew->place.context,
        .ledger = crew->place.ledger,
        .manifest_id = crew->place.manifest_id,
        .now = crew->now,
        .faults = crew->faults,
    };
}

/** Waits for the key of job @p index. */
static int wait_key(struct crew *crew, struct batch *batch, size_t index)
{
    if (batch_wait_key(batch, index) != 0) {
        return -1;
    }
    if (batch->jobs[index].left_out) {
        crew->left_out = true;
        return 0;
    }
    crew->prepared++;
    if (crew->place.prepared != NULL) {
        crew->place.prepared(crew->place.state, crew->prepared);
    }
    return 0;
}

/** Whether the job may certify its key: not one that is lost. Of a fixture, whose keys are public, any. */
static int check_key(struct crew *crew, const struct job *job)
{
    const struct entry *entry = job->step.entry;
    const char *name;

    if (context_is_fixture(crew->place.context) || job->left_out || !job_signs(job)) {
        return 0;
    }
    if (crew->lost == NULL &&
        (crew->lost = lost_keys_read(crew->place.context, crew->place.ledger, crew->faults)) == NULL) {
        return -1;
    }
    name = lost_keys_find(crew->lost, slice_of(&job->spki));
    if (name == NULL) {
        return 0;
    }
    entry_error(crew->faults, entry,
                entry->kind == ENTRY_AUTHORITY ? "--replace-authority makes another"
                                               : "move its key away, and another is made",
                "its key is lost, and not certified again: \"%s\", which has it, was revoked because of that",
                name);
    return -1;
}

/** One group of the ledger: the intents. Where keys come fast, it is open while they come; where not, others may want the ledger. */
static int put_intents(struct crew *crew, struct batch *batch)
{
    struct recorder recorder = crew_recorder(crew);
    bool first = batch_is_slow(batch);
    bool authority = false;
    size_t i;

    for (i = 0; i < batch->count; i++) {
        authority = authority || batch->jobs[i].step.authority;
        if (first && wait_key(crew, batch, i) != 0) {
            return -1;
        }
    }
    if (ledger_begin(crew->place.ledger, crew->faults) != 0) {
        return -1;
    }
    if (settled_forget(crew->place.ledger, crew->faults) != 0) {
        goto undo;
    }
    for (i = 0; i < batch->count; i++) {
        if ((!first && wait_key(crew, batch, i) != 0) || check_key(crew, &batch->jobs[i]) != 0 ||
            (!batch->jobs[i].left_out && (record_intent(&recorder, &batch->jobs[i]) != 0 ||
                                          record_claims(&recorder, &batch->jobs[i]) != 0))) {
            goto undo;
        }
    }
    /* the key of an authority that is replaced is put aside next */
    return authority ? ledger_commit(crew->place.ledger, crew->faults)
                     : ledger_commit_unflushed(crew->place.ledger, crew->faults);
undo:
    ledger_rollback(crew->place.ledger);
    return -1;
}

/** One group of the ledger: the completion, then @p closing. Its rows are prepared while the files go to the disk. */
static int put_completion(struct crew *crew, struct batch *batch, bool last,
                          const struct crew_closing *closing)
{
    struct recorder recorder = crew_recorder(crew);
    size_t i;

    if (ledger_begin(crew->place.ledger, crew->faults) != 0) {
        return -1;
    }
    for (i = 0; i < batch->count; i++) {
        struct job *job = &batch->jobs[i];

        if (batch_wait_made(batch, i) != 0 || record_issued(&recorder, job) != 0) {
            goto undo;
        }
        crew->found = crew->found || findings_worth(job);
        if (job->step.action != PLAN_REWRITE) {
            instant due = plan_due(job->step.entry, job->not_before, job->not_after);

            crew->due = due < crew->due ? due : crew->due;
        }
    }
    for (i = 0; i < batch->count; i++) {
        if (batch_wait_published(batch, i) != 0 || record_outputs(&recorder, &batch->jobs[i]) != 0) {
            goto undo;
        }
    }
    if (batch_end(batch) != 0 || (closing != NULL && closing->write(closing->state, crew->faults) != 0)) {
        goto undo;
    }
    return last ? ledger_commit(crew->place.ledger, crew->faults)
                : ledger_commit_unflushed(crew->place.ledger, crew->faults);
undo:
    ledger_rollback(crew->place.ledger);
    return -1;
}

int crew_look(struct crew *crew, const struct entry *entry, struct slice certificate, struct faults *faults)
{
    size_t before = faults_errors(faults);
    const struct authority_at_work *issuer =
        entry->issuer != NULL ? authorities_recall(crew->authorities, entry->issuer, faults) : NULL;

    if (faults_errors(faults) != before) {
        return -1;
    }
    if (findings_take_standing(crew->findings, entry, issuer, certificate) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

bool crew_has_findings(const struct crew *crew)
{
    return crew->found || findings_are_there(crew->findings);
}

void crew_forget_findings(struct crew *crew)
{
    findings_forget(crew->findings);
    crew->found = false;
}

void crew_tell_findings(struct crew *crew, struct faults *faults)
{
    findings_tell(crew->findings, faults);
}

instant crew_due(const struct crew *crew)
{
    return crew->due;
}

/** Commits the batch's intents, and lets it be signed when they are on disk. */
static int begin_making(struct crew *crew, struct batch *batch)
{
    size_t i;

    if (put_intents(crew, batch) != 0) {
        return -1;
    }
    batch_drop_left_out(batch);
    if (batch_open(batch) != 0) {
        return -1;
    }
    for (i = 0; i < batch->count; i++) {
        /* before the new key in the group, so that it is there whenever that one is. An authority: no other batch is under way */
        if (batch->jobs[i].step.action == PLAN_REPLACE && batch->jobs[i].step.new_key &&
            retired_key_keep(crew->place.context, crew->place.directory, crew->place.ledger,
                             batch->jobs[i].step.entry, batch->publisher, crew->faults) != 0) {
            return -1;
        }
    }
    for (i = 0; i < batch->count; i++) {
        struct job *job = &batch->jobs[i];

        job->bundles_by_mac = !sampling_takes(&crew->sampling, job->step.entry);
    }
    return batch->count > 0 ? batch_begin_making(batch) : 0;
}

/** The batch's faults, and what follows from its success. */
static void finish(struct crew *crew, struct batch *batch, bool done)
{
    size_t i;
    size_t j;

    if (!done) {
        batch_stop(batch);
        crew->failed = batch_end(batch) != 0 || crew->failed;
    }
    if (batch->count == 0) {
        batch_clear(batch);
        return;
    }
    for (i = 0; i < batch->count; i++) {
        struct job *job = &batch->jobs[i];

        entry_faults_move(crew->faults, job->step.entry, (struct entry_spot){ENTRY_WHOLE, NULL}, job->faults);
        if (done) {
            authorities_tell_clipped(crew->authorities, job, crew->faults);
            crew->failed = findings_take(crew->findings, job) != 0 || crew->failed;
            if (job->step.authority) {
                workshop_forget(crew->workshop, authorities_number(crew->authorities, job->step.entry));
            }
            crew->failed = authorities_promote(crew->authorities, job, crew->faults) != 0 || crew->failed;
        }
        for (j = 0; j < job->file_count && done && crew->written != NULL; j++) {
            crew->written(crew->written_state, job->step.entry->name, bytes_text(&job->files[j].path));
        }
    }
    /* when the disk is full, it is so for all that are under way: said once */
    if (done || faults_errors(crew->faults) == 0) {
        faults_move(crew->faults, batch->faults);
    }
    batch_clear(batch);
    /* those of the batches before are gone already: the oldest ends first */
    passphrases_forget_fresh(crew->place.passphrases, done ? crew->fresh[batch - crew->batches] : 0);
}

size_t crew_made(const struct crew *crew)
{
    return crew->made;
}

bool crew_left_out(const struct crew *crew)
{
    return crew->left_out;
}

/** After a failure: what has no intents yet is dropped. */
static void drop(struct crew *crew)
{
    finish(crew, batch_filling(crew), false);
    while (crew->under_way > crew->making) {
        crew->under_way--;
        finish(crew, batch_at(crew, crew->under_way), false);
    }
}

/** Brings the oldest batch of those that get their keys one stage on. */
static void begin_next(struct crew *crew)
{
    if (begin_making(crew, batch_at(crew, crew->making)) == 0) {
        crew->making++;
    } else {
        crew->failed = true;
        drop(crew);
    }
}

/** Brings the oldest batch to its end. */
static void complete_oldest(struct crew *crew, const struct crew_closing *closing)
{
    bool last = crew->under_way == 1 && batch_filling(crew)->count == 0;
    bool whole = last && !crew->failed && !crew->left_out;
    bool done = put_completion(crew, batch_at(crew, 0), last, whole ? closing : NULL) == 0;

    crew->made += done ? batch_at(crew, 0)->count : 0;
    finish(crew, batch_at(crew, 0), done);
    crew->failed = crew->failed || !done;
    if (crew->failed) {
        drop(crew);
    }
    crew->oldest = (crew->oldest + 1) % BATCHES;
    crew->under_way--;
    crew->making--;
}

size_t crew_pending(struct crew *crew)
{
    size_t count = 0;
    size_t i;

    for (i = 0; i <= crew->under_way; i++) {
        count += batch_at(crew, i)->count;
    }
    return count;
}

/** Sends the batch that was filled on its way. The one before has had the time of filling it for its keys. */
static void push(struct crew *crew)
{
    if (batch_filling(crew)->count > 0) {
        crew->fresh[batch_filling(crew) - crew->batches] = passphrases_fresh(crew->place.passphrases);
        crew->failed = batch_begin_keys(batch_filling(crew)) != 0 || crew->failed;
        crew->under_way++;
        crew->sent++;
    }
    if (crew->failed) {
        drop(crew);
    }
    if (crew->under_way > crew->making + 1) {
        begin_next(crew);
    }
    while (crew->making > 0 && (crew->under_way == BATCHES || batch_stands(batch_at(crew, 0)))) {
        complete_oldest(crew, NULL);
    }
}

int crew_flush(struct crew *crew, const struct crew_closing *closing, crew_written_fn written, void *state,
               struct faults *faults)
{
    int status;

    crew->faults = faults;
    crew->written = written;
    crew->written_state = state;
    push(crew);
    while (crew->under_way > 0) {
        if (crew->under_way > crew->making) {
            begin_next(crew);
        } else {
            complete_oldest(crew, closing);
        }
    }
    status = crew->failed ? -1 : 0;
    if (crew->failed && crew->place.ledger != NULL) {
        status |=
            ledger_flush(crew->place.ledger, faults); /* the last completion may not have come to that */
    }
    crew->failed = false;
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return status;
}

void crew_abandon(struct crew *crew, crew_written_fn written, void *state, struct faults *faults)
{
    crew->failed = true;
    if (crew_flush(crew, NULL, written, state, faults) != 0) {
        return; /* as it had to come */
    }
}

int crew_push(struct crew *crew, crew_written_fn written, void *state, struct faults *faults)
{
    crew->faults = faults;
    crew->written = written;
    crew->written_state = state;
    push(crew);
    return crew->failed ? crew_flush(crew, NULL, written, state, faults) : 0;
}
