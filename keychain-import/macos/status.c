/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of the Security framework in words. */
#include "macos/status.h"

#include <stdarg.h>
#include <stdio.h>

#include <Security/Security.h>

#include "macos/value.h"

struct row {
    OSStatus status;
    const char *sentence;
    const char *hint;
};

static const char passphrase[] = "--keychain-passphrase SPEC";
static const char root[] = "run it with sudo";

static const struct row rows[] = {
    {errSecUnimplemented, "this macOS does not have that call", NULL},
    {errSecIO, "the keychain's file cannot be read or written", NULL},
    {errSecParam, "macOS does not accept what it was given", NULL},
    {errSecWrPerm, "the keychain may not be written", root},
    {errSecAllocate, "memory is out", NULL},
    {errSecUserCanceled, "it was declined", NULL},
    {errSecInternalComponent, "a part of the Security framework failed", "in a session with a screen"},
    {errSecInvalidOwnerEdit, "it belongs to another program", "take it away in Keychain Access"},
    {errSecUnknownFormat, "macOS does not know that kind of key",
     "an RSA key, or an EC key on P-256, P-384 or P-521"},
    {errSecMultiplePrivKeys, "there is more than one private key in it", NULL},
    {errSecInvalidTrustSettings, "the trust settings there are make no sense", NULL},
    {errSecNoTrustSettings, "there are no trust settings", NULL},
    {errSecPkcs12VerifyFailure, "the passphrase is wrong", NULL},
    {errSecNotAvailable, "no keychain is available", NULL},
    {errSecReadOnly, "the keychain is read-only", NULL},
    {errSecAuthFailed, "the keychain's passphrase is wrong, or the keychain is locked", passphrase},
    {errSecNoSuchKeychain, "there is no such keychain", "security create-keychain makes one"},
    {errSecInvalidKeychain, "that file is no keychain", NULL},
    {errSecDuplicateItem, "something of that name is there already", NULL},
    {errSecItemNotFound, "it is not there", NULL},
    {errSecNoDefaultKeychain, "this user has no keychain", "log in to this Mac as that user once"},
    {errSecInteractionNotAllowed, "the keychain is locked, or a person would have to be asked", passphrase},
    {errSecInteractionRequired, "a person would have to be asked", passphrase},
    {errSecDataNotAvailable, "it cannot be read back", NULL},
    {errSecDecode, "macOS cannot read it", NULL},
    {errSecMissingEntitlement, "this program lacks an entitlement", NULL},
    {errAuthorizationDenied, "leave was not given", root},
    {errAuthorizationCanceled, "it was declined", NULL},
    {errAuthorizationInteractionNotAllowed, "a person would have to be asked, and none can be", NULL},
};

static const struct row *find(OSStatus status)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *status_sentence(OSStatus status)
{
    const struct row *row = find(status);

    return row != NULL ? row->sentence : NULL;
}

void status_fault(struct faults *faults, const char *store, OSStatus status, const char *hint,
                  const char *format, ...)
{
    const struct row *row = find(status);
    struct bytes text = BYTES_EMPTY;
    char what[FAULT_TEXT_MAX];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(what, sizeof(what), format, values);
    va_end(values);
    if (row == NULL) {
        CFStringRef told = SecCopyErrorMessageString(status, NULL);

        if (value_text(told, &text) != 0) {
            bytes_clear(&text);
        }
        value_release(told);
    }
    fault_error(faults, NULL, NULL, hint != NULL || row == NULL ? hint : row->hint, "%s: %s%s%s (status %ld)",
                store, what, row != NULL || text.length > 0 ? ": " : "",
                row != NULL ? row->sentence : bytes_text(&text), (long)status);
    bytes_free(&text);
}
