/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and algorithms: SubjectPublicKeyInfo and AlgorithmIdentifier of RSA (RFC 3279, RFC 4055), EC (RFC 5480), EdDSA (RFC 8410),
 * ML-DSA (RFC 9881) and DSA.
 */
#include "x509/lint_key.h"

#include <string.h>

int lint_algorithm_split(struct slice whole, struct slice *type, struct slice *parameters)
{
    struct der_item outer;
    struct der_item item;

    if (der_expect(&whole, DER_SEQUENCE, &outer) != 0 || der_expect(&outer.content, DER_OID, &item) != 0) {
        return -1;
    }
    *type = item.content;
    *parameters = outer.content;
    return 0;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

struct known_key {
    const char *octets;
    size_t length;
    enum lint_key_kind kind;
};

static const struct known_key known_keys[] = {
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9, LINT_KEY_RSA},     /* 1.2.840.113549.1.1.1 */
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 9, LINT_KEY_RSA_PSS}, /* 1.2.840.113549.1.1.10 */
    {"\x2a\x86\x48\xce\x3d\x02\x01", 7, LINT_KEY_EC},              /* 1.2.840.10045.2.1 */
    {"\x2a\x86\x48\xce\x38\x04\x01", 7, LINT_KEY_DSA},             /* 1.2.840.10040.4.1 */
    {"\x2b\x65\x6e", 3, LINT_KEY_X},                               /* 1.3.101.110 */
    {"\x2b\x65\x6f", 3, LINT_KEY_X},                               /* 1.3.101.111 */
    {"\x2b\x65\x70", 3, LINT_KEY_ED25519},                         /* 1.3.101.112 */
    {"\x2b\x65\x71", 3, LINT_KEY_ED448},                           /* 1.3.101.113 */
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x11", 9, LINT_KEY_ML_DSA},  /* 2.16.840.1.101.3.4.3.17 */
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x12", 9, LINT_KEY_ML_DSA},
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x13", 9, LINT_KEY_ML_DSA},
};

static bool octets_equal(struct slice slice, const char *octets, size_t length)
{
    return slice.length == length && memcmp(slice.data, octets, length) == 0;
}

/* A positive INTEGER's magnitude; -1 for others. */
static int read_magnitude(struct slice *rest, struct slice *magnitude)
{
    struct der_item item;

    if (der_expect(rest, DER_INTEGER, &item) != 0 || item.content.length == 0 ||
        (item.content.data[0] & 0x80) != 0) {
        return -1;
    }
    *magnitude = item.content;
    while (magnitude->length > 0 && magnitude->data[0] == 0) {
        magnitude->data += 1;
        magnitude->length -= 1;
    }
    return magnitude->length == 0 ? -1 : 0;
}

static int read_rsa(struct slice bits, struct lint_key *key)
{
    struct der_item outer;
    unsigned char first;

    if (der_expect(&bits, DER_SEQUENCE, &outer) != 0 || bits.length != 0 ||
        read_magnitude(&outer.content, &key->modulus) != 0 ||
        read_magnitude(&outer.content, &key->exponent) != 0 || outer.content.length != 0) {
        return -1;
    }
    key->bits = key->modulus.length * 8;
    for (first = key->modulus.data[0]; (first & 0x80) == 0; first = (unsigned char)(first << 1)) {
        key->bits -= 1;
    }
    return 0;
}

static int read_ec(struct slice parameters, struct slice bits, struct lint_key *key)
{
    static const struct {
        const char *octets;
        size_t length;
        enum lint_curve curve;
        size_t field;
    } curves[] = {
        {"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8, LINT_CURVE_P256, 32},
        {"\x2b\x81\x04\x00\x22", 5, LINT_CURVE_P384, 48},
        {"\x2b\x81\x04\x00\x23", 5, LINT_CURVE_P521, 66},
    };
    struct der_item item;

    if (der_read(&parameters, &item) != 1 || parameters.length != 0 || bits.length < 2) {
        return -1;
    }
    key->point = bits.length;
    key->point_form = bits.data[0];
    if (item.tag != DER_OID) {
        key->curve = LINT_CURVE_EXPLICIT;
        return 0;
    }
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (octets_equal(item.content, curves[i].octets, curves[i].length)) {
            key->curve = curves[i].curve;
            return (key->point_form == 4 && bits.length == 1 + 2 * curves[i].field) ||
                           ((key->point_form == 2 || key->point_form == 3) &&
                            bits.length == 1 + curves[i].field)
                       ? 0
                       : -1;
        }
    }
    return 0;
}

void lint_key_read(struct lint_case *c)
{
    struct slice rest = c->spki;
    struct slice type;
    struct slice parameters;
    struct der_item outer;
    struct der_item algorithm;
    struct der_item bits;
    struct slice content;

    c->key.malformed = true;
    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 || der_read(&outer.content, &algorithm) != 1 ||
        lint_algorithm_split(algorithm.whole, &type, &parameters) != 0 ||
        der_expect(&outer.content, DER_BIT_STRING, &bits) != 0 || outer.content.length != 0 ||
        bits.content.length < 2 || bits.content.data[0] != 0) {
        return;
    }
    content = (struct slice){bits.content.data + 1, bits.content.length - 1};
    for (size_t i = 0; i < sizeof(known_keys) / sizeof(known_keys[0]); i++) {
        if (octets_equal(type, known_keys[i].octets, known_keys[i].length)) {
            c->key.kind = known_keys[i].kind;
        }
    }
    switch (c->key.kind) {
    case LINT_KEY_RSA:
    case LINT_KEY_RSA_PSS:
        c->key.malformed = read_rsa(content, &c->key) != 0;
        break;
    case LINT_KEY_EC:
        c->key.malformed = read_ec(parameters, content, &c->key) != 0;
        break;
    case LINT_KEY_ED25519:
        c->key.malformed = content.length != 32 || parameters.length != 0;
        break;
    case LINT_KEY_ED448:
        c->key.malformed = content.length != 57 || parameters.length != 0;
        break;
    default:
        c->key.malformed = false;
        break;
    }
}

/* ---- signature algorithms ---------------------------------------------------------------------------------------- */

struct known_algorithm {
    const char *octets;
    size_t length;
    enum lint_hash hash;
    enum lint_parameters parameters;
};

#define PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
static const struct known_algorithm known_algorithms[] = {
    {PKCS1 "\x02", 9, LINT_HASH_MD2, LINT_PARAMETERS_NULL},
    {PKCS1 "\x03", 9, LINT_HASH_MD4, LINT_PARAMETERS_NULL},
    {PKCS1 "\x04", 9, LINT_HASH_MD5, LINT_PARAMETERS_NULL},
    {PKCS1 "\x05", 9, LINT_HASH_SHA1, LINT_PARAMETERS_NULL},
    {PKCS1 "\x0b", 9, LINT_HASH_SHA2, LINT_PARAMETERS_NULL},
    {PKCS1 "\x0c", 9, LINT_HASH_SHA2, LINT_PARAMETERS_NULL},
    {PKCS1 "\x0d", 9, LINT_HASH_SHA2, LINT_PARAMETERS_NULL},
    {PKCS1 "\x0e", 9, LINT_HASH_SHA2, LINT_PARAMETERS_NULL},
    {"\x2b\x0e\x03\x02\x1d", 5, LINT_HASH_SHA1, LINT_PARAMETERS_ANY}, /* 1.3.14.3.2.29, an old sha1WithRSA */
    {"\x2a\x86\x48\xce\x3d\x04\x01", 7, LINT_HASH_SHA1, LINT_PARAMETERS_ABSENT},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x01", 8, LINT_HASH_SHA2, LINT_PARAMETERS_ABSENT},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x02", 8, LINT_HASH_SHA2, LINT_PARAMETERS_ABSENT},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x03", 8, LINT_HASH_SHA2, LINT_PARAMETERS_ABSENT},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x04", 8, LINT_HASH_SHA2, LINT_PARAMETERS_ABSENT},
    {"\x2a\x86\x48\xce\x38\x04\x03", 7, LINT_HASH_SHA1, LINT_PARAMETERS_ABSENT}, /* DSA */
    {"\x2b\x65\x70", 3, LINT_HASH_NONE, LINT_PARAMETERS_ABSENT},
    {"\x2b\x65\x71", 3, LINT_HASH_NONE, LINT_PARAMETERS_ABSENT},
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x11", 9, LINT_HASH_NONE, LINT_PARAMETERS_ABSENT},
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x12", 9, LINT_HASH_NONE, LINT_PARAMETERS_ABSENT},
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x13", 9, LINT_HASH_NONE, LINT_PARAMETERS_ABSENT},
};

/* RSASSA-PSS-params: the hash is SHA-1 unless [0] says otherwise (RFC 4055 section 3.1). */
static enum lint_hash read_pss_hash(struct slice parameters)
{
    struct der_item outer;
    struct der_item item;
    struct slice type;
    struct slice rest;

    if (der_expect(&parameters, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_CONTEXT_CONSTRUCTED(0), &item) != 0 ||
        lint_algorithm_split(item.content, &type, &rest) != 0 ||
        octets_equal(type, "\x2b\x0e\x03\x02\x1a", 5)) {
        return LINT_HASH_SHA1;
    }
    return LINT_HASH_SHA2;
}

void lint_algorithm_read(struct lint_case *c)
{
    struct slice type;
    struct slice parameters;

    if (lint_algorithm_split(c->outer_algorithm, &type, &parameters) != 0) {
        return;
    }
    if (octets_equal(type, PKCS1 "\x0a", 9)) {
        c->hash = read_pss_hash(parameters);
    }
    for (size_t i = 0; i < sizeof(known_algorithms) / sizeof(known_algorithms[0]); i++) {
        if (octets_equal(type, known_algorithms[i].octets, known_algorithms[i].length)) {
            c->hash = known_algorithms[i].hash;
            c->parameters = known_algorithms[i].parameters;
        }
    }
}
