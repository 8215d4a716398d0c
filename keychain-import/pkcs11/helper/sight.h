/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token has in the place of something that may be put there.
 */
#ifndef MTLSKIT_PKCS11_SIGHT_H
#define MTLSKIT_PKCS11_SIGHT_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/session.h"

/** Starts as all zeros. */
struct sight {
    unsigned char letter;    /**< SIGHT_ABSENT and so on (pkcs11/words.h); 0: nothing was seen yet */
    CK_OBJECT_HANDLE object; /**< what is present */
    struct bytes text;       /**< its label; or what stands in its place */
    struct bytes id;         /**< its CKA_ID */
};
void sight_free(struct sight *sight);

/** @p object is what was looked for. */
void sight_present(struct session *session, CK_OBJECT_HANDLE object, struct sight *sight);
/** @p object is something else: @p phrase says what; its label is added when it has one. */
int sight_other(struct session *session, CK_OBJECT_HANDLE object, const char *phrase, struct sight *sight,
                struct refusal *refusal) MUST_USE;

#endif
