/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign: each request becomes an item of an order, so that names are judged by the rules of a manifest; key and usages are judged by
 * request_rules. All this is done, and all requests are proved to be signed by their own keys, before anything is signed.
 */
#include "operations/sign.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/name_index.h"
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
    struct bytes names; /**< SAN: GeneralName DERs */
    bool twin;          /**< one before it has its name, and that was told */
    bool done;          /**< it was signed before */
};

/** So many are judged together: what that takes serves for the next ones then. */
#define TOGETHER 1000

struct signing {
    const struct context *context;
    const struct sign_order *order;
    struct faults *faults;
    struct act act;
    struct standing *standing;
    struct digester *digester;
    struct facet_desk *facets;
    const struct entry *issuer;
    struct manifest *manifest; /* of the first order */
    const struct entry *model; /* in it: of the others the names alone differ */
    uint64_t outputs;          /* what of each is written */
    struct profile_set *profiles;
    const struct profile *profile; /* in it */
    struct petitions *petitions;
    struct candidate *candidates;
    signed_fn told;
    void *state;
};

/* ---- the order ------------------------------------------------------------------------------------------------------ */

/** Requests @p first and following as one order. NULL: there are none, or what is wrong is told. */
static struct manifest *some_order(const struct signing *signing, size_t first, size_t count)
{
    const struct sign_order *order = signing->order;
    struct order whole = {
        .issuer = signing->issuer->name,
        .profile = order->profile,
        .validity = order->validity,
        .profiles = order->profiles,
        .profile_count = order->profile_count,
        .authorities = signing->profile->ca,
    };
    struct order_item *items = calloc(count, sizeof(*items));
    struct manifest *manifest;
    size_t i;

    if (items == NULL) {
        fault_memory(signing->faults);
        return NULL;
    }
    for (i = 0; i < count; i++) {
        const struct candidate *candidate = &signing->candidates[first + i];
        const struct petition *petition = candidate->petition;
        struct order_item *item = &items[whole.count];

        if (candidate->twin) {
            continue;
        }
        whole.count++;
        item->name = petition->name;
        item->subject = order->subject != NULL ? order->subject : petition->subject;
        item->names = order->name_count > 0 ? order->names : (const char *const *)petition->names;
        item->name_count = order->name_count > 0 ? order->name_count : petition->name_count;
    }
    whole.items = items;
    manifest = whole.count > 0 ? order_read(signing->context, &whole, signing->faults) : NULL;
    free(items);
    return manifest;
}

/** Tells of what would write one file: names that differ in nothing, or in case alone. -1: memory is out. */
static int find_twins(const struct signing *signing)
{
    struct name_index names = {.count = 0};
    size_t i;

    for (i = 0; i < signing->order->count; i++) {
        if (name_index_add(&names, signing->candidates[i].petition->name, i) != 0) {
            fault_memory(signing->faults);
            name_index_free(&names);
            return -1;
        }
    }
    name_index_sort(&names);
    for (i = 1; i < names.count; i++) {
        struct candidate *candidate = &signing->candidates[names.rows[i].value];

        if (name_index_equal(names.rows[i].text, names.rows[i - 1].text)) {
            candidate->twin = true;
            fault_error(signing->faults, NULL, candidate->petition->file,
                        "names differ in more than case; --name gives a request that is signed alone another",
                        "the name \"%s\" is that of %s", candidate->petition->name,
                        signing->candidates[names.rows[i - 1].value].petition->file);
        }
    }
    name_index_free(&names);
    return 0;
}

/* ---- judging -------------------------------------------------------------------------------------------------------- */

/** What the certificate of @p row, made from the same request, is not that @p entry asks for now; NULL: nothing, or NULL with a fault. */
static const char *what_differs(const struct signing *signing, const struct entry *entry,
                                const struct ledger_certificate *row)
{
    struct ledger_certificate authority = {0};
    struct plan_facets facets;
    const char *why = NULL;

    if (plan_facets_of(signing->facets, entry, NULL, &facets, signing->faults) != 0 ||
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
                      const struct entry *entry, const struct ledger_certificate *row)
{
    struct ledger_revocation revocation = {0};
    int found = ledger_find_revocation(signing->act.directory.ledger, row->id, &revocation, signing->faults);
    const char *why = found == 0 ? what_differs(signing, entry, row) : NULL;

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
static int candidate_was_signed(const struct signing *signing, struct candidate *candidate,
                                const struct entry *entry)
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
            status = check_same(signing, candidate, entry, &row);
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

static struct plan_step candidate_step(const struct signing *signing, const struct candidate *candidate,
                                       const struct entry *entry)
{
    struct plan_step step = {
        .action = PLAN_CREATE,
        .name = entry->name,
        .entry = entry,
        .request = candidate->petition->view.whole,
        .request_key = candidate->petition->view.spki,
        .outputs = signing->outputs,
    };

    return step;
}

/** Key and usages. */
static void check_rules(const struct signing *signing, const struct candidate *candidate)
{
    request_rules_check(signing->profile, &candidate->petition->view, signing->order->ignore_usages,
                        candidate->petition->file, signing->faults);
}

/** @p entry: the candidate's. -1: memory is out, or the ledger failed; everything else is told, and the next one is looked at. */
static int candidate_judge(struct signing *signing, struct candidate *candidate, struct entry *entry)
{
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
    check_rules(signing, candidate);
    if (standing_check_issuers(entry, signing->profile->ca, signing->faults) != 0 ||
        standing_check_names(signing->standing, entry, signing->faults) != 0) {
        return 0;
    }
    if (candidate_was_signed(signing, candidate, entry) != 0) {
        return -1;
    }
    if (!candidate->done) {
        struct plan_step step = candidate_step(signing, candidate, entry);

        (void)!act_foresee_validity(&signing->act, &step, signing->faults);
    }
    return 0;
}

/** Requests @p first and following. What is wrong with their order is told, and the next ones are looked at. */
static int some_judge(struct signing *signing, size_t first, size_t count)
{
    struct manifest *manifest = some_order(signing, first, count);
    struct entry *entry = NULL;
    size_t i;
    int status = 0;

    for (i = 0; i < count && status == 0 && manifest != NULL; i++) {
        struct candidate *candidate = &signing->candidates[first + i];

        if (!candidate->twin) {
            entry = manifest_entry(manifest, candidate->petition->name);
            status = candidate_judge(signing, candidate, entry);
            bytes_move(&candidate->names, &entry->names);
        }
    }
    for (i = 0; i < count && manifest == NULL; i++) {
        /* their names are wrong, some of them: what else is, is told as well */
        if (!signing->candidates[first + i].twin) {
            check_rules(signing, &signing->candidates[first + i]);
        }
    }
    if (signing->model == NULL && entry != NULL) {
        signing->manifest = manifest;
        signing->model = entry;
        signing->outputs = plan_outputs(entry, false);
    } else {
        manifest_free(manifest);
    }
    return status;
}

/**
 * How many are judged together. Authorities all are, for what is the matter between them is found; so are those of a folder's profiles, which
 * are read once then.
 */
static size_t together(const struct signing *signing)
{
    return signing->profile->ca || signing->order->profile_count > 0 ? signing->order->count : TOGETHER;
}

/** All that were asked for, in one group of the ledger: SQLite then locks once. */
static int all_judge(struct signing *signing)
{
    struct ledger *ledger = signing->act.directory.ledger;
    size_t count = signing->order->count;
    size_t most = together(signing);
    size_t first;

    signing->candidates = calloc(count, sizeof(*signing->candidates));
    if (signing->candidates == NULL) {
        fault_memory(signing->faults);
        return -1;
    }
    for (first = 0; first < count; first++) {
        signing->candidates[first].petition = petitions_at(signing->petitions, first);
    }
    if (find_twins(signing) != 0 || ledger_begin(ledger, signing->faults) != 0) {
        return -1;
    }
    for (first = 0; first < count; first += most) {
        if (some_judge(signing, first, count - first < most ? count - first : most) != 0) {
            ledger_rollback(ledger);
            return -1;
        }
    }
    ledger_rollback(ledger); /* nothing was written */
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
        status = all_judge(signing);
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
        step = candidate_step(signing, &signing->candidates[i], entry);
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
    standing_free(signing.standing);
    free(signing.candidates);
    petitions_free(signing.petitions);
    facet_desk_free(signing.facets);
    digester_free(signing.digester);
    return status;
}
