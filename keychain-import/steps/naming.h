/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Naming: certificates of a store found by what the user calls them.
 */
#ifndef MTLSKIT_STEPS_NAMING_H
#define MTLSKIT_STEPS_NAMING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "steps/run.h"

/** What is sought: one of these. All borrowed. */
struct name_sought {
    const char *label;
    const char *sha256;       /**< hexadecimal digits, apart by colons or not, upper or lower case */
    struct slice certificate; /**< DER */
};
/** What has the name. */
struct named {
    struct bytes certificate; /**< DER */
    bool has_key;
    enum scope scope;
};
/** Starts as all zeros; named_list_free. */
struct named_list {
    struct named *items;
    size_t count;
};
void named_list_free(struct named_list *list);

/** Whether @p text is a SHA-256 as struct name_sought has it; *digest then. */
bool naming_fingerprint(const char *text, struct digest *digest) MUST_USE;
/**
 * Find all that has the name; when an identity has it, identities alone. None is no fault. A label that several have is one, which lists
 * them. @p list is replaced.
 */
int naming_find(const struct run *run, const struct name_sought *sought, struct named_list *list) MUST_USE;

#endif
