/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys.
 */
#include "nss/key.h"

#include <string.h>

#include <cryptohi.h>
#include <keyhi.h>
#include <secerr.h>
#include <secoid.h>

#include "nss/certificate.h"
#include "nss/nickname.h"
#include "x509/certificate.h"

/** The bytes of a public key that its CKA_ID is made of; empty for a kind that NSS has none of. */
static SECItem *public_value(SECKEYPublicKey *key)
{
    switch (key->keyType) {
    case rsaKey:
        return &key->u.rsa.modulus;
    case ecKey:
        return &key->u.ec.publicValue;
    default:
        return NULL;
    }
}

/** The public key of a certificate (SECKEY_DestroyPublicKey), of a kind that a key can be kept of; NULL with a fault. */
static SECKEYPublicKey *public_key(struct nss_database *database, struct slice der, struct faults *faults)
{
    CERTSubjectPublicKeyInfo *info = NULL;
    SECKEYPublicKey *key = NULL;
    struct certificate_view view;

    if (certificate_view_read(der, &view) == 0) {
        SECItem spki = nss_item_of(view.spki);

        info = SECKEY_DecodeDERSubjectPublicKeyInfo(&spki);
    }
    if (info != NULL) {
        key = SECKEY_ExtractPublicKey(info);
        SECKEY_DestroySubjectPublicKeyInfo(info);
    }
    if (key == NULL || public_value(key) == NULL) {
        fault_error(faults, NULL, NULL, "use an RSA or an ECDSA key (P-256, P-384, P-521)",
                    "%s: NSS cannot keep a private key of this kind", bytes_text(&database->name));
        if (key != NULL) {
            SECKEY_DestroyPublicKey(key);
        }
        return NULL;
    }
    return key;
}

int nss_key_find(struct nss_database *database, struct slice certificate, SECKEYPrivateKey **found,
                 struct faults *faults)
{
    SECKEYPublicKey *public = NULL;
    SECItem *id = NULL;
    int result = -1;

    *found = NULL;
    if (!database->open) {
        return 0;
    }
    public = public_key(database, certificate, faults);
    if (public == NULL) {
        return -1;
    }
    id = PK11_MakeIDFromPubKey(public_value(public));
    if (id == NULL) {
        fault_memory(faults);
        goto done;
    }
    *found = PK11_FindKeyByKeyID(database->slot, id, database);
    result = *found != NULL ? 1 : 0;

done:
    SECITEM_FreeItem(id, PR_TRUE);
    SECKEY_DestroyPublicKey(public);
    return result;
}

int nss_key_look(struct nss_database *database, const struct item *item, struct sighting *sighting,
                 struct faults *faults)
{
    SECKEYPrivateKey *key = NULL;
    int found = nss_key_find(database, item->certificate, &key, faults);

    if (found < 0) {
        return -1;
    }
    sighting->presence = found > 0 ? PRESENCE_PRESENT : PRESENCE_ABSENT;
    if (key != NULL) {
        SECKEY_DestroyPrivateKey(key);
    }
    return 0;
}

/** Store the key @p pkcs8 whose public half is @p public. */
static int import(struct nss_database *database, SECKEYPublicKey *public, struct slice pkcs8,
                  const char *nickname, struct faults *faults)
{
    SECItem content = nss_item_of(pkcs8);
    SECItem name = nss_item_of(slice_of_text(nickname));
    SECKEYPrivateKey *key = NULL;

    if (PK11_ImportDERPrivateKeyInfoAndReturnKey(database->slot, &content, &name, public_value(public),
                                                 PR_TRUE, PR_TRUE, KU_ALL, &key, database) != SECSuccess) {
        nss_complain(database, faults, NULL, "the key of \"%s\" cannot be stored", nickname);
        return -1;
    }
    SECKEY_DestroyPrivateKey(key);
    return 0;
}

int nss_key_put(struct nss_database *database, const struct item *item, struct slice pkcs8,
                struct faults *faults)
{
    CERTCertificate *certificate = NULL;
    SECKEYPublicKey *public = NULL;
    struct bytes nickname = BYTES_EMPTY;
    int result = -1;

    if (nss_database_prepare(database, faults) != 0) {
        return -1;
    }
    certificate = nss_certificate_lend(database, item->certificate, faults);
    if (certificate == NULL) {
        goto done;
    }
    public = public_key(database, item->certificate, faults);
    if (public == NULL || nss_nickname_choose(database, certificate, item->label, &nickname, faults) != 0) {
        goto done;
    }
    result = import(database, public, pkcs8, bytes_text(&nickname), faults);

done:
    if (public != NULL) {
        SECKEY_DestroyPublicKey(public);
    }
    if (certificate != NULL) {
        CERT_DestroyCertificate(certificate);
    }
    bytes_free(&nickname);
    if (result != 0 && nss_key_take(database, item, faults) != 0) {
        result = -1; /* told */
    }
    return result;
}

int nss_key_take(struct nss_database *database, const struct item *item, struct faults *faults)
{
    SECKEYPrivateKey *key = NULL;
    int found = nss_key_find(database, item->certificate, &key, faults);

    if (found <= 0) {
        return found;
    }
    database->taken = true;
    /* The handle is gone either way. A certificate that is still there does not matter: it is an item of its own. */
    if (PK11_DeleteTokenPrivateKey(key, PR_TRUE) != SECSuccess) {
        nss_complain(database, faults, NULL, "the key cannot be removed");
        return -1;
    }
    return 0;
}

/** Let @p key sign, and hold the signature against @p certificate. */
static int sign(struct nss_database *database, CERTCertificate *certificate, SECKEYPrivateKey *key,
                struct faults *faults)
{
    static const unsigned char text[] = "mtlskit: does this key belong to this certificate?";
    SECKEYPublicKey *public = CERT_ExtractPublicKey(certificate);
    SECOidTag algorithm = SECKEY_GetPrivateKeyType(key) == rsaKey ? SEC_OID_PKCS1_SHA256_WITH_RSA_ENCRYPTION
                                                                  : SEC_OID_ANSIX962_ECDSA_SHA256_SIGNATURE;
    SECItem signature = {siBuffer, NULL, 0};
    int result = -1;

    if (public == NULL) {
        nss_complain(database, faults, NULL, "the certificate's key cannot be read");
        return -1;
    }
    if (SEC_SignData(&signature, text, (int)sizeof(text), key, algorithm) != SECSuccess) {
        nss_complain(database, faults, NULL, "the key that was stored does not sign");
    } else if (VFY_VerifyData(text, (int)sizeof(text), public, &signature, algorithm, database) !=
               SECSuccess) {
        nss_complain(database, faults, NULL, "what the key that was stored signs is not for its certificate");
    } else {
        result = 0;
    }
    SECITEM_FreeItem(&signature, PR_FALSE);
    SECKEY_DestroyPublicKey(public);
    return result;
}

int nss_key_prove(struct nss_database *database, const struct item *item, struct faults *faults)
{
    CERTCertificate *certificate = nss_certificate_find(database, item->certificate);
    SECKEYPrivateKey *key = NULL;
    int result = -1;

    if (certificate == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate is not found again",
                    bytes_text(&database->name));
        return -1;
    }
    /* As a browser does: from the certificate to its key. */
    key = PK11_FindPrivateKeyFromCert(database->slot, certificate, database);
    if (key == NULL) {
        nss_complain(database, faults, NULL, "the certificate's key is not found again");
    } else {
        result = sign(database, certificate, key, faults);
        SECKEY_DestroyPrivateKey(key);
    }
    CERT_DestroyCertificate(certificate);
    return result;
}
