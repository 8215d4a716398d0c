/* SPDX-License-Identifier: Apache-2.0 */
/* Where keys come from: a memo in the ledger, the mark of the seed (base/seed.h) and the time the fixture was made at. */
#include "issuing/provenance.h"

#include <inttypes.h>
#include <string.h>

#include "base/seed.h"
#include "ledger/ledger_directory.h"

#define PROVENANCE_KEY "fixture"

/* What the memo holds: the mark, and the time in decimal. */
static int memo_of(const struct context *context, struct bytes *memo)
{
    struct slice mark = seed_mark(context_seed(context));

    return bytes_append(memo, mark.data, mark.length) == 0
               ? bytes_printf(memo, "%" PRId64, context_now(context))
               : -1;
}

/* Any generation at all ends the walk. */
static int some_generation(void *state, const struct ledger_generation *generation)
{
    (void)state;
    (void)generation;
    return 1;
}

/* A run with a seed in a directory that remembers @p memo, or nothing. */
static int check_seeded(const struct context *context, struct ledger *ledger, const struct bytes *memo,
                        const char *shown, struct faults *faults)
{
    struct bytes own = BYTES_EMPTY;
    size_t mark = seed_mark(context_seed(context)).length;
    int status = -1;

    if (memo_of(context, &own) != 0) {
        fault_memory(faults);
    } else if (memo->length == 0) {
        status = ledger_each_generation(ledger, NULL, some_generation, NULL, faults);
        if (status == 1) {
            fault_error(faults, NULL, shown, "give the fixture a directory of its own",
                        "its authorities were not made from a seed: a fixture's keys are public, and the two "
                        "never mix");
        }
        status = status == 0 ? 0 : -1;
    } else if (slice_equal(slice_of(memo), slice_of(&own))) {
        status = 0;
    } else if (memo->length > mark && memcmp(memo->data, own.data, mark) == 0) {
        fault_error(faults, NULL, shown, "delete it, or choose another: a fixture is quickly made anew",
                    "this fixture was made at another time");
    } else {
        fault_error(faults, NULL, shown, "delete it, or choose another: a fixture is quickly made anew",
                    "this fixture was made from another seed");
    }
    bytes_free(&own);
    return status;
}

int provenance_check(const struct context *context, struct ledger *ledger, const char *shown,
                     struct faults *faults)
{
    struct bytes memo = BYTES_EMPTY;
    int status = ledger_get_memo(ledger, PROVENANCE_KEY, &memo, faults);

    if (status < 0) {
        status = -1;
    } else if (context_seed(context) != NULL) {
        status = check_seeded(context, ledger, &memo, shown, faults);
    } else if (memo.length > 0) {
        fault_error(faults, NULL, shown,
                    "it is changed through its manifest: mtls-ca apply MANIFEST --insecure-seed TEXT",
                    "this PKI is a fixture, made from a seed: its keys are public, and nothing is made in it "
                    "without the seed");
        status = -1;
    } else {
        status = 0;
    }
    bytes_free(&memo);
    return status;
}

int provenance_is_fixture(struct ledger *ledger, struct faults *faults)
{
    struct bytes memo = BYTES_EMPTY;
    int found = ledger_get_memo(ledger, PROVENANCE_KEY, &memo, faults);

    bytes_free(&memo);
    return found;
}

int provenance_put(const struct context *context, struct ledger *ledger, struct faults *faults)
{
    struct bytes memo = BYTES_EMPTY;
    int status = 0;

    if (context_seed(context) == NULL) {
        return 0;
    }
    if (memo_of(context, &memo) != 0) {
        fault_memory(faults);
        status = -1;
    } else {
        status = ledger_put_memo(ledger, PROVENANCE_KEY, slice_of(&memo), faults);
    }
    bytes_free(&memo);
    return status;
}
