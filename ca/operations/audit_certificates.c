/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: every one is what its row says, signed by the key its row names, and told of by the log. Rows are taken in batches,
 * whose signatures all processors verify while the rest of them is looked at in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "issuing/provenance.h"
#include "issuing/workers.h"
#include "operations/auditing.h"
#include "x509/certificate.h"

/* Rows of a batch, and from how many on threads are made. */
#define BATCH_ROWS    1024
#define WORTH_WORKERS 64

/* A row that is looked at. */
struct assay {
    struct ledger_certificate row;
    bool has_der, readable;
    struct certificate_view view;
    const struct audited_authority *issuer; /* whose key signed it; NULL: not one of ours */
    int verdict;                            /* of signature_verify_by */
    const char *why;
};

struct batch {
    struct auditing *auditing;
    struct workers *workers;
    struct signature_verifier *verifiers[WORKERS_MAX]; /* of each, made when it is needed */
    struct assay *assays;
    size_t count;
};

/* ---- taking rows ---------------------------------------------------------------------------------------------------- */

/* The one of the issuing key's certificates that has the name the certificate gives as its issuer's. */
static const struct audited_authority *find_issuer(const struct auditing *auditing,
                                                   const struct ledger_certificate *row,
                                                   const struct certificate_view *view)
{
    for (size_t i = 0; i < auditing->authority_count; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        if (authority->generation == row->generation && authority->issuer.length != 0 &&
            slice_equal(authority->issuer, view->issuer)) {
            return authority;
        }
    }
    return NULL;
}

static bool is_of_itself(const struct ledger_certificate *row)
{
    return row->authority && row->own_generation == row->generation;
}

/* An authority whose issuer is elsewhere is recorded under its own key, another certificate under that of nobody here. */
static bool is_from_elsewhere(const struct ledger_certificate *row)
{
    return is_of_itself(row) || (!row->authority && row->adopted);
}

/* Whether it names another key than its own as the one that signed it: its issuer then has its name, and is elsewhere. */
static bool names_another_key(const struct certificate_view *view)
{
    return view->authority_key_identifier.length != 0 && view->subject_key_identifier.length != 0 &&
           !slice_equal(view->authority_key_identifier, view->subject_key_identifier);
}

static int verify(void *state, size_t worker, size_t index)
{
    struct batch *batch = state;
    struct assay *assay = &batch->assays[index];

    if (batch->verifiers[worker] == NULL &&
        (batch->verifiers[worker] = signature_verifier_new(batch->auditing->context)) == NULL) {
        return -1;
    }
    if (assay->issuer != NULL && assay->issuer->key != NULL &&
        !(is_of_itself(&assay->row) && names_another_key(&assay->view))) {
        assay->verdict =
            signature_verify_by(batch->verifiers[worker], assay->view.signature_algorithm, assay->issuer->key,
                                assay->view.tbs, assay->view.signature, &assay->why);
    }
    return 0;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

/* What of the row is not as its certificate says; NULL: nothing. */
static const char *difference(const struct auditing *auditing, const struct assay *assay)
{
    const struct ledger_certificate *row = &assay->row;
    const struct certificate_view *view = &assay->view;
    struct digest spki;

    if (!assay->readable) {
        return "is no certificate";
    }
    if (!slice_equal(serial_magnitude(view->serial), serial_magnitude(slice_of(&row->serial)))) {
        return "has another serial in its certificate";
    }
    if (digest_of(auditing->context, view->spki, &spki) != 0 || !digest_equal(&spki, &row->spki)) {
        return "has another public key in its certificate";
    }
    if (view->not_before != row->not_before || view->not_after != row->not_after) {
        return "has another validity in its certificate";
    }
    return assay->issuer != NULL || is_from_elsewhere(row) ? NULL : "has another issuer in its certificate";
}

static int check_told(struct auditing *auditing, const struct ledger_certificate *row, const char *subject)
{
    struct audited_story told = {.row = row};
    int again;

    if (row->id <= auditing->before) {
        return 0;
    }
    if (digest_of(auditing->context, slice_of(&row->der), &told.der) != 0) {
        fault_openssl(auditing->faults, "a certificate cannot be hashed");
        return -1;
    }
    if (ledger_each_event_of(auditing->directory->ledger, row->id, audit_hear, &told, auditing->faults) !=
        0) {
        return -1;
    }
    /* what was adopted can leave and come back, and so can all of a fixture, which is made again as it was */
    again = told.issued > 1 && !row->adopted
                ? provenance_is_fixture(auditing->directory->ledger, auditing->faults)
                : 1;
    if (again < 0) {
        return -1;
    }
    if (told.issued == 0 || again == 0) {
        return audit_tell(auditing, "certificate-unlogged", true, subject, "%s",
                          told.issued == 0 ? "is in the ledger, and the log does not tell of it"
                                           : "was issued more than once, by the log");
    }
    return told.same ? 0
                     : audit_tell(auditing, "certificate-changed", true, subject,
                                  "is not the certificate the log tells of");
}

static int tell(struct auditing *auditing, const struct assay *assay)
{
    const struct ledger_certificate *row = &assay->row;
    const char *why;
    char subject[320];

    (void)snprintf(subject, sizeof(subject), "%s (certificate %lld)", row->name, (long long)row->id);
    if (row->state == LEDGER_INTENDED) {
        struct ledger_revocation revocation;
        int found =
            ledger_find_revocation(auditing->directory->ledger, row->id, &revocation, auditing->faults);

        auditing->totals->orphans++;
        ledger_revocation_free(&revocation);
        return found < 0 ? -1
                         : audit_tell(auditing, "orphan", false, subject,
                                      "was begun and never completed: its serial is taken, and %s",
                                      found == 1 ? "revoked"
                                                 : "can be revoked should anybody have its certificate");
    }
    auditing->totals->certificates++;
    if (!assay->has_der) {
        return audit_tell(auditing, "certificate-lost", true, subject,
                          "was issued, and the ledger does not have its certificate any more");
    }
    why = difference(auditing, assay);
    if (why != NULL && audit_tell(auditing, "certificate-differs", true, subject, "%s", why) != 0) {
        return -1;
    }
    if (assay->verdict < 0 && audit_tell(auditing, "certificate-signature", true, subject,
                                         "is not signed by the key of \"%s\": its signature %s",
                                         assay->issuer->name, assay->why) != 0) {
        return -1;
    }
    if (assay->verdict > 0 && audit_tell(auditing, "certificate-unverified", false, subject,
                                         "has a signature that %s", assay->why) != 0) {
        return -1;
    }
    return check_told(auditing, row, subject);
}

/* ---- batches -------------------------------------------------------------------------------------------------------- */

static int flush(struct batch *batch)
{
    struct task task = {0};
    int status = -1;

    if (batch->count >= WORTH_WORKERS) {
        workers_start(batch->workers);
    }
    if (workers_begin(batch->workers, &task, batch->count, verify, batch) != 0) {
        fault_memory(batch->auditing->faults);
        goto out;
    }
    status = 0;
    for (size_t i = 0; i < batch->count && status == 0; i++) {
        status = workers_help(batch->workers, &task, i) == 0 ? tell(batch->auditing, &batch->assays[i]) : -1;
    }
    if (status != 0) {
        workers_stop(batch->workers, &task);
    }
    if (workers_end(batch->workers, &task) != 0) {
        status = -1;
    }
    if (status != 0 && faults_errors(batch->auditing->faults) == 0) {
        fault_memory(batch->auditing->faults); /* a verifier's; or the observer ended it, and tells itself */
    }
out:
    task_free(&task);
    for (size_t i = 0; i < batch->count; i++) {
        ledger_certificate_free(&batch->assays[i].row);
    }
    batch->count = 0;
    return status;
}

static int take_row(void *state, const struct ledger_certificate *row)
{
    struct batch *batch = state;
    struct auditing *auditing = batch->auditing;
    struct assay *assay = &batch->assays[batch->count++];
    int found = 0;

    memset(assay, 0, sizeof(*assay));
    if (ledger_certificate_copy(&assay->row, row) != 0) {
        fault_memory(auditing->faults);
        return -1;
    }
    if (row->state != LEDGER_INTENDED) {
        found = ledger_get_der(auditing->directory->ledger, row->id, &assay->row.der, auditing->faults);
    }
    if (found < 0) {
        return -1;
    }
    assay->has_der = found == 1;
    assay->readable = assay->has_der && certificate_view_read(slice_of(&assay->row.der), &assay->view) == 0;
    if (assay->readable) {
        assay->issuer = find_issuer(auditing, &assay->row, &assay->view);
    }
    return batch->count == BATCH_ROWS ? flush(batch) : 0;
}

int audit_certificates(struct auditing *auditing)
{
    const struct ledger_filter all = {.any_state = true};
    struct batch batch = {.auditing = auditing};
    int status = -1;

    batch.workers = workers_new(workers_count());
    batch.assays = calloc(BATCH_ROWS, sizeof(*batch.assays));
    if (batch.workers == NULL || batch.assays == NULL) {
        fault_memory(auditing->faults);
    } else if (ledger_each_certificate(auditing->directory->ledger, &all, false, take_row, &batch,
                                       auditing->faults) == 0) {
        status = flush(&batch);
    }
    for (size_t i = 0; i < batch.count; i++) {
        ledger_certificate_free(&batch.assays[i].row);
    }
    free(batch.assays);
    workers_free(batch.workers);
    for (size_t i = 0; i < WORKERS_MAX; i++) {
        signature_verifier_free(batch.verifiers[i]);
    }
    return status;
}
