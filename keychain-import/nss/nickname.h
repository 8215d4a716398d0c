/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nicknames: what NSS calls a certificate by.
 */
#ifndef MTLSKIT_NSS_NICKNAME_H
#define MTLSKIT_NSS_NICKNAME_H

#include "nss/database.h"

/** Most tries for a nickname that is free: "NAME", "NAME #2" ... */
#define NICKNAME_TRIES 100

/**
 * What @p certificate of the database was named; "" for one without a name. NSS itself shows names with a colon in them with the token's in
 * front ("NSS Certificate DB:some:name"). Borrowed.
 */
const char *nss_nickname_of(const CERTCertificate *certificate);
/** Whether @p nickname already names a certificate of another subject than @p subject (Name DER); also when memory is out. */
bool nss_nickname_taken(struct nss_database *database, const char *nickname, const SECItem *subject);
/**
 * The nickname for @p certificate: @p label, or when that is NULL the one its subject has in the database, or one made of its subject that
 * no other subject has. Appended to @p nickname; -1 with a fault.
 */
int nss_nickname_choose(struct nss_database *database, const CERTCertificate *certificate, const char *label,
                        struct bytes *nickname, struct faults *faults) MUST_USE;

#endif
