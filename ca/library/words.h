/* SPDX-License-Identifier: Apache-2.0 */
/* Words: a list as one text, with commas or blanks between - of OIDs by name or dotted, of key usages, of kinds of names. */
#ifndef MTLSKIT_LIBRARY_WORDS_H
#define MTLSKIT_LIBRARY_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "library/handle.h"
#include "x509/oid.h"

/** Most words of a list of OIDs. */
#define WORDS_MAX 64

/** A list while it is read. */
struct words {
    struct handle *handle; /**< where faults go */
    const char *what;      /**< "key usage" */
    const char *hint;      /**< what would be right */
    /** Take one word; NULL, or why it is refused. Of sets. */
    const char *(*take)(struct words *words, const char *word);
    int (*parse)(const char *text, struct oid *oid); /**< of lists of OIDs */
    struct oid oids[WORDS_MAX];
    size_t count;
    uint32_t bits; /**< of sets */
};

/** For key usages, and for kinds of names as profile_san_bit has them. */
const char *words_take_key_usage(struct words *words, const char *word);
const char *words_take_name_kind(struct words *words, const char *word);

/** Replace a list of OIDs by what @p text says; on -1 it is as it was, and the handle has a fault. */
int words_oids(struct words *words, const char *text, struct oid **items, size_t *count) MUST_USE;
/** The same of a set. */
int words_bits(struct words *words, const char *text, uint32_t *bits) MUST_USE;

#endif
