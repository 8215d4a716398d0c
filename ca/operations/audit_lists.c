/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs: their numbers, that the log tells of them, and the files that lie in the directory with the heads beside them. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "issuing/revocation_list.h"
#include "operations/auditing.h"
#include "x509/certificate.h"

/* A list of 100,000 entries has some 4 MiB. */
#define LIST_MAX (256u * 1024 * 1024)

static bool is_there(const struct auditing *auditing, const char *path)
{
    struct stat status;

    return fstatat(auditing->directory->folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The name of a list's file. */
static int path_of(struct auditing *auditing, const struct audited_authority *authority,
                   enum revocation_list_file file, struct bytes *path)
{
    bytes_clear(path);
    if (revocation_list_path(authority->name, authority->generation, authority->current, file, path) != 0) {
        fault_memory(auditing->faults);
        return -1;
    }
    return 0;
}

/* ---- heads ---------------------------------------------------------------------------------------------------------- */

static int check_head(struct auditing *auditing, const struct audited_authority *authority, const char *path)
{
    struct bytes text = BYTES_EMPTY;
    struct certificate_view view;
    struct audited_head *head;
    const char *why = NULL;
    int status = -1;

    if (file_read(auditing->directory->folder, path, CRL_HEAD_MAX, &text, auditing->faults) != 0 ||
        audit_grow(auditing, (void **)&auditing->heads, auditing->head_count, sizeof(*auditing->heads)) !=
            0) {
        goto out;
    }
    head = &auditing->heads[auditing->head_count];
    memset(head, 0, sizeof(*head));
    (void)snprintf(head->path, sizeof(head->path), "%s", path);
    if (certificate_view_read(slice_of(&authority->der), &view) != 0) {
        status = 0; /* told of the row */
    } else if (crl_head_verify(auditing->context, slice_of(&text), view.spki, &head->head, &why) != 0) {
        status = audit_tell(auditing, "head-signature", true, path, "%s", why);
    } else {
        auditing->head_count++;
        auditing->totals->heads++;
        status = 0;
    }
out:
    bytes_free(&text);
    return status;
}

/* Whether the authority before it in the list has the same key. */
static bool seen_before(const struct auditing *auditing, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (auditing->authorities[i].generation == auditing->authorities[index].generation) {
            return true;
        }
    }
    return false;
}

int audit_heads(struct auditing *auditing)
{
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    for (size_t i = 0; i < auditing->authority_count && status == 0; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        status = path_of(auditing, authority, REVOCATION_LIST_HEAD, &path);
        if (status == 0 && !seen_before(auditing, i) && is_there(auditing, bytes_text(&path))) {
            status = check_head(auditing, authority, bytes_text(&path));
        }
    }
    bytes_free(&path);
    return status;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------- */

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
    if (same && crl->number <= sequence->last.number) {
        status =
            audit_tell(auditing, "crl-number", true, subject, "does not have a higher number than the last");
    } else if (same && crl->this_update < sequence->last.this_update) {
        status =
            audit_tell(auditing, "crl-time", false, subject, "has an earlier date than the one before it");
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

/* The file of the last list must be that list; one that is not there may have been moved to where it is served. */
static int check_file(struct auditing *auditing, const struct audited_authority *authority, const char *path)
{
    struct bytes content = BYTES_EMPTY;
    struct ledger_crl last;
    struct digest digest;
    int status = -1;
    int found = ledger_last_crl(auditing->directory->ledger, authority->generation, &last, auditing->faults);

    if (found < 0 ||
        file_read(auditing->directory->folder, path, LIST_MAX, &content, auditing->faults) != 0 ||
        digest_of(auditing->context, slice_of(&content), &digest) != 0) {
        goto out;
    }
    if (found == 0 || !digest_equal(&digest, &last.content)) {
        status = audit_tell(auditing, "crl-file", true, path,
                            "is not the last list the ledger tells of: mtls-ca crl writes a new one");
    } else {
        status = 0;
    }
out:
    bytes_free(&content);
    return status;
}

/* A head must be the one of the last list. */
static int check_heads(struct auditing *auditing, const struct audited_authority *authority, const char *path)
{
    struct ledger_crl last;
    int found = ledger_last_crl(auditing->directory->ledger, authority->generation, &last, auditing->faults);

    if (found < 0) {
        return -1;
    }
    for (size_t i = 0; i < auditing->head_count; i++) {
        const struct audited_head *head = &auditing->heads[i];

        if (strcmp(head->path, path) == 0 && (found == 0 || head->head.crl_number != last.number ||
                                              !digest_equal(&head->head.crl, &last.content))) {
            return audit_tell(auditing, "head-crl", true, path,
                              "is not of the last list the ledger tells of (number %" PRIu64 ", not %" PRIu64
                              ")",
                              head->head.crl_number, last.number);
        }
    }
    return found == 1 && !is_there(auditing, path)
               ? audit_tell(auditing, "head-missing", false, path,
                            "is missing: nothing signed says how far the log went")
               : 0;
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
        const struct audited_authority *authority = &auditing->authorities[i];

        if (seen_before(auditing, i)) {
            continue;
        }
        status = path_of(auditing, authority, REVOCATION_LIST_DER, &path);
        if (status == 0 && is_there(auditing, bytes_text(&path))) {
            status = check_file(auditing, authority, bytes_text(&path));
        }
        if (status == 0 && path_of(auditing, authority, REVOCATION_LIST_HEAD, &path) == 0) {
            status = check_heads(auditing, authority, bytes_text(&path));
        }
    }
    bytes_free(&path);
    return status;
}
