/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates in a database, under nicknames. NSS ties a nickname to a subject: certificates of one subject may share one, those of two
 * subjects never.
 */
#ifndef MTLSKIT_NSS_CERTIFICATE_H
#define MTLSKIT_NSS_CERTIFICATE_H

#include "nss/database.h"
#include "store/store.h"

/** The certificate @p der as it is in the database (CERT_DestroyCertificate), or NULL; also when the database is not there. */
CERTCertificate *nss_certificate_find(struct nss_database *database, struct slice der);
/** Lend @p der to NSS for the moment, whether or not it is in the database (CERT_DestroyCertificate); NULL with a fault. */
CERTCertificate *nss_certificate_lend(struct nss_database *database, struct slice der, struct faults *faults);

/** These do for ITEM_CERTIFICATE what store.h says of the verbs. */
int nss_certificate_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                         struct faults *faults) MUST_USE;
int nss_certificate_put(struct nss_database *database, const struct item *item, struct faults *faults)
    MUST_USE;
int nss_certificate_take(struct nss_database *database, const struct item *item, struct faults *faults)
    MUST_USE;

#endif
