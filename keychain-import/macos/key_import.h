/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key into a keychain. SecItemImport takes it as RSAPrivateKey or ECPrivateKey in DER, told what it is, and marks it as not
 * extractable in the same step. (SecPKCS12Import, which would take a P12 as it is, has made every key extractable since macOS 14, and says nothing
 * of it when it ignores the access it was given.)
 */
#ifndef MTLSKIT_MACOS_KEY_IMPORT_H
#define MTLSKIT_MACOS_KEY_IMPORT_H

#include <stdbool.h>

#include <Security/Security.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "x509/key.h"

/** RSA of 2,048 bits or more, EC on P-256, P-384 or P-521; else -1 with a fault that says so. */
int key_import_takes(const struct key *key, const char *store, struct faults *faults) MUST_USE;
/**
 * Import @p key (private) into @p keychain under @p access. -1 with a fault: it may be there all the same.
 * The key's encoding is lent to macOS, not copied, and wiped before this comes back.
 */
int key_import(SecKeychainRef keychain, const struct key *key, SecAccessRef access, bool extractable,
               const char *store, struct faults *faults) MUST_USE;
/**
 * Whether @p key, which is in a keychain, can be read back: the attempt is made, and what it gives is wiped. 1: it can. 0: it cannot.
 */
int key_import_exports(SecKeyRef key) MUST_USE;

#endif
