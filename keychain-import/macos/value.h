/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of CoreFoundation: made, taken apart and let go, with NULL taken everywhere. What is called create or copy gives a reference that the
 * caller lets go by value_release; NULL means that memory is out (or that a text is no UTF-8).
 */
#ifndef MTLSKIT_MACOS_VALUE_H
#define MTLSKIT_MACOS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <CoreFoundation/CoreFoundation.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** A reference that whoever is called lets go, as clang's analyzer is told it. */
#ifdef __clang__
#define VALUE_CONSUMED __attribute__((cf_consumed))
#else
#define VALUE_CONSUMED
#endif

/** Most entries of an array or dictionary made here. */
#define VALUE_ENTRIES_MAX 256

void value_release(CFTypeRef VALUE_CONSUMED value);
CFStringRef value_create_text(const char *text);
CFDataRef value_create_data(struct slice slice);
/** Data that is no copy: it must be let go before @p slice is. For secrets, which CoreFoundation would copy and not wipe. */
CFDataRef value_create_borrowed(struct slice slice);
CFNumberRef value_create_number(int32_t number);
/** The array takes a reference of its own to each. NULL also for a NULL among @p values, or more than VALUE_ENTRIES_MAX. */
CFArrayRef value_create_array(const void *const *values, size_t count);
/** Keys and values side by side: key, value, key, value, ... @p count pairs. NULL as for arrays. */
CFDictionaryRef value_create_dictionary(const void *const *pairs, size_t count);

/** Whether @p value is there and of @p type (CFStringGetTypeID()). */
bool value_is(CFTypeRef value, CFTypeID type);
/** Append the UTF-8 of a text; -1 when @p value is none, or memory is out. */
int value_text(CFTypeRef value, struct bytes *text) MUST_USE;
/** The bytes of data, borrowed; empty when @p value is none. */
struct slice value_bytes(CFTypeRef value);
/** -1 when @p value is no number. */
int value_number(CFTypeRef value, int32_t *number) MUST_USE;
/** How many entries an array has; 0 when @p value is none. */
size_t value_count(CFTypeRef value);
/** The @p index-th of an array; borrowed. */
CFTypeRef value_at(CFTypeRef array, size_t index);
/** What a dictionary has under @p key, borrowed; NULL when there is nothing, or @p dictionary is none. */
CFTypeRef value_get(CFTypeRef dictionary, CFStringRef key);

#endif
