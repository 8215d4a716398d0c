/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of a store: what a kind does not have is refused in one place.
 */
#include "store/store.h"

#include <stdlib.h>

void sighting_free(struct sighting *sighting)
{
    bytes_free(&sighting->reason);
    bytes_free(&sighting->before);
    sighting->presence = PRESENCE_ABSENT;
    sighting->scope = SCOPE_NONE;
}

struct store *store_open(const struct store_kind *kind, const struct store_setting *setting,
                         const char *place, struct faults *faults)
{
    return kind->open(setting, place, faults);
}

void store_close(struct store *store)
{
    if (store != NULL) {
        char *name = store->name;

        store->kind->close(store);
        free(name);
    }
}

const char *store_name(const struct store *store)
{
    return store->name;
}

bool store_can(const struct store *store, enum store_ability ability)
{
    return (store->kind->abilities & (unsigned)ability) != 0;
}

/** A verb this kind of store does not have; always -1. */
static int verb_missing(const struct store *store, const char *what, struct faults *faults)
{
    fault_error(faults, NULL, NULL, NULL, "%s: this store %s", store->name, what);
    return -1;
}

int store_look(struct store *store, const struct item *item, struct sighting *sighting, struct faults *faults)
{
    return store->kind->look(store, item, sighting, faults);
}

int store_put(struct store *store, const struct item *item, struct faults *faults)
{
    bool identity = store_can(store, STORE_IDENTITIES);
    bool anchor = store_can(store, STORE_ANCHORS);

    if (item->kind == ITEM_KEY && !identity) {
        return verb_missing(store, "takes no keys", faults);
    }
    if (item->kind == ITEM_TRUST && !anchor) {
        return verb_missing(store, "takes no anchors", faults);
    }
    return store->kind->put(store, item, faults);
}

int store_take(struct store *store, const struct item *item, struct slice before, struct faults *faults)
{
    return store->kind->take(store, item, before, faults);
}

int store_prove(struct store *store, const struct item *item, struct faults *faults)
{
    return store->kind->prove(store, item, faults);
}

int store_each(struct store *store, store_entry_fn each, void *state, struct faults *faults)
{
    return store->kind->each(store, each, state, faults);
}

int store_judge(struct store *store, const struct store_question *question, struct store_verdict *verdict,
                struct faults *faults)
{
    return store->kind->judge != NULL ? store->kind->judge(store, question, verdict, faults) : 0;
}

int store_allow(struct store *store, const struct item *item, const char *program, struct faults *faults)
{
    if (store->kind->allow == NULL) {
        return verb_missing(store, "does not know which programs use a key", faults);
    }
    return store->kind->allow(store, item, program, faults);
}

int store_settle(struct store *store, struct faults *faults)
{
    return store->kind->settle != NULL ? store->kind->settle(store, faults) : 0;
}

bool store_lend(struct store *store)
{
    return store->kind->lend != NULL && store->kind->lend(store);
}

int store_reference(struct store *store, const struct item *item, struct bytes *reference,
                    struct faults *faults)
{
    if (store->kind->reference == NULL) {
        return verb_missing(store, "keeps no identities that a program could name", faults);
    }
    return store->kind->reference(store, item, reference, faults);
}
