/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a private key file says it is encrypted (PKCS#8's EncryptedPrivateKeyInfo, RFC 5208 section 6), looked at before anything is
 * derived from a passphrase: whoever wrote the file also wrote how much work opening it is.
 */
#ifndef MTLSKIT_X509_KEY_SCHEME_H
#define MTLSKIT_X509_KEY_SCHEME_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

enum key_scheme {
    KEY_SCHEME_GOOD,
    KEY_SCHEME_MALFORMED,
    KEY_SCHEME_UNKNOWN, /**< no scheme or derivation that is known here */
    KEY_SCHEME_ROUNDS,  /**< more than KEY_KDF_ITERATIONS_MAX rounds */
    KEY_SCHEME_SCRYPT   /**< scrypt that costs more than KEY_SCRYPT_COST_MAX */
};

/**
 * Judge the algorithm of @p encrypted, an EncryptedPrivateKeyInfo: PBES2 with PBKDF2 or scrypt, PBES1 (RFC 8018), or PKCS #12's own
 * (RFC 7292 appendix C). *type is the OID to name in a complaint: the unknown one, or the cipher that OpenSSL may not have; borrowed.
 */
enum key_scheme key_scheme_check(struct slice encrypted, struct slice *type) MUST_USE;
/** Whether @p encrypted is an EncryptedPrivateKeyInfo by PBES2 with scrypt. */
bool key_scheme_is_scrypt(struct slice encrypted);

#endif
