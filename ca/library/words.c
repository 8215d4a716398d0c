/* SPDX-License-Identifier: Apache-2.0 */
/* Words. */
#include "library/words.h"

#include <stdlib.h>
#include <string.h>

#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/profile.h"

/* Hand every word of @p text, which commas and blanks separate, to words->take. */
static int each_word(struct words *words, const char *text)
{
    if (text == NULL) {
        return handle_missing(words->handle, words->what);
    }
    while (*(text += strspn(text, ", ")) != '\0') {
        size_t length = strcspn(text, ", ");
        char *word = slice_copy((struct slice){(const unsigned char *)text, length});
        const char *why;

        if (word == NULL) {
            fault_memory(words->handle->faults);
            return -1;
        }
        why = words->take(words, word);
        if (why != NULL) {
            (void)handle_refuse(words->handle, words->what, word, why, words->hint);
        }
        free(word);
        if (why != NULL) {
            return -1;
        }
        text += length;
    }
    return 0;
}

static const char *take_oid(struct words *words, const char *word)
{
    struct oid oid;

    if (words->parse(word, &oid) != 0) {
        return "is not known";
    }
    for (size_t i = 0; i < words->count; i++) {
        if (oid_equal(&oid, oid_slice(&words->oids[i]))) {
            return "is listed twice";
        }
    }
    if (words->count == WORDS_MAX) {
        return "is one too many";
    }
    words->oids[words->count++] = oid;
    return NULL;
}

/* Replace a list of OIDs by what @p text says. */
int words_oids(struct words *words, const char *text, struct oid **items, size_t *count)
{
    struct oid *copy = NULL;

    words->take = take_oid;
    if (each_word(words, text) != 0) {
        return -1;
    }
    if (words->count > 0) {
        copy = calloc(words->count, sizeof(*copy));
        if (copy == NULL) {
            fault_memory(words->handle->faults);
            return -1;
        }
        memcpy(copy, words->oids, words->count * sizeof(*copy));
    }
    free(*items);
    *items = copy;
    *count = words->count;
    return 0;
}

const char *words_take_key_usage(struct words *words, const char *word)
{
    uint32_t bit = extension_key_usage_bit(word);

    words->bits |= bit;
    return bit != 0 ? NULL : "is not a key usage";
}

const char *words_take_name_kind(struct words *words, const char *word)
{
    enum general_name_kind kind;

    if (general_name_kind_parse(word, &kind) != 0) {
        return "is not a kind of name";
    }
    words->bits |= profile_san_bit((int)kind);
    return NULL;
}

/* Replace a set by what @p text says. */
int words_bits(struct words *words, const char *text, uint32_t *bits)
{
    if (each_word(words, text) != 0) {
        return -1;
    }
    *bits = words->bits;
    return 0;
}
