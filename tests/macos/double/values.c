/* SPDX-License-Identifier: Apache-2.0 */
/* The values of CoreFoundation. */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Constants: an object each, of static storage, filled in by hand. */
#define MARK 0xa11fe001
struct apple_allocator {
    char none;
};
static const struct apple_allocator null_allocator;
const CFAllocatorRef kCFAllocatorNull = &null_allocator;
static struct object yes = {
    .mark = MARK, .type = TYPE_BOOLEAN, .references = 1, .immortal = true, .number = 1};
static struct object no = {.mark = MARK, .type = TYPE_BOOLEAN, .references = 1, .immortal = true};
const CFBooleanRef kCFBooleanTrue = (CFBooleanRef)&yes;
const CFBooleanRef kCFBooleanFalse = (CFBooleanRef)&no;
const CFArrayCallBacks kCFTypeArrayCallBacks = {0};
const CFDictionaryKeyCallBacks kCFTypeDictionaryKeyCallBacks = {0};
const CFDictionaryValueCallBacks kCFTypeDictionaryValueCallBacks = {0};

void copy_text(char field[TEXT_MAX], const char *text)
{
    if (strlen(text) >= TEXT_MAX) {
        apple_panic("a text is too long: %s", text);
    }
    memcpy(field, text, strlen(text) + 1);
}

/* ---- texts ---------------------------------------------------------------------------------------------------------- */

/* A text as good as CFSTR's: made when first wanted, never let go. One more each time would do no harm. */
CFStringRef apple_text_constant(const char *text)
{
    struct object *object = object_of_bytes(TYPE_TEXT, text, strlen(text));

    object->immortal = true;
    return (CFStringRef)object;
}

CFStringRef text_create(const char *text)
{
    return (CFStringRef)object_of_bytes(TYPE_TEXT, text, strlen(text));
}

const char *text_of(const void *reference, const char *call)
{
    return (const char *)object_check(reference, TYPE_TEXT, call)->bytes;
}

/* UTF-8 as far as this matters here: no byte that never stands in it. */
static bool is_text(const UInt8 *bytes, CFIndex length)
{
    for (CFIndex i = 0; i < length; i++) {
        if (bytes[i] == 0xc0 || bytes[i] == 0xc1 || bytes[i] > 0xf4) {
            return false;
        }
    }
    return true;
}

CFStringRef CFStringCreateWithBytes(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length,
                                    CFStringEncoding encoding, Boolean external)
{
    (void)allocator;
    (void)external;
    if (apple_turn("CFStringCreateWithBytes").status != 0 || encoding != kCFStringEncodingUTF8 ||
        !is_text(bytes, length)) {
        return NULL;
    }
    return (CFStringRef)object_of_bytes(TYPE_TEXT, bytes, (size_t)length);
}

CFStringRef CFStringCreateWithCString(CFAllocatorRef allocator, const char *text, CFStringEncoding encoding)
{
    return CFStringCreateWithBytes(allocator, (const UInt8 *)text, (CFIndex)strlen(text), encoding, false);
}

/* In UTF-16 units, of which there are never more than bytes. */
CFIndex CFStringGetLength(CFStringRef text)
{
    return (CFIndex)object_check(text, TYPE_TEXT, "CFStringGetLength")->length;
}

CFIndex CFStringGetMaximumSizeForEncoding(CFIndex length, CFStringEncoding encoding)
{
    (void)encoding;
    return length * 3;
}

Boolean CFStringGetCString(CFStringRef text, char *buffer, CFIndex size, CFStringEncoding encoding)
{
    const struct object *object = object_check(text, TYPE_TEXT, "CFStringGetCString");

    if (encoding != kCFStringEncodingUTF8 || (CFIndex)object->length >= size) {
        return false;
    }
    memcpy(buffer, object->bytes, object->length + 1);
    return true;
}

CFTypeID CFStringGetTypeID(void)
{
    return TYPE_TEXT;
}

/* ---- data, numbers, booleans ---------------------------------------------------------------------------------------- */

CFDataRef CFDataCreate(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length)
{
    (void)allocator;
    if (apple_turn("CFDataCreate").status != 0) {
        return NULL;
    }
    return (CFDataRef)object_of_bytes(TYPE_DATA, bytes, (size_t)length);
}

CFDataRef CFDataCreateWithBytesNoCopy(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length,
                                      CFAllocatorRef deallocator)
{
    struct object *object = NULL;

    (void)allocator;
    if (deallocator != kCFAllocatorNull) {
        apple_panic("CFDataCreateWithBytesNoCopy would free what is not its own");
    }
    if (apple_turn("CFDataCreateWithBytesNoCopy").status != 0) {
        return NULL;
    }
    object = object_new(TYPE_DATA);
    object->bytes = bytes;
    object->length = (size_t)length;
    object->borrowed = true;
    return (CFDataRef)object;
}

const UInt8 *CFDataGetBytePtr(CFDataRef data)
{
    return object_check(data, TYPE_DATA, "CFDataGetBytePtr")->bytes;
}

CFIndex CFDataGetLength(CFDataRef data)
{
    return (CFIndex)object_check(data, TYPE_DATA, "CFDataGetLength")->length;
}

CFTypeID CFDataGetTypeID(void)
{
    return TYPE_DATA;
}

CFNumberRef CFNumberCreate(CFAllocatorRef allocator, CFNumberType type, const void *value)
{
    struct object *object = NULL;
    int32_t number = 0;

    (void)allocator;
    if (type != kCFNumberSInt32Type) {
        apple_panic("CFNumberCreate: only 32 bits");
    }
    if (apple_turn("CFNumberCreate").status != 0) {
        return NULL;
    }
    memcpy(&number, value, sizeof(number));
    object = object_new(TYPE_NUMBER);
    object->number = number;
    return (CFNumberRef)object;
}

Boolean CFNumberGetValue(CFNumberRef number, CFNumberType type, void *value)
{
    int32_t told = (int32_t)object_check(number, TYPE_NUMBER, "CFNumberGetValue")->number;

    if (type != kCFNumberSInt32Type) {
        apple_panic("CFNumberGetValue: only 32 bits");
    }
    memcpy(value, &told, sizeof(told));
    return true;
}

CFTypeID CFNumberGetTypeID(void)
{
    return TYPE_NUMBER;
}

Boolean CFBooleanGetValue(CFBooleanRef boolean)
{
    return object_check(boolean, TYPE_BOOLEAN, "CFBooleanGetValue")->number != 0;
}

CFTypeID CFBooleanGetTypeID(void)
{
    return TYPE_BOOLEAN;
}

/* ---- arrays and dictionaries ---------------------------------------------------------------------------------------- */

static struct object *collection(enum type type, size_t count)
{
    struct object *object = object_new(type);

    object->values = calloc(count + 1, sizeof(*object->values));
    if (object->values == NULL) {
        apple_panic("memory is out");
    }
    object->count = count;
    return object;
}

CFTypeRef array_create(const void *const *values, size_t count)
{
    struct object *object = collection(TYPE_ARRAY, count);

    for (size_t i = 0; i < count; i++) {
        object->values[i] = CFRetain(values[i]);
    }
    return object;
}

CFArrayRef CFArrayCreate(CFAllocatorRef allocator, const void **values, CFIndex count,
                         const CFArrayCallBacks *callbacks)
{
    (void)allocator;
    if (callbacks != &kCFTypeArrayCallBacks) {
        apple_panic("CFArrayCreate: the array would hold no references");
    }
    if (apple_turn("CFArrayCreate").status != 0) {
        return NULL;
    }
    return array_create(values, (size_t)count);
}

CFIndex CFArrayGetCount(CFArrayRef array)
{
    return (CFIndex)object_check(array, TYPE_ARRAY, "CFArrayGetCount")->count;
}

const void *CFArrayGetValueAtIndex(CFArrayRef array, CFIndex index)
{
    const struct object *object = object_check(array, TYPE_ARRAY, "CFArrayGetValueAtIndex");

    if (index < 0 || (size_t)index >= object->count) {
        apple_panic("CFArrayGetValueAtIndex: %ld of %zu", index, object->count);
    }
    return object->values[index];
}

CFTypeID CFArrayGetTypeID(void)
{
    return TYPE_ARRAY;
}

CFDictionaryRef CFDictionaryCreate(CFAllocatorRef allocator, const void **keys, const void **values,
                                   CFIndex count, const CFDictionaryKeyCallBacks *key_callbacks,
                                   const CFDictionaryValueCallBacks *value_callbacks)
{
    struct object *object = NULL;

    (void)allocator;
    if (key_callbacks != &kCFTypeDictionaryKeyCallBacks ||
        value_callbacks != &kCFTypeDictionaryValueCallBacks) {
        apple_panic("CFDictionaryCreate: the dictionary would hold no references");
    }
    if (apple_turn("CFDictionaryCreate").status != 0) {
        return NULL;
    }
    object = collection(TYPE_DICTIONARY, 2 * (size_t)count);
    for (CFIndex i = 0; i < count; i++) {
        object->values[2 * i] = CFRetain(keys[i]);
        object->values[2 * i + 1] = CFRetain(values[i]);
    }
    return (CFDictionaryRef)object;
}

CFIndex CFDictionaryGetCount(CFDictionaryRef dictionary)
{
    return (CFIndex)object_check(dictionary, TYPE_DICTIONARY, "CFDictionaryGetCount")->count / 2;
}

const void *dictionary_get(const void *dictionary, CFStringRef key, const char *call)
{
    const struct object *object = object_check(dictionary, TYPE_DICTIONARY, call);

    for (size_t i = 0; i < object->count; i += 2) {
        if (CFEqual(object->values[i], key)) {
            return object->values[i + 1];
        }
    }
    return NULL;
}

const void *CFDictionaryGetValue(CFDictionaryRef dictionary, const void *key)
{
    return dictionary_get(dictionary, key, "CFDictionaryGetValue");
}

CFTypeID CFDictionaryGetTypeID(void)
{
    return TYPE_DICTIONARY;
}

Boolean CFEqual(CFTypeRef one, CFTypeRef other)
{
    const struct object *first = object_any(one, "CFEqual");
    const struct object *second = object_any(other, "CFEqual");

    if (first == second) {
        return true;
    }
    if (first->type != second->type) {
        return false;
    }
    if (first->type == TYPE_TEXT || first->type == TYPE_DATA) {
        return first->length == second->length && memcmp(first->bytes, second->bytes, first->length) == 0;
    }
    return first->type == TYPE_NUMBER && first->number == second->number;
}

/* ---- errors, places, property lists --------------------------------------------------------------------------------- */

CFURLRef CFURLCreateFromFileSystemRepresentation(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex length,
                                                 Boolean folder)
{
    (void)allocator;
    (void)folder;
    if (apple_turn("CFURLCreateFromFileSystemRepresentation").status != 0) {
        return NULL;
    }
    return (CFURLRef)object_of_bytes(TYPE_URL, bytes, (size_t)length);
}

CFStringRef CFErrorCopyDescription(CFErrorRef error)
{
    const struct object *object = object_check(error, TYPE_ERROR, "CFErrorCopyDescription");

    if (apple_turn("CFErrorCopyDescription").status != 0) {
        return NULL;
    }
    return (CFStringRef)object_of_bytes(TYPE_TEXT, object->bytes, object->length);
}

/* Enough of a reader for one dictionary with one array of texts. */
CFPropertyListRef CFPropertyListCreateWithData(CFAllocatorRef allocator, CFDataRef data,
                                               CFOptionFlags options, CFPropertyListFormat *format,
                                               CFErrorRef *error)
{
    const struct object *object = object_check(data, TYPE_DATA, "CFPropertyListCreateWithData");
    const char *place = (const char *)object->bytes;
    const void *texts[LIST_MAX];
    size_t count = 0;
    struct object *dictionary = NULL;

    (void)allocator;
    (void)options;
    (void)format;
    (void)error;
    if (apple_turn("CFPropertyListCreateWithData").status != 0 ||
        strstr(place, "<key>Partitions</key>") == NULL) {
        return NULL;
    }
    while ((place = strstr(place, "<string>")) != NULL && count < LIST_MAX) {
        const char *end = strstr(place, "</string>");

        place += strlen("<string>");
        texts[count++] = object_of_bytes(TYPE_TEXT, place, (size_t)(end - place));
    }
    dictionary = collection(TYPE_DICTIONARY, 2);
    dictionary->values[0] = text_create("Partitions");
    dictionary->values[1] = array_create(texts, count);
    for (size_t i = 0; i < count; i++) {
        CFRelease(texts[i]);
    }
    return dictionary;
}

CFDataRef CFPropertyListCreateData(CFAllocatorRef allocator, CFPropertyListRef list,
                                   CFPropertyListFormat format, CFOptionFlags options, CFErrorRef *error)
{
    CFStringRef name = text_create("Partitions");
    const struct object *array = object_check(dictionary_get(list, name, "CFPropertyListCreateData"),
                                              TYPE_ARRAY, "CFPropertyListCreateData");
    char text[TEXT_MAX * LIST_MAX];
    size_t used = 0;

    (void)allocator;
    (void)options;
    (void)error;
    CFRelease(name);
    if (apple_turn("CFPropertyListCreateData").status != 0 || format != kCFPropertyListXMLFormat_v1_0) {
        return NULL;
    }
    used = (size_t)snprintf(text, sizeof(text), "<plist version=\"1.0\"><dict><key>Partitions</key><array>");
    for (size_t i = 0; i < array->count; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "<string>%s</string>",
                                 text_of(array->values[i], "CFPropertyListCreateData"));
    }
    used += (size_t)snprintf(text + used, sizeof(text) - used, "</array></dict></plist>");
    return (CFDataRef)object_of_bytes(TYPE_DATA, text, used);
}

/* ---- lists of texts ------------------------------------------------------------------------------------------------- */

void list_add(struct list *list, const char *text)
{
    if (list->count == LIST_MAX) {
        apple_panic("a list is full");
    }
    copy_text(list->texts[list->count++], text);
}

bool list_has(const struct list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}
