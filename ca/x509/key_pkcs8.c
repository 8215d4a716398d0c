/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the private keys of x509/key.h are written. EC keys on the NIST curves, EdDSA and RSA keys are written by hand: OpenSSL's
 * encoders take fifty microseconds for what takes one, and those of 3.0 free the plain key without wiping it. All others go
 * through OpenSSL.
 *
 *   PrivateKeyInfo  ::= SEQUENCE { 0, AlgorithmIdentifier, OCTET STRING }    RFC 5208 section 5
 *   ECPrivateKey    ::= SEQUENCE { 1, OCTET STRING, [1] BIT STRING }         RFC 5915 section 3
 *   CurvePrivateKey ::= OCTET STRING                                         RFC 8410 section 7
 *   RSAPrivateKey   ::= SEQUENCE { 0, n, e, d, p, q, dP, dQ, qInv }          RFC 8017 appendix A.1.2
 */
#include "x509/key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "x509/der.h"
#include "x509/pem.h"

/* A scalar of P-521, the longest private key written by hand. */
#define PRIVATE_MAX 66

/* What the template needs besides the private key: the parts of the SubjectPublicKeyInfo. */
struct parts {
    struct slice identifier; /* AlgorithmIdentifier, whole */
    struct slice public;     /* content of the BIT STRING, with the unused-bits octet */
    bool point;              /* an EC key */
    size_t private_length;
};

static bool by_template(const struct key *key)
{
    switch (key_algorithm_of(key)) {
    case KEY_EC_P256:
    case KEY_EC_P384:
    case KEY_EC_P521:
    case KEY_ED25519:
    case KEY_ED448:
        return true;
    default:
        return false;
    }
}

static int take_apart(const struct key *key, struct slice spki, struct parts *parts)
{
    struct der_item outer;
    struct der_item identifier;
    struct der_item bits;

    if (der_expect(&spki, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &identifier) != 0 ||
        der_expect(&outer.content, DER_BIT_STRING, &bits) != 0 || bits.content.length < 2) {
        return -1;
    }
    parts->identifier = identifier.whole;
    parts->public = bits.content;
    parts->point = key_family_of(key) == KEY_FAMILY_EC;
    /* Behind the unused-bits octet: 04 and two coordinates as long as the scalar, or a key as long as the seed. */
    parts->private_length = parts->point ? (bits.content.length - 2) / 2 : bits.content.length - 1;
    return parts->private_length <= PRIVATE_MAX ? 0 : -1;
}

/*
 * The private key as it stands in its OCTET STRING. EVP_PKEY_get_raw_private_key would do for EdDSA, but in OpenSSL 3.0 it exports
 * the key into memory that is freed without being wiped; a parameter goes straight to where it is asked for.
 */
static int get_private(const struct key *key, const struct parts *parts, unsigned char out[PRIVATE_MAX],
                       struct faults *faults)
{
    size_t length = 0;
    BIGNUM *scalar = NULL;
    int status = -1;

    if (parts->point) {
        if (EVP_PKEY_get_bn_param(key_pkey(key), OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 &&
            BN_bn2binpad(scalar, out, (int)parts->private_length) > 0) {
            status = 0;
        }
    } else if (EVP_PKEY_get_octet_string_param(key_pkey(key), OSSL_PKEY_PARAM_PRIV_KEY, out, PRIVATE_MAX,
                                               &length) == 1 &&
               length == parts->private_length) {
        status = 0;
    }
    if (status != 0) {
        fault_openssl(faults, "cannot take out the private key");
    }
    BN_clear_free(scalar);
    return status;
}

static int pkcs8_by_openssl(const struct key *key, struct bytes *der, struct faults *faults)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_pkey(key));
    unsigned char *encoded = NULL;
    int length = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &encoded);
    int status = -1;

    if (length <= 0) {
        fault_openssl(faults, "cannot encode the private key");
    } else if (bytes_append(der, encoded, (size_t)length) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
    OPENSSL_clear_free(encoded, length > 0 ? (size_t)length : 0);
    PKCS8_PRIV_KEY_INFO_free(info);
    return status;
}

static int write_template(const struct parts *parts, const unsigned char *private, struct bytes *der)
{
    struct slice secret = {private, parts->private_length};
    struct der writer;

    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 0);
    der_raw(&writer, parts->identifier);
    der_begin(&writer, DER_OCTET_STRING);
    if (parts->point) {
        der_begin(&writer, DER_SEQUENCE);
        der_number(&writer, 1);
        der_value(&writer, DER_OCTET_STRING, secret);
        der_begin(&writer, DER_CONTEXT_CONSTRUCTED(1));
        der_value(&writer, DER_BIT_STRING, parts->public);
        der_end(&writer);
        der_end(&writer);
    } else {
        der_value(&writer, DER_OCTET_STRING, secret);
    }
    der_end(&writer);
    der_end(&writer);
    return der_finish(&writer);
}

static int pkcs8_by_template(const struct key *key, struct bytes *der, struct faults *faults)
{
    unsigned char private[PRIVATE_MAX];
    struct bytes spki = BYTES_EMPTY;
    struct parts parts;
    int status = -1;

    if (key_spki(key, &spki, faults) != 0) {
        goto out;
    }
    if (take_apart(key, slice_of(&spki), &parts) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the public key has an unexpected form");
        goto out;
    }
    if (get_private(key, &parts, private, faults) != 0) {
        goto out;
    }
    status = write_template(&parts, private, der);
    if (status != 0) {
        fault_memory(faults);
    }
out:
    OPENSSL_cleanse(private, sizeof(private));
    bytes_free(&spki);
    return status;
}

/* One number of an RSA key. */
static int write_rsa_number(const struct key *key, const char *name, struct der *writer)
{
    struct bytes octets = BYTES_EMPTY;
    BIGNUM *number = NULL;
    int status = -1;

    if (EVP_PKEY_get_bn_param(key_pkey(key), name, &number) == 1 &&
        bytes_reserve(&octets, (size_t)BN_num_bytes(number)) == 0) {
        octets.length = (size_t)BN_bn2bin(number, octets.data);
        der_unsigned(writer, slice_of(&octets));
        status = 0;
    }
    BN_clear_free(number);
    bytes_free(&octets);
    return status;
}

/* An RSA key with two primes, all numbers known. */
static bool is_plain_rsa(const struct key *key)
{
    static const char *const others[] = {OSSL_PKEY_PARAM_RSA_FACTOR3, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    bool found[2] = {false, false};

    if (key_family_of(key) != KEY_FAMILY_RSA) {
        return false;
    }
    ERR_set_mark();
    for (size_t i = 0; i < 2; i++) {
        BIGNUM *number = NULL;

        found[i] = EVP_PKEY_get_bn_param(key_pkey(key), others[i], &number) == 1;
        BN_clear_free(number);
    }
    ERR_pop_to_mark();
    return !found[0] && found[1];
}

static int pkcs8_of_rsa(const struct key *key, struct bytes *der, struct faults *faults)
{
    static const char *const names[] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    };
    struct bytes spki = BYTES_EMPTY;
    struct slice rest;
    struct der_item outer;
    struct der_item identifier;
    struct der writer;
    int status = -1;

    if (key_spki(key, &spki, faults) != 0) {
        goto out;
    }
    rest = slice_of(&spki);
    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &identifier) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the public key has an unexpected form");
        goto out;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 0);
    der_raw(&writer, identifier.whole);
    der_begin(&writer, DER_OCTET_STRING);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (write_rsa_number(key, names[i], &writer) != 0) {
            fault_openssl(faults, "cannot take out the private key");
            goto out;
        }
    }
    der_end(&writer);
    der_end(&writer);
    der_end(&writer);
    status = der_finish(&writer);
    if (status != 0) {
        fault_memory(faults);
    }
out:
    bytes_free(&spki);
    return status;
}

int key_pkcs8(const struct key *key, struct bytes *der, struct faults *faults)
{
    if (!key_is_private(key)) {
        fault_error(faults, NULL, NULL, NULL, "this is a public key; there is no private key to write");
        return -1;
    }
    if (is_plain_rsa(key)) {
        return pkcs8_of_rsa(key, der, faults);
    }
    return by_template(key) ? pkcs8_by_template(key, der, faults) : pkcs8_by_openssl(key, der, faults);
}

int key_pkcs8_pem(const struct key *key, struct bytes *pem, struct faults *faults)
{
    struct bytes der = BYTES_EMPTY;
    int status = key_pkcs8(key, &der, faults);

    if (status == 0 && pem_write(slice_of(&der), "PRIVATE KEY", pem) != 0) {
        fault_memory(faults);
        status = -1;
    }
    bytes_free(&der);
    return status;
}
