/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an authority needs to sign when no manifest is at hand.
 */
#include <string.h>

#include "ledger/ledger_directory.h"
#include "ledger/ledger_query.h"

/* A passphrase written out as its own SPEC: the one kind that would keep a secret. */
#define SECRET_SPEC "pass:"

int ledger_put_authority(struct ledger *ledger, const struct ledger_authority *authority,
                         struct faults *faults)
{
    bool secret = strncmp(authority->passphrase, SECRET_SPEC, strlen(SECRET_SPEC)) == 0;
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_AUTHORITY_PUT, faults);
    if (result == 0) {
        query_put_text(&query, authority->name, sizeof(authority->name) - 1, "name");
        query_put_text(&query, authority->key, sizeof(authority->key) - 1, "key");
        query_put_text(&query, secret ? "prompt" : authority->passphrase, sizeof(authority->passphrase) - 1,
                       "passphrase");
        query_put_text(&query, authority->next_update, sizeof(authority->next_update) - 1, "next_update");
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

static void read_authority(struct query *query, struct ledger_authority *authority)
{
    query_text(query, authority->name, sizeof(authority->name));
    query_text(query, authority->key, sizeof(authority->key));
    query_text(query, authority->passphrase, sizeof(authority->passphrase));
    query_text(query, authority->next_update, sizeof(authority->next_update));
}

int ledger_find_authority(struct ledger *ledger, const char *name, struct ledger_authority *authority,
                          struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_AUTHORITY_FIND, faults);

    memset(authority, 0, sizeof(*authority));
    if (result == 0) {
        query_seek_text(&query, name, sizeof(authority->name) - 1);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        read_authority(&query, authority);
    }
    return query_end(&query, result);
}

int ledger_keep_key(struct ledger *ledger, const char *name, struct faults *faults)
{
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_GENERATION_KEEP, faults);
    if (result == 0) {
        query_put_text(&query, name, sizeof(((struct ledger_authority *)NULL)->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

int ledger_find_kept_key(struct ledger *ledger, int64_t id, struct ledger_authority *authority,
                         struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_GENERATION_KEY, faults);

    memset(authority, 0, sizeof(*authority));
    if (result == 0) {
        query_put_number(&query, id);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        query_text(&query, authority->name, sizeof(authority->name));
        query_text(&query, authority->key, sizeof(authority->key));
        query_text(&query, authority->passphrase, sizeof(authority->passphrase));
    }
    return query_end(&query, result);
}

int ledger_each_authority(struct ledger *ledger,
                          int (*each)(void *state, const struct ledger_authority *authority), void *state,
                          struct faults *faults)
{
    struct ledger_authority authority;
    struct query query;
    int result = query_start(&query, ledger, LEDGER_AUTHORITY_EACH, faults);
    int answer = 0;

    while (result == 0 && answer == 0) {
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        read_authority(&query, &authority);
        if (query.failed) {
            break; /* told, and query_end knows */
        }
        answer = each(state, &authority);
    }
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}
