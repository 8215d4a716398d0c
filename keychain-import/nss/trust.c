/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust. CERTDB_USER is no trust but NSS's note that the key is there; it is left out of all that is written.
 */
#include "nss/trust.h"

#include <stdio.h>
#include <string.h>

#include <certdb.h>

#include "nss/certificate.h"

/* What makes an anchor, or the contrary, of a certificate for TLS. */
#define DECISIVE                                                                                             \
    (CERTDB_TERMINAL_RECORD | CERTDB_TRUSTED | CERTDB_VALID_CA | CERTDB_TRUSTED_CA | CERTDB_NS_TRUSTED_CA |  \
     CERTDB_TRUSTED_CLIENT_CA)

static void trust_of(const CERTCertificate *certificate, CERTCertTrust *trust)
{
    memset(trust, 0, sizeof(*trust));
    if (CERT_GetCertTrust(certificate, trust) != SECSuccess) {
        memset(trust, 0, sizeof(*trust));
    }
    trust->sslFlags &= ~CERTDB_USER;
    trust->emailFlags &= ~CERTDB_USER;
    trust->objectSigningFlags &= ~CERTDB_USER;
}

static enum scope scope_of(unsigned int flags)
{
    unsigned scope = SCOPE_NONE;

    if ((flags & (CERTDB_TRUSTED_CA | CERTDB_NS_TRUSTED_CA | CERTDB_TRUSTED)) != 0) {
        scope |= SCOPE_SERVER;
    }
    if ((flags & CERTDB_TRUSTED_CLIENT_CA) != 0) {
        scope |= SCOPE_CLIENT;
    }
    return (enum scope)scope;
}

enum scope nss_trust_scope(const CERTCertificate *certificate)
{
    CERTCertTrust trust;

    trust_of(certificate, &trust);
    return scope_of(trust.sslFlags);
}

int nss_trust_write(const CERTCertTrust *trust, struct bytes *text)
{
    return bytes_printf(text, "tls=%u mail=%u code=%u", trust->sslFlags, trust->emailFlags,
                        trust->objectSigningFlags);
}

/** Take @p word and a number below 2^16 from the front of *text. */
static int read_number(struct slice *text, const char *word, unsigned int *number)
{
    size_t length = strlen(word);
    size_t digits = 0;

    if (text->length < length || memcmp(text->data, word, length) != 0) {
        return -1;
    }
    text->data += length;
    text->length -= length;
    *number = 0;
    while (digits < text->length && digits < 5 && text->data[digits] >= '0' && text->data[digits] <= '9') {
        *number = *number * 10 + (unsigned int)(text->data[digits] - '0');
        digits++;
    }
    text->data += digits;
    text->length -= digits;
    return digits > 0 && *number <= 0xffff ? 0 : -1;
}

int nss_trust_read(struct slice text, CERTCertTrust *trust)
{
    memset(trust, 0, sizeof(*trust));
    if (text.length == 0 || read_number(&text, "tls=", &trust->sslFlags) != 0 ||
        read_number(&text, " mail=", &trust->emailFlags) != 0 ||
        read_number(&text, " code=", &trust->objectSigningFlags) != 0) {
        return -1;
    }
    return text.length == 0 ? 0 : -1;
}

int nss_trust_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                   struct faults *faults)
{
    CERTCertificate *found = nss_certificate_find(database, item->certificate);
    CERTCertTrust trust;
    int result = 0;

    sighting->presence = PRESENCE_ABSENT;
    if (found == NULL) {
        return 0;
    }
    trust_of(found, &trust);
    CERT_DestroyCertificate(found);
    sighting->scope = scope_of(trust.sslFlags);
    if (trust.sslFlags != 0 || trust.emailFlags != 0 || trust.objectSigningFlags != 0) {
        result = nss_trust_write(&trust, &sighting->before);
    }
    if (sighting->scope == item->scope) {
        sighting->presence = PRESENCE_PRESENT;
    } else if (sighting->scope != SCOPE_NONE) {
        sighting->presence = PRESENCE_DIFFERENT;
        result |= bytes_printf(&sighting->reason, "it is trusted for \"%s\"", scope_word(sighting->scope));
    } else if ((trust.sslFlags & CERTDB_TERMINAL_RECORD) != 0) {
        sighting->presence = PRESENCE_DIFFERENT;
        result |= bytes_append_text(&sighting->reason, "it is distrusted there");
    }
    if (result != 0) {
        fault_memory(faults);
    }
    return result;
}

static int change(struct nss_database *database, CERTCertificate *certificate, CERTCertTrust *trust,
                  struct faults *faults)
{
    if (CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), certificate, trust) != SECSuccess) {
        nss_complain(database, faults, NULL, "the trust in \"%s\" cannot be changed",
                     certificate->nickname != NULL ? certificate->nickname : "");
        return -1;
    }
    return 0;
}

int nss_trust_put(struct nss_database *database, const struct item *item, struct faults *faults)
{
    CERTCertificate *found;
    CERTCertTrust trust;
    int result;

    if (nss_database_prepare(database, faults) != 0) {
        return -1;
    }
    found = nss_certificate_find(database, item->certificate);
    if (found == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate that is to be trusted is not there",
                    bytes_text(&database->name));
        return -1;
    }
    trust_of(found, &trust);
    trust.sslFlags &= ~(unsigned int)DECISIVE;
    trust.sslFlags |= CERTDB_VALID_CA;
    if (((unsigned)item->scope & SCOPE_SERVER) != 0) {
        trust.sslFlags |= CERTDB_TRUSTED_CA;
    }
    if (((unsigned)item->scope & SCOPE_CLIENT) != 0) {
        trust.sslFlags |= CERTDB_TRUSTED_CLIENT_CA;
    }
    result = change(database, found, &trust, faults);
    CERT_DestroyCertificate(found);
    return result;
}

int nss_trust_take(struct nss_database *database, const struct item *item, struct slice before,
                   struct faults *faults)
{
    CERTCertificate *found = NULL;
    CERTCertTrust trust;
    int result = 0;

    if (before.length > 0 && nss_trust_read(before, &trust) != 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: what was noted of the trust before cannot be read",
                    bytes_text(&database->name));
        return -1;
    }
    found = nss_certificate_find(database, item->certificate);
    if (found == NULL) {
        return 0;
    }
    if (before.length == 0) {
        trust_of(found, &trust);
        trust.sslFlags &= ~(unsigned int)DECISIVE;
    }
    if (nss_database_prepare(database, faults) != 0) {
        result = -1;
    } else {
        result = change(database, found, &trust, faults);
    }
    CERT_DestroyCertificate(found);
    return result;
}

int nss_trust_prove(struct nss_database *database, const struct item *item, struct faults *faults)
{
    struct sighting sighting = {.presence = PRESENCE_ABSENT};
    int result = nss_trust_look(database, item, &sighting, faults);

    if (result == 0 && sighting.presence != PRESENCE_PRESENT) {
        fault_error(faults, NULL, NULL, NULL, "%s: the trust that was stored is not found again",
                    bytes_text(&database->name));
        result = -1;
    }
    sighting_free(&sighting);
    return result;
}
