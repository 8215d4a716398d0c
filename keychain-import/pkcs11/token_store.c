/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the helper. */
#include "pkcs11/token_store.h"

#include <stddef.h>

#include "pkcs11/words.h"

const struct helper_kind token_store_helper = {
    "keychain-import-token",
    "say where it comes from with --keychain-passphrase SPEC, or with pin-source= in the URI",
    "name one with id= in the URI",
};

int token_store_ask(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                    unsigned char wanted, unsigned char other, struct wire_message *answer,
                    struct faults *faults)
{
    return token_link_ask(store->link, kind, fields, count, wanted, other, &store->content, answer, faults);
}

int token_store_do(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                   struct faults *faults)
{
    struct wire_message answer;

    return token_store_ask(store, kind, fields, count, WIRE_DONE, WIRE_DONE, &answer, faults);
}

int token_store_see(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                    struct token_sight *sight, struct faults *faults)
{
    struct wire_message answer;

    if (token_store_ask(store, kind, fields, count, WIRE_SIGHT, WIRE_SIGHT, &answer, faults) != 0) {
        return -1;
    }
    sight->letter = answer.fields[0].length == 1 ? answer.fields[0].data[0] : 0;
    sight->text = answer.fields[1];
    sight->id = answer.fields[2];
    if (sight->letter != SIGHT_ABSENT && sight->letter != SIGHT_PRESENT && sight->letter != SIGHT_OTHER) {
        fault_error(faults, NULL, NULL, NULL, "%s: the module's process answered what is no answer",
                    store->shown);
        return -1;
    }
    return 0;
}

int token_store_reopen(struct token_store *store)
{
    struct token_link *another = token_link_another(store->link);

    if (another == NULL) {
        return -1;
    }
    token_link_leave(store->link);
    store->link = another;
    return 0;
}
