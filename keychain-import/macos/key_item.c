/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys as items of a keychain. */
#include "macos/opened.h"

#include <string.h>

#include "macos/access.h"
#include "macos/key_import.h"
#include "macos/query.h"
#include "macos/status.h"
#include "macos/value.h"
#include "x509/certificate.h"
#include "x509/signature.h"

/* As for certificates. */
#define ATTEMPTS 3

/* What a key without a label is called where a person is asked about it. */
#define UNNAMED "key of a TLS client"

/* What macOS calls the key of an item's certificate. -1 with a fault. */
static int name_key(const struct opened *opened, const struct item *item, unsigned char name[QUERY_KEY_NAME],
                    struct faults *faults)
{
    struct certificate_view view;

    if (certificate_view_read(item->certificate, &view) != 0 ||
        certificate_key_identifier(opened->store.context, view.spki, name) != 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate of the key is malformed",
                    opened->store.name);
        return -1;
    }
    return 0;
}

/* 1: it is there (*key, to be let go, when asked for), 0: it is not, -1 with a fault. */
static int find(struct opened *opened, const unsigned char name[QUERY_KEY_NAME], SecKeyRef *key,
                struct faults *faults)
{
    OSStatus status = errSecSuccess;
    SecKeyRef found = query_copy_key(opened->keychain, name, &status);

    if (status != errSecSuccess && status != errSecItemNotFound) {
        status_fault(faults, opened->store.name, status, NULL, "its keys cannot be read");
        return -1;
    }
    if (key != NULL) {
        *key = found;
    } else {
        value_release(found);
    }
    return status == errSecSuccess ? 1 : 0;
}

int key_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                  struct faults *faults)
{
    unsigned char name[QUERY_KEY_NAME];
    int found = name_key(opened, item, name, faults) != 0 ? -1 : find(opened, name, NULL, faults);

    /* The name is made of the public key: what has it is this key. */
    sighting->presence = found == 1 ? PRESENCE_PRESENT : PRESENCE_ABSENT;
    return found < 0 ? -1 : 0;
}

/* Until it is gone, as for certificates. errSecSuccess: it is. */
static OSStatus remove_key(struct opened *opened, const unsigned char name[QUERY_KEY_NAME])
{
    OSStatus status = errSecSuccess;

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        SecKeyRef found = query_copy_key(opened->keychain, name, &status);

        if (status == errSecItemNotFound) {
            return errSecSuccess;
        }
        if (found != NULL) {
            status = query_delete_key(opened->keychain, name);
            value_release(found);
        }
    }
    return status == errSecSuccess ? errSecInternalComponent : status;
}

/* Programs and label of a key just imported. Only the first matter. */
static int furnish(struct opened *opened, const struct item *item, const unsigned char name[QUERY_KEY_NAME],
                   struct faults *faults)
{
    SecKeyRef key = NULL;
    OSStatus status = errSecSuccess;
    int done = -1;

    if (find(opened, name, &key, faults) != 1) {
        fault_error(faults, NULL, NULL, NULL, "%s: the key was added, and is not found", opened->store.name);
        return -1;
    }
    done = access_allow(opened->store.name, key, item->programs, item->program_count, opened->passphrase,
                        faults);
    value_release(key);
    if (done == 0 && item->label != NULL) {
        status = query_label_key(opened->keychain, name, item->label);
    }
    if (status != errSecSuccess) {
        fault_warning(faults, NULL, NULL, NULL, "%s: the key could not be labelled \"%s\" (status %ld)",
                      opened->store.name, item->label, (long)status);
    }
    return done;
}

/* Whether the private key is that of the certificate: by any other name it could not be found, and not be taken away, again. */
static int fits(const struct opened *opened, const struct item *item,
                const unsigned char name[QUERY_KEY_NAME], struct faults *faults)
{
    unsigned char own[QUERY_KEY_NAME];
    struct bytes spki = BYTES_EMPTY;
    int status = key_spki(item->key, &spki, faults);

    if (status == 0 && (certificate_key_identifier(opened->store.context, slice_of(&spki), own) != 0 ||
                        memcmp(own, name, sizeof(own)) != 0)) {
        fault_error(faults, NULL, NULL, NULL, "%s: the key is not that of the certificate",
                    opened->store.name);
        status = -1;
    }
    bytes_free(&spki);
    return status;
}

int key_item_put(struct opened *opened, const struct item *item, struct faults *faults)
{
    const char *store = opened->store.name;
    unsigned char name[QUERY_KEY_NAME];
    SecAccessRef access = NULL;
    OSStatus left = errSecSuccess;
    int found = 0;
    int done = -1;

    if (key_import_takes(item->key, store, faults) != 0 || name_key(opened, item, name, faults) != 0 ||
        fits(opened, item, name, faults) != 0) {
        return -1;
    }
    found = find(opened, name, NULL, faults);
    if (found != 0) {
        return found == 1 ? 0 : -1;
    }
    access = access_create(store, item->label != NULL ? item->label : UNNAMED, item->programs,
                           item->program_count, faults);
    if (access == NULL) {
        return -1;
    }
    if (key_import(opened->keychain, item->key, access, item->extractable == EXTRACTABLE_YES, store,
                   faults) == 0 &&
        furnish(opened, item, name, faults) == 0) {
        done = 0;
    } else {
        /* macOS does not roll back: a key may be there without the access it was to have. */
        left = remove_key(opened, name);
    }
    value_release(access);
    if (left != errSecSuccess) {
        status_fault(faults, store, left, "keychain-import recover",
                     "the private key may be left in it, for it cannot be deleted");
    }
    return done;
}

int key_item_take(struct opened *opened, const struct item *item, struct faults *faults)
{
    unsigned char name[QUERY_KEY_NAME];
    OSStatus status = errSecSuccess;

    if (name_key(opened, item, name, faults) != 0) {
        return -1;
    }
    status = remove_key(opened, name);
    if (status != errSecSuccess) {
        status_fault(faults, opened->store.name, status, NULL,
                     "the private key is left in it, for it cannot be deleted");
        return -1;
    }
    return 0;
}

/* ---- proof ---------------------------------------------------------------------------------------------------------- */

/* AlgorithmIdentifier of what keys sign here with: ecdsa-with-SHA256 (RFC 5758 section 3.2), sha256WithRSAEncryption (RFC 8017 appendix A.2.4). */
static const unsigned char ecdsa[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const unsigned char rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                    0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};

static CFDataRef create_signature(SecKeyRef key, SecKeyAlgorithm algorithm, struct slice text)
{
    CFDataRef data = value_create_data(text);
    CFErrorRef error = NULL;
    CFDataRef signature = data == NULL ? NULL : SecKeyCreateSignature(key, algorithm, data, &error);

    value_release(error);
    value_release(data);
    return signature;
}

/* The key signs, and the certificate's public key says that it did. */
static int signs(struct opened *opened, const struct item *item, SecKeyRef key, struct faults *faults)
{
    struct slice text = slice_of_text("keychain-import proves that this key signs");
    struct certificate_view view;
    CFDataRef signature = NULL;
    const char *why = "was not made";
    bool elliptic = false;
    int status = -1;

    if (certificate_view_read(item->certificate, &view) == 0) {
        elliptic = key_family_of_spki(view.spki) == KEY_FAMILY_EC;
        signature = create_signature(key,
                                     elliptic ? kSecKeyAlgorithmECDSASignatureMessageX962SHA256
                                              : kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256,
                                     text);
    }
    if (signature != NULL) {
        struct slice algorithm = {elliptic ? ecdsa : rsa, elliptic ? sizeof(ecdsa) : sizeof(rsa)};

        status =
            signature_verify(opened->store.context, algorithm, view.spki, text, value_bytes(signature), &why);
    }
    if (status != 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the key does not sign: its signature %s",
                    opened->store.name, why);
    }
    value_release(signature);
    return status;
}

int key_item_prove(struct opened *opened, const struct item *item, struct faults *faults)
{
    unsigned char name[QUERY_KEY_NAME];
    SecKeyRef key = NULL;
    int found = 0;
    int status = -1;

    if (certificate_item_prove(opened, item, faults) != 0 || name_key(opened, item, name, faults) != 0) {
        return -1;
    }
    found = find(opened, name, &key, faults);
    if (found == 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the private key is not there", opened->store.name);
    } else if (found == 1 && signs(opened, item, key, faults) == 0) {
        status = 0;
    }
    if (status == 0 && item->extractable != EXTRACTABLE_YES && key_import_exports(key) == 1) {
        fault_error(faults, NULL, NULL, NULL, "%s: the private key can be read back", opened->store.name);
        status = -1;
    }
    value_release(key);
    return status;
}

/* ---- more programs -------------------------------------------------------------------------------------------------- */

int key_item_allow(struct opened *opened, const struct item *item, const char *program, struct faults *faults)
{
    unsigned char name[QUERY_KEY_NAME];
    SecKeyRef key = NULL;
    struct faults *first = faults_new();
    int status = -1;
    int found = -1;

    if (first == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (name_key(opened, item, name, faults) == 0) {
        found = find(opened, name, &key, faults);
    }
    if (found == 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the private key is not there", opened->store.name);
    }
    if (found != 1) {
        goto out;
    }
    status = access_allow(opened->store.name, key, &program, 1, opened->passphrase, first);
    if (status != 0) {
        struct faults *second = faults_new();

        /* An error may have had its effect: then there is nothing to do the second time. */
        if (second != NULL) {
            status = access_allow(opened->store.name, key, &program, 1, opened->passphrase, second);
        }
        faults_free(second);
    }
    if (status != 0) {
        faults_move(faults, first);
    }
out:
    value_release(key);
    faults_free(first);
    return status;
}
