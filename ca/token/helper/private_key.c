/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a key, generating it, signing with it.
 */
#include "token/helper/private_key.h"

#include <string.h>

#include "token/helper/public_key.h"

/** Attributes of a template. */
#define TEMPLATE_MAX 16
/** Longest signature taken: an RSA key of 8,192 bits. */
#define SIGNATURE_MAX 1024

/* ---- finding -------------------------------------------------------------------------------------------------------- */

/** How many objects fit, up to 2; the first goes to *object. -1 refused. */
static int objects_find(struct session *session, CK_ATTRIBUTE *template, CK_ULONG count,
                        CK_OBJECT_HANDLE *object, struct refusal *refusal)
{
    CK_OBJECT_HANDLE found[2] = {0, 0};
    CK_ULONG number = 0;
    CK_RV rv = session->module->C_FindObjectsInit(session->handle, template, count);

    if (rv != CKR_OK) {
        return session_refuse(refusal, "looking for the key", rv);
    }
    rv = session->module->C_FindObjects(session->handle, found, 2, &number);
    (void)session->module->C_FindObjectsFinal(session->handle);
    if (rv != CKR_OK || number > 2) {
        return session_refuse(refusal, "looking for the key", rv);
    }
    *object = found[0];
    return (int)number;
}

/** Reads what signing needs to know of the key. */
static int key_settle(struct session *session, struct refusal *refusal)
{
    CK_KEY_TYPE type = 0;
    CK_BBOOL each_time = CK_FALSE;
    CK_ATTRIBUTE wanted = {CKA_KEY_TYPE, &type, sizeof(type)};
    CK_ATTRIBUTE asked = {CKA_ALWAYS_AUTHENTICATE, &each_time, sizeof(each_time)};
    CK_RV rv = session->module->C_GetAttributeValue(session->handle, session->key, &wanted, 1);

    if (rv != CKR_OK) {
        return session_refuse(refusal, "reading the key's type", rv);
    }
    if (type != CKK_RSA && type != CKK_EC) {
        return refuse(refusal, WIRE_FAILED, "its key is neither RSA nor EC");
    }
    session->rsa = type == CKK_RSA;
    /* older modules do not know this one */
    session->each_time =
        session->module->C_GetAttributeValue(session->handle, session->key, &asked, 1) == CKR_OK &&
        each_time == CK_TRUE;
    return 0;
}

int private_key_find(struct session *session, struct bytes *spki, struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[TEMPLATE_MAX] = {{CKA_CLASS, &class, sizeof(class)}};
    CK_ULONG said = 0;
    CK_ATTRIBUTE *attributes = p11_kit_uri_get_attributes(session->uri, &said);
    CK_ULONG count = 1;
    CK_ULONG i;
    int found;

    for (i = 0; i < said && count < TEMPLATE_MAX; i++) {
        if (attributes[i].type != CKA_CLASS) {
            template[count++] = attributes[i];
        }
    }
    found = objects_find(session, template, count, &session->key, refusal);
    if (found == 2) {
        session->key = 0;
        return refuse(refusal, WIRE_KEYS, "several private keys fit the URI");
    }
    if (found != 1) {
        return found;
    }
    if (key_settle(session, refusal) != 0 || public_key_of(session, spki, refusal) != 0) {
        session->key = 0;
        return -1;
    }
    return 1;
}

/* ---- generating ----------------------------------------------------------------------------------------------------- */

static bool slice_is(struct slice slice, const char *text)
{
    return slice_equal(slice, slice_of_text(text));
}

/** One of the URI's attributes, else @p other. */
static CK_ATTRIBUTE attribute_or(const struct session *session, CK_ATTRIBUTE_TYPE type, struct slice other)
{
    const CK_ATTRIBUTE *said = p11_kit_uri_get_attribute(session->uri, type);

    return said != NULL ? *said : (CK_ATTRIBUTE){type, (void *)other.data, other.length};
}

/** What is the same for RSA and EC: @p special are the attributes that say which key. */
static int pair_generate(struct session *session, CK_SESSION_HANDLE writing, CK_MECHANISM_TYPE type,
                         const CK_ATTRIBUTE *special, CK_ULONG special_count, struct slice label,
                         struct slice id, struct refusal *refusal)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_ATTRIBUTE public[TEMPLATE_MAX] = {
        {CKA_TOKEN, &yes, sizeof(yes)},    {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_VERIFY, &yes, sizeof(yes)},   attribute_or(session, CKA_LABEL, label),
        attribute_or(session, CKA_ID, id),
    };
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &yes, sizeof(yes)},     {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)}, {CKA_EXTRACTABLE, &no, sizeof(no)},
        {CKA_SIGN, &yes, sizeof(yes)},      attribute_or(session, CKA_LABEL, label),
        attribute_or(session, CKA_ID, id),
    };
    CK_OBJECT_HANDLE pair[2] = {0, 0};
    CK_RV rv;

    memcpy(public + 5, special, special_count * sizeof(*special));
    rv = session->module->C_GenerateKeyPair(writing, &mechanism, public, 5 + special_count, private,
                                            sizeof(private) / sizeof(private[0]), &pair[0], &pair[1]);
    return rv == CKR_OK ? 0 : session_refuse(refusal, "generating a key", rv);
}

int private_key_generate(struct session *session, struct slice algorithm, struct slice label, struct slice id,
                         struct refusal *refusal)
{
    /* OIDs of RFC 5480 section 2.1.1.1 */
    static unsigned char p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static unsigned char p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    static unsigned char exponent[] = {0x01, 0x00, 0x01};
    CK_ULONG bits = slice_is(algorithm, "rsa-2048")   ? 2048
                    : slice_is(algorithm, "rsa-3072") ? 3072
                    : slice_is(algorithm, "rsa-4096") ? 4096
                                                      : 0;
    CK_ATTRIBUTE rsa[] = {{CKA_MODULUS_BITS, &bits, sizeof(bits)},
                          {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)}};
    CK_ATTRIBUTE ec = {CKA_EC_PARAMS, p256, sizeof(p256)};
    CK_SESSION_HANDLE writing = 0;
    CK_RV rv;
    int status;

    if (slice_is(algorithm, "ec-p384")) {
        ec = (CK_ATTRIBUTE){CKA_EC_PARAMS, p384, sizeof(p384)};
    } else if (bits == 0 && !slice_is(algorithm, "ec-p256")) {
        return refuse(refusal, WIRE_FAILED, "keys of this kind are not generated");
    }
    rv = session->module->C_OpenSession(session->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                        &writing);
    if (rv != CKR_OK) {
        return session_refuse(refusal, "opening a session to write", rv);
    }
    status = bits > 0 ? pair_generate(session, writing, CKM_RSA_PKCS_KEY_PAIR_GEN, rsa, 2, label, id, refusal)
                      : pair_generate(session, writing, CKM_EC_KEY_PAIR_GEN, &ec, 1, label, id, refusal);
    (void)session->module->C_CloseSession(writing);
    return status;
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
        return session_refuse(refusal, "beginning a signature", rv);
    }
    if (session->each_time && session_login_again(session, refusal) != 0) {
        return -1;
    }
    rv = session->module->C_Sign(session->handle, (CK_BYTE_PTR)input.data, input.length, room, &length);
    if (rv != CKR_OK || length > sizeof(room)) {
        return session_refuse(refusal, "signing", rv);
    }
    return bytes_append(signature, room, length) == 0 ? 0 : refuse(refusal, WIRE_FAILED, "memory is out");
}
