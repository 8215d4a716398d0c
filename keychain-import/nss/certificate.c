/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates. NSS answers questions also from what it was lent for the moment (CERT_NewTempCertificate); what is in the database has a slot.
 */
#include "nss/certificate.h"

#include <string.h>

#include <certdb.h>
#include <secerr.h>

#include "nss/nickname.h"
#include "x509/certificate.h"

CERTCertificate *nss_certificate_lend(struct nss_database *database, struct slice der, struct faults *faults)
{
    SECItem item = nss_item_of(der);
    CERTCertificate *certificate =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);

    if (certificate == NULL) {
        nss_complain(database, faults, NULL, "NSS cannot read the certificate");
    }
    return certificate;
}

/** What is in the database of this issuer and serial number, or NULL. */
static CERTCertificate *find_serial(struct nss_database *database, struct slice der)
{
    struct certificate_view view;
    CERTCertificate *found = NULL;
    CERTIssuerAndSN key;

    if (!database->open || certificate_view_read(der, &view) != 0) {
        return NULL;
    }
    memset(&key, 0, sizeof(key));
    key.derIssuer = nss_item_of(view.issuer);
    key.serialNumber = nss_item_of(view.serial);
    found = CERT_FindCertByIssuerAndSN(CERT_GetDefaultCertDB(), &key);
    if (found != NULL && found->slot == NULL) {
        CERT_DestroyCertificate(found);
        found = NULL;
    }
    return found;
}

CERTCertificate *nss_certificate_find(struct nss_database *database, struct slice der)
{
    CERTCertificate *found = find_serial(database, der);

    if (found != NULL && !slice_equal(nss_slice_of(&found->derCert), der)) {
        CERT_DestroyCertificate(found);
        found = NULL;
    }
    return found;
}

/** A nickname that cannot be had is something else in the certificate's place. */
static int look_at_nickname(struct nss_database *database, const struct item *item, struct sighting *sighting,
                            struct faults *faults)
{
    struct certificate_view view;
    SECItem subject;
    int result = 0;

    if (!database->open || item->label == NULL || certificate_view_read(item->certificate, &view) != 0) {
        return 0;
    }
    subject = nss_item_of(view.subject);
    if (nss_nickname_taken(database, item->label, &subject)) {
        sighting->presence = PRESENCE_DIFFERENT;
        result = bytes_printf(&sighting->reason, "a certificate of another subject has the nickname \"%s\"",
                              item->label);
        if (result != 0) {
            fault_memory(faults);
        }
    }
    return result;
}

int nss_certificate_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                         struct faults *faults)
{
    CERTCertificate *found = find_serial(database, item->certificate);
    int result = 0;

    if (found == NULL) {
        sighting->presence = PRESENCE_ABSENT;
        return look_at_nickname(database, item, sighting, faults);
    }
    if (slice_equal(nss_slice_of(&found->derCert), item->certificate)) {
        sighting->presence = PRESENCE_PRESENT;
    } else {
        sighting->presence = PRESENCE_DIFFERENT;
        result = bytes_printf(&sighting->reason,
                              "another certificate of the same issuer and serial number, nickname \"%s\"",
                              nss_nickname_of(found));
        if (result != 0) {
            fault_memory(faults);
        }
    }
    CERT_DestroyCertificate(found);
    return result;
}

int nss_certificate_put(struct nss_database *database, const struct item *item, struct faults *faults)
{
    struct bytes nickname = BYTES_EMPTY;
    CERTCertificate *certificate = NULL;
    int result = -1;

    if (nss_database_prepare(database, faults) != 0) {
        return -1;
    }
    certificate = nss_certificate_lend(database, item->certificate, faults);
    if (certificate == NULL ||
        nss_nickname_choose(database, certificate, item->label, &nickname, faults) != 0) {
        goto done;
    }
    if (PK11_ImportCert(database->slot, certificate, CK_INVALID_HANDLE, bytes_text(&nickname), PR_FALSE) !=
        SECSuccess) {
        nss_complain(database, faults, NULL, "the certificate \"%s\" cannot be stored",
                     bytes_text(&nickname));
        goto done;
    }
    result = 0;

done:
    if (certificate != NULL) {
        CERT_DestroyCertificate(certificate);
    }
    bytes_free(&nickname);
    if (result != 0 && nss_certificate_take(database, item, faults) != 0) {
        result = -1; /* told */
    }
    return result;
}

int nss_certificate_take(struct nss_database *database, const struct item *item, struct faults *faults)
{
    CERTCertificate *found = nss_certificate_find(database, item->certificate);
    int result = 0;

    if (found == NULL) {
        return 0;
    }
    if (SEC_DeletePermCertificate(found) != SECSuccess) {
        nss_complain(database, faults, NULL, "the certificate \"%s\" cannot be removed",
                     nss_nickname_of(found));
        result = -1;
    }
    database->taken = true;
    CERT_DestroyCertificate(found);
    return result;
}
