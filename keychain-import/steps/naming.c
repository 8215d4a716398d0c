/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a store for a name. */
#include "steps/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "steps/wanted.h"

void named_list_free(struct named_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_free(&list->items[i].certificate);
    }
    free(list->items);
    *list = (struct named_list){NULL, 0};
}

bool naming_fingerprint(const char *text, struct digest *digest)
{
    size_t count = 0;

    while (count < DIGEST_LENGTH && hex_octet(text) >= 0) {
        digest->octets[count++] = (unsigned char)hex_octet(text);
        text += 2;
        text += *text == ':' && count < DIGEST_LENGTH ? 1 : 0;
    }
    return count == DIGEST_LENGTH && *text == '\0';
}

/** While the store is walked. */
struct seeking {
    const struct run *run;
    const struct name_sought *sought;
    struct digest digest; /**< for a SHA-256 */
    struct named_list *list;
};

/** Whether the entry has the name: 1, 0, or -1. */
static int entry_fits(const struct seeking *seeking, const struct store_entry *entry)
{
    const struct name_sought *sought = seeking->sought;
    struct digest digest;

    if (sought->label != NULL) {
        return entry->label != NULL && strcmp(entry->label, sought->label) == 0 ? 1 : 0;
    }
    if (sought->sha256 == NULL) {
        return slice_equal(entry->certificate, sought->certificate) ? 1 : 0;
    }
    if (digest_of(seeking->run->context, entry->certificate, &digest) != 0) {
        fault_openssl(seeking->run->faults, "a certificate cannot be hashed");
        return -1;
    }
    return digest_equal(&digest, &seeking->digest) ? 1 : 0;
}

static int seek_entry(void *state, const struct store_entry *entry)
{
    struct seeking *seeking = state;
    struct named_list *list = seeking->list;
    struct named one = {BYTES_EMPTY, entry->has_key, entry->scope};
    struct named *more;
    int fits = entry_fits(seeking, entry);

    if (fits <= 0) {
        return fits;
    }
    more = realloc(list->items, (list->count + 1) * sizeof(*more));
    list->items = more != NULL ? more : list->items;
    if (more == NULL ||
        bytes_append(&one.certificate, entry->certificate.data, entry->certificate.length) != 0) {
        fault_memory(seeking->run->faults);
        return -1;
    }
    list->items[list->count++] = one;
    return 0;
}

/** Of several, identities alone count, if there is one. */
static void prefer_identities(struct named_list *list)
{
    bool identity = false;
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        identity |= list->items[i].has_key;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (identity && !list->items[i].has_key) {
            bytes_free(&list->items[i].certificate);
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

/** A label that several have: list them; always -1. */
static int complain_several(const struct seeking *seeking)
{
    struct bytes text = BYTES_EMPTY;
    bool failed = false;

    for (size_t i = 0; i < seeking->list->count; i++) {
        struct slice certificate = slice_of(&seeking->list->items[i].certificate);
        struct digest digest;

        failed |= digest_of(seeking->run->context, certificate, &digest) != 0 ||
                  bytes_append_text(&text, i > 0 ? ", " : "") != 0 ||
                  wanted_subject(certificate, &text) != 0 || bytes_append_text(&text, " (") != 0 ||
                  bytes_append_hex(&text, (struct slice){digest.octets, DIGEST_LENGTH}, 0) != 0 ||
                  bytes_append_text(&text, ")") != 0;
    }
    if (failed) {
        fault_memory(seeking->run->faults);
    } else {
        fault_error(seeking->run->faults, NULL, NULL, "name one with --sha256",
                    "%s: %zu have the label \"%s\": %s", store_name(seeking->run->store),
                    seeking->list->count, seeking->sought->label, bytes_text(&text));
    }
    bytes_free(&text);
    return -1;
}

int naming_find(const struct run *run, const struct name_sought *sought, struct named_list *list)
{
    struct seeking seeking = {.run = run, .sought = sought, .list = list};
    int status;

    named_list_free(list);
    if (sought->sha256 != NULL && !naming_fingerprint(sought->sha256, &seeking.digest)) {
        fault_error(run->faults, NULL, NULL, "64 hexadecimal digits, as keychain-import list shows them",
                    "\"%s\" is no SHA-256", sought->sha256);
        return -1;
    }
    status = store_each(run->store, seek_entry, &seeking, run->faults);
    if (status == 0) {
        prefer_identities(list);
        if (list->count > 1 && sought->label != NULL) {
            status = complain_several(&seeking);
        }
    }
    if (status != 0) {
        named_list_free(list);
    }
    return status;
}
