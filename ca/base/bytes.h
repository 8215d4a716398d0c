/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes: a growing buffer that never leaves a copy of its content behind. Growth moves the content to new memory and
 * wipes the old; freeing wipes. So the same type serves for certificates, keys and passphrases.
 * A slice is a borrowed view of somebody else's bytes.
 */
#ifndef MTLSKIT_BASE_BYTES_H
#define MTLSKIT_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/** A growing buffer. Starts as all zeros (BYTES_EMPTY); data is NULL or NUL-terminated one past length. */
struct bytes {
    unsigned char *data;
    size_t length;
    size_t capacity;
};
#define BYTES_EMPTY                                                                                          \
    {                                                                                                        \
        NULL, 0, 0                                                                                           \
    }

/** A borrowed view. */
struct slice {
    const unsigned char *data;
    size_t length;
};

/** Make room for @p extra more bytes. -1 when memory is out (the content stays). */
int bytes_reserve(struct bytes *bytes, size_t extra) MUST_USE;
/** Append; -1 when memory is out. @p data may be NULL when @p length is 0; it must not lie in @p bytes itself. */
int bytes_append(struct bytes *bytes, const void *data, size_t length) MUST_USE;
/** Append a NUL-terminated text (the NUL is not counted). */
int bytes_append_text(struct bytes *bytes, const char *text) MUST_USE;
int bytes_append_byte(struct bytes *bytes, unsigned char byte) MUST_USE;
/** Append formatted text. Not for secrets: printf may leave copies on the stack. */
int bytes_printf(struct bytes *bytes, const char *format, ...) MUST_USE PRINTF_LIKE(2, 3);
/** Append @p slice as lower-case hexadecimal; @p separator between bytes, or 0 for none. */
int bytes_append_hex(struct bytes *bytes, struct slice slice, char separator) MUST_USE;
/**
 * Append as base64 (RFC 4648, section 4), padded. @p line 0: in one line, without a line end. Otherwise a line end follows
 * every @p line characters (rounded down to a multiple of 4, at least 4) and the last, shorter line: what stands between
 * the boundaries of a PEM block. Empty bytes give nothing. A constant time is not promised.
 */
int bytes_append_base64(struct bytes *bytes, struct slice slice, size_t line) MUST_USE;
/** Wipe the content and set the length to 0, keeping the memory. */
void bytes_clear(struct bytes *bytes);
/** Wipe, free, and set to BYTES_EMPTY. */
void bytes_free(struct bytes *bytes);
/** Hand the content over: *to is freed first, *from is empty afterwards. */
void bytes_move(struct bytes *to, struct bytes *from);
/** The content as text: "" for an empty buffer. Owned by @p bytes. */
const char *bytes_text(const struct bytes *bytes);

struct slice slice_of(const struct bytes *bytes);
struct slice slice_of_text(const char *text);
bool slice_equal(struct slice one, struct slice other);
/** A copy with a NUL behind it, for what is no string yet; freed by the caller. NULL when memory is out. */
char *slice_copy(struct slice slice) MUST_USE;

#endif
