/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of revocation:
 *
 *   the manifest says revoked   the ledger does not     revoke; where none was issued a warning, but in a fixture, which is
 *                                                       as a whole what the manifest says: it is made, and revoked
 *                               it does                 nothing; from hold to another reason: revoke. What was done by hand
 *                                                       counts as the manifest's from then on
 *   the manifest does not       a manifest did it       an error, as nothing undoes it; on hold: release
 *                               it was done by hand     a warning, nothing is done by itself
 */
#include "plan/revocation.h"

#include <stdio.h>
#include <string.h>

#include "x509/crl.h"

/** Room for a hint. */
#define HINT_MAX 600

static const struct entry_spot spot = {ENTRY_REVOKED, NULL};

static const char *reason_text(int reason)
{
    const char *text = crl_reason_text(reason);

    return text != NULL ? text : "unspecified";
}

/** `revoked:` is there. */
static void judge_wanted(struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    struct plan_step *step = judging->step;

    if (!record->issued) {
        entry_warning_at(faults, entry, spot, NULL,
                         "no certificate of it was issued here: there is nothing to revoke");
    } else if (!record->revoked && record->revoked_other) {
        entry_error_at(faults, entry, spot, "take revoked out, if the new one is to stay",
                       "the certificate that this revoked was followed by another one");
    } else if (!record->revoked || (record->revoked_reason == CRL_CERTIFICATE_HOLD &&
                                    entry->revoked.reason != CRL_CERTIFICATE_HOLD)) {
        step->action = PLAN_REVOKE;
        if (judging->issuer != NULL) {
            judging->issuer->lacking = true;
        }
        return;
    }
    step->claims = record->issued && record->revoked && !record->revoked_here;
    if (record->issued && record->revoked && record->revoked_reason != entry->revoked.reason) {
        entry_warning_at(faults, entry, spot, NULL, "it was revoked for %s, and that cannot be changed",
                         reason_text(record->revoked_reason));
    } else if (record->issued && record->revoked &&
               ((entry->revoked.has_date && entry->revoked.date != record->revoked_date) ||
                (entry->revoked.has_invalidity && entry->revoked.invalidity != record->revoked_invalidity))) {
        entry_warning_at(faults, entry, spot, "put back what was said, or say nothing of it",
                         "it was revoked with another date, and that cannot be changed");
    }
}

/** `revoked:` is not there, and the certificate is revoked. */
static void judge_unwanted(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    char hint[HINT_MAX] = "";
    char another[HINT_MAX - 100]; /* what makes another certificate */

    (void)snprintf(another, sizeof(another),
                   entry->kind == ENTRY_AUTHORITY ? "apply --replace-authority %s" : "renew %s --new-key",
                   entry->name);
    if (record->revoked_here && record->revoked_reason == CRL_CERTIFICATE_HOLD) {
        judging->step->action = PLAN_RELEASE;
        if (judging->issuer != NULL) {
            judging->issuer->lacking = true;
        }
    } else if (record->revoked_here) {
        if (judge->options->seeded) {
            (void)snprintf(
                hint, sizeof(hint),
                "put revoked: %s back, or delete the PKI directory: a fixture is quickly made anew",
                reason_text(record->revoked_reason));
        } else {
            (void)snprintf(hint, sizeof(hint), "put revoked: %s back; mtls-ca %s makes another certificate",
                           reason_text(record->revoked_reason), another);
        }
        entry_error(faults, entry, hint, "its certificate was revoked (%s), and nothing undoes that",
                    reason_text(record->revoked_reason));
    } else {
        (void)snprintf(hint, sizeof(hint), "say revoked: %s here; mtls-ca %s makes another certificate",
                       reason_text(record->revoked_reason), another);
        entry_warning(faults, entry, hint, "its certificate was revoked by hand (%s): it stays as it is",
                      reason_text(record->revoked_reason));
    }
}

bool revocation_decides(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct plan_record *record = &judging->record;
    bool wanted = judging->entry->revoked.wanted;

    if (!wanted && !(record->issued && record->revoked)) {
        return false;
    }
    if (wanted && !record->issued && judge->options->seeded) {
        return false;
    }
    judging->step->action = PLAN_UNCHANGED;
    if (wanted) {
        judge_wanted(judging, faults);
    } else {
        judge_unwanted(judge, judging, faults);
    }
    if (judging->self != NULL) {
        judging->self->revoked = judging->step->action != PLAN_RELEASE;
        judging->self->can_sign =
            judging->entry->adopt_certificate != NULL ? judging->adopt_key : !judging->look.key_missing;
        judging->self->known = record->issued;
    }
    return true;
}

/** When a list is due to be made again: two thirds of its time are over. */
static instant list_due(instant this_update, instant next_update)
{
    return this_update + (next_update - this_update) / 3 * 2;
}

/** Why a list is due, which as it is recorded will be at @p due. */
static unsigned list_reasons(const struct judge *judge, const struct plan_crl *crl, instant due)
{
    unsigned reasons = 0;

    reasons |= !crl->made || crl->missing ? REASON_CRL_MISSING : 0;
    reasons |= crl->made && crl->changed ? REASON_CRL_CHANGED : 0;
    reasons |= crl->made && judge->now >= due ? REASON_CRL_OLD : 0;
    return reasons | (crl->lacking ? REASON_CRL_LACKING : 0);
}

static void list_step(const struct judge *judge, const struct entry *entry, unsigned reasons,
                      struct plan_step *step)
{
    step->action = PLAN_CRL;
    step->reasons = reasons;
    step->name = entry->name;
    step->entry = entry;
    step->authority = true;
    step->due = list_due(judge->now, instant_add(judge->now, &entry->crl.next_update));
}

int revocation_list_judge(const struct judge *judge, struct authority *authority, struct plan_step *step,
                          instant *due, struct faults *faults)
{
    const struct entry *entry = authority->entry;
    struct plan_crl crl = {0};
    unsigned reasons = 0;

    *due = INSTANT_MAX;
    if (!entry->crl.wanted || authority->not_after <= judge->now) {
        return 0; /* nobody looks at the lists of an authority that has expired */
    }
    if (judge->state->crl(judge->state->state, entry, &crl, faults) != 0) {
        return -1;
    }
    if (crl.made) {
        *due = list_due(crl.this_update, crl.next_update);
    }
    if (authority->made) {
        memset(&crl, 0, sizeof(crl)); /* what there is is a list of the key before then */
    }
    reasons = list_reasons(judge, &crl, *due) | (authority->lacking ? REASON_CRL_LACKING : 0);
    if (reasons == 0) {
        return 0;
    }
    list_step(judge, entry, reasons, step);
    if (authority->made && *due < step->due) {
        step->due = *due;
    }
    authority_check_signs(authority, "its revocation list", faults);
    return 1;
}

int revocation_list_judge_old(const struct judge *judge, const struct authority *authority,
                              int64_t *generation, struct plan_step *step, instant *due,
                              struct faults *faults)
{
    const struct entry *entry = authority->entry;
    struct plan_crl crl = {0};
    unsigned reasons;
    int found;

    *due = INSTANT_MAX;
    if (!entry->crl.wanted) {
        return 2;
    }
    found = judge->state->old_crl(judge->state->state, entry, *generation, generation, &crl, faults);
    if (found != 1) {
        return found == 0 ? 2 : -1;
    }
    if (crl.made) {
        *due = list_due(crl.this_update, crl.next_update);
    }
    reasons = list_reasons(judge, &crl, *due);
    if (reasons == 0) {
        return 0;
    }
    if (crl.keyless) {
        entry_warning(faults, entry, "put the key back, or let its certificates run out",
                      "the list of its key before, generation %lld, is due, and that key is not at hand",
                      (long long)*generation);
        return 0;
    }
    list_step(judge, entry, reasons, step);
    step->generation = *generation;
    return 1;
}
