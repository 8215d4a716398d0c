/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers found in the DER of keys. */
#include "pkcs11/key_material.h"

#include <string.h>

#include "x509/certificate.h"
#include "x509/der.h"

/* rsaEncryption (RFC 8017 appendix C) and id-ecPublicKey (RFC 5480 section 2.1.1), whole. */
static const unsigned char rsa_oid[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const unsigned char ec_oid[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

/** Reads an AlgorithmIdentifier: RSA, or EC and its curve. */
static int algorithm_read(struct slice *rest, bool *rsa, struct slice *curve)
{
    struct der_item identifier;
    struct der_item type;
    struct der_item parameters;

    if (der_expect(rest, DER_SEQUENCE, &identifier) != 0 ||
        der_expect(&identifier.content, DER_OID, &type) != 0) {
        return -1;
    }
    *rsa = slice_equal(type.whole, (struct slice){rsa_oid, sizeof(rsa_oid)});
    if (*rsa) {
        return 0;
    }
    if (!slice_equal(type.whole, (struct slice){ec_oid, sizeof(ec_oid)}) ||
        der_expect(&identifier.content, DER_OID, &parameters) != 0) {
        return -1;
    }
    *curve = parameters.whole;
    return 0;
}

/** Reads an INTEGER that is positive, without the leading zero octet. */
static int number_read(struct slice *rest, struct slice *number)
{
    struct der_item item;

    if (der_expect(rest, DER_INTEGER, &item) != 0 || item.content.length == 0 || item.content.data[0] > 127) {
        return -1;
    }
    *number = serial_magnitude(item.content);
    return number->data[0] != 0 ? 0 : -1;
}

int public_material_read(struct slice spki, struct public_material *material)
{
    struct der_item outer;
    struct slice key;
    struct der_item numbers;

    memset(material, 0, sizeof(*material));
    if (certificate_public_key(spki, &key) != 0 || der_expect(&spki, DER_SEQUENCE, &outer) != 0 ||
        algorithm_read(&outer.content, &material->rsa, &material->curve) != 0) {
        return -1;
    }
    if (!material->rsa) {
        material->point = key;
        return key.length > 0 ? 0 : -1;
    }
    return der_expect(&key, DER_SEQUENCE, &numbers) == 0 &&
                   number_read(&numbers.content, &material->modulus) == 0 &&
                   number_read(&numbers.content, &material->exponent) == 0
               ? 0
               : -1;
}

/** RSAPrivateKey (RFC 8017 appendix A.1.2): a version, 0 for two primes, and eight numbers. */
static int rsa_read(struct slice content, struct key_material *material)
{
    struct slice *const numbers[] = {
        &material->modulus,   &material->exponent,     &material->private_exponent, &material->primes[0],
        &material->primes[1], &material->exponents[0], &material->exponents[1],     &material->coefficient,
    };
    struct der_item version;
    size_t i;

    if (der_expect(&content, DER_INTEGER, &version) != 0 ||
        !slice_equal(version.content, (struct slice){(const unsigned char *)"", 1})) {
        return -1;
    }
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (number_read(&content, numbers[i]) != 0) {
            return -1;
        }
    }
    return content.length == 0 ? 0 : -1;
}

int key_material_read(struct slice pkcs8, struct key_material *material)
{
    struct der_item outer;
    struct der_item version;
    struct der_item wrapped;
    struct der_item key;
    struct der_item scalar;

    memset(material, 0, sizeof(*material));
    if (der_expect(&pkcs8, DER_SEQUENCE, &outer) != 0 || pkcs8.length != 0 ||
        der_expect(&outer.content, DER_INTEGER, &version) != 0 ||
        algorithm_read(&outer.content, &material->rsa, &material->curve) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &wrapped) != 0 ||
        der_expect(&wrapped.content, DER_SEQUENCE, &key) != 0) {
        return -1;
    }
    if (material->rsa) {
        return rsa_read(key.content, material);
    }
    /* ECPrivateKey (RFC 5915 section 3) */
    if (der_expect(&key.content, DER_INTEGER, &version) != 0 ||
        der_expect(&key.content, DER_OCTET_STRING, &scalar) != 0 || scalar.content.length == 0) {
        return -1;
    }
    material->scalar = scalar.content;
    return 0;
}
