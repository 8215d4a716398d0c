/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a removal is made of, and doing it.
 */
#include "steps/removal.h"

#include <stdlib.h>
#include <string.h>

#include "steps/carrying.h"
#include "steps/claims.h"
#include "steps/wanted.h"

void removal_free(struct removal *removal)
{
    for (size_t i = 0; i < removal->count; i++) {
        bytes_free(&removal->steps[i].certificate);
        bytes_free(&removal->steps[i].shown);
        bytes_free(&removal->steps[i].before);
    }
    free(removal->steps);
    *removal = (struct removal){NULL, 0};
}

struct item removal_item(const struct removal_step *step)
{
    return (struct item){
        .kind = step->kind, .certificate = slice_of(&step->certificate), .scope = step->scope};
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

static bool has_step(const struct removal *removal, enum item_kind kind, struct slice certificate)
{
    bool has = false;

    for (size_t i = 0; !has && i < removal->count; i++) {
        has = removal->steps[i].kind == kind &&
              slice_equal(slice_of(&removal->steps[i].certificate), certificate);
    }
    return has;
}

/** Add a step unless it is there. */
static int add(const struct run *run, struct removal *removal, enum item_kind kind, struct slice certificate,
               const struct digest *owner, struct removal_step **added)
{
    struct removal_step step = {.act = STEP_TAKE, .kind = kind, .owner = *owner};
    struct removal_step *more;

    if (added != NULL) {
        *added = NULL;
    }
    if (has_step(removal, kind, certificate)) {
        return 0;
    }
    more = realloc(removal->steps, (removal->count + 1) * sizeof(*more));
    removal->steps = more != NULL ? more : removal->steps;
    if (more == NULL || bytes_append(&step.certificate, certificate.data, certificate.length) != 0 ||
        wanted_subject(certificate, &step.shown) != 0) {
        bytes_free(&step.certificate);
        bytes_free(&step.shown);
        fault_memory(run->faults);
        return -1;
    }
    removal->steps[removal->count++] = step;
    if (added != NULL) {
        *added = &removal->steps[removal->count - 1];
    }
    return 0;
}

/** Whether a run that lives, or one that ended for another owner's sake, claims the item. */
static bool is_needed(const struct run *run, const struct journal_records *records, enum item_kind kind,
                      struct slice certificate, const struct digest *owner)
{
    const struct claim_search search = {
        .store = store_name(run->store), .kind = kind, .certificate = certificate, .finished = true};
    struct standing_claim found = {NULL, NULL, 0};
    bool needed = false;

    while (!needed && claims_next(records, &search, &found)) {
        needed = found.record->alive || !digest_equal(&found.claim->owner, owner);
    }
    return needed;
}

/** Add what ended runs put for the owner's sake besides its key and trust. */
static int add_companions(const struct run *run, const struct journal_records *records,
                          const struct digest *owner, struct removal *removal)
{
    int status = 0;

    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        bool ours = record->ended && strcmp(bytes_text(&record->store), store_name(run->store)) == 0;

        for (size_t k = record->claim_count; ours && status == 0 && k-- > 0;) {
            const struct claim *claim = &record->claims[k];
            struct removal_step *step = NULL;

            if (claim->state == CLAIM_RELEASED || claim->act == CLAIM_TAKE ||
                claim->kind != ITEM_CERTIFICATE || !digest_equal(&claim->owner, owner)) {
                continue;
            }
            status = add(run, removal, claim->kind, slice_of(&claim->certificate), owner, &step);
            if (step != NULL && is_needed(run, records, claim->kind, slice_of(&claim->certificate), owner)) {
                step->act = STEP_RELEASE;
            }
        }
    }
    return status;
}

/* ---- identities and anchors ------------------------------------------------------------------------------------------- */

static int owner_of(const struct run *run, struct slice certificate, struct digest *owner)
{
    if (digest_of(run->context, certificate, owner) != 0) {
        fault_openssl(run->faults, "a certificate cannot be hashed");
        return -1;
    }
    return 0;
}

/** A run that lives holds the item: it stays until that ends. */
static bool is_held(const struct run *run, const struct journal_records *records, enum item_kind kind,
                    struct slice certificate)
{
    const struct claim_search search = {
        .store = store_name(run->store), .kind = kind, .certificate = certificate, .finished = true};
    struct standing_claim found = {NULL, NULL, 0};
    long process = 0;

    while (process == 0 && claims_next(records, &search, &found)) {
        process = found.record->alive ? found.record->pid : 0;
    }
    if (process != 0) {
        fault_warning(run->faults, NULL, NULL, NULL, "%s: it is held by process %ld, and goes when that ends",
                      store_name(run->store), process);
    }
    return process != 0;
}

int removal_add_identity(const struct run *run, const struct journal_records *records,
                         struct slice certificate, struct removal *removal)
{
    struct item item = {.kind = ITEM_KEY, .certificate = certificate};
    struct sighting key = {.presence = PRESENCE_ABSENT};
    struct sighting leaf = {.presence = PRESENCE_ABSENT};
    struct removal_step *step = NULL;
    struct digest owner;
    int status = -1;

    if (owner_of(run, certificate, &owner) != 0 || store_look(run->store, &item, &key, run->faults) != 0) {
        goto out;
    }
    item.kind = ITEM_CERTIFICATE;
    if (store_look(run->store, &item, &leaf, run->faults) != 0) {
        goto out;
    }
    if (key.presence != PRESENCE_PRESENT && leaf.presence != PRESENCE_PRESENT) {
        status = 0;
        goto out;
    }
    if (key.presence == PRESENCE_PRESENT) {
        if (add(run, removal, ITEM_KEY, certificate, &owner, &step) != 0) {
            goto out;
        }
        if (step != NULL && is_held(run, records, ITEM_KEY, certificate)) {
            step->act = STEP_RELEASE;
        }
    }
    if (leaf.presence == PRESENCE_PRESENT) {
        if (add(run, removal, ITEM_CERTIFICATE, certificate, &owner, &step) != 0) {
            goto out;
        }
        if (step != NULL && is_needed(run, records, ITEM_CERTIFICATE, certificate, &owner)) {
            step->act = STEP_RELEASE;
        }
    }
    status = add_companions(run, records, &owner, removal) == 0 ? 1 : -1;
out:
    sighting_free(&key);
    sighting_free(&leaf);
    return status;
}

int removal_add_anchor(const struct run *run, const struct journal_records *records, struct slice certificate,
                       struct removal *removal)
{
    const struct claim_search search = {
        .store = store_name(run->store), .kind = ITEM_TRUST, .certificate = certificate};
    struct item item = {.kind = ITEM_TRUST, .certificate = certificate, .scope = SCOPE_SERVER};
    struct sighting sighting = {.presence = PRESENCE_ABSENT};
    struct standing_claim first = {NULL, NULL, 0};
    struct removal_step *step = NULL;
    bool claimed = claims_next(records, &search, &first);
    struct digest owner;
    int status = -1;

    if (owner_of(run, certificate, &owner) != 0 ||
        store_look(run->store, &item, &sighting, run->faults) != 0) {
        goto out;
    }
    if (!claimed && sighting.scope == SCOPE_NONE) {
        status = 0;
        goto out;
    }
    if (add(run, removal, ITEM_TRUST, certificate, &owner, &step) != 0) {
        goto out;
    }
    if (step != NULL) {
        step->scope = claimed ? first.claim->scope : sighting.scope;
        step->act = is_held(run, records, ITEM_TRUST, certificate) ? STEP_RELEASE : STEP_TAKE;
        if (claimed &&
            bytes_append(&step->before, first.claim->before.data, first.claim->before.length) != 0) {
            fault_memory(run->faults);
            goto out;
        }
    }
    status = add_companions(run, records, &owner, removal) == 0 ? 1 : -1;
out:
    sighting_free(&sighting);
    return status;
}

int removal_add_named(const struct run *run, const struct journal_records *records,
                      const struct name_sought *name, struct removal *removal)
{
    struct named_list named = {NULL, 0};
    int status = naming_find(run, name, &named);

    for (size_t i = 0; i < named.count && status >= 0; i++) {
        const struct named *one = &named.items[i];
        struct slice certificate = slice_of(&one->certificate);
        int anchor = one->scope != SCOPE_NONE ? removal_add_anchor(run, records, certificate, removal) : 0;
        int identity = anchor >= 0 && (one->has_key || anchor == 0)
                           ? removal_add_identity(run, records, certificate, removal)
                           : 0;

        status = anchor < 0 || identity < 0 ? -1 : 1;
    }
    named_list_free(&named);
    return status;
}

/* ---- doing it --------------------------------------------------------------------------------------------------------- */

/** Claim every item that is to go, so that a run that is stopped is finished by another. */
static int claim_all(const struct run *run, struct journal_entry *entry, const struct removal *removal)
{
    int status = 0;

    /* recovery goes from the last claim to the first, so the first step is claimed last */
    for (size_t i = removal->count; status == 0 && i-- > 0;) {
        const struct removal_step *step = &removal->steps[i];
        struct claim claim = {
            .act = CLAIM_TAKE, .kind = step->kind, .owner = step->owner, .scope = step->scope};
        size_t number;

        if (step->act != STEP_TAKE) {
            continue;
        }
        if (bytes_append(&claim.certificate, step->certificate.data, step->certificate.length) != 0 ||
            bytes_append(&claim.before, step->before.data, step->before.length) != 0) {
            fault_memory(run->faults);
            status = -1;
        } else {
            status = journal_claim(entry, &claim, &number, run->faults);
        }
        claim_free(&claim);
    }
    return status;
}

/** What is kept for others' sake is no longer claimed for this one's. */
static int release_kept(const struct run *run, struct journal_records *records, const struct removal *removal)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < removal->count; i++) {
        const struct removal_step *step = &removal->steps[i];
        const struct claim_search search = {
            .store = store_name(run->store),
            .kind = step->kind,
            .certificate = slice_of(&step->certificate),
            .owner = &step->owner,
        };

        if (step->act == STEP_RELEASE) {
            struct item item = removal_item(step);

            status = claims_release(run, records, &search);
            run_tell(run, step->act, &item, bytes_text(&step->shown));
        }
    }
    return status;
}

int removal_perform(const struct run *run, struct journal_records *records, const struct removal *removal)
{
    struct journal_records now = {NULL, 0};
    struct journal_entry *entry = NULL;
    struct record *own = NULL;
    int status;

    if (removal->count == 0) {
        return 0;
    }
    if (run_is_interrupted(run) ||
        (entry = journal_begin(run->journal, store_name(run->store), run->command, run->faults)) == NULL) {
        return -1;
    }
    status = claim_all(run, entry, removal);
    if (status == 0) {
        status = journal_decide(entry, run->faults);
    }
    if (status == 0) {
        status = release_kept(run, records, removal);
    }
    if (status == 0) {
        status = journal_read(run->journal, &now, run->faults);
    }
    for (size_t i = 0; status == 0 && own == NULL && i < now.count; i++) {
        if (strcmp(bytes_text(&now.items[i].file), journal_entry_file(entry)) == 0) {
            own = &now.items[i];
        }
    }
    if (status != 0 || own == NULL) {
        /* nothing has been taken: what was claimed is forgotten */
        (void)!journal_drop(entry, run->faults);
        status = -1;
    } else {
        status = undo(run, &now, own, entry);
    }
    journal_records_free(&now);
    return status;
}
