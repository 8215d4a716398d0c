/* SPDX-License-Identifier: Apache-2.0 */
/* Values of CoreFoundation. */
#include "macos/value.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void value_release(CFTypeRef VALUE_CONSUMED value)
{
    if (value != NULL) {
        CFRelease(value);
    }
}

CFStringRef value_create_text(const char *text)
{
    return CFStringCreateWithBytes(NULL, (const UInt8 *)text, (CFIndex)strlen(text), kCFStringEncodingUTF8,
                                   false);
}

CFDataRef value_create_data(struct slice slice)
{
    return CFDataCreate(NULL, slice.data, (CFIndex)slice.length);
}

CFDataRef value_create_borrowed(struct slice slice)
{
    return CFDataCreateWithBytesNoCopy(NULL, slice.data, (CFIndex)slice.length, kCFAllocatorNull);
}

CFNumberRef value_create_number(int32_t number)
{
    return CFNumberCreate(NULL, kCFNumberSInt32Type, &number);
}

CFArrayRef value_create_array(const void *const *values, size_t count)
{
    const void *all[VALUE_ENTRIES_MAX];

    if (count > VALUE_ENTRIES_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i] == NULL) {
            return NULL;
        }
        all[i] = values[i];
    }
    return CFArrayCreate(NULL, all, (CFIndex)count, &kCFTypeArrayCallBacks);
}

CFDictionaryRef value_create_dictionary(const void *const *pairs, size_t count)
{
    const void *keys[VALUE_ENTRIES_MAX];
    const void *values[VALUE_ENTRIES_MAX];

    if (count > VALUE_ENTRIES_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = pairs[2 * i];
        values[i] = pairs[2 * i + 1];
        if (keys[i] == NULL || values[i] == NULL) {
            return NULL;
        }
    }
    return CFDictionaryCreate(NULL, keys, values, (CFIndex)count, &kCFTypeDictionaryKeyCallBacks,
                              &kCFTypeDictionaryValueCallBacks);
}

bool value_is(CFTypeRef value, CFTypeID type)
{
    return value != NULL && CFGetTypeID(value) == type;
}

int value_text(CFTypeRef value, struct bytes *text)
{
    CFIndex room = 0;

    if (!value_is(value, CFStringGetTypeID())) {
        return -1;
    }
    room = CFStringGetMaximumSizeForEncoding(CFStringGetLength(value), kCFStringEncodingUTF8);
    if (room < 0 || room == LONG_MAX || bytes_reserve(text, (size_t)room + 1) != 0 ||
        !CFStringGetCString(value, (char *)text->data + text->length, room + 1, kCFStringEncodingUTF8)) {
        return -1;
    }
    text->length += strlen((const char *)text->data + text->length);
    return 0;
}

struct slice value_bytes(CFTypeRef value)
{
    struct slice slice = {NULL, 0};

    if (value_is(value, CFDataGetTypeID())) {
        slice.data = CFDataGetBytePtr(value);
        slice.length = (size_t)CFDataGetLength(value);
    }
    return slice;
}

int value_number(CFTypeRef value, int32_t *number)
{
    return value_is(value, CFNumberGetTypeID()) && CFNumberGetValue(value, kCFNumberSInt32Type, number) ? 0
                                                                                                        : -1;
}

size_t value_count(CFTypeRef value)
{
    return value_is(value, CFArrayGetTypeID()) ? (size_t)CFArrayGetCount(value) : 0;
}

CFTypeRef value_at(CFTypeRef array, size_t index)
{
    return CFArrayGetValueAtIndex(array, (CFIndex)index);
}

CFTypeRef value_get(CFTypeRef dictionary, CFStringRef key)
{
    return value_is(dictionary, CFDictionaryGetTypeID()) ? CFDictionaryGetValue(dictionary, key) : NULL;
}
