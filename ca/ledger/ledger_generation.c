/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generations: the keys of authorities, one of each name current.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/ledger_event.h"

static int read_generation(struct query *query, struct ledger_generation *generation)
{
    generation->id = query_number(query, 1, INT64_MAX);
    query_text(query, generation->name, sizeof(generation->name));
    query_digest(query, &generation->spki);
    generation->created = query_number(query, INT64_MIN, INT64_MAX);
    generation->current = query_flag(query);
    return query->failed ? -1 : 0;
}

/* The row, by @p statement: _PUT or _PUT_FOREIGN. */
static int insert_row(struct ledger *ledger, enum ledger_statement statement,
                      struct ledger_generation *generation, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, statement, faults);

    if (result == 0) {
        query_put_text(&query, generation->name, sizeof(generation->name) - 1, "name");
        query_put_digest(&query, &generation->spki);
        query_put_number(&query, generation->created);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        generation->id = query_number(&query, 1, INT64_MAX);
        generation->created = query_number(&query, INT64_MIN, INT64_MAX);
        generation->current = statement == LEDGER_GENERATION_PUT;
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* Make it the current one, new or an old one again. */
static int put_row(struct ledger *ledger, struct ledger_generation *generation, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_GENERATION_UNSET, faults);

    if (result == 0) {
        query_put_text(&query, generation->name, sizeof(generation->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    if (query_end(&query, result) != 0) {
        return -1;
    }
    return insert_row(ledger, LEDGER_GENERATION_PUT, generation, faults);
}

int ledger_put_generation(struct ledger *ledger, struct ledger_generation *generation, struct faults *faults)
{
    struct ledger_event event = {.what = LEDGER_EVENT_GENERATION, .content = generation->spki};
    struct ledger_generation current;
    int found;

    if (ledger_need_group(ledger, faults) != 0) {
        return -1;
    }
    found = ledger_find_generation(ledger, generation->name, &current, faults);
    if (found == 1 && digest_equal(&current.spki, &generation->spki)) {
        *generation = current; /* as it was: no event */
        return 0;
    }
    if (found < 0 || put_row(ledger, generation, faults) != 0) {
        return -1;
    }
    (void)snprintf(event.detail, sizeof(event.detail), "%s", generation->name);
    return ledger_put_event(ledger, &event, faults);
}

int ledger_put_foreign_generation(struct ledger *ledger, struct ledger_generation *generation,
                                  struct faults *faults)
{
    return ledger_need_group(ledger, faults) == 0
               ? insert_row(ledger, LEDGER_GENERATION_PUT_FOREIGN, generation, faults)
               : -1;
}

int ledger_find_generation(struct ledger *ledger, const char *name, struct ledger_generation *generation,
                           struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_GENERATION_FIND, faults);

    memset(generation, 0, sizeof(*generation));
    if (result == 0) {
        query_seek_text(&query, name, sizeof(generation->name) - 1);
        result = query_step(&query, NULL);
    }
    if (result == 1 && read_generation(&query, generation) != 0) {
        result = -1;
    }
    return query_end(&query, result);
}

int ledger_each_generation(struct ledger *ledger, const char *name,
                           int (*each)(void *state, const struct ledger_generation *generation), void *state,
                           struct faults *faults)
{
    struct ledger_generation generation;
    struct query query;
    int result =
        query_start(&query, ledger, name != NULL ? LEDGER_GENERATION_NAME : LEDGER_GENERATION_EACH, faults);
    int answer = 0;

    if (result == 0 && name != NULL) {
        query_seek_text(&query, name, sizeof(generation.name) - 1);
    }
    while (result == 0 && answer == 0) {
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        if (read_generation(&query, &generation) != 0) {
            break; /* told, and query_end knows */
        }
        answer = each(state, &generation);
    }
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}
