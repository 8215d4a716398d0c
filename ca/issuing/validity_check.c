/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of validities: the ends of the authorities that a run makes; of the others the ledger knows.
 */
#include "issuing/validity_check.h"

#include <stdlib.h>

#include "issuing/adoptee.h"
#include "x509/certificate.h"

/** An authority that this run makes. */
struct newcomer {
    const struct entry *entry;
    instant not_before, not_after;
};

struct validity_check {
    struct authorities *authorities;
    instant now;
    bool fixture;
    struct newcomer *newcomers;
    size_t count, room;
};

struct validity_check *validity_check_new(const struct context *context, struct authorities *authorities)
{
    struct validity_check *check = calloc(1, sizeof(*check));

    if (check != NULL) {
        check->authorities = authorities;
        check->now = context_now(context);
        check->fixture = context_is_fixture(context);
    }
    return check;
}

void validity_check_free(struct validity_check *check)
{
    if (check != NULL) {
        free(check->newcomers);
        free(check);
    }
}

static int newcomer_note(struct validity_check *check, const struct newcomer *newcomer, struct faults *faults)
{
    if (check->count == check->room) {
        size_t room = check->room > 0 ? check->room * 2 : 16;
        struct newcomer *grown = realloc(check->newcomers, room * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(faults);
            return -1;
        }
        check->newcomers = grown;
        check->room = room;
    }
    check->newcomers[check->count++] = *newcomer;
    return 0;
}

/** When the issuer of @p entry begins and ends. */
static int issuer_ends(struct validity_check *check, const struct entry *entry, instant *begin, instant *end,
                       struct faults *faults)
{
    const struct authority_at_work *authority;
    size_t before = faults_errors(faults);
    size_t i;

    *begin = INSTANT_MIN;
    *end = INSTANT_MAX;
    if (entry->issuer == NULL) {
        return 0;
    }
    for (i = check->count; i > 0; i--) {
        if (check->newcomers[i - 1].entry == entry->issuer) {
            *begin = check->newcomers[i - 1].not_before;
            *end = check->newcomers[i - 1].not_after;
            return 0;
        }
    }
    authority = authorities_recall(check->authorities, entry->issuer, faults);
    if (authority != NULL) {
        *begin = authority->not_before;
        *end = authority->not_after;
    }
    return faults_errors(faults) == before ? 0 : -1;
}

/** When the certificate to adopt begins and ends. What is wrong with it the plan has told, or tells later. */
static void adoptee_ends(struct newcomer *newcomer)
{
    struct faults *unused = faults_new();
    struct bytes der = BYTES_EMPTY;
    struct certificate_view view;

    if (unused != NULL && adoptee_read(newcomer->entry, &der, unused) == 0 &&
        certificate_view_read(slice_of(&der), &view) == 0) {
        newcomer->not_before = view.not_before;
        newcomer->not_after = view.not_after;
    }
    bytes_free(&der);
    faults_free(unused);
}

int validity_check_take(struct validity_check *check, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    struct newcomer newcomer = {entry, INSTANT_MIN, INSTANT_MAX};
    instant begin, ceiling;
    const char *why = NULL;
    bool clipped;

    if (entry == NULL || (!plan_action_signs(step->action) && step->action != PLAN_ADOPT)) {
        return 0;
    }
    if (step->action == PLAN_ADOPT) {
        adoptee_ends(&newcomer);
    } else {
        if (issuer_ends(check, entry, &begin, &ceiling, faults) != 0) {
            return -1;
        }
        if (validity_resolve(&entry->validity, &entry->backdate, check->now, ceiling, &newcomer.not_before,
                             &newcomer.not_after, &clipped, &why) != 0) {
            entry_error(faults, entry, NULL, "%s", why);
            /* what is under it is not to blame */
            newcomer.not_before = INSTANT_MIN;
            newcomer.not_after = INSTANT_MAX;
        } else if (!check->fixture && !entry->validity.fixed_from && newcomer.not_after < begin) {
            /* a fixture may be just that, and nobody's clock is in it */
            entry_error(faults, entry, "is the clock right? validity: {from: ...} says when it is to begin",
                        "would end before its issuer's certificate begins");
        }
    }
    return step->authority ? newcomer_note(check, &newcomer, faults) : 0;
}
