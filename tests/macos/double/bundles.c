/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P12s, as macOS imports them, in its two ways. To macOS 13 the file's way in is as for keys: a key that is there already is an error, a wrong passphrase
 * has an answer of its own. Since macOS 14 the answer is another, a key that is there is said to have come in although the access
 * given is ignored, and certificates that cannot be added are passed over. Every key is extractable: there is no way to say
 * otherwise.
 */
#include "items.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#define SINCE 14

static PKCS12 *read_file(CFDataRef data)
{
    const struct object *object = object_check(data, TYPE_DATA, "SecPKCS12Import");
    const unsigned char *bytes = object->bytes;

    return d2i_PKCS12(NULL, &bytes, (long)object->length);
}

static OSStatus add_certificate(struct keychain *keychain, X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    OSStatus status = errSecSuccess;

    (void)kept_add(keychain, false, der, (size_t)length, &status);
    OPENSSL_free(der);
    return apple_version >= SINCE ? errSecSuccess : status;
}

static OSStatus add_key(struct keychain *keychain, EVP_PKEY *key, SecAccessRef access)
{
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key, &der);
    OSStatus status = errSecSuccess;
    struct kept *kept = kept_add(keychain, true, der, (size_t)length, &status);

    OPENSSL_clear_free(der, (size_t)length);
    if (kept != NULL) {
        copy_text(kept->label, "Imported Private Key");
        kept->extractable = true;
        give_rights(kept, keychain, access);
    }
    return apple_version >= SINCE ? errSecSuccess : status;
}

OSStatus SecPKCS12Import(CFDataRef data, CFDictionaryRef options, CFArrayRef *items)
{
    struct turn turn = apple_turn("SecPKCS12Import");
    const void *passphrase = dictionary_get(options, kSecImportExportPassphrase, "SecPKCS12Import");
    const void *access = dictionary_get(options, kSecImportExportAccess, "SecPKCS12Import");
    const void *where = dictionary_get(options, kSecImportExportKeychain, "SecPKCS12Import");
    struct keychain *keychain = NULL;
    PKCS12 *file = NULL;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    OSStatus status = errSecSuccess;

    if (turn.before) {
        return turn.status;
    }
    keychain = keychain_find((const char *)object_check(where, TYPE_KEYCHAIN, "SecPKCS12Import")->bytes);
    status = keychain_writable(keychain);
    file = read_file(data);
    if (status == errSecSuccess && file == NULL) {
        status = errSecDecode;
    } else if (status == errSecSuccess &&
               PKCS12_parse(file, text_of(passphrase, "SecPKCS12Import"), &key, &certificate, NULL) != 1) {
        status = apple_version >= SINCE ? errSecAuthFailed : errSecPkcs12VerifyFailure;
    }
    if (status == errSecSuccess && certificate != NULL) {
        status = add_certificate(keychain, certificate);
    }
    if (status == errSecSuccess && key != NULL) {
        status = add_key(keychain, key, (SecAccessRef)(uintptr_t)access);
    }
    /* It may be set on an error, too. */
    if (status == errSecSuccess || apple_version >= SINCE) {
        *items = array_create((const void *[]){kCFBooleanTrue}, status == errSecSuccess ? 1 : 0);
    }
    ERR_clear_error();
    X509_free(certificate);
    EVP_PKEY_free(key);
    PKCS12_free(file);
    return status != errSecSuccess ? status : turn.status;
}
