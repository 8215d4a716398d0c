/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of the Security framework as is used here, declared anew, for building without a Mac. What stands in double/calls is checked against Apple's
 * own headers wherever those are at hand (tests/macos/sdk).
 */
#ifndef MTLSKIT_DOUBLE_SECURITY_H
#define MTLSKIT_DOUBLE_SECURITY_H

#include <CoreFoundation/CoreFoundation.h>

typedef struct apple_keychain_ref *SecKeychainRef;
typedef struct apple_item *SecKeychainItemRef;
typedef struct apple_certificate *SecCertificateRef;
typedef struct apple_key *SecKeyRef;
typedef struct apple_access *SecAccessRef;
typedef struct apple_acl *SecACLRef;
typedef struct apple_application *SecTrustedApplicationRef;
typedef struct apple_policy *SecPolicyRef;
typedef struct apple_trust *SecTrustRef;
typedef const struct apple_code *SecStaticCodeRef;

typedef CFStringRef SecKeyAlgorithm;
typedef UInt32 SecKeychainStatus;
typedef uint16_t SecKeychainPromptSelector;
typedef UInt32 SecCSFlags;
typedef int SecPreferencesDomain;
typedef uint32_t SecExternalFormat;
typedef uint32_t SecExternalItemType;
typedef uint32_t SecItemImportExportFlags;
typedef uint32_t SecKeyImportExportFlags;
typedef uint32_t SecTrustSettingsDomain;

typedef struct {
    uint32_t version;
    SecKeyImportExportFlags flags;
    CFTypeRef passphrase;
    CFStringRef alertTitle;
    CFStringRef alertPrompt;
    SecAccessRef accessRef;
    CFArrayRef keyUsage;
    CFArrayRef keyAttributes;
} SecItemImportExportKeyParameters;

/* These are macros of texts with Apple, too. */
#define kSecTrustSettingsPolicy       CFSTR("kSecTrustSettingsPolicy")
#define kSecTrustSettingsApplication  CFSTR("kSecTrustSettingsApplication")
#define kSecTrustSettingsPolicyString CFSTR("kSecTrustSettingsPolicyString")
#define kSecTrustSettingsKeyUsage     CFSTR("kSecTrustSettingsKeyUsage")
#define kSecTrustSettingsAllowedError CFSTR("kSecTrustSettingsAllowedError")
#define kSecTrustSettingsResult       CFSTR("kSecTrustSettingsResult")

enum {
#define NUMBER(name, value) name = (value),
#include "security_numbers.h"
#undef NUMBER
};

#define CALL(result, name, ...) result name(__VA_ARGS__);
#define CONSTANT(type, name)    extern const type name;
#include "security_calls.h"
#undef CALL
#undef CONSTANT

#endif
