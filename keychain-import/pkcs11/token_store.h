/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open token: the link to the helper that has it, and questions to it. Shared by the sources of this room.
 */
#ifndef MTLSKIT_PKCS11_TOKEN_STORE_H
#define MTLSKIT_PKCS11_TOKEN_STORE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "pkcs11/token_place.h"
#include "store/store.h"
#include "token/token_link.h"

struct token_store {
    struct store store; /* first */
    struct token_place place;
    struct token_link *link;
    char *shown;        /* what complaints call the token */
    struct bytes label; /* of the token */
    struct bytes
        trouble; /* why the token says that nothing can be put there, fit to print; empty: it can, or that was told */
    struct bytes content; /* of the last answer */
};

/** keychain-import-token. */
extern const struct helper_kind token_store_helper;

/** What a helper told of a certificate or key; borrowed from the store until the next question. */
struct token_sight {
    unsigned char letter; /**< SIGHT_ABSENT and so on (pkcs11/words.h) */
    struct slice text;
    struct slice id;
};

/** As token_link_ask. */
int token_store_ask(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                    unsigned char wanted, unsigned char other, struct wire_message *answer,
                    struct faults *faults) MUST_USE;
/** Ask something whose answer is DONE. */
int token_store_do(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                   struct faults *faults) MUST_USE;
/** Ask something whose answer is a SIGHT. */
int token_store_see(struct token_store *store, unsigned char kind, const struct slice *fields, size_t count,
                    struct token_sight *sight, struct faults *faults) MUST_USE;
/** Another helper in place of one that fell. */
int token_store_reopen(struct token_store *store) MUST_USE;

#endif
