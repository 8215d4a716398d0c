/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doing what was decided.
 */
#include "steps/carrying.h"

#include <string.h>

#include "steps/claims.h"

/** The claim that a step makes; @p programs as the item has them. -1: no memory. */
static int claim_of(const struct step *step, struct claim *claim)
{
    const struct item *item = &step->item;
    int status = 0;

    claim->act = step->act == STEP_JOIN ? CLAIM_JOIN : CLAIM_PUT;
    claim->kind = item->kind;
    claim->owner = step->owner;
    claim->scope = item->scope;
    if (bytes_append(&claim->certificate, item->certificate.data, item->certificate.length) != 0 ||
        bytes_append(&claim->before, step->before.data, step->before.length) != 0 ||
        (item->label != NULL && bytes_append_text(&claim->label, item->label) != 0) ||
        (item->host != NULL && bytes_append_text(&claim->host, item->host) != 0)) {
        return -1;
    }
    if (item->program_count > 0) {
        status = claim_programs(claim, item->programs, item->program_count);
    }
    return status;
}

/** Claim a step in the journal, then do it. 1: the store did not take it, with @p refusal; *number is its claim. */
static int carry_step(const struct run *run, struct journal_entry *entry, const struct step *step,
                      size_t *number, struct faults *refusal)
{
    struct claim claim = {.act = CLAIM_PUT};
    int status = -1;

    if (claim_of(step, &claim) != 0) {
        fault_memory(run->faults);
    } else {
        status = journal_claim(entry, &claim, number, run->faults);
    }
    claim_free(&claim);
    if (status == 0 && step->act != STEP_JOIN && store_put(run->store, &step->item, refusal) != 0) {
        return 1;
    }
    if (status == 0) {
        status = journal_state(entry, *number, CLAIM_DONE, run->faults);
    }
    if (status == 0) {
        run_tell(run, step->act, &step->item, step->shown);
    }
    return status;
}

/** What the store did not take is left to a person: its complaints are warnings, and its claim goes. */
static int leave_pending(const struct run *run, struct journal_entry *entry, size_t number, struct step *step,
                         const struct faults *refusal)
{
    step->pending = true;
    for (size_t i = 0; i < faults_count(refusal); i++) {
        fault_warning(run->faults, NULL, NULL, NULL, "%s", faults_text(refusal, i));
    }
    run_tell(run, STEP_PENDING, &step->item, step->shown);
    return journal_state(entry, number, CLAIM_RELEASED, run->faults);
}

/** Do one step, pardoned or not. */
static int carry_one(const struct run *run, struct journal_entry *entry, struct step *step,
                     const struct carrying *carrying)
{
    struct faults *refusal = faults_new();
    size_t number = 0;
    int status;

    if (refusal == NULL) {
        fault_memory(run->faults);
        return -1;
    }
    status = carry_step(run, entry, step, &number, refusal);
    if (status == 1 && carrying->pardon != NULL && carrying->pardon(carrying->state, &step->item)) {
        status = leave_pending(run, entry, number, step, refusal);
    } else {
        faults_move(run->faults, refusal);
    }
    faults_free(refusal);
    return status == 0 ? 0 : -1;
}

static int carry_steps(const struct run *run, struct journal_entry *entry, struct decision *decision,
                       const struct carrying *carrying)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < decision->count; i++) {
        struct step *step = &decision->steps[i];

        if (step->act == STEP_KEEP) {
            run_tell(run, step->act, &step->item, step->shown);
        } else {
            status = run_is_interrupted(run) ? -1 : carry_one(run, entry, step, carrying);
        }
    }
    return status;
}

/** Find all again that was put; certificates are proved with their keys or their trust. */
static int prove(const struct run *run, const struct decision *decision)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < decision->count; i++) {
        const struct step *step = &decision->steps[i];

        if (step->act != STEP_KEEP && step->item.kind != ITEM_CERTIFICATE && !step->pending) {
            status = store_prove(run->store, &step->item, run->faults);
        }
    }
    return status;
}

/* ---- undoing ---------------------------------------------------------------------------------------------------------- */

/** Whether a run that lives or ended claims the item, besides this record. */
static bool is_claimed_by_others(const struct journal_records *records, const struct record *record,
                                 const struct claim *claim)
{
    const struct claim_search search = {
        .store = bytes_text(&record->store),
        .kind = claim->kind,
        .certificate = slice_of(&claim->certificate),
        .not_in = bytes_text(&record->file),
        .finished = true,
    };

    return claims_any(records, &search);
}

/** Whether the record itself claims the item once more, further up: then it goes with that claim. */
static bool is_claimed_again(const struct record *record, size_t number)
{
    bool again = false;

    for (size_t i = 0; !again && i < number; i++) {
        const struct claim *claim = &record->claims[i];

        again = claim->state != CLAIM_RELEASED && claim->act != CLAIM_TAKE &&
                claim_same(claim, &record->claims[number]);
    }
    return again;
}

/** Whether it put trust over other trust, which comes back, whoever claims that. */
static bool has_replaced(const struct claim *claim)
{
    return claim->kind == ITEM_TRUST && claim->act == CLAIM_PUT && claim->before.length > 0;
}

/** What ended runs claim of an item that was taken away goes with it. */
static int release_ended(const struct run *run, struct journal_records *records, const struct claim *claim)
{
    const struct claim_search search = {
        .store = store_name(run->store),
        .kind = claim->kind,
        .certificate = slice_of(&claim->certificate),
    };

    return claims_release(run, records, &search);
}

bool undo_leaves(const struct journal_records *records, const struct record *record, size_t number)
{
    const struct claim *claim = &record->claims[number];

    return claim->act != CLAIM_TAKE && !has_replaced(claim) &&
           (is_claimed_by_others(records, record, claim) || is_claimed_again(record, number));
}

/** Undo one claim. *taken: something was changed in the store. */
static int undo_claim(const struct run *run, struct journal_records *records, struct record *record,
                      size_t number, bool *taken)
{
    struct claim *claim = &record->claims[number];
    struct item item = claim_item(claim);
    struct bytes shown = BYTES_EMPTY;
    bool begun = claim->act != CLAIM_TAKE || record->decided;
    bool stays = !begun || undo_leaves(records, record, number);
    int status = wanted_subject(item.certificate, &shown);

    if (status != 0) {
        fault_memory(run->faults);
    } else if (!stays) {
        *taken = true;
        status = store_take(run->store, &item, slice_of(&claim->before), run->faults);
    }
    if (status == 0 && claim->act == CLAIM_TAKE && begun) {
        status = release_ended(run, records, claim);
    }
    if (status == 0) {
        claim->state = CLAIM_RELEASED;
        if (begun) {
            run_tell(run, stays ? STEP_RELEASE : STEP_TAKE, &item, bytes_text(&shown));
        }
    } else {
        fault_error(run->faults, NULL, NULL, "keychain-import recover finishes it",
                    "%s: left behind: %s of %s", store_name(run->store), item_kind_word(claim->kind),
                    bytes_text(&shown));
    }
    bytes_free(&shown);
    return status;
}

/** Write down which claims are gone, so that recovery need not look for them again; it could, without harm. */
static void note_released(const struct run *run, const struct record *record, struct journal_entry *entry)
{
    for (size_t i = 0; i < record->claim_count; i++) {
        if (record->claims[i].state == CLAIM_RELEASED &&
            journal_state(entry, i, CLAIM_RELEASED, run->faults) != 0) {
            break;
        }
    }
}

int undo(const struct run *run, struct journal_records *records, struct record *record,
         struct journal_entry *entry)
{
    bool taken = false;
    bool counts = false;
    int status = 0;

    for (size_t i = record->claim_count; i-- > 0;) {
        if (record->claims[i].state != CLAIM_RELEASED && undo_claim(run, records, record, i, &taken) != 0) {
            status = -1;
        }
    }
    if (taken && store_settle(run->store, run->faults) != 0) {
        fault_error(run->faults, NULL, NULL, "keychain-import recover finishes it",
                    "%s: what was taken back may still count", store_name(run->store));
        counts = true;
        status = -1;
    }
    if (status == 0) {
        return journal_drop(entry, run->faults);
    }
    /* as long as it counts, recovery has to take it once more, so that the store is settled again */
    if (!counts) {
        note_released(run, record, entry);
    }
    journal_keep(entry);
    return status;
}

/** Undo what this run did so far. Its record is read back: what stands there is what recovery would see. */
static void roll_back(const struct run *run, struct journal_entry *entry)
{
    struct journal_records records = {NULL, 0};
    struct record *own = NULL;

    if (journal_read(run->journal, &records, run->faults) == 0) {
        for (size_t i = 0; own == NULL && i < records.count; i++) {
            if (strcmp(bytes_text(&records.items[i].file), journal_entry_file(entry)) == 0) {
                own = &records.items[i];
            }
        }
    }
    if (own != NULL) {
        if (undo(run, &records, own, entry) == 0) {
            fault_warning(run->faults, NULL, NULL, NULL, "%s: what this run did was taken back",
                          store_name(run->store));
        }
    } else {
        fault_error(run->faults, NULL, NULL, "keychain-import recover finishes it",
                    "%s: what this run did could not be taken back", store_name(run->store));
        journal_keep(entry);
    }
    journal_records_free(&records);
}

int carry_out(const struct run *run, struct decision *decision, const struct carrying *carrying,
              struct journal_entry **entry)
{
    struct journal_entry *own = NULL;
    int status;

    *entry = NULL;
    if (decision->changes > 0 || carrying->open) {
        own = journal_begin(run->journal, store_name(run->store), run->command, run->faults);
        if (own == NULL) {
            return -1;
        }
    }
    status = carry_steps(run, own, decision, carrying);
    if (status == 0 && decision->changes > 0) {
        status = store_settle(run->store, run->faults);
    }
    if (status == 0) {
        status = prove(run, decision);
    }
    if (status == 0 && run_is_interrupted(run)) {
        status = -1;
    }
    if (status == 0 && carrying->seal != NULL) {
        status = carrying->seal(carrying->state, decision);
    }
    if (status == 0 && own != NULL && !carrying->open) {
        status = journal_end(own, run->faults);
    }
    if (status != 0 && own != NULL) {
        roll_back(run, own);
    } else if (carrying->open) {
        *entry = own;
    } else {
        journal_keep(own);
    }
    return status;
}
