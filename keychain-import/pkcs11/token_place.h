/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of a token: the URI a user wrote, and what of it goes into URIs that are told.
 */
#ifndef MTLSKIT_PKCS11_TOKEN_PLACE_H
#define MTLSKIT_PKCS11_TOKEN_PLACE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/token_uri.h"

/** Starts as all zeros. */
struct token_place {
    struct bytes text;    /**< the whole URI */
    struct token_uri uri; /**< what it says */
    /**
     * Of the attributes that choose the token those that other programs know: token, manufacturer, model and serial, as they were written,
     * apart by ";". libp11, and with it curl, refuses a URI that has any other, module-path among them.
     */
    struct bytes chosen;
};

/** Read what stands behind "pkcs11:". A refused text is not repeated: it may hold a PIN. */
int token_place_read(const char *text, struct token_place *place, struct faults *faults) MUST_USE;
void token_place_free(struct token_place *place);

#endif
