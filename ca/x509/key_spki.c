/* SPDX-License-Identifier: Apache-2.0 */
/* How public keys of x509/key.h are read: a SubjectPublicKeyInfo (RFC 5280 section 4.1), whole or for its algorithm alone. */
#include "x509/key.h"

#include <limits.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "x509/der.h"
#include "x509/key_decoder.h"

struct key *key_from_spki(const struct context *context, struct slice spki, struct faults *faults)
{
    const unsigned char *at = spki.data;
    EVP_PKEY *pkey = NULL;
    struct key *key = NULL;

    /* the decoder of the common forms takes a fifth of the time of OpenSSL's */
    if (key_decode_spki(context, spki, &pkey) == KEY_DECODED) {
        at = spki.data + spki.length;
    } else if (spki.length <= LONG_MAX) {
        pkey = d2i_PUBKEY_ex(NULL, &at, (long)spki.length, context_libctx(context), NULL);
    }
    if (pkey == NULL || at != spki.data + spki.length) {
        fault_openssl(faults, "cannot read the public key");
    } else {
        key = key_from_pkey(pkey, faults);
    }
    EVP_PKEY_free(pkey);
    return key;
}

enum key_family key_family_of_spki(struct slice spki)
{
    static const struct {
        struct slice oid;
        enum key_family family;
    } families[] = {
        {{(const unsigned char *)"\x2a\x86\x48\xce\x3d\x02\x01", 7}, KEY_FAMILY_EC},
        {{(const unsigned char *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9}, KEY_FAMILY_RSA},
        {{(const unsigned char *)"\x2b\x65\x70", 3}, KEY_FAMILY_EDDSA},
        {{(const unsigned char *)"\x2b\x65\x71", 3}, KEY_FAMILY_EDDSA},
        {{(const unsigned char *)"\x60\x86\x48\x01\x65\x03\x04\x03\x11", 9}, KEY_FAMILY_ML_DSA},
        {{(const unsigned char *)"\x60\x86\x48\x01\x65\x03\x04\x03\x12", 9}, KEY_FAMILY_ML_DSA},
        {{(const unsigned char *)"\x60\x86\x48\x01\x65\x03\x04\x03\x13", 9}, KEY_FAMILY_ML_DSA},
    };
    struct der_item outer;
    struct der_item algorithm;
    struct der_item type;
    size_t i;

    if (der_expect(&spki, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &algorithm) != 0 ||
        der_expect(&algorithm.content, DER_OID, &type) != 0) {
        return KEY_FAMILY_OTHER;
    }
    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (slice_equal(families[i].oid, type.content)) {
            return families[i].family;
        }
    }
    return KEY_FAMILY_OTHER;
}
