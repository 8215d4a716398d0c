/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SubjectPublicKeyInfo out of PKCS#11 attributes.
 */
#include "token/helper/public_key.h"

#include "token/helper/object.h"
#include "x509/certificate.h"
#include "x509/der.h"

/** The object of @p class that has the private key's CKA_ID; 0: none. */
static CK_OBJECT_HANDLE companion(struct session *session, CK_OBJECT_CLASS class)
{
    struct bytes id = BYTES_EMPTY;
    struct refusal unheard;
    CK_OBJECT_HANDLE found = 0;

    if (object_read(session, session->key, CKA_ID, &id) == 0) {
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_ID, id.data, id.length}};

        if (object_find(session, template, 2, &found, 1, "its companion", &unheard) != 1) {
            found = 0;
        }
    }
    bytes_free(&id);
    return found;
}

/** RSAPublicKey in a SubjectPublicKeyInfo (RFC 3279 section 2.3.1). */
static int rsa_of(struct session *session, CK_OBJECT_HANDLE object, struct bytes *spki)
{
    static const unsigned char identifier[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                               0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    struct bytes modulus = BYTES_EMPTY;
    struct bytes exponent = BYTES_EMPTY;
    struct der writer;
    int status = -1;

    if (object_read(session, object, CKA_MODULUS, &modulus) == 0 &&
        object_read(session, object, CKA_PUBLIC_EXPONENT, &exponent) == 0) {
        der_start(&writer, spki);
        der_begin(&writer, DER_SEQUENCE);
        der_raw(&writer, (struct slice){identifier, sizeof(identifier)});
        der_begin_bits(&writer);
        der_begin(&writer, DER_SEQUENCE);
        der_unsigned(&writer, slice_of(&modulus));
        der_unsigned(&writer, slice_of(&exponent));
        der_end(&writer);
        der_end(&writer);
        der_end(&writer);
        status = der_finish(&writer);
    }
    bytes_free(&modulus);
    bytes_free(&exponent);
    return status;
}

/** A point in a SubjectPublicKeyInfo (RFC 5480 section 2). The point is to be wrapped in an OCTET STRING; some tokens give it bare. */
static int ec_of(struct session *session, CK_OBJECT_HANDLE object, struct bytes *spki)
{
    static const unsigned char algorithm[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
    struct bytes parameters = BYTES_EMPTY;
    struct bytes point = BYTES_EMPTY;
    struct slice rest;
    struct der_item wrapped;
    struct der writer;
    int status = -1;

    if (object_read(session, object, CKA_EC_PARAMS, &parameters) == 0 &&
        object_read(session, object, CKA_EC_POINT, &point) == 0) {
        rest = slice_of(&point);
        if (der_expect(&rest, DER_OCTET_STRING, &wrapped) != 0 || rest.length != 0) {
            wrapped.content = slice_of(&point);
        }
        der_start(&writer, spki);
        der_begin(&writer, DER_SEQUENCE);
        der_begin(&writer, DER_SEQUENCE);
        der_raw(&writer, (struct slice){algorithm, sizeof(algorithm)});
        der_raw(&writer, slice_of(&parameters));
        der_end(&writer);
        der_begin_bits(&writer);
        der_raw(&writer, wrapped.content);
        der_end(&writer);
        der_end(&writer);
        status = der_finish(&writer);
    }
    bytes_free(&parameters);
    bytes_free(&point);
    return status;
}

/** The public key of the certificate that stands beside the key. */
static int certified(struct session *session, CK_OBJECT_HANDLE object, struct bytes *spki)
{
    struct bytes der = BYTES_EMPTY;
    struct certificate_view view;
    int status = -1;

    if (object_read(session, object, CKA_VALUE, &der) == 0 &&
        certificate_view_read(slice_of(&der), &view) == 0) {
        status = bytes_append(spki, view.spki.data, view.spki.length);
    }
    bytes_free(&der);
    return status;
}

int public_key_in(struct session *session, CK_OBJECT_HANDLE object, bool rsa, struct bytes *spki)
{
    bytes_clear(spki);
    return rsa ? rsa_of(session, object, spki) : ec_of(session, object, spki);
}

int public_key_of(struct session *session, struct bytes *spki, struct refusal *refusal)
{
    CK_OBJECT_HANDLE objects[2] = {session->key, companion(session, CKO_PUBLIC_KEY)};
    CK_OBJECT_HANDLE certificate;
    size_t i;

    for (i = 0; i < 2; i++) {
        if (objects[i] != 0 && public_key_in(session, objects[i], session->rsa, spki) == 0) {
            return 0;
        }
    }
    bytes_clear(spki);
    certificate = companion(session, CKO_CERTIFICATE);
    if (certificate != 0 && certified(session, certificate, spki) == 0) {
        return 0;
    }
    return refuse(refusal, WIRE_FAILED,
                  "it holds the private key, but no public key or certificate with its id");
}
