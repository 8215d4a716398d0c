/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning and ending a hold. */
#include "steps/holding.h"

#include <string.h>

#include "steps/carrying.h"
#include "steps/claims.h"

/** Whether the claim names the program. */
static bool names_program(const struct claim *claim, const char *program)
{
    bool named = false;

    for (size_t i = 0; !named && i < claim->program_count; i++) {
        named = strcmp(bytes_text(&claim->programs[i]), program) == 0;
    }
    return named;
}

/** Let @p program use a key that is there: nothing to do, or one more entry of a key that is held; one that is installed stays as it is. */
static int allow_program(const struct run *run, const struct journal_records *records,
                         const struct step *step, const char *program)
{
    const struct claim_search search = {.store = store_name(run->store),
                                        .kind = ITEM_KEY,
                                        .certificate = step->item.certificate,
                                        .finished = true};
    struct standing_claim found = {NULL, NULL, 0};
    bool installed = false;
    bool named = false;

    while (claims_next(records, &search, &found)) {
        installed |= found.record->ended;
        named |= names_program(found.claim, program);
    }
    if (named) {
        return 0;
    }
    if (installed) {
        fault_error(run->faults, NULL, NULL, "keychain-import allow lets it",
                    "%s: the key of %s is installed, and %s may not use it", store_name(run->store),
                    step->shown, program);
        return -1;
    }
    return store_allow(run->store, &step->item, program, run->faults);
}

static int allow_all(const struct run *run, const struct journal_records *records,
                     const struct decision *decision)
{
    int status = 0;

    for (size_t i = 0; i < decision->count; i++) {
        const struct step *step = &decision->steps[i];

        for (size_t k = 0; step->act == STEP_JOIN && step->item.kind == ITEM_KEY && status == 0 &&
                           k < step->item.program_count;
             k++) {
            status = allow_program(run, records, step, step->item.programs[k]);
        }
    }
    return status;
}

int holding_begin(const struct run *run, const struct wanted *wanted, const struct journal_records *records,
                  struct journal_entry **entry)
{
    const struct decision_rules rules = {.holding = true};
    const struct carrying carrying = {.open = true};
    struct decision decision = {NULL, 0, 0};
    int status = decide(run, wanted, records, &rules, &decision);

    *entry = NULL;
    if (status == 0) {
        status = allow_all(run, records, &decision);
    }
    if (status == 0) {
        status = carry_out(run, &decision, &carrying, entry);
    }
    decision_free(&decision);
    return status;
}

int holding_end(const struct run *run, struct journal_entry *entry)
{
    struct journal_records records = {NULL, 0};
    struct record *own = NULL;
    int status = journal_read(run->journal, &records, run->faults);

    for (size_t i = 0; status == 0 && own == NULL && i < records.count; i++) {
        if (strcmp(bytes_text(&records.items[i].file), journal_entry_file(entry)) == 0) {
            own = &records.items[i];
        }
    }
    if (own == NULL) {
        fault_error(run->faults, NULL, NULL, "keychain-import recover takes it out",
                    "%s: what was held is still there: its record is gone", store_name(run->store));
        journal_keep(entry);
        status = -1;
    } else {
        status = undo(run, &records, own, entry);
    }
    journal_records_free(&records);
    return status;
}
