/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys in a database. A key and its certificate find each other by CKA_ID, the SHA-1 of the public value.
 */
#ifndef MTLSKIT_NSS_KEY_H
#define MTLSKIT_NSS_KEY_H

#include "nss/database.h"
#include "store/store.h"

/** The private key of the certificate @p item has (SECKEY_DestroyPrivateKey): 1 found, 0 not there, -1 with a fault. */
int nss_key_find(struct nss_database *database, struct slice certificate, SECKEYPrivateKey **found,
                 struct faults *faults) MUST_USE;

/** These do for ITEM_KEY what store.h says of the verbs; @p pkcs8: the key, PrivateKeyInfo (RFC 5958). */
int nss_key_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                 struct faults *faults) MUST_USE;
int nss_key_put(struct nss_database *database, const struct item *item, struct slice pkcs8,
                struct faults *faults) MUST_USE;
int nss_key_take(struct nss_database *database, const struct item *item, struct faults *faults) MUST_USE;
/** Find the certificate and its key, let the key sign, and check the signature by the certificate. */
int nss_key_prove(struct nss_database *database, const struct item *item, struct faults *faults) MUST_USE;

#endif
