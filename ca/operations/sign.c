/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign: each request becomes an item of an order, so that names are judged by the rules of a manifest; key and usages are judged by
 * request_rules. All this is done, and all requests are proved to be signed by their own keys, before anything is signed.
 */
#include "operations/sign.h"

#include <stdlib.h>
#include <string.h>

#include "operations/namesake.h"
#include "operations/order.h"
#include "operations/petition.h"
#include "operations/standing.h"
#include "plan/facets.h"
#include "x509/certificate.h"
#include "x509/pem.h"
#include "x509/request_rules.h"

/** A request that is judged. */
struct candidate {
    const struct petition *petition;
    struct entry *entry; /**< of the order's manifest */
    bool done;           /**< it was signed before */
};

struct signing {
    const struct context *context;
    const struct sign_order *order;
    struct faults *faults;
    struct act act;
    struct standing *standing;
    struct digester *digester;
    struct facet_desk *facets;
    const struct entry *issuer;
    struct manifest *manifest;
    bool authorities; /* the profile makes authorities */
    struct petitions *petitions;
    struct candidate *candidates;
    signed_fn told;
    void *state;
};

/* ---- the order ------------------------------------------------------------------------------------------------------ */

/** All requests as one order. */
static int candidates_order(struct signing *signing)
{
    const struct sign_order *order = signing->order;
    struct order whole = {
        .issuer = signing->issuer->name,
        .profile = order->profile,
        .validity = order->validity,
        .profiles = order->profiles,
        .profile_count = order->profile_count,
        .count = order->count,
        .authorities = signing->authorities,
    };
    struct order_item *items = calloc(order->count, sizeof(*items));
    size_t i;

    signing->candidates = calloc(order->count, sizeof(*signing->candidates));
    if (items == NULL || signing->candidates == NULL) {
        fault_memory(signing->faults);
        free(items);
        return -1;
    }
    for (i = 0; i < order->count; i++) {
        const struct petition *petition = petitions_at(signing->petitions, i);
        struct order_item *item = &items[i];

        signing->candidates[i].petition = petition;
        item->name = petition->name;
        item->subject = order->subject != NULL ? order->subject : petition->subject;
        item->names = order->name_count > 0 ? order->names : (const char *const *)petition->names;
        item->name_count = order->name_count > 0 ? order->name_count : petition->name_count;
    }
    whole.items = items;
    signing->manifest = order_read(signing->context, &whole, signing->faults);
    free(items);
    return signing->manifest != NULL ? 0 : -1;
}

/* ---- judging -------------------------------------------------------------------------------------------------------- */

/** What the certificate of @p row, made from the same request, is not that is asked for now; NULL: nothing, or NULL with a fault. */
static const char *what_differs(const struct signing *signing, const struct candidate *candidate,
                                const struct ledger_certificate *row)
{
    struct ledger_certificate authority = {0};
    struct plan_facets facets;
    const char *why = NULL;

    if (plan_facets_of(signing->facets, candidate->entry, NULL, &facets, signing->faults) != 0 ||
        ledger_find_certificate(signing->act.directory.ledger, signing->issuer->name, &authority,
                                signing->faults) < 0) {
        /* told */
    } else if (authority.own_generation != row->generation) {
        why = "by another authority or key";
    } else if (memcmp(facets.subject, row->facets.subject, sizeof(facets.subject)) != 0) {
        why = "with another subject";
    } else if (memcmp(facets.names, row->facets.names, sizeof(facets.names)) != 0) {
        why = "with other subject alternative names";
    } else if (memcmp(facets.profile, row->facets.profile, sizeof(facets.profile)) != 0) {
        why = "by another profile";
    } else if (memcmp(facets.validity, row->facets.validity, sizeof(facets.validity)) != 0) {
        why = "with another validity";
    } else if (row->not_after <= context_now(signing->context)) {
        why = "and has ended";
    }
    ledger_certificate_free(&authority);
    return why;
}

/** Tells when the certificate of @p row is not what signing the same request again would give. */
static int check_same(const struct signing *signing, const struct candidate *candidate,
                      const struct ledger_certificate *row)
{
    struct ledger_revocation revocation = {0};
    int found = ledger_find_revocation(signing->act.directory.ledger, row->id, &revocation, signing->faults);
    const char *why = found == 0 ? what_differs(signing, candidate, row) : NULL;

    ledger_revocation_free(&revocation);
    if (found == 1) {
        fault_error(signing->faults, NULL, candidate->petition->file, "a request for another key is signed",
                    "\"%s\" was signed from this request already, and is revoked (%s)", row->name,
                    ledger_reason_name(revocation.reason));
    } else if (why != NULL) {
        fault_error(signing->faults, NULL, candidate->petition->file,
                    "--name gives another name; mtls-ca renew makes it again as it was",
                    "\"%s\" was signed from this request already, %s", row->name, why);
    }
    return found < 0 ? -1 : 0;
}

/** Whether the ledger has a certificate for this very request under its name. */
static int candidate_was_signed(const struct signing *signing, struct candidate *candidate)
{
    struct ledger_certificate row = {0};
    struct digest request;
    int found = ledger_find_certificate(signing->act.directory.ledger, candidate->petition->name, &row,
                                        signing->faults);
    int status = found < 0 ? -1 : 0;

    if (found == 1) {
        digester_add(signing->digester, candidate->petition->view.whole);
    }
    if (found == 1 && digester_final(signing->digester, &request) != 0) {
        fault_openssl(signing->faults, "SHA-256 failed");
        status = -1;
    } else if (found == 1) {
        candidate->done = memcmp(request.octets, row.request.octets, DIGEST_LENGTH) == 0;
        if (candidate->done) {
            status = check_same(signing, candidate, &row);
        } else {
            fault_error(signing->faults, NULL, candidate->petition->file,
                        "--name gives another name; mtls-ca renew makes it again",
                        "\"%s\" was issued already, and not from this request", candidate->petition->name);
        }
    } else if (found == 0) {
        status = namesake_check(&signing->act.directory, candidate->petition->name, signing->faults);
    }
    ledger_certificate_free(&row);
    return status;
}

static struct plan_step candidate_step(const struct candidate *candidate)
{
    struct plan_step step = {
        .action = PLAN_CREATE,
        .name = candidate->entry->name,
        .entry = candidate->entry,
        .request = candidate->petition->view.whole,
        .request_key = candidate->petition->view.spki,
        .outputs = plan_outputs(candidate->entry, false),
    };

    return step;
}

/** -1: memory is out, or the ledger failed; everything else is told, and the next one is looked at. */
static int candidate_judge(struct signing *signing, struct candidate *candidate)
{
    struct entry *entry = manifest_entry(signing->manifest, candidate->petition->name);

    candidate->entry = entry;
    entry->kind = ENTRY_CERTIFICATE; /* its key is not here: it is no authority of this directory */
    entry->issuer = signing->issuer;
    entry->formats = signing->order->ledger_only ? 0 : FORMAT_PEM;
    if (signing->order->subject == NULL) {
        /* as the request encodes it: what was checked is its text */
        bytes_clear(&entry->subject);
        if (bytes_append(&entry->subject, candidate->petition->view.subject.data,
                         candidate->petition->view.subject.length) != 0) {
            fault_memory(signing->faults);
            return -1;
        }
    }
    request_rules_check(entry->profile, &candidate->petition->view, signing->order->ignore_usages,
                        candidate->petition->file, signing->faults);
    if (standing_check_issuers(candidate->entry, signing->authorities, signing->faults) != 0 ||
        standing_check_names(signing->standing, candidate->entry, signing->faults) != 0) {
        return 0;
    }
    if (candidate_was_signed(signing, candidate) != 0) {
        return -1;
    }
    if (!candidate->done) {
        struct plan_step step = candidate_step(candidate);

        (void)!act_foresee_validity(&signing->act, &step, signing->faults);
    }
    return 0;
}

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

/** All that were asked for, in one group of the ledger: SQLite then locks once. */
static int all_judge(struct signing *signing)
{
    struct ledger *ledger = signing->act.directory.ledger;
    size_t i;

    if (ledger_begin(ledger, signing->faults) != 0) {
        return -1;
    }
    for (i = 0; i < signing->order->count; i++) {
        if (candidate_judge(signing, &signing->candidates[i]) != 0) {
            ledger_rollback(ledger);
            return -1;
        }
    }
    return ledger_commit(ledger, signing->faults);
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
        status = candidates_order(signing) == 0 ? all_judge(signing) : -1;
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

static int all_sign(struct signing *signing)
{
    size_t count = signing->order->count;
    size_t i;

    act_expect(&signing->act, count);
    for (i = 0; i < count; i++) {
        struct plan_step step = candidate_step(&signing->candidates[i]);

        if (!signing->candidates[i].done && act_foresee_needs(&signing->act, &step, signing->faults) != 0) {
            return -1;
        }
    }
    for (i = 0; i < count; i++) {
        struct plan_step step = candidate_step(&signing->candidates[i]);

        if (!signing->candidates[i].done && act_take(&signing->act, &step, signing->faults) != 0) {
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
    int status = -1;

    if (order->count == 0 || order->count > SIGN_MAX) {
        fault_error(faults, NULL, NULL, NULL, "at most %d requests are signed in one run", SIGN_MAX);
        return -1;
    }
    signing.petitions = petitions_new(context, order->requests, order->count, order->name);
    signing.digester = digester_new(context);
    signing.facets = signing.digester != NULL ? facet_desk_new(signing.digester) : NULL;
    if (signing.petitions == NULL || signing.facets == NULL) {
        fault_memory(faults);
    } else if (act_open(&signing.act, context, directory, observer, faults) == 0 &&
               (signing.standing = standing_new(&signing.act.directory, order->issuer_passphrase, faults)) !=
                   NULL &&
               (signing.issuer = standing_authority(signing.standing, order->issuer, faults)) != NULL &&
               order_looks_for_authorities(order->profile, order->profiles, order->profile_count,
                                           &signing.authorities, faults) == 0 &&
               all_check(&signing, faults) == 0) {
        status = all_sign(&signing);
    }
    act_close(&signing.act);
    manifest_free(signing.manifest);
    standing_free(signing.standing);
    free(signing.candidates);
    petitions_free(signing.petitions);
    facet_desk_free(signing.facets);
    digester_free(signing.digester);
    return status;
}
