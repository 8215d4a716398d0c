/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generating a key pair.
 */
#include "token/helper/key_pair.h"

#include <string.h>

/** Attributes of a template. */
#define TEMPLATE_MAX 16

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
    return rv == CKR_OK ? 0 : session_refuse(refusal, "generating", "a key", rv);
}

int key_pair_generate(struct session *session, struct slice algorithm, struct slice label, struct slice id,
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
        return session_refuse(refusal, "opening", "a session to write", rv);
    }
    status = bits > 0 ? pair_generate(session, writing, CKM_RSA_PKCS_KEY_PAIR_GEN, rsa, 2, label, id, refusal)
                      : pair_generate(session, writing, CKM_EC_KEY_PAIR_GEN, &ec, 1, label, id, refusal);
    (void)session->module->C_CloseSession(writing);
    return status;
}
