/* SPDX-License-Identifier: Apache-2.0 */
/* The schemes private keys are encrypted with, and what they cost. */
#include "x509/key_scheme.h"

#include <stdint.h>
#include <string.h>

#include "x509/der.h"
#include "x509/key.h"

/* pkcs-5 and its numbers (RFC 8018), pkcs-12PbeIds (RFC 7292), id-scrypt (RFC 7914 section 7). */
static const unsigned char pkcs5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05};
static const unsigned char pkcs12_pbe[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01};
static const unsigned char scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
#define PBKDF2 12
#define PBES2  13

/* The number of @p type below the arc @p arc, or -1 when it is not one. */
static int number_below(struct slice type, const unsigned char *arc, size_t length)
{
    return type.length == length + 1 && memcmp(type.data, arc, length) == 0 ? type.data[length] : -1;
}

/* A non-negative INTEGER; whatever is longer than eight octets counts as the largest there is. */
static int read_number(struct slice *rest, uint64_t *value)
{
    struct der_item item;

    if (der_expect(rest, DER_INTEGER, &item) != 0 || item.content.length == 0 ||
        (item.content.data[0] & 0x80) != 0) {
        return -1;
    }
    *value = 0;
    for (size_t i = 0; i < item.content.length; i++) {
        *value = *value >> 56 != 0 ? UINT64_MAX : *value << 8 | item.content.data[i];
    }
    return 0;
}

/* AlgorithmIdentifier whose parameters are a SEQUENCE: *type its OID, *parameters what the SEQUENCE holds. */
static int read_identifier(struct slice *rest, struct slice *type, struct slice *parameters)
{
    struct der_item outer;
    struct der_item oid;
    struct der_item inner;

    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 || der_expect(&outer.content, DER_OID, &oid) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &inner) != 0) {
        return -1;
    }
    *type = oid.content;
    *parameters = inner.content;
    return 0;
}

/* Salt and rounds: PBKDF2-params, PBEParameter, pkcs-12PbeParams. */
static enum key_scheme check_rounds(struct slice parameters)
{
    struct der_item salt;
    uint64_t rounds;

    if (der_expect(&parameters, DER_OCTET_STRING, &salt) != 0 || read_number(&parameters, &rounds) != 0) {
        return KEY_SCHEME_MALFORMED;
    }
    return rounds > KEY_KDF_ITERATIONS_MAX ? KEY_SCHEME_ROUNDS : KEY_SCHEME_GOOD;
}

/* Salt, N, r and p: the cost is 128 times the three. */
static enum key_scheme check_scrypt(struct slice parameters)
{
    struct der_item salt;
    uint64_t cost = 128;

    if (der_expect(&parameters, DER_OCTET_STRING, &salt) != 0) {
        return KEY_SCHEME_MALFORMED;
    }
    for (int i = 0; i < 3; i++) {
        uint64_t factor;

        if (read_number(&parameters, &factor) != 0 || factor == 0) {
            return KEY_SCHEME_MALFORMED;
        }
        if (factor > KEY_SCRYPT_COST_MAX / cost) {
            return KEY_SCHEME_SCRYPT;
        }
        cost *= factor;
    }
    return KEY_SCHEME_GOOD;
}

/* PBES2-params: derivation, then cipher. */
static enum key_scheme check_pbes2(struct slice parameters, struct slice *type)
{
    struct slice derivation;
    struct slice inner;
    struct der_item cipher;
    struct der_item oid;

    if (read_identifier(&parameters, &derivation, &inner) != 0 ||
        der_expect(&parameters, DER_SEQUENCE, &cipher) != 0 ||
        der_expect(&cipher.content, DER_OID, &oid) != 0) {
        return KEY_SCHEME_MALFORMED;
    }
    *type = oid.content;
    if (number_below(derivation, pkcs5, sizeof(pkcs5)) == PBKDF2) {
        return check_rounds(inner);
    }
    if (slice_equal(derivation, (struct slice){scrypt, sizeof(scrypt)})) {
        return check_scrypt(inner);
    }
    *type = derivation;
    return KEY_SCHEME_UNKNOWN;
}

enum key_scheme key_scheme_check(struct slice encrypted, struct slice *type)
{
    struct der_item outer;
    struct slice parameters;

    if (der_expect(&encrypted, DER_SEQUENCE, &outer) != 0 ||
        read_identifier(&outer.content, type, &parameters) != 0) {
        return KEY_SCHEME_MALFORMED;
    }
    if (number_below(*type, pkcs5, sizeof(pkcs5)) == PBES2) {
        return check_pbes2(parameters, type);
    }
    if (number_below(*type, pkcs5, sizeof(pkcs5)) >= 0 ||
        number_below(*type, pkcs12_pbe, sizeof(pkcs12_pbe)) >= 0) {
        return check_rounds(parameters);
    }
    return KEY_SCHEME_UNKNOWN;
}

bool key_scheme_is_scrypt(struct slice encrypted)
{
    struct der_item outer;
    struct slice type;
    struct slice parameters;
    struct slice inner;

    return der_expect(&encrypted, DER_SEQUENCE, &outer) == 0 &&
           read_identifier(&outer.content, &type, &parameters) == 0 &&
           number_below(type, pkcs5, sizeof(pkcs5)) == PBES2 &&
           read_identifier(&parameters, &type, &inner) == 0 &&
           slice_equal(type, (struct slice){scrypt, sizeof(scrypt)});
}
