/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens as stores: identities in a PKCS#11 token (RFC 7512 names it), through a helper process that loads the module.
 *
 * The place is what stands behind "pkcs11:" in a URI (base/token_uri.h): token=, serial= and so on say which token, module-path= which
 * module when it is none that p11-kit is configured for, pin-source= a file with the PIN for when the setting has none. object= is the
 * label of items that bring none, id= their CKA_ID in place of the SHA-1 of the public key; lists are limited by both.
 *
 * A key comes in as sensitive and not extractable, to sign with - and to decrypt (RSA) or agree on keys (EC) with when the certificate's
 * key usage says so - and what the token made of that is read back. A key that may be extractable can be wrapped by another and taken out;
 * in clear it cannot be read either. Key and certificate have the same CKA_ID, which is how clients match them.
 */
#ifndef MTLSKIT_PKCS11_PKCS11_H
#define MTLSKIT_PKCS11_PKCS11_H

#include "store/store.h"

extern const struct store_kind store_pkcs11;

#endif
