/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing certificates. One condition of a filter drives: it has an index, whose order is the order of the list. The others are
 * held against each row.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_rows.h"

/* An authority with more keys than that is none. */
#define GENERATIONS_MAX 10000

struct listing {
    struct ledger *ledger;
    const struct ledger_filter *filter;
    bool with_der;
    int (*each)(void *state, const struct ledger_certificate *certificate);
    void *state;
    struct faults *faults;
    int64_t *generations; /**< of filter->issuer and filter->generation, ascending */
    size_t generation_count;
    bool by_generation;              /**< only those of these generations */
    struct ledger_certificate after; /**< the one to go on behind; id 0: none */
    struct ledger_certificate row;
    size_t count;
    int answer; /**< of each */
};

/* ---- generations ----------------------------------------------------------------------------------------------------- */

static int add_generation(void *state, const struct ledger_generation *generation)
{
    struct listing *listing = state;
    int64_t *grown;

    if (listing->filter->generation != 0 && listing->filter->generation != generation->id) {
        return 0;
    }
    if (listing->generation_count == GENERATIONS_MAX) {
        fault_error(listing->faults, NULL, NULL, NULL, "authority \"%s\" has more than %d generations",
                    generation->name, GENERATIONS_MAX);
        return -1;
    }
    grown = realloc(listing->generations, (listing->generation_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        fault_memory(listing->faults);
        return -1;
    }
    listing->generations = grown;
    listing->generations[listing->generation_count++] = generation->id;
    return 0;
}

static bool has_generation(const struct listing *listing, int64_t generation)
{
    for (size_t i = 0; i < listing->generation_count; i++) {
        if (listing->generations[i] == generation) {
            return true;
        }
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static bool is_taken(const struct listing *listing, const struct ledger_certificate *row)
{
    const struct ledger_filter *filter = listing->filter;

    /* what is revoked was issued, and stays of interest when it was replaced */
    return (filter->any_state || filter->revoked || row->state == LEDGER_ISSUED) &&
           (!filter->expiring || row->not_after < filter->expiring_before) &&
           (!listing->by_generation || has_generation(listing, row->generation)) &&
           (filter->manifest == NULL || strcmp(filter->manifest, row->manifest) == 0);
}

/* Hand on the rows of @p query. 0, -1, or 1 when no more is wanted. */
static int walk(struct listing *listing, struct query *query)
{
    const struct ledger_filter *filter = listing->filter;

    for (;;) {
        int found = query_step(query, NULL);

        if (found != 1) {
            return found;
        }
        if (ledger_read_certificate(query, &listing->row) != 0) {
            return -1;
        }
        if (!is_taken(listing, &listing->row)) {
            continue;
        }
        if (listing->with_der && listing->row.state != LEDGER_INTENDED &&
            ledger_read_der(listing->ledger, listing->row.id, &listing->row.der, listing->faults) != 0) {
            query->failed = true; /* told */
            return -1;
        }
        listing->answer = listing->each(listing->state, &listing->row);
        listing->count++;
        if (listing->answer != 0 || (filter->limit != 0 && listing->count >= filter->limit)) {
            return 1;
        }
    }
}

/* By the generations, one after the other. */
static int walk_generations(struct listing *listing)
{
    for (size_t i = 0; i < listing->generation_count; i++) {
        static const unsigned char nothing[1];
        struct slice serial = {nothing, 0};
        struct query query;
        int result;

        if (listing->after.id != 0 && listing->generations[i] < listing->after.generation) {
            continue;
        }
        if (listing->after.id != 0 && listing->generations[i] == listing->after.generation) {
            serial = slice_of(&listing->after.serial);
        }
        result = query_start(&query, listing->ledger, LEDGER_LIST_GENERATION, listing->faults);
        if (result == 0) {
            query_put_number(&query, listing->generations[i]);
            query_put_blob(&query, serial, LEDGER_SERIAL_MAX, "serial");
            result = walk(listing, &query);
        }
        result = query_end(&query, result);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* By one statement. */
static int walk_all(struct listing *listing)
{
    const struct ledger_filter *filter = listing->filter;
    const struct ledger_certificate *after = &listing->after;
    enum ledger_statement which = LEDGER_LIST_NAME;
    struct query query;
    int result;

    if (filter->revoked) {
        which = LEDGER_LIST_REVOKED;
    } else if (filter->any_state) {
        which = LEDGER_LIST_ALL;
    } else if (filter->expiring) {
        which = LEDGER_LIST_END;
    }
    result = query_start(&query, listing->ledger, which, listing->faults);
    if (result != 0) {
        return query_end(&query, result);
    }
    if (which == LEDGER_LIST_NAME) {
        query_put_text(&query, after->name, sizeof(after->name) - 1, "name");
    } else if (which == LEDGER_LIST_END) {
        query_put_number(&query, filter->expiring_before);
        query_put_number(&query, after->id != 0 ? after->not_after : INT64_MIN);
    }
    query_put_number(&query, after->id);
    return query_end(&query, walk(listing, &query));
}

int ledger_each_certificate(struct ledger *ledger, const struct ledger_filter *filter, bool with_der,
                            int (*each)(void *state, const struct ledger_certificate *certificate),
                            void *state, struct faults *faults)
{
    static const struct ledger_filter everything;
    struct listing listing = {.ledger = ledger,
                              .filter = filter != NULL ? filter : &everything,
                              .with_der = with_der,
                              .each = each,
                              .state = state,
                              .faults = faults};
    struct place place = ledger_place(ledger);
    int result = -1;

    filter = listing.filter;
    listing.by_generation = filter->issuer != NULL || filter->generation != 0;
    if (listing.by_generation &&
        ledger_each_generation(ledger, filter->issuer, add_generation, &listing, faults) != 0) {
        goto out;
    }
    if (filter->after != 0) {
        int found = ledger_get_certificate(ledger, filter->after, &listing.after, faults);

        if (found != 1) {
            if (found == 0) {
                fault_error(faults, &place, NULL, NULL, "there is no certificate with id %lld",
                            (long long)filter->after);
            }
            goto out;
        }
    }
    result = listing.by_generation && !filter->revoked && (!filter->expiring || filter->any_state)
                 ? walk_generations(&listing)
                 : walk_all(&listing);
out:
    free(listing.generations);
    ledger_certificate_free(&listing.after);
    ledger_certificate_free(&listing.row);
    return result < 0 ? -1 : listing.answer;
}

/* ---- of one serial, of one name, of a lost key -------------------------------------------------------------------------------------- */

/* Every row of @p query. */
static int hand_on(struct query *query, int result, bool with_der,
                   int (*each)(void *state, const struct ledger_certificate *certificate), void *state)
{
    static const struct ledger_filter everything = {.any_state = true};
    struct listing listing = {.ledger = query->ledger,
                              .filter = &everything,
                              .with_der = with_der,
                              .each = each,
                              .state = state,
                              .faults = query->faults};

    if (result == 0) {
        result = walk(&listing, query);
    }
    result = query_end(query, result);
    ledger_certificate_free(&listing.row);
    return result < 0 ? -1 : listing.answer;
}

int ledger_each_of_serial(struct ledger *ledger, struct slice serial, bool with_der,
                          int (*each)(void *state, const struct ledger_certificate *certificate), void *state,
                          struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_CERTIFICATE_SERIAL, faults);

    if (result == 0) {
        query_put_blob(&query, serial, LEDGER_SERIAL_MAX, "serial");
    }
    return hand_on(&query, result, with_der, each, state);
}

int ledger_each_of_name(struct ledger *ledger, const char *name, bool with_der,
                        int (*each)(void *state, const struct ledger_certificate *certificate), void *state,
                        struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_CERTIFICATE_NAME, faults);

    if (result == 0) {
        query_seek_text(&query, name, sizeof(((struct ledger_certificate *)NULL)->name) - 1);
    }
    return hand_on(&query, result, with_der, each, state);
}

int ledger_each_of_lost_key(struct ledger *ledger,
                            int (*each)(void *state, const struct ledger_certificate *certificate),
                            void *state, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_LIST_LOST, faults);

    return hand_on(&query, result, false, each, state);
}
