/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check against name constraints: each adopted authority's constraints are read once and kept.
 */
#include "issuing/constraint_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "issuing/adoptee.h"
#include "x509/certificate.h"
#include "x509/name_constraints.h"

/** Room for a hint. */
#define HINT_MAX 400

/** What an adopted authority's certificate says. */
struct fence {
    const struct entry *entry;
    struct bytes subject, permitted, excluded;
};

struct constraint_check {
    struct authorities *authorities;
    struct fence *fences;
    size_t count;
};

struct constraint_check *constraint_check_new(struct authorities *authorities)
{
    struct constraint_check *check = calloc(1, sizeof(*check));

    if (check != NULL) {
        check->authorities = authorities;
    }
    return check;
}

void constraint_check_free(struct constraint_check *check)
{
    size_t i;

    if (check == NULL) {
        return;
    }
    for (i = 0; i < check->count; i++) {
        bytes_free(&check->fences[i].subject);
        bytes_free(&check->fences[i].permitted);
        bytes_free(&check->fences[i].excluded);
    }
    free(check->fences);
    free(check);
}

/** The certificate of @p entry: the file's, else the ledger's; empty when neither can be had, which others tell. */
static int find_certificate(struct constraint_check *check, const struct entry *entry, struct bytes *der,
                            struct faults *faults)
{
    struct faults *unused = NULL;

    if (adoptee_is_gone(entry->adopt_certificate)) {
        size_t before = faults_errors(faults);
        const struct authority_at_work *authority = authorities_recall(check->authorities, entry, faults);

        return authority == NULL
                   ? (faults_errors(faults) == before ? 0 : -1)
                   : bytes_append(der, authority->certificate.data, authority->certificate.length);
    }
    unused = faults_new();
    if (unused == NULL) {
        return -1;
    }
    (void)!adoptee_read(entry, der, unused);
    faults_free(unused);
    return 0;
}

/** Fill in a fence. Constraints that cannot be read let nothing pass, and that is complained of once. */
static int fence_fill(struct constraint_check *check, struct fence *fence, struct faults *faults)
{
    struct certificate_view view;
    struct bytes der = BYTES_EMPTY;
    int status = find_certificate(check, fence->entry, &der, faults);

    if (status == 0 && der.length > 0 && certificate_view_read(slice_of(&der), &view) == 0) {
        status = bytes_append(&fence->subject, view.subject.data, view.subject.length);
        if (status == 0 && name_constraints_of(&view, &fence->permitted, &fence->excluded) != 0) {
            entry_error_at(faults, fence->entry, (struct entry_spot){ENTRY_ADOPT_CERTIFICATE, NULL}, NULL,
                           "%s has name constraints that cannot be read", fence->entry->adopt_certificate);
        }
    }
    bytes_free(&der);
    return status;
}

/** The fence of @p entry, made when it is asked for first. NULL: memory is out, or the ledger failed. */
static const struct fence *fence_of(struct constraint_check *check, const struct entry *entry,
                                    struct faults *faults)
{
    struct fence *grown;
    size_t i;

    for (i = check->count; i > 0; i--) {
        if (check->fences[i - 1].entry == entry) {
            return &check->fences[i - 1];
        }
    }
    grown = realloc(check->fences, (check->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return NULL;
    }
    check->fences = grown;
    grown[check->count] = (struct fence){.entry = entry};
    check->count++;
    return fence_fill(check, &grown[check->count - 1], faults) == 0 ? &grown[check->count - 1] : NULL;
}

/** An entry that is held against a fence. */
struct holding {
    const struct entry *entry;
    const struct fence *fence;
    struct faults *faults;
};

static int tell_breach(void *state, const struct name_breach *breach)
{
    const struct holding *holding = state;
    struct bytes text = BYTES_EMPTY;
    int status = name_breach_text(breach, &text);

    if (status == 0) {
        char hint[HINT_MAX];

        (void)snprintf(hint, sizeof(hint), "name constraints of \"%s\", in %s", holding->fence->entry->name,
                       holding->fence->entry->adopt_certificate);
        entry_error(holding->faults, holding->entry, hint, "%s", bytes_text(&text));
    }
    bytes_free(&text);
    return status;
}

int constraint_check_take(struct constraint_check *check, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    const struct entry *top = entry;
    struct holding holding = {entry, NULL, faults};
    struct name_constraints constraints;

    if (entry == NULL || !plan_action_signs(step->action)) {
        return 0;
    }
    while (top->issuer != NULL) {
        top = top->issuer;
    }
    if (top->adopt_certificate == NULL) {
        return 0;
    }
    holding.fence = fence_of(check, top, faults);
    if (holding.fence == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (step->authority && slice_equal(slice_of(&entry->subject), slice_of(&holding.fence->subject))) {
        return 0; /* self-issued: RFC 5280, section 4.2.1.10 */
    }
    constraints =
        (struct name_constraints){slice_of(&holding.fence->permitted), slice_of(&holding.fence->excluded)};
    if (name_constraints_check(&constraints, slice_of(&entry->subject), slice_of(&entry->names),
                               !step->authority, tell_breach, &holding) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}
