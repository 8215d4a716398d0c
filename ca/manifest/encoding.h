/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoding of a YAML file, checked byte by byte before libyaml sees it: libyaml takes UTF-16, gives the place 1:1 for
 * broken bytes, and is slow on some texts that nobody writes.
 */
#ifndef MTLSKIT_MANIFEST_ENCODING_H
#define MTLSKIT_MANIFEST_ENCODING_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Spaces, tabs and line breaks in a row. libyaml's work on a text grows with the longest such run in it. */
#define ENCODING_BLANKS_MAX 1024

/**
 * Check that *content is UTF-8 (RFC 3629) without the characters YAML excludes (YAML 1.2 section 5.1) and without the line breaks
 * YAML 1.1 and 1.2 disagree on (U+0085, U+2028, U+2029). A byte order mark at the front is skipped: *content begins behind
 * it. -1 with one fault.
 */
int encoding_check(struct slice *content, const char *shown, struct faults *faults) MUST_USE;

/** Line and column of the byte at @p offset. A line ends with LF, CR LF or CR; a column is a character. */
struct place encoding_place(struct slice content, const char *shown, size_t offset);
/** Offset of the byte where the character number @p index (from 0) begins; content.length when there are not so many. */
size_t encoding_offset(struct slice content, size_t index);

#endif
