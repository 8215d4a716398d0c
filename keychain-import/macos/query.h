/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking one keychain for certificates and keys. Every question carries that keychain as its search list: without one, macOS looks through all
 * keychains of the user, and would find, and delete, elsewhere.
 */
#ifndef MTLSKIT_MACOS_QUERY_H
#define MTLSKIT_MACOS_QUERY_H

#include <stdbool.h>

#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** What macOS knows a key by: SHA-1 of the public key, as in a certificate's key identifier (RFC 5280 section 4.2.1.2, method 1). */
#define QUERY_KEY_NAME 20

/** All certificates: an array of dictionaries with kSecValueRef and kSecAttrLabel. NULL with errSecItemNotFound: none. */
CFArrayRef query_copy_certificates(SecKeychainRef keychain, OSStatus *status);
/** DER of an entry of that array, to be let go; NULL when memory is out. */
CFDataRef query_copy_der(CFTypeRef entry);
/**
 * The certificate of just this DER, as the keychain has it. NULL with errSecItemNotFound: it is not there; then *rival tells whether another
 * one with its issuer and serial number is, which a keychain takes for the same. @p rival may be NULL.
 */
SecCertificateRef query_copy_certificate(SecKeychainRef keychain, struct slice der, bool *rival,
                                         OSStatus *status);
/** The private key of that name, as the keychain has it. NULL with errSecItemNotFound: it is not there. */
SecKeyRef query_copy_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME], OSStatus *status);

/** Delete a certificate that query_copy_certificate gave. */
OSStatus query_delete_certificate(SecKeychainRef keychain, SecCertificateRef certificate) MUST_USE;
/** Delete the private key of that name. */
OSStatus query_delete_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME]) MUST_USE;
/** Give them a label. */
OSStatus query_label_certificate(SecKeychainRef keychain, SecCertificateRef certificate, const char *label)
    MUST_USE;
OSStatus query_label_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME], const char *label)
    MUST_USE;

#endif
