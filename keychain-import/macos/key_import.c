/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys into a keychain. */
#include "macos/key_import.h"

#include <openssl/crypto.h>

#include "macos/status.h"
#include "macos/value.h"

#define RSA_BITS_MIN 2048

int key_import_takes(const struct key *key, const char *store, struct faults *faults)
{
    switch (key_family_of(key)) {
    case KEY_FAMILY_RSA:
        if (key_bits(key) >= RSA_BITS_MIN) {
            return 0;
        }
        break;
    case KEY_FAMILY_EC:
        if (key_algorithm_of(key) != KEY_FOREIGN) {
            return 0;
        }
        break;
    default:
        break;
    }
    fault_error(faults, NULL, NULL, "RSA of 2,048 bits or more, or EC on P-256, P-384 or P-521",
                "%s: macOS does not take this kind of key (%s)", store,
                key_algorithm_text(key_algorithm_of(key)));
    return -1;
}

static CFArrayRef create_attributes(bool extractable)
{
    return value_create_array(
        (const void *[]){kSecAttrIsPermanent, kSecAttrIsSensitive, kSecAttrIsExtractable},
        extractable ? 3 : 2);
}

/* The items imported are not wanted, but have to be let go, in spite of an error too. */
static OSStatus import(SecKeychainRef keychain, CFDataRef data, SecAccessRef access, CFArrayRef attributes)
{
    SecItemImportExportKeyParameters parameters = {.version = SEC_KEY_IMPORT_EXPORT_PARAMS_VERSION,
                                                   .flags = kSecKeyImportOnlyOne,
                                                   .accessRef = access,
                                                   .keyAttributes = attributes};
    SecExternalFormat format = kSecFormatOpenSSL;
    SecExternalItemType type = kSecItemTypePrivateKey;
    CFArrayRef items = NULL;
    OSStatus status = SecItemImport(data, NULL, &format, &type, 0, &parameters, keychain, &items);

    if (status == errSecSuccess && value_count(items) != 1) {
        status = errSecInternalComponent;
    }
    value_release(items);
    return status;
}

int key_import(SecKeychainRef keychain, const struct key *key, SecAccessRef access, bool extractable,
               const char *store, struct faults *faults)
{
    struct bytes der = BYTES_EMPTY;
    CFArrayRef attributes = NULL;
    CFDataRef data = NULL;
    OSStatus status = errSecAllocate;
    int done = -1;

    if (key_traditional(key, &der, faults) != 0) {
        goto out;
    }
    attributes = create_attributes(extractable);
    data = value_create_borrowed(slice_of(&der));
    if (attributes != NULL && data != NULL) {
        status = import(keychain, data, access, attributes);
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "the private key cannot be added");
    } else {
        done = 0;
    }
out:
    value_release(data);
    value_release(attributes);
    bytes_free(&der);
    return done;
}

int key_import_exports(SecKeyRef key)
{
    SecItemImportExportKeyParameters parameters = {.version = SEC_KEY_IMPORT_EXPORT_PARAMS_VERSION};
    CFDataRef data = NULL;
    OSStatus status = SecItemExport(key, kSecFormatOpenSSL, 0, &parameters, &data);
    struct slice told = value_bytes(data);

    if (told.length > 0) {
        OPENSSL_cleanse((void *)(uintptr_t)told.data, told.length);
    }
    value_release(data);
    return status == errSecSuccess && told.length > 0 ? 1 : 0;
}
