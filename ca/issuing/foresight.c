/* SPDX-License-Identifier: Apache-2.0 */
/* Foresight: each step of the walk that checks is asked for what it will need, and whether it can be carried out. */
#include "issuing/foresight.h"

#include <stdlib.h>

#include "issuing/adoptee.h"
#include "issuing/constraint_check.h"
#include "issuing/needs.h"
#include "issuing/validity_check.h"

struct foresight {
    const struct context *context;
    int directory;
    struct authorities *authorities;
    struct passphrases *passphrases;
    struct validity_check *validities;
    struct constraint_check *constraints;
    const struct entry **anew; /* authorities that this run makes: nothing on disk is asked for them */
    size_t anew_count;
};

struct foresight *foresight_new(const struct context *context, int directory, struct authorities *authorities,
                                struct passphrases *passphrases)
{
    struct foresight *foresight = authorities != NULL ? calloc(1, sizeof(*foresight)) : NULL;

    if (foresight == NULL) {
        return NULL;
    }
    foresight->context = context;
    foresight->directory = directory;
    foresight->authorities = authorities;
    foresight->passphrases = passphrases;
    foresight->validities = validity_check_new(context, authorities);
    foresight->constraints = constraint_check_new(authorities);
    if (foresight->validities == NULL || foresight->constraints == NULL) {
        foresight_free(foresight);
        return NULL;
    }
    return foresight;
}

void foresight_free(struct foresight *foresight)
{
    if (foresight != NULL) {
        validity_check_free(foresight->validities);
        constraint_check_free(foresight->constraints);
        free(foresight->anew);
        free(foresight);
    }
}

void foresight_use(struct foresight *foresight, int directory)
{
    foresight->directory = directory;
}

static bool made_anew(const struct foresight *foresight, const struct entry *entry)
{
    size_t i;

    for (i = 0; i < foresight->anew_count; i++) {
        if (foresight->anew[i] == entry) {
            return true;
        }
    }
    return false;
}

/** Notes that this run makes the authority, and looks at what an adopted one brings. */
static int foresee_authority(struct foresight *foresight, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    const struct entry **grown = realloc(foresight->anew, (foresight->anew_count + 1) * sizeof(*grown));
    struct bytes certificate = BYTES_EMPTY;

    if (grown == NULL) {
        fault_memory(faults);
        return -1;
    }
    foresight->anew = grown;
    grown[foresight->anew_count++] = entry;
    if (entry->token_uri != NULL && entry->adopt_certificate == NULL) {
        /* a replaced authority may have another key, one that only gets another certificate may not */
        if (tokens_open(authorities_tokens(foresight->authorities), entry, false, faults) == 1 &&
            !step->new_key) {
            (void)!authorities_check_token(foresight->authorities, entry, faults);
        }
    } else if (entry->adopt_key != NULL && adoptee_is_gone(entry->adopt_key)) {
        entry_warning_at(faults, entry, (struct entry_spot){ENTRY_ADOPT_KEY, NULL},
                         "it is needed to sign; a relative path starts from the manifest's folder",
                         "%s is not there", entry->adopt_key);
    } else if (entry->adopt_certificate != NULL && (entry->adopt_key != NULL || entry->token_uri != NULL)) {
        if (adoptee_read(entry, &certificate, faults) == 0) {
            (void)!authorities_check_adoptee(foresight->authorities, entry, slice_of(&certificate), faults);
        }
        bytes_free(&certificate);
    }
    return 0;
}

int foresight_take_validity(struct foresight *foresight, const struct plan_step *step, struct faults *faults)
{
    if (step->action == PLAN_ADOPT) {
        adoptee_warn(step->entry, faults);
    }
    return validity_check_take(foresight->validities, step, faults) != 0
               ? -1
               : constraint_check_take(foresight->constraints, step, faults);
}

int foresight_take(struct foresight *foresight, const struct plan_step *step, struct faults *faults)
{
    const struct entry *entry = step->entry;
    const struct bytes *secret = NULL;
    struct authority_at_work *authority;

    if (entry == NULL || step->action == PLAN_UNCHANGED) {
        return 0;
    }
    /* what is missing goes to faults, and the rest is looked at for its own complaints */
    (void)!needs_passphrases(foresight->passphrases, step, NULL, faults);
    if (needs_key_passphrase(foresight->passphrases, step, &secret, faults) == 0) {
        (void)!needs_changed_key(foresight->context, foresight->directory, step, secret, faults);
    }
    if (step->action == PLAN_CRL) {
        /* a key before is opened when its list is made: one that cannot be is no reason to do nothing else */
        return step->generation != 0
                   ? 0
                   : needs_list(foresight->authorities, entry, made_anew(foresight, entry), faults);
    }
    if (step->authority && (plan_action_signs(step->action) || step->action == PLAN_ADOPT) &&
        foresee_authority(foresight, step, faults) != 0) {
        return -1;
    }
    if (!plan_action_signs(step->action) || entry->issuer == NULL || made_anew(foresight, entry->issuer)) {
        return 0;
    }
    authority = authorities_recall(foresight->authorities, entry->issuer, faults);
    if (authority == NULL) {
        return -1;
    }
    (void)!authorities_load_key(foresight->authorities, authority, faults);
    return 0;
}
