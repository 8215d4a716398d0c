/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust in a database: flags of a certificate for each of three usages (TLS, mail, signed code). An anchor for servers has "C" for TLS, one
 * for clients "T"; the other two usages are never touched.
 */
#ifndef MTLSKIT_NSS_TRUST_H
#define MTLSKIT_NSS_TRUST_H

#include "nss/database.h"
#include "store/store.h"

/** What @p certificate is trusted for. */
enum scope nss_trust_scope(const CERTCertificate *certificate);
/** Flags as they stand in a sighting's `before`: "tls=24 mail=0 code=0", decimal. Appended. */
int nss_trust_write(const CERTCertTrust *trust, struct bytes *text) MUST_USE;
/** The way back; -1: these are none. */
int nss_trust_read(struct slice text, CERTCertTrust *trust) MUST_USE;

/** These do for ITEM_TRUST what store.h says of the verbs. The certificate must be in the database for put. */
int nss_trust_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                   struct faults *faults) MUST_USE;
int nss_trust_put(struct nss_database *database, const struct item *item, struct faults *faults) MUST_USE;
int nss_trust_take(struct nss_database *database, const struct item *item, struct slice before,
                   struct faults *faults) MUST_USE;
int nss_trust_prove(struct nss_database *database, const struct item *item, struct faults *faults) MUST_USE;

#endif
