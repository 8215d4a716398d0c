/* SPDX-License-Identifier: Apache-2.0 */
/* File keychains. */
#include "macos/file_keychain.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

#include "macos/value.h"

#ifdef __clang__
/* Deprecated since 10.10 in favour of data protection keychains, which no other program of this machine could read an identity from. */
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif

/* Longest path of a keychain that is told. */
#define PATH_MAX_TOLD 4096

/* What an out-parameter got: kept when all went well, let go when not, and missing in spite of success an error. */
static CFTypeRef settle(CFTypeRef got, OSStatus *status)
{
    if (*status == errSecSuccess && got == NULL) {
        *status = errSecInternalComponent;
    } else if (*status != errSecSuccess) {
        value_release(got);
        got = NULL;
    }
    return got;
}

SecKeychainRef file_keychain_create_open(const char *path, OSStatus *status)
{
    SecKeychainRef keychain = NULL;
    SecKeychainStatus state = 0;

    *status = SecKeychainOpen(path, &keychain);
    if (*status == errSecSuccess && keychain != NULL) {
        *status = SecKeychainGetStatus(keychain, &state);
    }
    return (SecKeychainRef)settle(keychain, status);
}

SecKeychainRef file_keychain_copy_login(OSStatus *status)
{
    SecKeychainRef keychain = NULL;

    *status = SecKeychainCopyDomainDefault(kSecPreferencesDomainUser, &keychain);
    return (SecKeychainRef)settle(keychain, status);
}

OSStatus file_keychain_path(SecKeychainRef keychain, struct bytes *path)
{
    char told[PATH_MAX_TOLD];
    UInt32 length = sizeof(told);
    OSStatus status = SecKeychainGetPath(keychain, &length, told);

    if (status == errSecSuccess && bytes_append(path, told, length) != 0) {
        status = errSecAllocate;
    }
    return status;
}

OSStatus file_keychain_unlocked(SecKeychainRef keychain, bool *unlocked)
{
    SecKeychainStatus state = 0;
    OSStatus status = SecKeychainGetStatus(keychain, &state);

    *unlocked = (state & kSecUnlockStateStatus) != 0;
    return status;
}

OSStatus file_keychain_unlock(SecKeychainRef keychain, const struct bytes *passphrase)
{
    return SecKeychainUnlock(keychain, (UInt32)passphrase->length, passphrase->data, true);
}

OSStatus file_keychain_lock(SecKeychainRef keychain)
{
    return SecKeychainLock(keychain);
}

OSStatus file_keychain_prompting(bool *allowed)
{
    Boolean told = true;
    OSStatus status = SecKeychainGetUserInteractionAllowed(&told);

    *allowed = told != 0;
    return status;
}

OSStatus file_keychain_allow_prompts(bool allowed)
{
    return SecKeychainSetUserInteractionAllowed(allowed);
}

SecTrustedApplicationRef file_keychain_create_program(const char *path, OSStatus *status)
{
    SecTrustedApplicationRef program = NULL;

    *status = SecTrustedApplicationCreateFromPath(path, &program);
    return (SecTrustedApplicationRef)settle(program, status);
}

CFDataRef file_keychain_copy_program_path(SecTrustedApplicationRef program, OSStatus *status)
{
    CFDataRef path = NULL;

    *status = SecTrustedApplicationCopyData(program, &path);
    return settle(path, status);
}

SecAccessRef file_keychain_create_access(CFStringRef description, CFArrayRef programs, OSStatus *status)
{
    SecAccessRef access = NULL;

    *status = SecAccessCreate(description, programs, &access);
    return (SecAccessRef)settle(access, status);
}

SecAccessRef file_keychain_copy_access(SecKeychainItemRef item, OSStatus *status)
{
    SecAccessRef access = NULL;

    *status = SecKeychainItemCopyAccess(item, &access);
    return (SecAccessRef)settle(access, status);
}

/* 1: @p list is about @p what, 0: it is not, -1: that cannot be told. */
static int is_about(SecACLRef list, CFStringRef what)
{
    CFArrayRef all = SecACLCopyAuthorizations(list);
    int found = all == NULL ? -1 : 0;

    for (size_t i = 0; found == 0 && i < value_count(all); i++) {
        found = CFEqual(value_at(all, i), what) ? 1 : 0;
    }
    value_release(all);
    return found;
}

static CFArrayRef copy_all_lists(SecAccessRef access, OSStatus *status)
{
    CFArrayRef lists = NULL;

    *status = SecAccessCopyACLList(access, &lists);
    return settle(lists, status);
}

CFArrayRef file_keychain_copy_lists(SecAccessRef access, CFStringRef what, OSStatus *status)
{
    CFArrayRef all = copy_all_lists(access, status);
    const void *picked[VALUE_ENTRIES_MAX];
    CFArrayRef lists = NULL;
    size_t count = 0;

    for (size_t i = 0; *status == errSecSuccess && i < value_count(all); i++) {
        int found = is_about((SecACLRef)value_at(all, i), what);

        if (found < 0 || count == VALUE_ENTRIES_MAX) {
            *status = errSecInternalComponent;
        } else if (found == 1) {
            picked[count++] = value_at(all, i);
        }
    }
    if (*status == errSecSuccess) {
        lists = value_create_array(picked, count);
        *status = lists == NULL ? errSecAllocate : errSecSuccess;
    }
    value_release(all);
    return lists;
}

OSStatus file_keychain_read_list(SecACLRef list, struct access_list *contents)
{
    OSStatus status;

    memset(contents, 0, sizeof(*contents));
    status = SecACLCopyContents(list, &contents->programs, &contents->description, &contents->prompt);
    if (status != errSecSuccess) {
        value_release(contents->programs);
        value_release(contents->description);
        memset(contents, 0, sizeof(*contents));
    }
    return status;
}

OSStatus file_keychain_write_list(SecACLRef list, const struct access_list *contents)
{
    return SecACLSetContents(list, contents->programs, contents->description, contents->prompt);
}

OSStatus file_keychain_set_access(SecKeychainItemRef item, SecAccessRef access,
                                  const struct bytes *passphrase)
{
    OSStatus (*with_password)(SecKeychainItemRef, SecAccessRef, UInt32, const void *) = NULL;
    void *found = NULL;
    OSStatus status = errSecUnimplemented;

    if (passphrase == NULL) {
        return SecKeychainItemSetAccess(item, access);
    }
    found = dlsym(RTLD_DEFAULT, "SecKeychainItemSetAccessWithPassword");
    memcpy(&with_password, &found, sizeof(found));
    if (with_password != NULL) {
        status = with_password(item, access, (UInt32)passphrase->length, passphrase->data);
    }
    return status;
}
