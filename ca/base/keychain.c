/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The macOS keychain, by the Security framework's own call; no program is run and nothing but the item found is read. MTLSKIT_KEYCHAIN: there is
 * one, or in tests its double.
 */
#include "base/keychain.h"

#ifdef MTLSKIT_KEYCHAIN

#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include <openssl/crypto.h>

/* Ask for one item of @p label with its data; the caller releases *data. */
static OSStatus find_password(CFStringRef label, CFTypeRef *data)
{
    const void *keys[] = {kSecClass, kSecAttrLabel, kSecMatchLimit, kSecReturnData};
    const void *values[] = {kSecClassGenericPassword, label, kSecMatchLimitOne, kCFBooleanTrue};
    CFDictionaryRef query =
        CFDictionaryCreate(NULL, keys, values, sizeof(keys) / sizeof(keys[0]), &kCFTypeDictionaryKeyCallBacks,
                           &kCFTypeDictionaryValueCallBacks);
    OSStatus status = errSecAllocate;

    if (query != NULL) {
        status = SecItemCopyMatching(query, data);
        CFRelease(query);
    }
    return status;
}

int keychain_fetch(const char *label, const struct place *place, struct bytes *secret, struct faults *faults)
{
    CFStringRef text = CFStringCreateWithCString(NULL, label, kCFStringEncodingUTF8);
    CFTypeRef data = NULL;
    OSStatus found = errSecParam;
    int status = -1;

    bytes_clear(secret);
    if (text != NULL) {
        found = find_password(text, &data);
        CFRelease(text);
    }
    if (found == errSecItemNotFound) {
        fault_error(faults, place, NULL, "security add-generic-password -s LABEL -a NAME -w",
                    "the keychain has no password of the label \"%s\"", label);
    } else if (found != errSecSuccess || data == NULL || CFGetTypeID(data) != CFDataGetTypeID()) {
        fault_error(faults, place, NULL, NULL, "the keychain does not give the password \"%s\" (status %ld)",
                    label, (long)found);
    } else if (bytes_append(secret, CFDataGetBytePtr(data), (size_t)CFDataGetLength(data)) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
    if (data != NULL) {
        if (CFGetTypeID(data) == CFDataGetTypeID()) {
            OPENSSL_cleanse((void *)(uintptr_t)CFDataGetBytePtr(data), (size_t)CFDataGetLength(data));
        }
        CFRelease(data);
    }
    return status;
}

#else

int keychain_fetch(const char *label, const struct place *place, struct bytes *secret, struct faults *faults)
{
    bytes_clear(secret);
    fault_error(faults, place, NULL, "env:NAME, file:PATH or prompt",
                "\"keychain:%s\" needs macOS: this system has no keychain", label);
    return -1;
}

#endif
