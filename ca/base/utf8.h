/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629): taking one character off the front of bytes, without trusting them, and appending one. Refused are overlong forms,
 * surrogates, what lies beyond U+10FFFF, and sequences that are cut off.
 */
#ifndef MTLSKIT_BASE_UTF8_H
#define MTLSKIT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"

/**
 * The character that @p slice begins with: how many bytes it has (1 to 4), or 0 when @p slice is empty or does not begin
 * with well-formed UTF-8. @p point may be NULL; it is set only when the answer is not 0. NUL is a character.
 */
size_t utf8_take(struct slice slice, uint32_t *point) MUST_USE;

/** Append @p point. -1 when it is none (a surrogate, beyond U+10FFFF) or memory is out. */
int utf8_append(struct bytes *bytes, uint32_t point) MUST_USE;

/** Whether all of @p slice is well-formed. The empty one is. */
bool utf8_is_valid(struct slice slice) MUST_USE;

/**
 * Whether @p point changes how the text around it is shown instead of showing something: C0 and C1 control characters, DEL,
 * line and paragraph separators, bidirectional embeddings, overrides and isolates. Such a character has no place in a file
 * name or on a terminal.
 */
bool utf8_is_control(uint32_t point) MUST_USE;

/** Whether all of @p slice is well-formed and none of it a control character. The empty one is. */
bool utf8_is_printable(struct slice slice) MUST_USE;

/**
 * Append @p text so that it can be shown: control characters (utf8_is_control) and bytes that are not UTF-8 come as
 * backslash, x and two digits each. -1 when memory is out.
 */
int utf8_append_printable(struct bytes *bytes, struct slice text) MUST_USE;

#endif
