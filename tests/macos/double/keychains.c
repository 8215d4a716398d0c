/* SPDX-License-Identifier: Apache-2.0 */
/* Keychains: opened, locked, looked at, and the switch for questions. */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

int apple_version = 15;
uid_t apple_uid;
bool apple_prompting = true;
int apple_prompts;

struct keychain *keychain_find(const char *path)
{
    for (size_t i = 0; i < apple_world.keychain_count; i++) {
        if (strcmp(apple_world.keychains[i].path, path) == 0) {
            return &apple_world.keychains[i];
        }
    }
    return NULL;
}

static struct keychain *known(const char *path)
{
    struct keychain *keychain = keychain_find(path);

    if (keychain == NULL) {
        apple_panic("there is no keychain %s", path);
    }
    return keychain;
}

void apple_keychain(const char *path, uid_t owner, bool partitioned)
{
    struct keychain *keychain = &apple_world.keychains[apple_world.keychain_count++];

    copy_text(keychain->path, path);
    keychain->owner = owner;
    keychain->partitioned = partitioned;
}

void apple_lock(const char *path)
{
    known(path)->locked = true;
}

struct kept *kept_find(long id, struct keychain **keychain)
{
    for (size_t i = 0; id != 0 && i < apple_world.keychain_count; i++) {
        for (size_t j = 0; j < ITEMS_MAX; j++) {
            if (apple_world.keychains[i].items[j].id == id) {
                if (keychain != NULL) {
                    *keychain = &apple_world.keychains[i];
                }
                return &apple_world.keychains[i].items[j];
            }
        }
    }
    return NULL;
}

static size_t count(const char *path, bool keys)
{
    const struct keychain *keychain = known(path);
    size_t found = 0;

    for (size_t i = 0; i < ITEMS_MAX; i++) {
        found += keychain->items[i].id != 0 && keychain->items[i].key == keys ? 1 : 0;
    }
    return found;
}

size_t apple_certificates(const char *path)
{
    return count(path, false);
}

size_t apple_keys(const char *path)
{
    return count(path, true);
}

/* The only one of its kind. */
static struct kept *only(const char *path, bool keys)
{
    struct keychain *keychain = known(path);

    if (count(path, keys) != 1) {
        apple_panic("%s has %zu of them", path, count(path, keys));
    }
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        if (keychain->items[i].id != 0 && keychain->items[i].key == keys) {
            return &keychain->items[i];
        }
    }
    return NULL;
}

bool apple_may_use(const char *path, const char *program)
{
    const struct rights *rights = &only(path, true)->rights;

    return (rights->programs.nobody_said || list_has(&rights->programs, program)) &&
           (!rights->partitioned || list_has(&rights->partitions, program_partition(program)));
}

bool apple_extractable(const char *path)
{
    return only(path, true)->extractable;
}

const char *apple_key_label(const char *path)
{
    return only(path, true)->label;
}

const char *apple_certificate_label(const char *path)
{
    return only(path, false)->label;
}

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

static SecKeychainRef reference(const char *path)
{
    return (SecKeychainRef)object_of_bytes(TYPE_KEYCHAIN, path, strlen(path));
}

/* The keychain of a reference, which need not be there. */
static struct keychain *keychain_of(SecKeychainRef keychain, const char *call)
{
    return keychain_find((const char *)object_check(keychain, TYPE_KEYCHAIN, call)->bytes);
}

/* Succeeds whether there is such a file or not. */
OSStatus SecKeychainOpen(const char *path, SecKeychainRef *keychain)
{
    struct turn turn = apple_turn("SecKeychainOpen");

    if (!turn.before) {
        *keychain = reference(path);
    }
    return turn.status;
}

OSStatus SecKeychainCopyDomainDefault(SecPreferencesDomain domain, SecKeychainRef *keychain)
{
    struct turn turn = apple_turn("SecKeychainCopyDomainDefault");

    if (turn.before) {
        return turn.status;
    }
    if (domain != kSecPreferencesDomainUser || keychain_find(APPLE_LOGIN) == NULL) {
        return errSecNoDefaultKeychain;
    }
    *keychain = reference(APPLE_LOGIN);
    return turn.status;
}

OSStatus SecKeychainGetStatus(SecKeychainRef keychain, SecKeychainStatus *status)
{
    struct turn turn = apple_turn("SecKeychainGetStatus");
    const struct keychain *found = keychain_of(keychain, "SecKeychainGetStatus");

    if (turn.before) {
        return turn.status;
    }
    if (found == NULL) {
        return errSecNoSuchKeychain;
    }
    *status = kSecReadPermStatus | (found->locked ? 0 : kSecUnlockStateStatus) |
              (apple_uid == 0 || apple_uid == found->owner ? kSecWritePermStatus : 0);
    return turn.status;
}

OSStatus SecKeychainGetPath(SecKeychainRef keychain, UInt32 *length, char *path)
{
    struct turn turn = apple_turn("SecKeychainGetPath");
    const struct object *object = object_check(keychain, TYPE_KEYCHAIN, "SecKeychainGetPath");

    if (turn.before || *length <= object->length) {
        return turn.before ? turn.status : errSecParam;
    }
    memcpy(path, object->bytes, object->length + 1);
    *length = (UInt32)object->length;
    return turn.status;
}

OSStatus SecKeychainUnlock(SecKeychainRef keychain, UInt32 length, const void *password, Boolean use)
{
    struct turn turn = apple_turn("SecKeychainUnlock");
    struct keychain *found = keychain_of(keychain, "SecKeychainUnlock");

    if (turn.before) {
        return turn.status;
    }
    if (found == NULL) {
        return errSecNoSuchKeychain;
    }
    if (!use || length != strlen(APPLE_PASS) || memcmp(password, APPLE_PASS, length) != 0) {
        return errSecAuthFailed;
    }
    found->locked = false;
    return turn.status;
}

OSStatus SecKeychainLock(SecKeychainRef keychain)
{
    struct turn turn = apple_turn("SecKeychainLock");
    struct keychain *found = keychain_of(keychain, "SecKeychainLock");

    if (turn.before) {
        return turn.status;
    }
    if (found != NULL) {
        found->locked = true;
    }
    return turn.status;
}

OSStatus SecKeychainSetUserInteractionAllowed(Boolean allowed)
{
    struct turn turn = apple_turn("SecKeychainSetUserInteractionAllowed");

    if (!turn.before) {
        apple_prompting = allowed != 0;
    }
    return turn.status;
}

OSStatus SecKeychainGetUserInteractionAllowed(Boolean *allowed)
{
    struct turn turn = apple_turn("SecKeychainGetUserInteractionAllowed");

    if (!turn.before) {
        *allowed = apple_prompting;
    }
    return turn.status;
}

CFStringRef SecCopyErrorMessageString(OSStatus status, void *reserved)
{
    char text[64];

    (void)reserved;
    if (apple_turn("SecCopyErrorMessageString").status != 0) {
        return NULL;
    }
    (void)snprintf(text, sizeof(text), "what macOS says about %ld", (long)status);
    return text_create(text);
}
