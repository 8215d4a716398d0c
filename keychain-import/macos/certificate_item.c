/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as items of a keychain. */
#include "macos/opened.h"

#include "macos/query.h"
#include "macos/status.h"
#include "macos/value.h"

/* Asked and deleted at most so often until it is gone: an error may have had its effect, and a delete takes one of several. */
#define ATTEMPTS 3

#define RIVAL    "another certificate of the same issuer and serial number"

/* 1: it is there, 0: it is not, -1 with a fault. */
static int there(struct opened *opened, struct slice der, bool *rival, struct faults *faults)
{
    OSStatus status = errSecSuccess;
    SecCertificateRef found = query_copy_certificate(opened->keychain, der, rival, &status);

    value_release(found);
    if (status != errSecSuccess && status != errSecItemNotFound) {
        status_fault(faults, opened->store.name, status, NULL, "its certificates cannot be read");
        return -1;
    }
    return status == errSecSuccess ? 1 : 0;
}

int certificate_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                          struct faults *faults)
{
    bool rival = false;
    int found = there(opened, item->certificate, &rival, faults);

    if (found < 0) {
        return -1;
    }
    sighting->presence = found == 1 ? PRESENCE_PRESENT : rival ? PRESENCE_DIFFERENT : PRESENCE_ABSENT;
    if (sighting->presence == PRESENCE_DIFFERENT && bytes_append_text(&sighting->reason, RIVAL) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/* The name it gets in lists. It has one without that, its subject's; so a failure is no more than a warning. */
static void label(struct opened *opened, const struct item *item, struct faults *faults)
{
    OSStatus status = errSecSuccess;
    SecCertificateRef found = NULL;

    if (item->label == NULL) {
        return;
    }
    found = query_copy_certificate(opened->keychain, item->certificate, NULL, &status);
    if (found != NULL) {
        status = query_label_certificate(opened->keychain, found, item->label);
    }
    if (status != errSecSuccess) {
        fault_warning(faults, NULL, NULL, NULL,
                      "%s: the certificate could not be labelled \"%s\" (status %ld)", opened->store.name,
                      item->label, (long)status);
    }
    value_release(found);
}

static int add(struct opened *opened, const struct item *item, struct faults *faults)
{
    SecCertificateRef certificate = opened_create_certificate(opened, item->certificate, faults);
    OSStatus status = errSecSuccess;
    bool rival = false;
    int found = 0;

    if (certificate == NULL) {
        return -1;
    }
    status = SecCertificateAddToKeychain(certificate, opened->keychain);
    value_release(certificate);
    if (status == errSecSuccess) {
        return 0;
    }
    /* Whether an error had its effect, and whose a duplicate is, only a look tells. */
    found = there(opened, item->certificate, &rival, faults);
    if (found == 1) {
        return 0;
    }
    status_fault(faults, opened->store.name, status, NULL, "the certificate cannot be added%s",
                 found < 0 ? ", and may have been left in it"
                 : rival   ? " over " RIVAL
                           : "");
    return -1;
}

int certificate_item_put(struct opened *opened, const struct item *item, struct faults *faults)
{
    bool rival = false;
    int found = there(opened, item->certificate, &rival, faults);

    if (found != 0) {
        return found == 1 ? 0 : -1;
    }
    if (rival) {
        fault_error(faults, NULL, NULL, "take that one away, or issue one with another serial number",
                    "%s: " RIVAL " is there", opened->store.name);
        return -1;
    }
    if (add(opened, item, faults) != 0) {
        return -1;
    }
    label(opened, item, faults);
    return 0;
}

int certificate_item_take(struct opened *opened, const struct item *item, struct faults *faults)
{
    OSStatus status = errSecSuccess;

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        SecCertificateRef found = query_copy_certificate(opened->keychain, item->certificate, NULL, &status);

        if (status == errSecItemNotFound) {
            return 0;
        }
        if (found != NULL) {
            status = query_delete_certificate(opened->keychain, found);
            value_release(found);
        }
    }
    status_fault(faults, opened->store.name, status, NULL,
                 "the certificate is left in it, for it cannot be deleted");
    return -1;
}

int certificate_item_prove(struct opened *opened, const struct item *item, struct faults *faults)
{
    bool rival = false;
    int found = there(opened, item->certificate, &rival, faults);

    if (found == 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate is not there", opened->store.name);
    }
    return found == 1 ? 0 : -1;
}
