/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates of a token, one after the other, and whether a private key goes with each.
 */
#ifndef MTLSKIT_PKCS11_LISTING_H
#define MTLSKIT_PKCS11_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/session.h"

/** A private key that was found. */
struct listed_key {
    struct bytes id;
    bool extractable;
};
/** What was found when the first certificate was asked for. Starts as all zeros. */
struct listing {
    CK_OBJECT_HANDLE *certificates;
    size_t certificate_count;
    struct listed_key *keys;
    size_t key_count;
};
/** What is told of a certificate: DER, label, marks (pkcs11/words.h). */
#define LISTING_FACTS 3

/** Describe the @p number-th certificate; 0 looks at the token anew. One that cannot be read has no DER. 1; 0: there are not so many; -1 refused. */
int listing_read(struct listing *listing, struct session *session, unsigned number,
                 struct bytes facts[LISTING_FACTS], struct refusal *refusal) MUST_USE;
void listing_free(struct listing *listing);

#endif
