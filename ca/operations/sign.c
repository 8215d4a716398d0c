/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign: each request becomes an item of an order, so that names are judged by the rules of a manifest; key and usages are judged by
 * request_rules. All this is done, and all requests are proved to be signed by their own keys, before anything is signed.
 */
#include "operations/sign.h"

#include <stdlib.h>
#include <string.h>

#include "operations/order.h"
#include "operations/signing.h"
#include "x509/certificate.h"
#include "x509/pem.h"

/* ---- signing -------------------------------------------------------------------------------------------------------- */

/** PEM of the intermediates above what is signed: what is its own issuer is none. */
static int chain_above(const struct signing *signing, struct bytes *pem)
{
    const struct entry *above = signing->issuer;
    int status = 0;

    for (; status == 0 && above != NULL; above = above->issuer) {
        struct ledger_certificate authority = {0};
        struct certificate_view view;

        status = ledger_find_certificate(signing->act.directory.ledger, above->name, &authority,
                                         signing->faults) == 1 &&
                         certificate_view_read(slice_of(&authority.der), &view) == 0
                     ? 0
                     : -1;
        if (status == 0 && !slice_equal(view.subject, view.issuer)) {
            status = pem_write(view.whole, "CERTIFICATE", pem);
        }
        ledger_certificate_free(&authority);
    }
    return status;
}

/** @p chain: room for the certificate before @p above. */
static int candidate_tell(struct signing *signing, const struct candidate *candidate,
                          const struct bytes *above, struct bytes *chain)
{
    struct ledger_certificate row = {0};
    int status = -1;

    bytes_clear(chain);
    if (ledger_find_certificate(signing->act.directory.ledger, candidate->petition->name, &row,
                                signing->faults) == 1 &&
        pem_write(slice_of(&row.der), "CERTIFICATE", chain) == 0 &&
        bytes_append(chain, above->data, above->length) == 0) {
        status = signing->told(signing->state, &row, slice_of(chain));
    }
    ledger_certificate_free(&row);
    return status;
}

static int all_tell(struct signing *signing)
{
    struct bytes above = BYTES_EMPTY;
    struct bytes chain = BYTES_EMPTY;
    size_t i;
    int status = chain_above(signing, &above);

    for (i = 0; i < signing->order->count && status == 0; i++) {
        status = candidate_tell(signing, &signing->candidates[i], &above, &chain);
    }
    bytes_free(&above);
    bytes_free(&chain);
    return status;
}

/** Everything that may be wrong with what is asked for. What is wrong with the files is told first. */
static int all_check(struct signing *signing, struct faults *faults)
{
    struct faults *judgement = faults_new();
    int status = -1;

    if (judgement == NULL) {
        fault_memory(faults);
        return -1;
    }
    signing->faults = judgement;
    if (petitions_read(signing->petitions) != 0) {
        status = petitions_begin_proof(signing->petitions);
    } else if (petitions_begin_proof(signing->petitions) == 0) {
        /* while the proofs are made */
        status = signing_judge(signing);
    }
    if (petitions_prove(signing->petitions, faults) != 0) {
        status = -1;
    }
    signing->faults = faults;
    status = faults_errors(judgement) == 0 ? status : -1;
    faults_move(faults, judgement);
    faults_free(judgement);
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return status;
}

/** The model's subject where one was given, for all. */
static const struct entry *candidate_entry(const struct signing *signing, const struct candidate *candidate)
{
    const struct entry *entry =
        entry_like(signing->model, candidate->petition->name,
                   signing->order->subject != NULL ? slice_of(&signing->model->subject)
                                                   : candidate->petition->view.subject,
                   slice_of(&candidate->names));

    if (entry == NULL) {
        fault_memory(signing->faults);
    }
    return entry;
}

static int all_sign(struct signing *signing)
{
    size_t count = signing->order->count;
    bool foreseen = false;
    size_t i;

    act_expect(&signing->act, count);
    for (i = 0; i < count; i++) {
        const struct entry *entry;
        struct plan_step step;
        int status = 0;

        if (signing->candidates[i].done) {
            continue;
        }
        entry = candidate_entry(signing, &signing->candidates[i]);
        if (entry == NULL) {
            (void)!act_flush(&signing->act, signing->faults); /* what is begun is brought to its end */
            return -1;
        }
        step = signing_step(signing, &signing->candidates[i], entry);
        if (!foreseen) {
            /* they all need the same: their issuer's key */
            status = act_foresee_needs(&signing->act, &step, signing->faults);
            foreseen = true;
        }
        status = status == 0 ? act_take(&signing->act, &step, signing->faults) : -1;
        entry_release(entry);
        if (status != 0) {
            return -1;
        }
    }
    if (act_flush(&signing->act, signing->faults) != 0) {
        return -1;
    }
    return signing->told != NULL ? all_tell(signing) : 0;
}

int sign_run(const struct context *context, const char *directory, const struct sign_order *order,
             const struct act_observer *observer, signed_fn told, void *state, struct faults *faults)
{
    struct signing signing = {
        .context = context, .order = order, .faults = faults, .act = ACT_EMPTY, .told = told, .state = state};
    size_t i;
    int status = -1;

    if (order->count == 0 || order->count > SIGN_MAX) {
        fault_error(faults, NULL, NULL, NULL, "at most %d requests are signed in one run", SIGN_MAX);
        return -1;
    }
    signing.petitions = petitions_new(context, order->requests, order->count, order->name);
    signing.digester = digester_new(context);
    signing.facets = signing.digester != NULL ? facet_desk_new(signing.digester) : NULL;
    if (signing.petitions == NULL || signing.facets == NULL ||
        petitions_begin_reading(signing.petitions) != 0) {
        fault_memory(faults);
    } else if (act_open(&signing.act, context, directory, observer, faults) == 0 &&
               (signing.standing = standing_new(&signing.act.directory, order->issuer_passphrase, faults)) !=
                   NULL &&
               (signing.issuer = standing_authority(signing.standing, order->issuer, faults)) != NULL &&
               (signing.profile = order_profile(order->profile, order->profiles, order->profile_count,
                                                &signing.profiles, faults)) != NULL &&
               all_check(&signing, faults) == 0) {
        status = all_sign(&signing);
    }
    act_close(&signing.act);
    for (i = 0; signing.candidates != NULL && i < order->count; i++) {
        bytes_free(&signing.candidates[i].names);
    }
    manifest_free(signing.manifest);
    profile_set_free(signing.profiles);
    lost_keys_free(signing.lost);
    standing_free(signing.standing);
    free(signing.candidates);
    petitions_free(signing.petitions);
    facet_desk_free(signing.facets);
    digester_free(signing.digester);
    return status;
}
