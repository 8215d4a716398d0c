/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: imported, read back, used. */
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

/* Whether the attribute is on the list of those a key is to have; without a list, as macOS has it: all. */
static bool attribute(CFArrayRef attributes, CFStringRef which)
{
    const struct object *array = NULL;

    if (attributes == NULL) {
        return true;
    }
    array = object_check(attributes, TYPE_ARRAY, "SecItemImport");
    for (size_t i = 0; i < array->count; i++) {
        if (CFEqual(array->values[i], which)) {
            return true;
        }
    }
    return false;
}

void give_rights(struct kept *kept, const struct keychain *keychain, SecAccessRef access)
{
    if (access != NULL) {
        kept->rights = *object_check(access, TYPE_ACCESS, "SecItemImport")->rights;
    } else {
        list_add(&kept->rights.programs, APPLE_SELF);
    }
    kept->rights.partitioned = keychain->partitioned;
    if (keychain->partitioned) {
        list_add(&kept->rights.partitions, SELF_PARTITION);
    }
}

OSStatus SecItemImport(CFDataRef data, CFStringRef name, SecExternalFormat *format, SecExternalItemType *type,
                       SecItemImportExportFlags flags, const SecItemImportExportKeyParameters *parameters,
                       SecKeychainRef keychain, CFArrayRef *items)
{
    struct turn turn = apple_turn("SecItemImport");
    const struct object *object = object_check(data, TYPE_DATA, "SecItemImport");
    struct keychain *found = NULL;
    EVP_PKEY *key = NULL;
    struct kept *kept = NULL;
    struct object *reference = NULL;
    OSStatus status = errSecSuccess;

    (void)name;
    (void)flags;
    if (keychain == NULL || *format != kSecFormatOpenSSL || *type != kSecItemTypePrivateKey ||
        (parameters->flags & kSecKeyImportOnlyOne) == 0) {
        apple_panic("SecItemImport: keychain, format, type and only one have to be said");
    }
    if (turn.before) {
        return turn.status;
    }
    found = keychain_find((const char *)object_check(keychain, TYPE_KEYCHAIN, "SecItemImport")->bytes);
    status = found == NULL ? errSecNoSuchKeychain : keychain_writable(found);
    if (status != errSecSuccess) {
        return status;
    }
    key = key_decode(object->bytes, object->length);
    if (key == NULL) {
        return errSecUnknownFormat;
    }
    EVP_PKEY_free(key);
    kept = kept_add(found, true, object->bytes, object->length, &status);
    if (kept == NULL) {
        return status;
    }
    copy_text(kept->label, "Imported Private Key");
    kept->extractable = attribute(parameters->keyAttributes, kSecAttrIsExtractable);
    if (!attribute(parameters->keyAttributes, kSecAttrIsPermanent) ||
        !attribute(parameters->keyAttributes, kSecAttrIsSensitive)) {
        apple_panic("SecItemImport: the key is not permanent, or not sensitive");
    }
    give_rights(kept, found, parameters->accessRef);
    reference = object_new(TYPE_KEY);
    reference->number = kept->id;
    EVP_PKEY_up_ref(kept->pkey);
    reference->pkey = kept->pkey;
    *items = array_create((const void *[]){reference}, 1);
    CFRelease(reference);
    return turn.status;
}

/* Whether this program may use the key without a question. */
static OSStatus usable(const struct object *key)
{
    struct keychain *keychain = NULL;
    const struct kept *kept = kept_find(key->number, &keychain);

    if (kept == NULL) {
        return errSecItemNotFound;
    }
    if (keychain->locked ||
        !(kept->rights.programs.nobody_said || list_has(&kept->rights.programs, APPLE_SELF)) ||
        (kept->rights.partitioned && !list_has(&kept->rights.partitions, SELF_PARTITION))) {
        return asked();
    }
    return errSecSuccess;
}

OSStatus SecItemExport(CFTypeRef item, SecExternalFormat format, SecItemImportExportFlags flags,
                       const SecItemImportExportKeyParameters *parameters, CFDataRef *data)
{
    struct turn turn = apple_turn("SecItemExport");
    const struct object *key = object_check(item, TYPE_KEY, "SecItemExport");
    const struct kept *kept = kept_find(key->number, NULL);
    unsigned char *der = NULL;
    int length = 0;

    (void)format;
    (void)flags;
    (void)parameters;
    if (turn.before) {
        return turn.status;
    }
    if (kept == NULL || !kept->extractable) {
        return errSecDataNotAvailable;
    }
    if (usable(key) != errSecSuccess) {
        return usable(key);
    }
    length = i2d_PrivateKey(kept->pkey, &der);
    *data = (CFDataRef)object_of_bytes(TYPE_DATA, der, (size_t)length);
    OPENSSL_clear_free(der, (size_t)length);
    return turn.status;
}

CFTypeID SecKeyGetTypeID(void)
{
    return TYPE_KEY;
}

CFDictionaryRef SecKeyCopyAttributes(SecKeyRef key)
{
    const struct object *object = object_check(key, TYPE_KEY, "SecKeyCopyAttributes");
    const struct kept *kept = kept_find(object->number, NULL);
    const void *names[] = {kSecAttrIsExtractable};
    const void *values[] = {kept != NULL && kept->extractable ? kCFBooleanTrue : kCFBooleanFalse};

    return CFDictionaryCreate(NULL, names, values, 1, &kCFTypeDictionaryKeyCallBacks,
                              &kCFTypeDictionaryValueCallBacks);
}

CFDataRef SecKeyCreateSignature(SecKeyRef key, SecKeyAlgorithm algorithm, CFDataRef data, CFErrorRef *error)
{
    struct turn turn = apple_turn("SecKeyCreateSignature");
    const struct object *object = object_check(key, TYPE_KEY, "SecKeyCreateSignature");
    const struct object *text = object_check(data, TYPE_DATA, "SecKeyCreateSignature");
    bool elliptic = EVP_PKEY_is_a(object->pkey, "EC") == 1;
    EVP_MD_CTX *operation = NULL;
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    CFDataRef made = NULL;

    if (turn.status != 0 || usable(object) != errSecSuccess ||
        !CFEqual(algorithm, elliptic ? kSecKeyAlgorithmECDSASignatureMessageX962SHA256
                                     : kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256)) {
        if (error != NULL) {
            *error = (CFErrorRef)object_of_bytes(TYPE_ERROR, "it does not sign", 16);
        }
        return NULL;
    }
    operation = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(operation, NULL, EVP_sha256(), NULL, object->pkey) == 1 &&
        EVP_DigestSign(operation, signature, &length, text->bytes, text->length) == 1) {
        made = (CFDataRef)object_of_bytes(TYPE_DATA, signature, length);
    }
    EVP_MD_CTX_free(operation);
    return made;
}
