/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key is made of, as PKCS#11 wants it attribute by attribute: the numbers in a PrivateKeyInfo or a SubjectPublicKeyInfo, found and
 * pointed at, not copied.
 */
#ifndef MTLSKIT_PKCS11_KEY_MATERIAL_H
#define MTLSKIT_PKCS11_KEY_MATERIAL_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** All borrowed. RSA: numbers without leading zeros; EC: a curve by name. */
struct public_material {
    bool rsa;
    struct slice modulus, exponent;
    struct slice curve; /**< the OBJECT IDENTIFIER, whole */
    struct slice point; /**< as SEC1 has it, not wrapped */
};
struct key_material {
    bool rsa;
    struct slice modulus, exponent, private_exponent, primes[2], exponents[2], coefficient;
    struct slice curve;  /**< the OBJECT IDENTIFIER, whole */
    struct slice scalar; /**< of EC */
};

/** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); -1: malformed, or neither RSA nor EC on a named curve. */
int public_material_read(struct slice spki, struct public_material *material) MUST_USE;
/** PrivateKeyInfo (RFC 5958 section 2) with RSAPrivateKey of two primes, or ECPrivateKey; -1 likewise. */
int key_material_read(struct slice pkcs8, struct key_material *material) MUST_USE;

#endif
