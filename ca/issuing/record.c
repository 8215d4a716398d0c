/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger is told of a job: the intent before anything is signed, the completion after everything is on disk.
 */
#include "issuing/record.h"

#include <string.h>

#include "ledger/ledger_directory.h"
#include "x509/certificate.h"

/** The generation of a self-signed, replaced or adopted authority. */
static int job_generation(const struct recorder *recorder, struct job *job, const struct digest *spki)
{
    struct ledger_generation generation = {0};
    size_t length = strlen(job->step.entry->name);

    memcpy(generation.name, job->step.entry->name, length < sizeof(generation.name) ? length + 1 : 0);
    generation.spki = *spki;
    generation.created = recorder->now;
    generation.current = true;
    if (ledger_put_generation(recorder->ledger, &generation, recorder->faults) != 0) {
        return -1;
    }
    job->own_generation = generation.id;
    return 0;
}

static int text_fill(char *to, size_t room, const char *text)
{
    size_t length = strlen(text);

    if (length >= room) {
        return -1;
    }
    memcpy(to, text, length + 1);
    return 0;
}

/** What a fixture has recorded with the serial of a certificate that it makes. */
struct remake {
    const struct ledger_certificate *wanted;
    int64_t id; /* 0: nothing */
    enum ledger_state state;
};

/** All that the serial follows from must be the same; an intent cannot change its manifest. */
static int look_for_remake(void *state, const struct ledger_certificate *row)
{
    struct remake *remake = state;
    const struct ledger_certificate *wanted = remake->wanted;

    if (row->generation != wanted->generation || strcmp(row->name, wanted->name) != 0 ||
        (row->state == LEDGER_INTENDED && strcmp(row->manifest, wanted->manifest) != 0) ||
        !digest_equal(&row->spki, &wanted->spki) ||
        memcmp(&row->facets, &wanted->facets, sizeof(row->facets)) != 0 ||
        row->not_before != wanted->not_before || row->not_after != wanted->not_after) {
        return 0;
    }
    remake->id = row->id;
    remake->state = row->state;
    return 1;
}

/**
 * A fixture's serial follows from what is certified, so it may have been taken for the same certificate before: by a run that was cut
 * off, or when the manifest said the same as now. Its row is then the one to complete, or stands again. 1, 0: there is none, -1.
 */
static int record_remake(const struct recorder *recorder, struct job *job,
                         const struct ledger_certificate *row)
{
    struct remake remake = {.wanted = row};
    struct ledger_revocation revocation = {0};
    int revoked;

    if (ledger_each_of_serial(recorder->ledger, slice_of(&row->serial), false, look_for_remake, &remake,
                              recorder->faults) < 0) {
        return -1;
    }
    if (remake.id == 0) {
        return 0;
    }
    revoked = ledger_find_revocation(recorder->ledger, remake.id, &revocation, recorder->faults);
    ledger_revocation_free(&revocation);
    if (revoked == 1 && !job->step.entry->revoked.wanted) {
        entry_error(recorder->faults, job->step.entry,
                    "delete the PKI directory: a fixture is quickly made anew",
                    "its certificate would be the one that was revoked here before, and nothing undoes that");
        return -1;
    }
    if (revoked < 0) {
        return -1;
    }
    job->intent = remake.id;
    job->again = remake.state != LEDGER_INTENDED;
    return 1;
}

/** The row that takes the serial before the key signs. */
int record_intent(const struct recorder *recorder, struct job *job)
{
    const struct entry *entry = job->step.entry;
    struct ledger_certificate row = {0};
    int status = -1;

    if (!job_signs(job)) {
        return 0;
    }
    if (text_fill(row.name, sizeof(row.name), entry->name) != 0 ||
        text_fill(row.manifest, sizeof(row.manifest), recorder->manifest_id) != 0 ||
        bytes_append(&row.serial, job->serial.octets, job->serial.length) != 0) {
        fault_memory(recorder->faults);
        goto out;
    }
    row.authority = entry->kind == ENTRY_AUTHORITY;
    if (row.authority && job_generation(recorder, job, &job->spki_digest) != 0) {
        goto out;
    }
    row.own_generation = job->own_generation;
    row.generation = job->issuer != NULL ? job->issuer->generation : row.own_generation;
    row.spki = job->spki_digest;
    row.request = job->request;
    row.not_before = job->not_before;
    row.not_after = job->not_after;
    row.created = recorder->now;
    memcpy(&row.facets, &job->facets, sizeof(row.facets));
    status = context_is_fixture(recorder->context) ? record_remake(recorder, job, &row) : 0;
    if (status == 0) {
        status = ledger_put_intent(recorder->ledger, &row, recorder->faults);
        job->intent = row.id;
    }
    status = status < 0 ? -1 : 0;
out:
    ledger_certificate_free(&row);
    return status;
}

/** A row without content for an output that has none, or had one as another entry's. */
static int claim(const struct recorder *recorder, const struct job *job, const struct output *output,
                 struct bytes *path)
{
    struct ledger_output row = {0};
    int found = ledger_find_output(recorder->ledger, bytes_text(path), &row, recorder->faults);
    bool own = found == 1 && strcmp(row.name, job->step.entry->name) == 0;

    ledger_output_free(&row);
    if (found < 0 || own) {
        return found < 0 ? -1 : 0;
    }
    row = (struct ledger_output){
        .certificate = job->intent, .kind = (int)output->kind, .path = (char *)path->data};
    return text_fill(row.name, sizeof(row.name), job->step.entry->name) == 0
               ? ledger_put_output(recorder->ledger, &row, recorder->faults)
               : -1;
}

int record_claims(const struct recorder *recorder, const struct job *job)
{
    const struct entry *entry = job->step.entry;
    struct bytes path = BYTES_EMPTY;
    struct output output;
    int status = 0;

    for (size_t i = 0; job->step.action == PLAN_REWRITE && status == 0 && i < entry_output_count(entry);
         i++) {
        bytes_clear(&path);
        if ((job->step.outputs & (UINT64_C(1) << i)) == 0) {
            continue;
        }
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(recorder->faults);
            status = -1;
        } else {
            status = claim(recorder, job, &output, &path);
        }
    }
    bytes_free(&path);
    return status;
}

/** The very certificate, adopted under that key before. */
struct earlier {
    struct slice der;
    int64_t generation;
    int64_t id; /* 0: none */
};

static int look_for_earlier(void *state, const struct ledger_certificate *row)
{
    struct earlier *earlier = state;

    if (row->generation != earlier->generation || !row->adopted || row->state != LEDGER_REPLACED ||
        !slice_equal(slice_of(&row->der), earlier->der)) {
        return 0;
    }
    earlier->id = row->id;
    return 1;
}

/** An adopted certificate is recorded as it is; one that was adopted before, and left or was replaced, has its row already. */
static int job_adopt(const struct recorder *recorder, struct job *job)
{
    struct ledger_certificate row = {0};
    struct earlier earlier = {.der = slice_of(&job->certificate)};
    struct certificate_view view;
    int status = -1;

    if (certificate_view_read(slice_of(&job->certificate), &view) != 0 ||
        digest_of(recorder->context, view.spki, &row.spki) != 0 ||
        text_fill(row.name, sizeof(row.name), job->step.entry->name) != 0 ||
        text_fill(row.manifest, sizeof(row.manifest), recorder->manifest_id) != 0) {
        fault_error(recorder->faults, NULL, NULL, NULL, "%s cannot be recorded", job->step.entry->name);
        goto out;
    }
    view.serial = serial_magnitude(view.serial);
    if (bytes_append(&row.serial, view.serial.data, view.serial.length) != 0 ||
        job_generation(recorder, job, &row.spki) != 0) {
        goto out;
    }
    row.own_generation = job->own_generation;
    row.generation = row.own_generation;
    row.authority = true;
    row.adopted = true;
    row.not_before = view.not_before;
    row.not_after = view.not_after;
    row.created = recorder->now;
    earlier.generation = row.generation;
    if (ledger_each_of_serial(recorder->ledger, view.serial, true, look_for_earlier, &earlier,
                              recorder->faults) < 0) {
        goto out;
    }
    job->not_before = view.not_before;
    job->not_after = view.not_after;
    if (earlier.id != 0) {
        job->intent = earlier.id;
        status = ledger_put_again(recorder->ledger, earlier.id, row.name, row.manifest, recorder->faults);
    } else if (ledger_put_intent(recorder->ledger, &row, recorder->faults) == 0) {
        job->intent = row.id;
        status = ledger_put_issued(recorder->ledger, job->intent, slice_of(&job->certificate),
                                   job->not_before, job->not_after, recorder->faults);
    }
out:
    ledger_certificate_free(&row);
    return status;
}

int record_issued(const struct recorder *recorder, struct job *job)
{
    if (job->step.action == PLAN_ADOPT) {
        return job_adopt(recorder, job);
    }
    if (job->again) {
        return ledger_put_again(recorder->ledger, job->intent, job->step.entry->name, recorder->manifest_id,
                                recorder->faults);
    }
    return job->step.action == PLAN_REWRITE
               ? 0
               : ledger_put_issued(recorder->ledger, job->intent, slice_of(&job->certificate),
                                   job->not_before, job->not_after, recorder->faults);
}

int record_outputs(const struct recorder *recorder, const struct job *job)
{
    size_t i;

    for (i = 0; i < job->file_count; i++) {
        struct ledger_output row = {0};

        row.certificate = job->intent;
        row.kind = (int)job->files[i].output.kind;
        row.path = (char *)job->files[i].path.data;
        row.content = job->files[i].digest;
        row.inputs = job->files[i].inputs;
        row.stamp = job->files[i].stamp;
        if (text_fill(row.name, sizeof(row.name), job->step.entry->name) != 0 ||
            ledger_put_output(recorder->ledger, &row, recorder->faults) != 0) {
            return -1;
        }
    }
    return 0;
}
