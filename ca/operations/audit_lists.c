/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists: their numbers, that the log tells of them, and the files that lie in the directory. A list or a head that an authority
 * signed cannot be made up: with a number the ledger never gave it says that the ledger has lost what came last.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "operations/auditing.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/pem.h"

/* A list of 100,000 entries has some 4 MiB, and a third more as PEM. */
#define LIST_MAX (256u * 1024 * 1024)

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

/* The list before, and how far they go. */
struct sequence {
    struct auditing *auditing;
    struct ledger_crl last;
};

static bool is_told(struct auditing *auditing, const struct digest *content)
{
    for (size_t i = auditing->list_count; i > 0; i--) {
        if (digest_equal(&auditing->lists[i - 1].content, content)) {
            auditing->lists[i - 1].met = true;
            return true;
        }
    }
    return false;
}

static void note(struct auditing *auditing, const struct ledger_crl *crl)
{
    for (size_t i = 0; i < auditing->authority_count; i++) {
        struct audited_authority *authority = &auditing->authorities[i];

        if (authority->generation == crl->generation) {
            authority->newest = crl->number;
            authority->half = !crl->complete;
            if (crl->complete) {
                authority->has_list = true;
                authority->last = *crl;
            }
        }
    }
}

static int check_list(void *state, const struct ledger_crl *crl)
{
    struct sequence *sequence = state;
    struct auditing *auditing = sequence->auditing;
    bool same = sequence->last.generation == crl->generation;
    char subject[80];
    int status = 0;

    (void)snprintf(subject, sizeof(subject), "CRL %" PRIu64 " of generation %lld", crl->number,
                   (long long)crl->generation);
    auditing->totals->lists++;
    note(auditing, crl);
    if (same && crl->number <= sequence->last.number) {
        status =
            audit_tell(auditing, "crl-number", true, subject, "does not have a higher number than the last");
    } else if (same && crl->this_update < sequence->last.this_update) {
        status =
            audit_tell(auditing, "crl-time", false, subject, "has an earlier date than the one before it");
    }
    if (status == 0 && crl->event > auditing->totals->head) {
        status = audit_tell(auditing, "log-cut", true, subject,
                            "was begun when the log had %lld events: the end of the log was cut off",
                            (long long)crl->event);
    }
    if (status == 0 && crl->complete && !is_told(auditing, &crl->content)) {
        status = audit_tell(auditing, "crl-unlogged", true, subject, "is not told of by the log");
    }
    if (status == 0 && !crl->complete) {
        status = audit_tell(auditing, "crl-orphan", false, subject,
                            "was begun and never completed: its number is taken");
    }
    sequence->last = *crl;
    return status;
}

/* A list that the log tells of has its row: without it, its number would be given again. */
static int check_told(struct auditing *auditing)
{
    char subject[48];
    int status = 0;

    for (size_t i = 0; i < auditing->list_count && status == 0; i++) {
        if (!auditing->lists[i].met) {
            (void)snprintf(subject, sizeof(subject), "event %lld", (long long)auditing->lists[i].event);
            status = audit_tell(auditing, "crl-missing", true, subject,
                                "tells of a list that is not in the ledger");
        }
    }
    return status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

/* Whose list it is, of the keys the authority has and had; NULL: nobody's. */
static const struct audited_authority *find_signer(const struct auditing *auditing, const char *name,
                                                   const struct crl_view *view)
{
    const char *why;

    for (size_t i = 0; i < auditing->authority_count; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        if (authority->key != NULL && strcmp(authority->name, name) == 0 &&
            slice_equal(authority->issuer, view->issuer) &&
            signature_verify_by(auditing->verifier, view->signature_algorithm, authority->key, view->tbs,
                                view->signature, &why) == 0) {
            return authority;
        }
    }
    return NULL;
}

/* A number of at most eight octets; else the highest there is, which no ledger gives. */
static uint64_t number_of(struct slice content)
{
    struct slice magnitude = serial_magnitude(content);
    uint64_t number = 0;

    if (magnitude.length > sizeof(number)) {
        return UINT64_MAX;
    }
    for (size_t i = 0; i < magnitude.length; i++) {
        number = number << 8 | magnitude.data[i];
    }
    return number;
}

/*
 * A signed statement of @p signer's about list @p number that is not the last one: a newer one means that the ledger has lost something,
 * one that was under way that a run was cut off; else it is an old one.
 */
static int tell_other(struct auditing *auditing, const struct audited_authority *signer, uint64_t number,
                      const char *id, const char *path)
{
    if (number > signer->newest) {
        return audit_tell(auditing, "log-cut", true, path,
                          "is signed by \"%s\" and of list number %" PRIu64
                          ", which the ledger does not have (its last is %" PRIu64 "): its end was cut off",
                          signer->name, number, signer->newest);
    }
    if (number == signer->newest && signer->half) {
        return audit_tell(auditing, id, false, path,
                          "is of list number %" PRIu64
                          ", whose run was cut off before it was recorded: mtls-ca crl writes a new one",
                          number);
    }
    if (signer->has_list && number == signer->last.number) {
        return audit_tell(auditing, id, true, path,
                          "is of another list number %" PRIu64
                          " than the ledger tells of: mtls-ca crl writes a new one",
                          number);
    }
    return audit_tell(auditing, id, true, path,
                      "is of list number %" PRIu64 ", not of the last one the ledger tells of (%" PRIu64
                      "): mtls-ca crl writes a new one",
                      number, signer->last.number);
}

/* The DER of the list in a file, PEM or DER; empty when it holds none. */
static int read_list(struct auditing *auditing, const char *path, bool pem, struct bytes *der)
{
    struct faults *unused = faults_new();
    struct bytes content = (struct bytes)BYTES_EMPTY;
    struct pem_block block;
    struct slice rest;
    size_t line = 1;
    int status = -1;

    if (unused == NULL) {
        fault_memory(auditing->faults);
        goto out;
    }
    status = file_read(auditing->directory->folder, path, LIST_MAX, &content, auditing->faults);
    if (status != 0 || !pem) {
        *der = content;
        content = (struct bytes)BYTES_EMPTY;
        goto out;
    }
    rest = slice_of(&content);
    if (pem_read(&rest, &line, path, &block, unused) == 1) {
        *der = block.der;
        block.der = (struct bytes)BYTES_EMPTY;
        pem_block_free(&block);
    }
out:
    bytes_free(&content);
    faults_free(unused);
    return status;
}

/* The file of the last list must be that list; one that is not there may have been moved to where it is served. */
static int check_file(struct auditing *auditing, const struct audited_authority *authority, const char *path,
                      bool pem)
{
    const struct audited_authority *signer = NULL;
    struct bytes der = BYTES_EMPTY;
    struct digest digest;
    struct crl_view view;
    int status = -1;

    if (read_list(auditing, path, pem, &der) != 0) {
        goto out;
    }
    if (digest_of(auditing->context, slice_of(&der), &digest) != 0) {
        fault_openssl(auditing->faults, "a list cannot be hashed");
        goto out;
    }
    status = 0;
    if (authority->has_list && digest_equal(&digest, &authority->last.content)) {
        goto out;
    }
    if (crl_view_read(slice_of(&der), &view) == 0) {
        signer = find_signer(auditing, authority->name, &view);
    }
    if (signer == NULL) {
        status =
            audit_tell(auditing, "crl-file", true, path,
                       "is not a list that \"%s\" signed: mtls-ca crl writes a new one", authority->name);
    } else if (signer->generation == authority->generation || number_of(view.number) > signer->newest) {
        status = tell_other(auditing, signer, number_of(view.number), "crl-file", path);
    }
out:
    bytes_free(&der);
    return status;
}

/* Whether all certificates of the key have ended: its lists are of no use any more, and may have been cleared away. */
static bool is_over(const struct auditing *auditing, int64_t generation)
{
    for (size_t i = 0; i < auditing->authority_count; i++) {
        if (auditing->authorities[i].generation == generation &&
            auditing->authorities[i].end >= context_now(auditing->context)) {
            return false;
        }
    }
    return true;
}

/* The head must be the one of the last list, and be there: a head that is gone may have told what the log has lost. */
static int check_heads(struct auditing *auditing, const struct audited_authority *authority, const char *path)
{
    bool found = false;
    int status = 0;

    for (size_t i = 0; i < auditing->head_count && status == 0; i++) {
        const struct audited_head *head = &auditing->heads[i];

        if (head->generation != authority->generation) {
            continue;
        }
        found = true;
        if (!head->met && head->head.event != 0) {
            continue; /* told with the log */
        }
        if (!authority->has_list || head->head.crl_number != authority->last.number ||
            !digest_equal(&head->head.crl, &authority->last.content)) {
            status = tell_other(auditing, authority, head->head.crl_number, "head-crl", head->path);
        }
    }
    if (status == 0 && !found && authority->has_list && !audit_is_there(auditing, path)) {
        status = audit_tell(auditing, "head-missing", !is_over(auditing, authority->generation), path,
                            "is missing, and was made with list number %" PRIu64
                            ": nothing signed says how far the log went",
                            authority->last.number);
    }
    return status;
}

static int check_files(struct auditing *auditing, const struct audited_authority *authority,
                       struct bytes *path)
{
    static const enum revocation_list_file lists[] = {REVOCATION_LIST_DER, REVOCATION_LIST_PEM};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (audit_list_path(auditing, authority, lists[i], path) != 0 ||
            (audit_is_there(auditing, bytes_text(path)) &&
             check_file(auditing, authority, bytes_text(path), lists[i] == REVOCATION_LIST_PEM) != 0)) {
            return -1;
        }
    }
    return audit_list_path(auditing, authority, REVOCATION_LIST_HEAD, path) == 0
               ? check_heads(auditing, authority, bytes_text(path))
               : -1;
}

int audit_lists(struct auditing *auditing)
{
    struct sequence sequence = {.auditing = auditing};
    struct bytes path = BYTES_EMPTY;
    int status = ledger_each_crl(auditing->directory->ledger, check_list, &sequence, auditing->faults);

    if (status == 0) {
        status = check_told(auditing);
    }
    for (size_t i = 0; i < auditing->authority_count && status == 0; i++) {
        if (!audit_seen_before(auditing, i)) {
            status = check_files(auditing, &auditing->authorities[i], &path);
        }
    }
    bytes_free(&path);
    return status;
}
