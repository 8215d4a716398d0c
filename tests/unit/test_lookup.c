/* SPDX-License-Identifier: Apache-2.0 */
/* base/lookup: what was added is found with its number, and nothing else is. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/lookup.h"

#define MANY 10000

static char keys[MANY][16];

static void check_many(struct lookup *lookup)
{
    for (size_t i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof(keys[i]), "key-%zu", i);
        cr_assert_not(lookup_find(lookup, slice_of_text(keys[i]), NULL), "before: %zu", i);
        cr_assert_eq(lookup_add(lookup, slice_of_text(keys[i]), 3 * i), 0);
    }
    cr_assert_eq(lookup->count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        size_t value = 0;

        cr_assert(lookup_find(lookup, slice_of_text(keys[i]), &value), "after: %zu", i);
        cr_assert_eq(value, 3 * i);
    }
    cr_assert_not(lookup_find(lookup, slice_of_text("key-"), NULL));
    cr_assert_not(lookup_find(lookup, slice_of_text("key-10000"), NULL));
}

Test(lookup, many)
{
    struct lookup lookup = {.seed = 0};

    cr_assert_not(lookup_find(&lookup, slice_of_text("a"), NULL));
    check_many(&lookup);
    lookup_clear(&lookup);
    check_many(&lookup);
    lookup_free(&lookup);
    lookup.seed = UINT64_C(0x123456789abcdef0);
    check_many(&lookup);
    lookup_free(&lookup);
}

/* Goal: a key is its octets, not a text: lengths and NULs count. */
Test(lookup, keys_are_octets)
{
    struct lookup lookup = {.seed = 1};
    const struct slice empty = slice_of_text("");
    const struct slice one = {(const unsigned char *)"a\0b", 3};
    const struct slice other = {(const unsigned char *)"a\0c", 3};
    size_t value = 0;

    cr_assert_eq(lookup_add(&lookup, one, 1), 0);
    cr_assert_not(lookup_find(&lookup, other, NULL));
    cr_assert_not(lookup_find(&lookup, (struct slice){one.data, 1}, NULL));
    cr_assert_not(lookup_find(&lookup, empty, NULL));
    cr_assert_eq(lookup_add(&lookup, empty, 2), 0);
    cr_assert(lookup_find(&lookup, empty, &value));
    cr_assert_eq(value, 2);
    cr_assert(lookup_find(&lookup, one, &value));
    cr_assert_eq(value, 1);
    lookup_free(&lookup);
}
