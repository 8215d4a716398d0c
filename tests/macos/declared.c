/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the double declares, asserted: compiled against the double in every test build, and against Apple's headers by tests/macos/sdk. If
 * both compile, every call used has the same result and parameters, every constant the same type and every number the same value in both.
 */
#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include <stddef.h>

#define CALL(result, name, ...)                                                                              \
    _Static_assert(_Generic(&(name), result(*)(__VA_ARGS__) : 1, default : 0), #name " has another type");
#define CONSTANT(type, name)                                                                                 \
    _Static_assert(_Generic(&(name), const type * : 1, default : 0), #name " has another type");
#define NUMBER(name, value) _Static_assert((long)(name) == (value), #name " has another value");
#include "core_foundation_calls.h"
#include "security_calls.h"
#include "security_numbers.h"

/* Of the types behind the names: size and sign. */
#define SAME(type, other)                                                                                    \
    _Static_assert(sizeof(type) == sizeof(other) && ((type)-1 > 1) == ((other)-1 > 1),                       \
                   #type " is not as " #other)
SAME(Boolean, unsigned char);
SAME(UInt8, unsigned char);
SAME(UInt32, unsigned);
SAME(SInt32, int);
SAME(OSStatus, int);
SAME(CFIndex, long);
SAME(CFTypeID, unsigned long);
SAME(CFOptionFlags, unsigned long);
SAME(CFStringEncoding, unsigned);
SAME(CFNumberType, long);
SAME(CFPropertyListFormat, long);
SAME(SecKeychainStatus, unsigned);
SAME(SecKeychainPromptSelector, unsigned short);
SAME(SecCSFlags, unsigned);
SAME(SecExternalFormat, unsigned);
SAME(SecExternalItemType, unsigned);
SAME(SecItemImportExportFlags, unsigned);
SAME(SecKeyImportExportFlags, unsigned);
SAME(SecTrustSettingsDomain, unsigned);
_Static_assert(sizeof(SecPreferencesDomain) == sizeof(int), "SecPreferencesDomain is not as int");

/* Of pointers: whether what they point at is constant. A pointer to it can then be had from one to a constant, or not. */
#define CONSTANT_POINTER(type) _Static_assert(_Generic((type)0, CFTypeRef : 1, default : 0), #type)
CONSTANT_POINTER(CFTypeRef);
CONSTANT_POINTER(CFPropertyListRef);
_Static_assert(_Generic((SecKeyAlgorithm)0, CFStringRef : 1, default : 0), "SecKeyAlgorithm");

/* Texts that are macros. */
#define TEXT_MACRO(name) _Static_assert(_Generic(name, CFStringRef : 1, default : 0), #name)
TEXT_MACRO(kSecTrustSettingsPolicy);
TEXT_MACRO(kSecTrustSettingsApplication);
TEXT_MACRO(kSecTrustSettingsPolicyString);
TEXT_MACRO(kSecTrustSettingsKeyUsage);
TEXT_MACRO(kSecTrustSettingsAllowedError);
TEXT_MACRO(kSecTrustSettingsResult);

/* The one struct that is filled in here: each field's place and type. */
#define FIELD(field, place, type)                                                                            \
    _Static_assert(                                                                                          \
        offsetof(SecItemImportExportKeyParameters, field) == (place) &&                                      \
            __builtin_types_compatible_p(__typeof__(((SecItemImportExportKeyParameters *)0)->field), type),  \
        #field " stands elsewhere, or has another type")
FIELD(version, 0, uint32_t);
FIELD(flags, 4, SecKeyImportExportFlags);
FIELD(passphrase, 8, CFTypeRef);
FIELD(alertTitle, 16, CFStringRef);
FIELD(alertPrompt, 24, CFStringRef);
FIELD(accessRef, 32, SecAccessRef);
FIELD(keyUsage, 40, CFArrayRef);
FIELD(keyAttributes, 48, CFArrayRef);
_Static_assert(sizeof(SecItemImportExportKeyParameters) == 56, "SecItemImportExportKeyParameters is longer");
