/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single items in a token: the verbs of store/store.h, and the URI of an identity.
 */
#ifndef MTLSKIT_PKCS11_TOKEN_ITEM_H
#define MTLSKIT_PKCS11_TOKEN_ITEM_H

#include "base/attributes.h"
#include "store/store.h"

int token_item_look(struct store *base, const struct item *item, struct sighting *sighting,
                    struct faults *faults) MUST_USE;
int token_item_put(struct store *base, const struct item *item, struct faults *faults) MUST_USE;
int token_item_take(struct store *base, const struct item *item, struct slice before, struct faults *faults)
    MUST_USE;
int token_item_prove(struct store *base, const struct item *item, struct faults *faults) MUST_USE;
int token_item_reference(struct store *base, const struct item *item, struct bytes *reference,
                         struct faults *faults) MUST_USE;

#endif
