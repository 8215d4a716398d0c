/* SPDX-License-Identifier: Apache-2.0 */
/* An identity as the rest of the library sees it. */
#ifndef MTLSKIT_LIBRARY_IDENTITY_H
#define MTLSKIT_LIBRARY_IDENTITY_H

#include "x509/certificate_list.h"
#include "x509/key.h"

struct mtlskit_identity;

/** Whether it is there: issued or read. NULL is not. */
bool identity_is_there(const struct mtlskit_identity *identity);
/** Whose it is; borrowed. */
const char *identity_name(const struct mtlskit_identity *identity);
/** Its certificate and all that are above it, nearest first, the root included as far as it is known; borrowed. */
const struct certificate_list *identity_certificates(const struct mtlskit_identity *identity);
/** Its key, or NULL when that is elsewhere; borrowed. */
const struct key *identity_key(const struct mtlskit_identity *identity);

#endif
