/* SPDX-License-Identifier: Apache-2.0 */
/* Items of keychains: put there, and who may do what with them. */
#ifndef MTLSKIT_DOUBLE_ITEMS_H
#define MTLSKIT_DOUBLE_ITEMS_H

#include "object.h"

/* A new item of @p keychain; NULL and *status when there is one like it, or it may not be written. */
struct kept *kept_add(struct keychain *keychain, bool key, const void *der, size_t length, OSStatus *status);
/* A private key in the forms from before PKCS#8; NULL for everything else. */
EVP_PKEY *key_decode(const void *der, size_t length);
/* Who may use a key just added: those of @p access, else this program. */
void give_rights(struct kept *kept, const struct keychain *keychain, SecAccessRef access);
/* Whether the keychain may be written now: the file's owner, the lock, and who would have to be asked. */
OSStatus keychain_writable(const struct keychain *keychain);
/* What a question to a person comes to: nobody answers here. */
OSStatus asked(void);

#endif
