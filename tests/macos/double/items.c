/* SPDX-License-Identifier: Apache-2.0 */
/* Items of keychains: added, found, changed, deleted, used. */
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

OSStatus asked(void)
{
    if (!apple_prompting) {
        return errSecInteractionNotAllowed;
    }
    apple_prompts++;
    return errSecUserCanceled;
}

OSStatus keychain_writable(const struct keychain *keychain)
{
    if (apple_uid != 0 && apple_uid != keychain->owner) {
        return errSecWrPerm;
    }
    return keychain->locked ? asked() : errSecSuccess;
}

EVP_PKEY *key_decode(const void *der, size_t length)
{
    const unsigned char *bytes = der;
    EVP_PKEY *key = NULL;

    /* Behind version 0 a SEQUENCE: that is PKCS#8. */
    if (length < 16 || (bytes[1] < 0x80 ? bytes[5] : bytes[1] == 0x81 ? bytes[6] : bytes[7]) == 0x30) {
        return NULL;
    }
    key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &bytes, (long)length);
    if (key == NULL) {
        bytes = der;
        key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &bytes, (long)length);
    }
    ERR_clear_error();
    return key;
}

/* SHA-1 of the public key's BIT STRING. */
static void key_name(EVP_PKEY *key, unsigned char name[NAME_LENGTH])
{
    X509_PUBKEY *spki = NULL;
    const unsigned char *bits = NULL;
    int length = 0;

    if (X509_PUBKEY_set(&spki, key) != 1 || X509_PUBKEY_get0_param(NULL, &bits, &length, NULL, spki) != 1 ||
        EVP_Digest(bits, (size_t)length, name, NULL, EVP_sha1(), NULL) != 1) {
        apple_panic("a key without a name");
    }
    X509_PUBKEY_free(spki);
}

/* Whether two certificates are the same to a keychain: issuer and serial number. */
static bool rivals(const struct kept *kept, const void *der, size_t length)
{
    const unsigned char *one = kept->der;
    const unsigned char *other = der;
    X509 *first = d2i_X509(NULL, &one, (long)kept->length);
    X509 *second = d2i_X509(NULL, &other, (long)length);
    bool same = first != NULL && second != NULL && X509_issuer_and_serial_cmp(first, second) == 0;

    X509_free(first);
    X509_free(second);
    return same;
}

struct kept *kept_add(struct keychain *keychain, bool key, const void *der, size_t length, OSStatus *status)
{
    EVP_PKEY *pkey = key ? key_decode(der, length) : NULL;
    unsigned char name[NAME_LENGTH] = {0};
    struct kept *free_one = NULL;

    if (key) {
        key_name(pkey, name);
    }
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        struct kept *each = &keychain->items[i];

        if (each->id == 0) {
            free_one = free_one == NULL ? each : free_one;
        } else if (each->key == key &&
                   (key ? memcmp(each->name, name, NAME_LENGTH) == 0 : rivals(each, der, length))) {
            *status = errSecDuplicateItem;
            EVP_PKEY_free(pkey);
            return NULL;
        }
    }
    if (free_one == NULL) {
        apple_panic("a keychain is full");
    }
    memset(free_one, 0, sizeof(*free_one));
    free_one->id = apple_world.next_id++;
    free_one->key = key;
    free_one->pkey = pkey;
    memcpy(free_one->name, name, NAME_LENGTH);
    if (!key) {
        free_one->der = malloc(length);
        free_one->length = length;
        memcpy(free_one->der, der, length);
    }
    copy_text(free_one->owner, APPLE_SELF);
    *status = errSecSuccess;
    return free_one;
}

static void kept_delete(struct kept *kept)
{
    free(kept->der);
    EVP_PKEY_free(kept->pkey);
    memset(kept, 0, sizeof(*kept));
}

void apple_add_certificate(const char *path, const void *der, size_t length)
{
    OSStatus status = errSecSuccess;

    if (kept_add(keychain_find(path), false, der, length, &status) == NULL) {
        apple_panic("a certificate that is there already");
    }
}

void apple_add_key(const char *path, const void *der, size_t length, const char *program)
{
    struct keychain *keychain = keychain_find(path);
    OSStatus status = errSecSuccess;
    struct kept *kept = kept_add(keychain, true, der, length, &status);

    if (kept == NULL) {
        apple_panic("a key that is there already");
    }
    copy_text(kept->owner, program);
    list_add(&kept->rights.programs, program);
    kept->rights.partitioned = keychain->partitioned;
    if (keychain->partitioned) {
        list_add(&kept->rights.partitions, program_partition(program));
    }
}

/* ---- certificates --------------------------------------------------------------------------------------------------- */

SecCertificateRef SecCertificateCreateWithData(CFAllocatorRef allocator, CFDataRef data)
{
    const struct object *object = object_check(data, TYPE_DATA, "SecCertificateCreateWithData");

    (void)allocator;
    if (apple_turn("SecCertificateCreateWithData").status != 0 || object->length == 0 ||
        object->bytes[0] != 0x30) {
        return NULL;
    }
    return (SecCertificateRef)object_of_bytes(TYPE_CERTIFICATE, object->bytes, object->length);
}

CFDataRef SecCertificateCopyData(SecCertificateRef certificate)
{
    const struct object *object = object_check(certificate, TYPE_CERTIFICATE, "SecCertificateCopyData");

    if (apple_turn("SecCertificateCopyData").status != 0) {
        return NULL;
    }
    return (CFDataRef)object_of_bytes(TYPE_DATA, object->bytes, object->length);
}

CFTypeID SecCertificateGetTypeID(void)
{
    return TYPE_CERTIFICATE;
}

OSStatus SecCertificateAddToKeychain(SecCertificateRef certificate, SecKeychainRef keychain)
{
    struct turn turn = apple_turn("SecCertificateAddToKeychain");
    const struct object *object = object_check(certificate, TYPE_CERTIFICATE, "SecCertificateAddToKeychain");
    struct keychain *found = NULL;
    OSStatus status = errSecSuccess;

    if (turn.before) {
        return turn.status;
    }
    if (keychain == NULL) {
        apple_panic("SecCertificateAddToKeychain: into the default keychain");
    }
    found = keychain_find(
        (const char *)object_check(keychain, TYPE_KEYCHAIN, "SecCertificateAddToKeychain")->bytes);
    status = found == NULL ? errSecNoSuchKeychain : keychain_writable(found);
    if (status == errSecSuccess) {
        (void)kept_add(found, false, object->bytes, object->length, &status);
    }
    return status != errSecSuccess ? status : turn.status;
}

/* ---- finding -------------------------------------------------------------------------------------------------------- */

/* Whether @p call's query may mean @p keychain. Without a search list all are meant. */
static bool searched(CFDictionaryRef query, const struct keychain *keychain, const char *call)
{
    const void *list = dictionary_get(query, kSecMatchSearchList, call);
    const struct object *array = NULL;

    if (list == NULL) {
        return true;
    }
    array = object_check(list, TYPE_ARRAY, call);
    for (size_t i = 0; i < array->count; i++) {
        if (strcmp((const char *)object_check(array->values[i], TYPE_KEYCHAIN, call)->bytes,
                   keychain->path) == 0) {
            return true;
        }
    }
    return false;
}

static bool matches(CFDictionaryRef query, const struct kept *kept, const char *call)
{
    const void *class = dictionary_get(query, kSecClass, call);
    const void *name = dictionary_get(query, kSecAttrApplicationLabel, call);
    const void *items = dictionary_get(query, kSecMatchItemList, call);
    bool found = items == NULL;

    if (kept->id == 0 || class == NULL || !CFEqual(class, kept->key ? kSecClassKey : kSecClassCertificate)) {
        return false;
    }
    if (name != NULL) {
        const struct object *data = object_check(name, TYPE_DATA, call);

        if (!kept->key || data->length != NAME_LENGTH || memcmp(data->bytes, kept->name, NAME_LENGTH) != 0) {
            return false;
        }
    }
    /* References that did not come from a keychain are no items: they never match. */
    for (size_t i = 0; items != NULL && i < object_check(items, TYPE_ARRAY, call)->count; i++) {
        found =
            found || object_any(object_check(items, TYPE_ARRAY, call)->values[i], call)->number == kept->id;
    }
    return found;
}

/* The next one that matches, behind @p *place. */
static struct kept *next_match(CFDictionaryRef query, size_t *place, struct keychain **keychain,
                               const char *call)
{
    while (*place < apple_world.keychain_count * ITEMS_MAX) {
        struct keychain *each = &apple_world.keychains[*place / ITEMS_MAX];
        struct kept *kept = &each->items[(*place)++ % ITEMS_MAX];

        if (searched(query, each, call) && matches(query, kept, call)) {
            *keychain = each;
            return kept;
        }
    }
    return NULL;
}

static struct object *item_reference(const struct kept *kept)
{
    struct object *object =
        kept->key ? object_new(TYPE_KEY) : object_of_bytes(TYPE_CERTIFICATE, kept->der, kept->length);

    object->number = kept->id;
    if (kept->key) {
        EVP_PKEY_up_ref(kept->pkey);
        object->pkey = kept->pkey;
    }
    return object;
}

/* What is wanted of one item: the reference, or a dictionary with it. */
static CFTypeRef result(CFDictionaryRef query, const struct kept *kept)
{
    struct object *reference = item_reference(kept);
    struct object *dictionary = NULL;
    const void *values[4] = {kSecValueRef, reference, kSecAttrLabel, NULL};

    if (dictionary_get(query, kSecReturnAttributes, "SecItemCopyMatching") == NULL) {
        return reference;
    }
    values[3] = text_create(kept->label);
    dictionary = object_new(TYPE_DICTIONARY);
    dictionary->values = calloc(4, sizeof(*dictionary->values));
    memcpy(dictionary->values, values, sizeof(values));
    dictionary->count = 4;
    return dictionary;
}

OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef *found)
{
    struct turn turn = apple_turn("SecItemCopyMatching");
    const void *limit = dictionary_get(query, kSecMatchLimit, "SecItemCopyMatching");
    bool one = limit == NULL || CFEqual(limit, kSecMatchLimitOne);
    const void *results[ITEMS_MAX * 2];
    struct keychain *keychain = NULL;
    struct kept *kept = NULL;
    size_t count = 0;
    size_t place = 0;

    if (turn.before) {
        return turn.status;
    }
    while ((kept = next_match(query, &place, &keychain, "SecItemCopyMatching")) != NULL &&
           (!one || count == 0)) {
        results[count++] = result(query, kept);
    }
    if (count == 0) {
        return errSecItemNotFound;
    }
    *found = one ? results[0] : array_create(results, count);
    for (size_t i = 0; !one && i < count; i++) {
        CFRelease(results[i]);
    }
    return turn.status;
}

OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef changes)
{
    struct turn turn = apple_turn("SecItemUpdate");
    const void *label = dictionary_get(changes, kSecAttrLabel, "SecItemUpdate");
    struct keychain *keychain = NULL;
    struct kept *kept = NULL;
    size_t place = 0;
    bool any = false;

    if (turn.before) {
        return turn.status;
    }
    while ((kept = next_match(query, &place, &keychain, "SecItemUpdate")) != NULL) {
        OSStatus status = keychain_writable(keychain);

        if (status != errSecSuccess) {
            return status;
        }
        copy_text(kept->label, text_of(label, "SecItemUpdate"));
        any = true;
    }
    return !any ? errSecItemNotFound : turn.status;
}

/* One match, unless all are asked for. */
OSStatus SecItemDelete(CFDictionaryRef query)
{
    struct turn turn = apple_turn("SecItemDelete");
    struct keychain *keychain = NULL;
    struct kept *kept = NULL;
    size_t place = 0;
    OSStatus status = errSecSuccess;

    if (turn.before) {
        return turn.status;
    }
    kept = next_match(query, &place, &keychain, "SecItemDelete");
    if (kept == NULL) {
        return errSecItemNotFound;
    }
    status = keychain_writable(keychain);
    if (status == errSecSuccess && strcmp(kept->owner, APPLE_SELF) != 0) {
        status = errSecInvalidOwnerEdit;
    }
    if (status != errSecSuccess) {
        return status;
    }
    kept_delete(kept);
    return turn.status;
}
