/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of CoreFoundation as is used here, declared anew, for building without a Mac. What stands in double/calls is checked against Apple's own
 * headers wherever those are at hand (tests/macos/sdk).
 */
#ifndef MTLSKIT_DOUBLE_CORE_FOUNDATION_H
#define MTLSKIT_DOUBLE_CORE_FOUNDATION_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned char Boolean;
typedef unsigned char UInt8;
typedef uint16_t UInt16;
typedef uint32_t UInt32;
typedef int32_t SInt32;
typedef SInt32 OSStatus;
typedef long CFIndex;
typedef unsigned long CFTypeID;
typedef unsigned long CFOptionFlags;
typedef UInt32 CFStringEncoding;
typedef CFIndex CFNumberType;
typedef CFIndex CFPropertyListFormat;

typedef const void *CFTypeRef;
typedef CFTypeRef CFPropertyListRef;
typedef const struct apple_allocator *CFAllocatorRef;
typedef const struct apple_text *CFStringRef;
typedef const struct apple_data *CFDataRef;
typedef const struct apple_number *CFNumberRef;
typedef const struct apple_boolean *CFBooleanRef;
typedef const struct apple_array *CFArrayRef;
typedef const struct apple_dictionary *CFDictionaryRef;
typedef const struct apple_url *CFURLRef;
typedef struct apple_error *CFErrorRef;

typedef struct {
    CFIndex version;
} CFArrayCallBacks;
typedef struct {
    CFIndex version;
} CFDictionaryKeyCallBacks;
typedef struct {
    CFIndex version;
} CFDictionaryValueCallBacks;

enum { kCFNumberSInt32Type = 3, kCFStringEncodingUTF8 = 0x08000100, kCFPropertyListXMLFormat_v1_0 = 100 };

/** A text that lives as long as the program. */
CFStringRef apple_text_constant(const char *text);
#define CFSTR(text)             apple_text_constant("" text)

#define CALL(result, name, ...) result name(__VA_ARGS__);
#define CONSTANT(type, name)    extern const type name;
#include "core_foundation_calls.h"
#undef CALL
#undef CONSTANT

#endif
