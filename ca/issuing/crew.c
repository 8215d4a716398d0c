/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch's way, with its barriers:
 *
 *   keys and serials (workers) -> intents, committed -> signatures and files (workers), written to temporaries as they
 *   come -> the publisher's barrier -> rows completed, committed
 *
 * So a serial is on disk before its certificate is signed, and whoever finds a row complete finds its files.
 */
#include "issuing/crew.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "issuing/adoptee.h"
#include "issuing/authorities.h"
#include "issuing/boundary.h"
#include "issuing/findings.h"
#include "issuing/horizon.h"
#include "issuing/needs.h"
#include "issuing/record.h"
#include "issuing/settled.h"
#include "issuing/workers.h"
#include "plan/judge.h"

/** In a batch, one in so many entries of fleets has its bundles opened. */
#define SAMPLE_EVERY 100

/** What one worker has: its bench, and its own copy of each issuer it has met. */
struct worker_place {
    struct job_bench *bench;
    struct issuer **issuers;
    size_t issuer_count;
};

struct crew {
    struct crew_place place;
    struct digester *digester;
    struct authorities *authorities;
    struct horizon *horizon;
    struct boundary *boundary;
    struct findings *findings;
    struct worker_place workers[WORKERS_MAX];
    size_t worker_count;
    const struct entry **anew; /* authorities that this run makes: nothing on disk is asked for them */
    size_t anew_count;
    struct job *jobs;
    size_t job_count, job_room;
    instant now;
    instant due;
    size_t made;
    bool left_out;         /* some jobs were, because the run is to stop */
    struct faults *faults; /* of the flush under way */
};

struct crew *crew_new(const struct crew_place *place, struct faults *faults)
{
    struct crew *crew = calloc(1, sizeof(*crew));

    if (crew == NULL || (crew->digester = digester_new(place->context)) == NULL ||
        (crew->findings = findings_new()) == NULL ||
        (crew->authorities =
             authorities_new(place->context, place->directory, place->ledger, place->passphrases)) == NULL) {
        fault_memory(faults);
        crew_free(crew);
        return NULL;
    }
    crew->place = *place;
    crew->worker_count = workers_count();
    crew->now = context_now(place->context);
    crew->due = INSTANT_MAX;
    crew->horizon = horizon_new(crew->authorities, crew->now);
    crew->boundary = boundary_new(crew->authorities);
    if (crew->horizon == NULL || crew->boundary == NULL) {
        fault_memory(faults);
        crew_free(crew);
        return NULL;
    }
    return crew;
}

void crew_free(struct crew *crew)
{
    size_t i;
    size_t j;

    if (crew == NULL) {
        return;
    }
    for (i = 0; i < crew->job_count; i++) {
        job_clear(&crew->jobs[i]);
    }
    free(crew->jobs);
    for (i = 0; i < WORKERS_MAX; i++) {
        for (j = 0; j < crew->workers[i].issuer_count; j++) {
            issuer_free(crew->workers[i].issuers[j]);
        }
        free(crew->workers[i].issuers);
        job_bench_free(crew->workers[i].bench);
    }
    horizon_free(crew->horizon);
    boundary_free(crew->boundary);
    findings_free(crew->findings);
    authorities_free(crew->authorities);
    free(crew->anew);
    digester_free(crew->digester);
    free(crew);
}

void crew_settle(struct crew *crew, int directory, struct ledger *ledger, struct publisher *publisher)
{
    crew->place.directory = directory;
    crew->place.ledger = ledger;
    crew->place.publisher = publisher;
    authorities_use(crew->authorities, directory, ledger);
}

size_t crew_pending(const struct crew *crew)
{
    return crew->job_count;
}

static bool made_anew(const struct crew *crew, const struct entry *entry)
{
    size_t i;

    for (i = 0; i < crew->anew_count; i++) {
        if (crew->anew[i] == entry) {
            return true;
        }
    }
    return false;
}

/** Notes that this run makes the authority, and looks at what an adopted one brings. */
static int foresee_authority(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    const struct entry **grown = realloc(crew->anew, (crew->anew_count + 1) * sizeof(*grown));
    struct bytes certificate = BYTES_EMPTY;

    if (grown == NULL) {
        fault_memory(faults);
        return -1;
    }
    crew->anew = grown;
    grown[crew->anew_count++] = entry;
    if (entry->token_uri != NULL && entry->adopt_certificate == NULL) {
        /* a replaced authority may have another key, one that only gets another certificate may not */
        if (tokens_open(authorities_tokens(crew->authorities), entry, false, faults) == 1 && !step->new_key) {
            (void)!authorities_check_token(crew->authorities, entry, faults);
        }
    } else if (entry->adopt_key != NULL && adoptee_is_gone(entry->adopt_key)) {
        entry_warning_at(faults, entry, (struct entry_spot){ENTRY_ADOPT_KEY, NULL},
                         "it is needed to sign; a relative path starts from the manifest's folder",
                         "%s is not there", entry->adopt_key);
    } else if (entry->adopt_certificate != NULL && (entry->adopt_key != NULL || entry->token_uri != NULL)) {
        if (adoptee_read(entry, &certificate, faults) == 0) {
            (void)!authorities_check_adoptee(crew->authorities, entry, slice_of(&certificate), faults);
        }
        bytes_free(&certificate);
    }
    return 0;
}

int crew_foresee_validity(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    if (step->action == PLAN_ADOPT) {
        adoptee_warn(step->entry, faults);
    }
    return horizon_take(crew->horizon, step, faults) != 0 ? -1 : boundary_take(crew->boundary, step, faults);
}

int crew_foresee(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    const struct bytes *secret = NULL;
    struct authority_at_work *authority;

    if (entry == NULL || step->action == PLAN_UNCHANGED) {
        return 0;
    }
    /* what is missing goes to faults, and the rest is looked at for its own complaints */
    (void)!needs_passphrases(crew->place.passphrases, step, NULL, faults);
    (void)!needs_key_passphrase(crew->place.passphrases, step, &secret, faults);
    if (step->authority && step->action != PLAN_REWRITE && foresee_authority(crew, step, faults) != 0) {
        return -1;
    }
    if (!plan_action_signs(step->action) || entry->issuer == NULL || made_anew(crew, entry->issuer)) {
        return 0;
    }
    authority = authorities_recall(crew->authorities, entry->issuer, faults);
    if (authority == NULL) {
        return -1;
    }
    (void)!authorities_load_key(crew->authorities, authority, faults);
    return 0;
}

/** Reads what the job needs of what is there. */
static int job_gather(struct crew *crew, struct job *job, struct faults *faults)
{
    const struct entry *entry = job->step.entry;
    struct bytes path = BYTES_EMPTY;
    struct ledger_certificate row = {0};
    int status = -1;

    if (needs_key(&job->step)) {
        if (bytes_printf(&path, "%s.key", entry->name) != 0) {
            fault_memory(faults);
            goto out;
        }
        if (file_read(crew->place.directory, bytes_text(&path), FILE_LIMIT_KEY, &job->existing_key,
                      job->faults) != 0) {
            entry_faults_move(faults, entry, (struct entry_spot){ENTRY_WHOLE, NULL}, job->faults);
            goto out;
        }
    }
    if (job->step.action == PLAN_ADOPT) {
        status = adoptee_read(entry, &job->existing_certificate, faults);
        goto out;
    }
    if (job->step.action == PLAN_REWRITE) {
        if (ledger_find_certificate(crew->place.ledger, entry->name, &row, faults) != 1) {
            entry_error(faults, entry, NULL, "the ledger holds no certificate of it");
            goto out;
        }
        job->intent = row.id;
        bytes_move(&job->existing_certificate, &row.der);
    }
    status = 0;
out:
    ledger_certificate_free(&row);
    bytes_free(&path);
    return status;
}

int crew_take(struct crew *crew, const struct plan_step *step, struct faults *faults)
{
    struct job *job;
    size_t number;

    if (crew->job_count == crew->job_room) {
        size_t room = crew->job_room > 0 ? crew->job_room * 2 : 16;
        struct job *grown = realloc(crew->jobs, room * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(faults);
            return -1;
        }
        crew->jobs = grown;
        crew->job_room = room;
    }
    job = &crew->jobs[crew->job_count++];
    memset(job, 0, sizeof(*job));
    job->step = *step;
    (void)entry_keep(step->entry);
    job->faults = faults_new();
    job->bundle_passphrases = calloc(step->entry->bundle_count + 1, sizeof(*job->bundle_passphrases));
    if (job->faults == NULL || job->bundle_passphrases == NULL) {
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
    return job_gather(crew, job, faults);
}

/** The worker's own copy of issuer @p number. */
static struct issuer *worker_issuer(struct crew *crew, struct worker_place *worker, size_t number,
                                    struct faults *faults)
{
    if (number >= worker->issuer_count) {
        struct issuer **grown = realloc(worker->issuers, (number + 1) * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(faults);
            return NULL;
        }
        memset(grown + worker->issuer_count, 0, (number + 1 - worker->issuer_count) * sizeof(*grown));
        worker->issuers = grown;
        worker->issuer_count = number + 1;
    }
    if (worker->issuers[number] == NULL) {
        worker->issuers[number] = issuer_duplicate(authorities_at(crew->authorities, number)->issuer, faults);
    }
    return worker->issuers[number];
}

static struct job_bench *worker_bench(struct crew *crew, struct worker_place *worker)
{
    if (worker->bench == NULL) {
        worker->bench = job_bench_new(crew->place.context);
    }
    return worker->bench;
}

static int work_prepare(void *state, size_t number, size_t index)
{
    struct crew *crew = state;
    struct job *job = &crew->jobs[index];
    struct job_bench *bench = worker_bench(crew, &crew->workers[number]);

    if (bench == NULL) {
        fault_memory(job->faults);
        return -1;
    }
    if (crew->place.stopping != NULL && crew->place.stopping(crew->place.state)) {
        job->left_out = true;
        return 0;
    }
    return job_prepare(job, bench, crew->now);
}

static int take_prepared(void *state, size_t index)
{
    const struct crew *crew = state;

    if (crew->place.prepared != NULL) {
        crew->place.prepared(crew->place.state, index + 1);
    }
    return 0;
}

static int work_make(void *state, size_t number, size_t index)
{
    struct crew *crew = state;
    struct job *job = &crew->jobs[index];
    struct worker_place *worker = &crew->workers[number];
    struct issuer *issuer = NULL;

    if (job_signs(job) && job->issuer != NULL) {
        issuer = worker_issuer(crew, worker, job->issuer_number, job->faults);
        if (issuer == NULL) {
            return -1;
        }
    }
    if (worker_bench(crew, worker) == NULL) {
        fault_memory(job->faults);
        return -1;
    }
    if (job_make(job, worker->bench, issuer) != 0) {
        return -1;
    }
    if (job_signs(job) || job->step.action == PLAN_ADOPT) {
        findings_look(job);
    }
    return 0;
}

/** Keeps the key of a generation that is replaced: its CRLs go on being signed with it. */
static int keep_old_key(struct crew *crew, const struct job *job)
{
    struct ledger_certificate row = {0};
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct file_stamp stamp;
    const char *why = NULL;
    int found;
    int status = -1;

    found = ledger_find_certificate(crew->place.ledger, job->step.entry->name, &row, crew->faults);
    if (found <= 0) {
        return found;
    }
    if (bytes_printf(&path, "%s.key", job->step.entry->name) != 0) {
        fault_memory(crew->faults);
        goto out;
    }
    if (file_stamp_read(crew->place.directory, bytes_text(&path), &stamp, &why) == 0) {
        status = 0; /* moved away: nothing to keep */
        goto out;
    }
    if (file_read(crew->place.directory, bytes_text(&path), FILE_LIMIT_KEY, &content, crew->faults) != 0) {
        goto out;
    }
    bytes_clear(&path);
    if (bytes_printf(&path, "%s.generation-%lld.key", job->step.entry->name, (long long)row.own_generation) !=
        0) {
        fault_memory(crew->faults);
        goto out;
    }
    if (file_stamp_read(crew->place.directory, bytes_text(&path), &stamp, &why) == 1) {
        status = 0; /* a run that was cut off kept it; NAME.key is already another one */
        goto out;
    }
    status = publisher_add(crew->place.publisher, bytes_text(&path), slice_of(&content), 0600, crew->faults);
out:
    ledger_certificate_free(&row);
    bytes_free(&content);
    bytes_free(&path);
    return status;
}

/** Hands a made job's files to the publisher, in the calling thread. */
static int take_made(void *state, size_t index)
{
    struct crew *crew = state;
    struct job *job = &crew->jobs[index];
    size_t i;

    for (i = 0; i < job->file_count; i++) {
        struct job_file *file = &job->files[i];

        if (publisher_add(crew->place.publisher, bytes_text(&file->path), slice_of(&file->content),
                          file->mode, crew->faults) != 0) {
            return -1;
        }
        bytes_free(&file->content);
    }
    return 0;
}

/** Drops the workers' copies of an issuer that was made anew. */
static void issuers_forget(struct crew *crew, const struct entry *entry)
{
    size_t number = authorities_number(crew->authorities, entry);
    size_t i;

    for (i = 0; i < WORKERS_MAX; i++) {
        if (number < crew->workers[i].issuer_count) {
            issuer_free(crew->workers[i].issuers[number]);
            crew->workers[i].issuers[number] = NULL;
        }
    }
}

/** Says once for each issuer that lives were cut short. */
static void clipped_tell(struct crew *crew, const struct job *job, struct faults *faults)
{
    struct authority_at_work *issuer;
    struct bytes when = BYTES_EMPTY;

    if (!job->clipped || job->issuer == NULL) {
        return;
    }
    issuer = authorities_at(crew->authorities, job->issuer_number);
    if (!issuer->clipped && instant_format(job->not_after, &when) == 0) {
        entry_warning(faults, job->step.entry, "give the authority a longer validity, or this one a shorter",
                      "its validity outlives its issuer %s and is cut to %s, as are others under it",
                      issuer->entry->name, bytes_text(&when));
        issuer->clipped = true;
    }
    bytes_free(&when);
}

static struct recorder crew_recorder(const struct crew *crew)
{
    return (struct recorder){
        .context = crew->place.context,
        .ledger = crew->place.ledger,
        .publisher = crew->place.publisher,
        .digester = crew->digester,
        .manifest_id = crew->place.manifest_id,
        .now = crew->now,
        .faults = crew->faults,
    };
}

static int flush_intents(struct crew *crew)
{
    struct recorder recorder = crew_recorder(crew);
    size_t i;

    if (ledger_begin(crew->place.ledger, crew->faults) != 0) {
        return -1;
    }
    if (settled_forget(crew->place.ledger, crew->faults) != 0) {
        ledger_rollback(crew->place.ledger);
        return -1;
    }
    for (i = 0; i < crew->job_count; i++) {
        if (record_intent(&recorder, &crew->jobs[i]) != 0) {
            ledger_rollback(crew->place.ledger);
            return -1;
        }
    }
    return ledger_commit(crew->place.ledger, crew->faults);
}

static int flush_complete(struct crew *crew, size_t first, const struct crew_closing *closing)
{
    struct recorder recorder = crew_recorder(crew);
    size_t i;

    if (ledger_begin(crew->place.ledger, crew->faults) != 0) {
        return -1;
    }
    for (i = 0; i < crew->job_count; i++) {
        const struct job *job = &crew->jobs[i];

        if (record_complete(&recorder, &crew->jobs[i], first) != 0) {
            ledger_rollback(crew->place.ledger);
            return -1;
        }
        first += job->file_count;
        if (job->step.action != PLAN_REWRITE) {
            instant due = plan_due(job->step.entry, job->not_before, job->not_after);

            crew->due = due < crew->due ? due : crew->due;
        }
    }
    if (closing != NULL && closing->write(closing->state, crew->faults) != 0) {
        ledger_rollback(crew->place.ledger);
        return -1;
    }
    return ledger_commit(crew->place.ledger, crew->faults);
}

void crew_tell_findings(struct crew *crew, struct faults *faults)
{
    findings_tell(crew->findings, faults);
}

instant crew_due(const struct crew *crew)
{
    return crew->due;
}

/** The batch's faults, and what follows from its success. */
static int flush_finish(struct crew *crew, int status,
                        void (*written)(void *state, const char *name, const char *path), void *state)
{
    size_t i;
    size_t j;

    for (i = 0; i < crew->job_count; i++) {
        struct job *job = &crew->jobs[i];

        entry_faults_move(crew->faults, job->step.entry, (struct entry_spot){ENTRY_WHOLE, NULL}, job->faults);
        if (status == 0) {
            clipped_tell(crew, job, crew->faults);
            status = findings_take(crew->findings, job);
        }
        if (status == 0) {
            if (job->step.authority) {
                issuers_forget(crew, job->step.entry);
            }
            status = authorities_promote(crew->authorities, job, crew->faults);
        }
        for (j = 0; j < job->file_count && status == 0 && written != NULL; j++) {
            written(state, job->step.entry->name, bytes_text(&job->files[j].path));
        }
        job_clear(job);
    }
    crew->job_count = 0;
    return status;
}

/** Drop the jobs that were left out. */
static void drop_left_out(struct crew *crew)
{
    size_t kept = 0;
    size_t i;

    for (i = 0; i < crew->job_count; i++) {
        if (crew->jobs[i].left_out) {
            job_clear(&crew->jobs[i]);
            crew->left_out = true;
        } else {
            crew->jobs[kept++] = crew->jobs[i];
        }
    }
    crew->job_count = kept;
}

/** Of a fleet's entries the first and one in a hundred have their bundles opened; of the others the MAC is held against the bytes. */
static void choose_samples(struct crew *crew)
{
    size_t of_fleets = 0;
    size_t i;

    for (i = 0; i < crew->job_count; i++) {
        struct job *job = &crew->jobs[i];

        if (entry_is_of_fleet(job->step.entry)) {
            job->bundles_by_mac = of_fleets % SAMPLE_EVERY != 0;
            of_fleets++;
        }
    }
}

size_t crew_made(const struct crew *crew)
{
    return crew->made;
}

bool crew_left_out(const struct crew *crew)
{
    return crew->left_out;
}

int crew_flush(struct crew *crew, const struct crew_closing *closing,
               void (*written)(void *state, const char *name, const char *path), void *state,
               struct faults *faults)
{
    size_t kept = 0;
    size_t i;
    int status = -1;

    if (crew->job_count == 0) {
        return 0;
    }
    crew->faults = faults;
    if (workers_run(crew->worker_count, crew->job_count, work_prepare, take_prepared, crew) != 0) {
        goto out;
    }
    drop_left_out(crew);
    if (crew->left_out) {
        closing = NULL;
    }
    if (crew->job_count == 0) {
        return 0;
    }
    /* the first thing written: whoever finds temporaries finds the ledger's log as well, and knows that a run was cut off */
    if (flush_intents(crew) != 0) {
        goto out;
    }
    for (i = 0; i < crew->job_count; i++) {
        /* before the new key in the group, so that it is there whenever that one is */
        if (crew->jobs[i].step.action == PLAN_REPLACE && crew->jobs[i].step.new_key &&
            keep_old_key(crew, &crew->jobs[i]) != 0) {
            goto out;
        }
    }
    choose_samples(crew);
    kept = publisher_pending(crew->place.publisher);
    if (workers_run(crew->worker_count, crew->job_count, work_make, take_made, crew) != 0 ||
        publisher_commit(crew->place.publisher, faults) != 0) {
        goto out;
    }
    status = flush_complete(crew, kept, closing);
    crew->made += status == 0 ? crew->job_count : 0;
out:
    if (status != 0) {
        publisher_abandon(crew->place.publisher);
    }
    status = flush_finish(crew, status, written, state);
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return status;
}
