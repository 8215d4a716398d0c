/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generations: the keys of authorities, one of each name current.
 */
#include <string.h>

#include "ledger/ledger_query.h"

int ledger_put_generation(struct ledger *ledger, struct ledger_generation *generation, struct faults *faults)
{
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_GENERATION_UNSET, faults);
    if (result == 0) {
        query_put_text(&query, generation->name, sizeof(generation->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    if (query_end(&query, result) != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_GENERATION_PUT, faults);
    if (result == 0) {
        query_put_text(&query, generation->name, sizeof(generation->name) - 1, "name");
        query_put_digest(&query, &generation->spki);
        query_put_number(&query, generation->created);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        generation->id = query_number(&query, 1, INT64_MAX);
        generation->created = query_number(&query, INT64_MIN, INT64_MAX);
        generation->current = true;
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

int ledger_find_generation(struct ledger *ledger, const char *name, struct ledger_generation *generation,
                           struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_GENERATION_FIND, faults);

    memset(generation, 0, sizeof(*generation));
    if (result == 0) {
        query_put_text(&query, name, sizeof(generation->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        generation->id = query_number(&query, 1, INT64_MAX);
        query_text(&query, generation->name, sizeof(generation->name));
        query_digest(&query, &generation->spki);
        generation->created = query_number(&query, INT64_MIN, INT64_MAX);
        generation->current = query_flag(&query);
    }
    return query_end(&query, result);
}
