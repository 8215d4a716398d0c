/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File keychains: every call of the Security framework that is marked deprecated (since 10.10) and has no successor for keychains that are
 * files, which System.keychain and a user's login keychain are. Nothing else here calls one. They give references through a parameter, which
 * may be set in spite of an error; here a reference is the result, and with an error there is none.
 *
 * Where *status is told, it is errSecSuccess exactly when the result is there.
 */
#ifndef MTLSKIT_MACOS_FILE_KEYCHAIN_H
#define MTLSKIT_MACOS_FILE_KEYCHAIN_H

#include <stdbool.h>

#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** The keychain in the file @p path; errSecNoSuchKeychain when there is none, which SecKeychainOpen alone does not tell. */
SecKeychainRef file_keychain_create_open(const char *path, OSStatus *status);
/** The user's own keychain, wherever the system has it. It is never opened by a path: on macOS 26 that has damaged keychains. */
SecKeychainRef file_keychain_copy_login(OSStatus *status);
/** Append the path of its file. */
OSStatus file_keychain_path(SecKeychainRef keychain, struct bytes *path) MUST_USE;
OSStatus file_keychain_unlocked(SecKeychainRef keychain, bool *unlocked) MUST_USE;
OSStatus file_keychain_unlock(SecKeychainRef keychain, const struct bytes *passphrase) MUST_USE;
OSStatus file_keychain_lock(SecKeychainRef keychain) MUST_USE;

/** Whether keychains may put questions on the screen: for the whole of this process, not of the system. */
OSStatus file_keychain_prompting(bool *allowed) MUST_USE;
OSStatus file_keychain_allow_prompts(bool allowed) MUST_USE;

/** The program (or bundle) @p path, as access lists name it; NULL: this program. */
SecTrustedApplicationRef file_keychain_create_program(const char *path, OSStatus *status);
/** What an access list keeps of a program: its path, as it was told. */
CFDataRef file_keychain_copy_program_path(SecTrustedApplicationRef program, OSStatus *status);
/** An access for a new key: @p programs may use it without a question, and what is asked of others names @p description. */
SecAccessRef file_keychain_create_access(CFStringRef description, CFArrayRef programs, OSStatus *status);
SecAccessRef file_keychain_copy_access(SecKeychainItemRef item, OSStatus *status);
/**
 * The lists of @p access that are about @p what; perhaps none. (The call that would pick them out answers NULL for none as well as for a
 * failure, which a key's partitions must not be mistaken for.)
 */
CFArrayRef file_keychain_copy_lists(SecAccessRef access, CFStringRef what, OSStatus *status);
/** One such list. @p programs NULL: everybody. Both references are let go by the caller. */
struct access_list {
    CFArrayRef programs;
    CFStringRef description;
    SecKeychainPromptSelector prompt;
};
OSStatus file_keychain_read_list(SecACLRef list, struct access_list *contents) MUST_USE;
OSStatus file_keychain_write_list(SecACLRef list, const struct access_list *contents) MUST_USE;
/**
 * Give @p item the access @p access. With the keychain's passphrase nobody is asked, whoever owns the item, and partitions can be changed:
 * that is an undocumented call, looked up when it is needed; without it errSecUnimplemented.
 */
OSStatus file_keychain_set_access(SecKeychainItemRef item, SecAccessRef access,
                                  const struct bytes *passphrase) MUST_USE;

#endif
