/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs: their numbers, taken before they are signed, and what became of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/ledger_event.h"

static int read_crl(struct query *query, struct ledger_crl *crl)
{
    crl->generation = query_number(query, 1, INT64_MAX);
    crl->number = (uint64_t)query_number(query, 1, INT64_MAX);
    crl->this_update = query_number(query, INT64_MIN, INT64_MAX);
    crl->next_update = query_number(query, INT64_MIN, INT64_MAX);
    crl->complete = query_flag(query);
    query_digest_if(query, &crl->content);
    crl->entries = (size_t)query_number(query, 0, INT64_MAX);
    crl->event = query_number(query, 0, INT64_MAX);
    return query->failed ? -1 : 0;
}

/* One CRL of @p generation; @p number for the statement that takes one. */
static int find(struct ledger *ledger, enum ledger_statement which, int64_t generation,
                const uint64_t *number, struct ledger_crl *crl, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, which, faults);

    memset(crl, 0, sizeof(*crl));
    if (result == 0) {
        query_put_number(&query, generation);
        if (number != NULL) {
            query_put_number(&query, (int64_t)*number);
        }
        result = query_step(&query, NULL);
    }
    if (result == 1 && read_crl(&query, crl) != 0) {
        result = -1;
    }
    return query_end(&query, result);
}

int ledger_last_crl(struct ledger *ledger, int64_t generation, struct ledger_crl *crl, struct faults *faults)
{
    return find(ledger, LEDGER_CRL_LAST, generation, NULL, crl, faults);
}

int ledger_each_crl(struct ledger *ledger, int (*each)(void *state, const struct ledger_crl *crl),
                    void *state, struct faults *faults)
{
    struct ledger_crl crl;
    struct query query;
    int result = query_start(&query, ledger, LEDGER_CRL_EACH, faults);
    int answer = 0;

    while (result == 0 && answer == 0) {
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        if (read_crl(&query, &crl) != 0) {
            break; /* told, and query_end knows */
        }
        answer = each(state, &crl);
    }
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}

int ledger_crl_is_due(struct ledger *ledger, int64_t generation, struct faults *faults)
{
    struct query query;
    bool due = false;
    int result = query_start(&query, ledger, LEDGER_CRL_DUE, faults);

    if (result == 0) {
        query_put_number(&query, generation);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        (void)query_number(&query, generation, generation);
        due = query_flag(&query);
    }
    result = query_end(&query, result);
    return result == 1 ? due : result;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* The clock was ahead, so entries were taken for expired that are not: they stand on the lists again. */
static int take_back(struct ledger *ledger, const struct ledger_crl *crl, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_REVOCATION_BACK, faults);

    if (result == 0) {
        query_put_number(&query, crl->generation);
        query_put_number(&query, crl->this_update);
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* Give @p crl its number, and hold it against the CRL before it. */
static int follow(struct ledger *ledger, struct ledger_crl *crl, bool backwards, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_crl last;
    int found = find(ledger, LEDGER_CRL_NEWEST, crl->generation, NULL, &last, faults);

    if (found < 0) {
        return -1;
    }
    if (crl->number > INT64_MAX || last.number >= INT64_MAX) {
        fault_error(faults, &place, NULL, NULL, "there is no room for a further CRL number");
        return -1;
    }
    if (crl->number == 0) {
        crl->number = last.number + 1;
    } else if (crl->number <= last.number) {
        fault_error(faults, &place, NULL, NULL,
                    "CRL number %" PRIu64 " is not above %" PRIu64 ", the last one of its generation",
                    crl->number, last.number);
        return -1;
    }
    if (found == 1 && crl->this_update < last.this_update && !backwards) {
        fault_error(
            faults, &place, NULL, "set the clock; or, when it was ahead then, mtls-ca crl --backwards",
            "the clock stands before CRL number %" PRIu64 ": a CRL made now would look older", last.number);
        return -1;
    }
    return found == 1 && crl->this_update < last.this_update ? take_back(ledger, crl, faults) : 0;
}

int ledger_put_crl_intent(struct ledger *ledger, struct ledger_crl *crl, bool backwards,
                          struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct digest hash;
    struct query query;
    int constraint = SQLITE_OK;
    int result = ledger_need_group(ledger, faults);

    if (result != 0 || follow(ledger, crl, backwards, faults) != 0 ||
        ledger_head(ledger, &crl->event, &hash, faults) != 0) {
        return -1;
    }
    crl->complete = false;
    result = query_start(&query, ledger, LEDGER_CRL_INTENT_PUT, faults);
    if (result == 0) {
        query_put_number(&query, crl->generation);
        query_put_number(&query, (int64_t)crl->number);
        query_put_number(&query, crl->this_update);
        query_put_number(&query, crl->next_update);
        query_put_number(&query, crl->event);
        result = query_step(&query, &constraint);
    }
    if (constraint == SQLITE_CONSTRAINT_FOREIGNKEY) {
        fault_error(faults, &place, NULL, NULL, "a CRL names generation %lld, which is not there",
                    (long long)crl->generation);
    } else if (constraint != SQLITE_OK) {
        ledger_fault(ledger, constraint, "write table crl", faults);
    }
    return query_end(&query, result);
}

static int complete(struct ledger *ledger, const struct ledger_crl *crl, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_CRL_PUT, faults);

    if (result == 0) {
        query_put_number(&query, crl->generation);
        query_put_number(&query, (int64_t)crl->number);
        query_put_digest(&query, &crl->content);
        query_put_number(&query, (int64_t)crl->entries);
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* The entries that stood on @p crl past the end of their certificates. */
static int mark_listed(struct ledger *ledger, const struct ledger_crl *crl, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_REVOCATION_LISTED, faults);

    if (result == 0) {
        query_put_number(&query, crl->generation);
        query_put_number(&query, (int64_t)crl->number);
        query_put_number(&query, crl->this_update);
        query_put_number(&query, crl->event);
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

int ledger_put_crl(struct ledger *ledger, const struct ledger_crl *crl, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_event event = {.what = LEDGER_EVENT_CRL, .content = crl->content};
    struct ledger_crl intent;
    int found;

    if (ledger_need_group(ledger, faults) != 0) {
        return -1;
    }
    found = find(ledger, LEDGER_CRL_FIND, crl->generation, &crl->number, &intent, faults);
    if (found < 0) {
        return -1;
    }
    if (found == 0 || intent.complete) {
        fault_error(faults, &place, NULL, NULL, "CRL number %" PRIu64 " %s", crl->number,
                    found == 0 ? "was never taken" : "is complete already");
        return -1;
    }
    (void)snprintf(event.detail, sizeof(event.detail), "CRL %" PRIu64 " of generation %lld, %zu entries",
                   crl->number, (long long)crl->generation, crl->entries);
    return complete(ledger, crl, faults) == 0 && mark_listed(ledger, &intent, faults) == 0
               ? ledger_put_event(ledger, &event, faults)
               : -1;
}
