/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a key, signing with it.
 */
#include "token/helper/private_key.h"

#include <string.h>

#include "token/helper/object.h"
#include "token/helper/public_key.h"

/** Attributes of a template. */
#define TEMPLATE_MAX 16
/** Longest signature taken: an RSA key of 8,192 bits. */
#define SIGNATURE_MAX 1024

/* ---- finding -------------------------------------------------------------------------------------------------------- */

int private_key_use(struct session *session, CK_OBJECT_HANDLE key, struct refusal *refusal)
{
    CK_KEY_TYPE type = 0;
    CK_ATTRIBUTE wanted = {CKA_KEY_TYPE, &type, sizeof(type)};
    CK_RV rv = session->module->C_GetAttributeValue(session->handle, key, &wanted, 1);

    session->key = 0;
    if (rv != CKR_OK) {
        return session_refuse(refusal, "reading", "the key's type", rv);
    }
    if (type != CKK_RSA && type != CKK_EC) {
        return refuse(refusal, WIRE_FAILED, "its key is neither RSA nor EC");
    }
    session->key = key;
    session->rsa = type == CKK_RSA;
    /* older modules do not know this one */
    session->each_time = object_says(session, key, CKA_ALWAYS_AUTHENTICATE, false);
    return 0;
}

int private_key_find(struct session *session, struct bytes *spki, struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[TEMPLATE_MAX] = {{CKA_CLASS, &class, sizeof(class)}};
    CK_ULONG said = 0;
    CK_ATTRIBUTE *attributes = p11_kit_uri_get_attributes(session->uri, &said);
    CK_ULONG count = 1;
    CK_OBJECT_HANDLE keys[2] = {0, 0};
    CK_ULONG i;
    int found;

    for (i = 0; i < said && count < TEMPLATE_MAX; i++) {
        if (attributes[i].type != CKA_CLASS) {
            template[count++] = attributes[i];
        }
    }
    found = object_find(session, template, count, keys, 2, "the key", refusal);
    session->key = 0;
    if (found == 2) {
        return refuse(refusal, WIRE_KEYS, "several private keys fit the URI");
    }
    if (found != 1) {
        return found;
    }
    if (private_key_use(session, keys[0], refusal) != 0 || public_key_of(session, spki, refusal) != 0) {
        session->key = 0;
        return -1;
    }
    return 1;
}

/* ---- signing -------------------------------------------------------------------------------------------------------- */

int private_key_sign(struct session *session, struct slice input, struct bytes *signature,
                     struct refusal *refusal)
{
    CK_MECHANISM mechanism = {session->rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0};
    unsigned char room[SIGNATURE_MAX];
    CK_ULONG length = sizeof(room);
    CK_RV rv;

    if (session->key == 0) {
        return refuse(refusal, WIRE_FAILED, "no key was found to sign with");
    }
    rv = session->module->C_SignInit(session->handle, &mechanism, session->key);
    if (rv != CKR_OK) {
        return session_refuse(refusal, "beginning", "a signature", rv);
    }
    if (session->each_time && session_login_again(session, refusal) != 0) {
        return -1;
    }
    rv = session->module->C_Sign(session->handle, (CK_BYTE_PTR)input.data, input.length, room, &length);
    if (rv != CKR_OK || length > sizeof(room)) {
        return session_refuse(refusal, "signing", NULL, rv);
    }
    return bytes_append(signature, room, length) == 0 ? 0 : refuse(refusal, WIRE_FAILED, "memory is out");
}
