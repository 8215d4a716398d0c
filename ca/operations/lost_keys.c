/* SPDX-License-Identifier: Apache-2.0 */
/* Lost keys, in order of their hashes. */
#include "operations/lost_keys.h"

#include <stdlib.h>
#include <string.h>

struct lost_key {
    struct digest spki;
    char name[sizeof(((struct ledger_certificate *)NULL)->name)];
};

struct lost_keys {
    struct lost_key *rows;
    size_t count, capacity;
};

static int take(void *state, const struct ledger_certificate *certificate)
{
    struct lost_keys *keys = state;

    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity > 0 ? keys->capacity * 2 : 16;
        struct lost_key *grown = realloc(keys->rows, capacity * sizeof(*grown));

        if (grown == NULL) {
            return 1;
        }
        keys->rows = grown;
        keys->capacity = capacity;
    }
    keys->rows[keys->count].spki = certificate->spki;
    memcpy(keys->rows[keys->count].name, certificate->name, sizeof(certificate->name));
    keys->count++;
    return 0;
}

static int compare(const void *one, const void *other)
{
    return memcmp(((const struct lost_key *)one)->spki.octets, ((const struct lost_key *)other)->spki.octets,
                  DIGEST_LENGTH);
}

struct lost_keys *lost_keys_read(struct ledger *ledger, struct faults *faults)
{
    struct lost_keys *keys = calloc(1, sizeof(*keys));
    int status = keys != NULL ? ledger_each_of_lost_key(ledger, take, keys, faults) : 1;

    if (status != 0) {
        if (status > 0) {
            fault_memory(faults);
        }
        lost_keys_free(keys);
        return NULL;
    }
    if (keys->count > 0) {
        qsort(keys->rows, keys->count, sizeof(*keys->rows), compare);
    }
    return keys;
}

void lost_keys_free(struct lost_keys *keys)
{
    if (keys != NULL) {
        free(keys->rows);
        free(keys);
    }
}

bool lost_keys_are_none(const struct lost_keys *keys)
{
    return keys->count == 0;
}

const char *lost_keys_find(const struct lost_keys *keys, const struct digest *spki)
{
    struct lost_key wanted = {.spki = *spki};
    const struct lost_key *found =
        keys->count > 0 ? bsearch(&wanted, keys->rows, keys->count, sizeof(*keys->rows), compare) : NULL;

    return found != NULL ? found->name : NULL;
}
