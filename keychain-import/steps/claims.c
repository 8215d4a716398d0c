/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching the records for claims, and releasing them.
 */
#include "steps/claims.h"

#include <string.h>

static bool record_fits(const struct claim_search *search, const struct record *record)
{
    return strcmp(bytes_text(&record->store), search->store) == 0 &&
           (search->not_in == NULL || strcmp(bytes_text(&record->file), search->not_in) != 0) &&
           (!search->finished || record->ended || record->alive) && (!search->ended || record->ended);
}

static bool claim_fits(const struct claim_search *search, const struct claim *claim)
{
    return claim->state != CLAIM_RELEASED && claim->act != CLAIM_TAKE && claim->kind == search->kind &&
           slice_equal(slice_of(&claim->certificate), search->certificate) &&
           (search->owner == NULL || digest_equal(&claim->owner, search->owner));
}

bool claims_next(const struct journal_records *records, const struct claim_search *search,
                 struct standing_claim *after)
{
    size_t record = after->record != NULL ? (size_t)(after->record - records->items) : 0;
    size_t claim = after->record != NULL ? after->number + 1 : 0;

    for (; record < records->count; record++, claim = 0) {
        const struct record *one = &records->items[record];

        for (; record_fits(search, one) && claim < one->claim_count; claim++) {
            if (claim_fits(search, &one->claims[claim])) {
                *after = (struct standing_claim){one, &one->claims[claim], claim};
                return true;
            }
        }
    }
    return false;
}

bool claims_any(const struct journal_records *records, const struct claim_search *search)
{
    struct standing_claim found = {NULL, NULL, 0};

    return claims_next(records, search, &found);
}

static bool claims_nothing(const struct record *record)
{
    bool nothing = true;

    for (size_t i = 0; nothing && i < record->claim_count; i++) {
        nothing = record->claims[i].state == CLAIM_RELEASED;
    }
    return nothing;
}

/** Release in one record what @p search finds there. */
static int release_in(const struct run *run, struct record *record, const struct claim_search *search)
{
    struct journal_entry *entry = NULL;
    int status = 0;

    for (size_t i = 0; status == 0 && i < record->claim_count; i++) {
        if (!claim_fits(search, &record->claims[i])) {
            continue;
        }
        if (entry == NULL) {
            entry = journal_resume(run->journal, record, run->faults);
        }
        status = entry != NULL ? journal_state(entry, i, CLAIM_RELEASED, run->faults) : -1;
        if (status == 0) {
            record->claims[i].state = CLAIM_RELEASED;
        }
    }
    if (entry != NULL && status == 0 && claims_nothing(record)) {
        status = journal_drop(entry, run->faults);
    } else {
        journal_keep(entry);
    }
    return status;
}

int claims_release(const struct run *run, struct journal_records *records, const struct claim_search *search)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < records->count; i++) {
        struct record *record = &records->items[i];

        if (record->ended && record_fits(search, record)) {
            status = release_in(run, record, search);
        }
    }
    return status;
}
