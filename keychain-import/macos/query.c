/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a keychain. */
#include "macos/query.h"

#include "macos/value.h"
#include "x509/certificate.h"

/* Most pairs of a query here. */
#define PAIRS_MAX 8

/* A query about @p pairs (key, value, ..., ended by NULL) in @p keychain and nowhere else. */
static CFDictionaryRef create_query(SecKeychainRef keychain, const void *const *pairs)
{
    const void *all[2 * PAIRS_MAX] = {kSecMatchSearchList};
    CFArrayRef keychains = value_create_array((const void *[]){keychain}, 1);
    CFDictionaryRef query = NULL;
    size_t count = 1;

    all[1] = keychains;
    for (size_t i = 0; pairs[i] != NULL && count < PAIRS_MAX; i += 2) {
        all[2 * count] = pairs[i];
        all[2 * count + 1] = pairs[i + 1];
        count++;
    }
    if (keychains != NULL) {
        query = value_create_dictionary(all, count);
    }
    value_release(keychains);
    return query;
}

/* What is found; of @p type, or an array of that. The reference may be set in spite of an error. */
static CFTypeRef copy_matching(CFDictionaryRef query, CFTypeID type, OSStatus *status)
{
    CFTypeRef found = NULL;

    *status = query == NULL ? errSecAllocate : SecItemCopyMatching(query, &found);
    if (*status == errSecSuccess && !value_is(found, type)) {
        *status = errSecInternalComponent;
    }
    if (*status != errSecSuccess) {
        value_release(found);
        found = NULL;
    }
    return found;
}

CFArrayRef query_copy_certificates(SecKeychainRef keychain, OSStatus *status)
{
    CFDictionaryRef query =
        create_query(keychain, (const void *[]){kSecClass, kSecClassCertificate, kSecMatchLimit,
                                                kSecMatchLimitAll, kSecReturnRef, kCFBooleanTrue,
                                                kSecReturnAttributes, kCFBooleanTrue, NULL});
    CFArrayRef found = copy_matching(query, CFArrayGetTypeID(), status);

    value_release(query);
    return found;
}

CFDataRef query_copy_der(CFTypeRef entry)
{
    CFTypeRef certificate = value_get(entry, kSecValueRef);

    return value_is(certificate, SecCertificateGetTypeID())
               ? SecCertificateCopyData((SecCertificateRef)certificate)
               : NULL;
}

/* Whether macOS would take the two for the same: issuer and serial number. */
static bool rivals(struct slice one, struct slice other)
{
    struct certificate_view first;
    struct certificate_view second;

    return certificate_view_read(one, &first) == 0 && certificate_view_read(other, &second) == 0 &&
           slice_equal(first.issuer, second.issuer) && slice_equal(first.serial, second.serial);
}

SecCertificateRef query_copy_certificate(SecKeychainRef keychain, struct slice der, bool *rival,
                                         OSStatus *status)
{
    CFArrayRef all = query_copy_certificates(keychain, status);
    CFTypeRef found = NULL;
    bool other = false;

    for (size_t i = 0; found == NULL && *status == errSecSuccess && i < value_count(all); i++) {
        CFTypeRef entry = value_at(all, i);
        CFDataRef data = query_copy_der(entry);

        if (data == NULL) {
            *status = errSecAllocate;
        } else if (slice_equal(value_bytes(data), der)) {
            found = CFRetain(value_get(entry, kSecValueRef));
        } else if (rivals(value_bytes(data), der)) {
            other = true;
        }
        value_release(data);
    }
    if (*status == errSecSuccess && found == NULL) {
        *status = errSecItemNotFound;
    }
    if (rival != NULL) {
        *rival = other;
    }
    value_release(all);
    return (SecCertificateRef)found;
}

/* A query for the private key @p name; @p more as in create_query. */
static CFDictionaryRef create_key_query(SecKeychainRef keychain, const unsigned char *name, CFStringRef more)
{
    CFDataRef label = value_create_data((struct slice){name, QUERY_KEY_NAME});
    CFDictionaryRef query = NULL;

    if (label != NULL) {
        query = create_query(keychain, (const void *[]){kSecClass, kSecClassKey, kSecAttrKeyClass,
                                                        kSecAttrKeyClassPrivate, kSecAttrApplicationLabel,
                                                        label, more, kCFBooleanTrue, NULL});
    }
    value_release(label);
    return query;
}

SecKeyRef query_copy_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME], OSStatus *status)
{
    CFDictionaryRef query = create_key_query(keychain, name, kSecReturnRef);
    CFTypeRef found = copy_matching(query, SecKeyGetTypeID(), status);

    value_release(query);
    return (SecKeyRef)found;
}

/* A query for a certificate that came out of @p keychain. */
static CFDictionaryRef create_certificate_query(SecKeychainRef keychain, SecCertificateRef certificate)
{
    CFArrayRef items = value_create_array((const void *[]){certificate}, 1);
    CFDictionaryRef query = NULL;

    if (items != NULL) {
        query = create_query(
            keychain, (const void *[]){kSecClass, kSecClassCertificate, kSecMatchItemList, items, NULL});
    }
    value_release(items);
    return query;
}

OSStatus query_delete_certificate(SecKeychainRef keychain, SecCertificateRef certificate)
{
    CFDictionaryRef query = create_certificate_query(keychain, certificate);
    OSStatus status = query == NULL ? errSecAllocate : SecItemDelete(query);

    value_release(query);
    return status;
}

OSStatus query_delete_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME])
{
    CFDictionaryRef query = create_key_query(keychain, name, NULL);
    OSStatus status = query == NULL ? errSecAllocate : SecItemDelete(query);

    value_release(query);
    return status;
}

/* Label what @p query finds; the query is let go. */
static OSStatus label_found(CFDictionaryRef VALUE_CONSUMED query, const char *label)
{
    CFStringRef text = value_create_text(label);
    CFDictionaryRef change =
        text == NULL ? NULL : value_create_dictionary((const void *[]){kSecAttrLabel, text}, 1);
    OSStatus status = query == NULL || change == NULL ? errSecAllocate : SecItemUpdate(query, change);

    value_release(change);
    value_release(text);
    value_release(query);
    return status;
}

OSStatus query_label_certificate(SecKeychainRef keychain, SecCertificateRef certificate, const char *label)
{
    return label_found(create_certificate_query(keychain, certificate), label);
}

OSStatus query_label_key(SecKeychainRef keychain, const unsigned char name[QUERY_KEY_NAME], const char *label)
{
    return label_found(create_key_query(keychain, name, NULL), label);
}
