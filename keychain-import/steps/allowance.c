/* SPDX-License-Identifier: Apache-2.0 */
/* Letting a program, and remembering it. */
#include "steps/allowance.h"

#include "steps/claims.h"

/** Claim the key once more where it is claimed, for the sake of the program. */
static int remember(const struct run *run, const struct standing_claim *standing, const char *program)
{
    struct claim claim = {
        .act = CLAIM_JOIN, .kind = ITEM_KEY, .owner = standing->claim->owner, .state = CLAIM_DONE};
    struct journal_entry *entry = NULL;
    size_t number;
    int status = -1;

    if (bytes_append(&claim.certificate, standing->claim->certificate.data,
                     standing->claim->certificate.length) != 0 ||
        claim_programs(&claim, &program, 1) != 0) {
        fault_memory(run->faults);
    } else {
        entry = journal_resume(run->journal, standing->record, run->faults);
    }
    if (entry != NULL) {
        status = journal_claim(entry, &claim, &number, run->faults);
        journal_keep(entry);
    }
    claim_free(&claim);
    return status;
}

int allowance_add(const struct run *run, const struct journal_records *records, struct slice certificate,
                  const char *program)
{
    const struct item item = {.kind = ITEM_KEY, .certificate = certificate};
    const struct claim_search search = {
        .store = store_name(run->store), .kind = ITEM_KEY, .certificate = certificate, .ended = true};
    struct standing_claim standing = {NULL, NULL, 0};

    if (store_allow(run->store, &item, program, run->faults) != 0) {
        return -1;
    }
    return claims_next(records, &search, &standing) ? remember(run, &standing, program) : 0;
}
