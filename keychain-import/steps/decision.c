/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deciding: look at each item, and say what is to be done about it.
 */
#include "steps/decision.h"

#include <stdlib.h>
#include <string.h>

#include "steps/claims.h"

void decision_free(struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        bytes_free(&decision->steps[i].before);
    }
    free(decision->steps);
    *decision = (struct decision){NULL, 0, 0};
}

/** While deciding. */
struct deciding {
    const struct run *run;
    const struct journal_records *records;
    const struct decision_rules *rules;
};

/** A refusal that names the store and the item; always -1. */
static int refuse(const struct deciding *deciding, const struct wanted_item *wanted, const char *hint,
                  const char *why)
{
    fault_error(deciding->run->faults, NULL, NULL, hint, "%s: %s of %s: %s", store_name(deciding->run->store),
                item_kind_word(wanted->item.kind), bytes_text(&wanted->shown), why);
    return -1;
}

/* ---- what the store can enforce --------------------------------------------------------------------------------------- */

static int check_key(const struct deciding *deciding, const struct wanted_item *wanted)
{
    const struct store *store = deciding->run->store;

    if (!store_can(store, STORE_IDENTITIES)) {
        return refuse(deciding, wanted, NULL, "this store takes no identities");
    }
    if (wanted->item.extractable == EXTRACTABLE_NO && !store_can(store, STORE_UNEXTRACTABLE)) {
        return refuse(deciding, wanted, "--extractable best takes what the store has",
                      "this store cannot keep a key from being read back");
    }
    if (wanted->item.program_count > 0 && !store_can(store, STORE_PROGRAMS)) {
        return refuse(deciding, wanted,
                      "leave --allow out: every program that can open the store can use the key",
                      "this store does not know which program uses a key");
    }
    return 0;
}

static int check_trust(const struct deciding *deciding, const struct wanted_item *wanted)
{
    const struct store *store = deciding->run->store;
    enum scope scope = wanted->item.scope;

    if (!store_can(store, STORE_ANCHORS)) {
        return refuse(deciding, wanted, NULL, "this store takes no anchors");
    }
    if (scope == SCOPE_ANY && !deciding->rules->insecure_for_any) {
        return refuse(deciding, wanted, "--insecure-for-any takes that",
                      "an authority of clients that is trusted for servers could impersonate every site");
    }
    if ((scope & SCOPE_SERVER) != 0 && !store_can(store, STORE_SCOPE_SERVER)) {
        return refuse(deciding, wanted, NULL, "this store cannot trust an authority for servers alone");
    }
    if ((scope & SCOPE_CLIENT) != 0 && !store_can(store, STORE_SCOPE_CLIENT)) {
        return refuse(deciding, wanted, "the server that checks clients is given their authority by name",
                      "this store cannot trust an authority for clients alone");
    }
    if (wanted->item.host != NULL && !store_can(store, STORE_HOSTS)) {
        return refuse(deciding, wanted, "without --host it is trusted for every one",
                      "this store cannot trust an authority for one host alone");
    }
    return 0;
}

/* ---- what is there ---------------------------------------------------------------------------------------------------- */

/** The claims of others on the item. */
static struct claim_search others_of(const struct deciding *deciding, const struct wanted_item *wanted)
{
    return (struct claim_search){
        .store = store_name(deciding->run->store),
        .kind = wanted->item.kind,
        .certificate = wanted->item.certificate,
        .finished = true,
    };
}

/** What is there is kept; but claimed, where a run of ours may take it away again. */
static int decide_present(const struct deciding *deciding, const struct wanted_item *wanted,
                          struct step *step)
{
    struct claim_search search = others_of(deciding, wanted);
    struct standing_claim first = {NULL, NULL, 0};
    bool ours = claims_next(deciding->records, &search, &first);

    step->act = STEP_KEEP;
    if (!ours) {
        if (deciding->rules->holding && wanted->item.kind == ITEM_KEY) {
            return refuse(deciding, wanted, "use it as it is, or remove it",
                          "it is there already, and not by keychain-import");
        }
        return 0;
    }
    search.owner = &wanted->owner;
    search.ended = true;
    if (deciding->rules->holding || !claims_any(deciding->records, &search)) {
        step->act = STEP_JOIN;
        if (bytes_append(&step->before, first.claim->before.data, first.claim->before.length) != 0) {
            fault_memory(deciding->run->faults);
            return -1;
        }
    }
    return 0;
}

/** Trust of another kind than is wanted stands there. */
static int decide_other_trust(const struct deciding *deciding, const struct wanted_item *wanted,
                              struct sighting *sighting, struct step *step)
{
    bool crosses = sighting->scope != SCOPE_NONE && (sighting->scope | wanted->item.scope) == SCOPE_ANY &&
                   sighting->scope != SCOPE_ANY;

    if (deciding->rules->insecure_for_any && sighting->scope == SCOPE_ANY) {
        /* more than what is wanted is there, as was asked for before */
        return decide_present(deciding, wanted, step);
    }
    if (deciding->rules->insecure_for_any && crosses) {
        step->act = STEP_REPLACE;
        step->item.scope = SCOPE_ANY;
        bytes_move(&step->before, &sighting->before);
        return 0;
    }
    if (crosses) {
        fault_error(
            deciding->run->faults, NULL, NULL, "untrust it first; --insecure-for-any trusts it for both",
            "%s: %s is trusted for %s; trusted for both it could impersonate every site",
            store_name(deciding->run->store), bytes_text(&wanted->shown), scope_word(sighting->scope));
        return -1;
    }
    return refuse(deciding, wanted, "remove or untrust what is there first",
                  sighting->reason.length > 0 ? bytes_text(&sighting->reason)
                                              : "something else is in its place");
}

static int decide_item(const struct deciding *deciding, const struct wanted_item *wanted, struct step *step)
{
    struct sighting sighting = {.presence = PRESENCE_ABSENT};
    int status = 0;

    *step = (struct step){
        .act = STEP_PUT, .item = wanted->item, .owner = wanted->owner, .shown = bytes_text(&wanted->shown)};
    if (wanted->item.kind == ITEM_KEY) {
        status = check_key(deciding, wanted);
    } else if (wanted->item.kind == ITEM_TRUST) {
        status = check_trust(deciding, wanted);
    }
    if (status == 0) {
        status = store_look(deciding->run->store, &wanted->item, &sighting, deciding->run->faults);
    }
    if (status == 0 && sighting.presence == PRESENCE_PRESENT) {
        status = decide_present(deciding, wanted, step);
    } else if (status == 0 && sighting.presence == PRESENCE_DIFFERENT) {
        status = wanted->item.kind == ITEM_TRUST
                     ? decide_other_trust(deciding, wanted, &sighting, step)
                     : refuse(deciding, wanted, "nothing is overwritten: remove what is there first",
                              bytes_text(&sighting.reason));
    } else if (status == 0) {
        bytes_move(&step->before, &sighting.before);
    }
    sighting_free(&sighting);
    return status;
}

/** The same certificate, wanted once more for another owner, is put once. */
static void decide_repetition(struct decision *decision, struct step *step)
{
    for (size_t i = 0; step->act == STEP_PUT && i < decision->count; i++) {
        const struct step *one = &decision->steps[i];

        if (one->act == STEP_PUT && one->item.kind == step->item.kind &&
            slice_equal(one->item.certificate, step->item.certificate)) {
            step->act = STEP_JOIN;
        }
    }
}

/* ---- a label that is not used ----------------------------------------------------------------------------------------- */

/** What a certificate that is there is called. */
struct calling {
    const struct item *item;
    struct bytes label; /**< another than the item's; empty: none was seen */
    bool same;          /**< it has the item's */
};

static int call_entry(void *state, const struct store_entry *entry)
{
    struct calling *calling = state;

    if (entry->label == NULL || !slice_equal(entry->certificate, calling->item->certificate)) {
        return 0;
    }
    calling->same |= strcmp(entry->label, calling->item->label) == 0;
    bytes_clear(&calling->label);
    return bytes_append_text(&calling->label, entry->label);
}

/** What is there keeps its label: say so where another was asked for. */
static int warn_of_label(const struct run *run, const struct wanted_item *wanted)
{
    struct calling calling = {.item = &wanted->item, .label = BYTES_EMPTY};
    int status = store_each(run->store, call_entry, &calling, run->faults);

    if (status == 0 && !calling.same && calling.label.length > 0) {
        fault_warning(run->faults, NULL, NULL, "remove it first, to have it under another",
                      "%s: %s is there under the label \"%s\", which stays: \"%s\" is not used",
                      store_name(run->store), bytes_text(&wanted->shown), bytes_text(&calling.label),
                      wanted->item.label);
    } else if (status != 0 && faults_errors(run->faults) == 0) {
        fault_memory(run->faults);
    }
    bytes_free(&calling.label);
    return status;
}

int decide(const struct run *run, const struct wanted *wanted, const struct journal_records *records,
           const struct decision_rules *rules, struct decision *decision)
{
    const struct deciding deciding = {run, records, rules};
    int status = 0;

    decision_free(decision);
    decision->steps = calloc(wanted->count > 0 ? wanted->count : 1, sizeof(*decision->steps));
    if (decision->steps == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        struct step step;

        if (decide_item(&deciding, &wanted->items[i], &step) != 0) {
            status = -1;
        } else if (wanted->items[i].labelled && step.act != STEP_PUT &&
                   warn_of_label(run, &wanted->items[i]) != 0) {
            status = -1;
        }
        decide_repetition(decision, &step);
        decision->steps[decision->count++] = step;
        decision->changes += step.act != STEP_KEEP ? 1 : 0;
    }
    if (status != 0) {
        decision_free(decision);
    }
    return status;
}
