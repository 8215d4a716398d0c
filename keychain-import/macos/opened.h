/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An opened keychain with the trust domain that goes with it: what the verbs of store_macos share.
 */
#ifndef MTLSKIT_MACOS_OPENED_H
#define MTLSKIT_MACOS_OPENED_H

#include <stdbool.h>

#include <Security/Security.h>

#include "base/attributes.h"
#include "macos/trust.h"
#include "store/store.h"

struct opened {
    struct store store;
    SecKeychainRef keychain;
    const struct bytes *passphrase; /* of the keychain; borrowed, may be NULL */
    struct trust_domain trust;
    bool relock; /* it was locked before */
};

/** Open "system", "login" or a path; "": system for root, else login. NULL with a fault. */
struct opened *opened_new(const struct store_setting *setting, const char *place, struct faults *faults);
void opened_free(struct opened *opened);
/** Whether root acts for somebody else here, by sudo(8). */
bool opened_under_sudo(void);
/** A reference to the certificate of an item, made of its DER; NULL with a fault. */
SecCertificateRef opened_create_certificate(const struct opened *opened, struct slice der,
                                            struct faults *faults);

/* The verbs for each kind of item; store/store.h says what they are to do. Keychains are quiet meanwhile (macos/quiet.h). */
int certificate_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                          struct faults *faults) MUST_USE;
int certificate_item_put(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
int certificate_item_take(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
int certificate_item_prove(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;

int key_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                  struct faults *faults) MUST_USE;
int key_item_put(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
int key_item_take(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
/** Certificate and key are found, the key signs, and unless it was meant to be extractable cannot be read back. */
int key_item_prove(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
int key_item_allow(struct opened *opened, const struct item *item, const char *program, struct faults *faults)
    MUST_USE;

int trust_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                    struct faults *faults) MUST_USE;
/* These two are not quiet: macOS may have to ask a person. */
int trust_item_put(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;
int trust_item_take(struct opened *opened, const struct item *item, struct slice before,
                    struct faults *faults) MUST_USE;
int trust_item_prove(struct opened *opened, const struct item *item, struct faults *faults) MUST_USE;

#endif
