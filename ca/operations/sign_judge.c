/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked for, judged: names by the rules of a manifest, key and usages by request_rules, all against issuer and ledger.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/name_index.h"
#include "operations/namesake.h"
#include "operations/order.h"
#include "operations/room.h"
#include "operations/signing.h"
#include "x509/request_rules.h"

/** So many are judged together: what that takes serves for the next ones then. */
#define TOGETHER 1000

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

struct plan_step signing_step(const struct signing *signing, const struct candidate *candidate,
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

/** Whether its key is one that somebody else may have. */
static void check_key(const struct signing *signing, const struct candidate *candidate)
{
    const char *name = lost_keys_find(signing->lost, candidate->petition->view.spki);

    if (name != NULL) {
        fault_error(signing->faults, NULL, candidate->petition->file, "a request for another key is signed",
                    "its key is lost: \"%s\", which has it, was revoked because of that", name);
    }
}

/** Key and usages. */
static void check_rules(const struct signing *signing, const struct candidate *candidate)
{
    check_key(signing, candidate);
    request_rules_check(signing->profile, &candidate->petition->view, signing->order->ignore_usages,
                        candidate->petition->file, signing->faults);
}

/** @p entry: the candidate's. -1: memory is out, or the ledger failed; everything else is told, and the next one is looked at. */
static int candidate_judge(struct signing *signing, struct candidate *candidate, struct entry *entry)
{
    size_t before;

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
    before = faults_errors(signing->faults);
    if (candidate_was_signed(signing, candidate, entry) != 0) {
        return -1;
    }
    if (!candidate->done && faults_errors(signing->faults) == before) {
        struct plan_step step = signing_step(signing, candidate, entry);

        (void)!(room_check(&signing->act.directory, signing->context, entry, plan_outputs(entry, false),
                           signing->faults) == 0 &&
                act_foresee_validity(&signing->act, &step, signing->faults) == 0);
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

/* In one group of the ledger: SQLite then locks once. */
int signing_judge(struct signing *signing)
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
    if (find_twins(signing) != 0 ||
        (signing->lost = lost_keys_read(signing->context, ledger, signing->faults)) == NULL ||
        ledger_begin(ledger, signing->faults) != 0) {
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
