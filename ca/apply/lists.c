/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation lists of a manifest's authorities. */
#include "apply/lists.h"

#include <string.h>

#include "apply/old_list.h"
#include "base/file.h"
#include "base/file_stamp.h"
#include "issuing/retired_key.h"
#include "issuing/revocation_list.h"
#include "ledger/ledger_directory.h"

/** Largest list that is read. */
#define LIST_SIZE_MAX (256u * 1024 * 1024)

int lists_path(const struct entry *entry, int64_t generation, size_t index, struct bytes *path)
{
    if (index >= REVOCATION_LIST_FILES) {
        return 0;
    }
    return revocation_list_path(entry->name, generation, generation == 0, (enum revocation_list_file)index,
                                path) == 0
               ? 1
               : -1;
}

/* ---- the list of a key before ----------------------------------------------------------------------------------------- */

/** Whose list has some content. */
struct search {
    struct digest content;
    int64_t generation; /* 0: none is known */
};

static int search_list(void *state, const struct ledger_crl *crl)
{
    struct search *search = state;

    if (crl->complete && digest_equal(&crl->content, &search->content)) {
        search->generation = crl->generation;
    }
    return 0;
}

/** Add a copy of file @p file to the publisher's group, under the name of generation @p generation. A missing one is left out. */
static int keep_file(const struct lists_place *place, const char *name, int64_t generation,
                     enum revocation_list_file file, struct faults *faults)
{
    struct bytes from = BYTES_EMPTY, to = BYTES_EMPTY, content = BYTES_EMPTY;
    struct faults *unused = faults_new();
    int status = -1;

    if (unused == NULL || revocation_list_path(name, 0, true, file, &from) != 0 ||
        revocation_list_path(name, generation, false, file, &to) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
    if (file_read(place->directory, bytes_text(&from), LIST_SIZE_MAX, &content, unused) == 0) {
        status = publisher_add(place->publisher, bytes_text(&to), slice_of(&content), 0644, faults);
    }
out:
    faults_free(unused);
    bytes_free(&from);
    bytes_free(&to);
    bytes_free(&content);
    return status;
}

/**
 * When NAME.crl is of a key that the authority had before, it goes on as NAME.generation-N.crl: what that key revoked stays known until
 * the list's time is over.
 */
static int keep_old(const struct lists_place *place, const char *name, int64_t generation,
                    struct faults *faults)
{
    struct search search = {.generation = 0};
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY;
    struct faults *unused = faults_new();
    int status = -1;
    int file;

    if (unused == NULL || revocation_list_path(name, 0, true, REVOCATION_LIST_DER, &path) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
    if (file_read(place->directory, bytes_text(&path), LIST_SIZE_MAX, &content, unused) != 0) {
        goto out;
    }
    status = -1;
    if (digest_of(place->context, slice_of(&content), &search.content) != 0) {
        fault_openssl(faults, "%s: SHA-256 failed", bytes_text(&path));
        goto out;
    }
    if (ledger_each_crl(place->ledger, search_list, &search, faults) != 0) {
        goto out;
    }
    status = 0;
    if (search.generation == 0 || search.generation == generation) {
        goto out;
    }
    for (file = 0; status == 0 && file < REVOCATION_LIST_FILES; file++) {
        status = keep_file(place, name, search.generation, (enum revocation_list_file)file, faults);
    }
    status = status == 0 ? publisher_commit(place->publisher, faults) : -1;
out:
    faults_free(unused);
    bytes_free(&path);
    bytes_free(&content);
    return status;
}

/* ---- lists ------------------------------------------------------------------------------------------------------------ */

/** Says what was written. */
static int tell(const struct plan_step *step,
                void (*written)(void *state, const char *name, const char *path), void *state,
                struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    int status;
    size_t i;

    for (i = 0; (status = lists_path(step->entry, step->generation, i, &path)) == 1; i++) {
        if (written != NULL) {
            written(state, step->name, bytes_text(&path));
        }
        bytes_clear(&path);
    }
    if (status != 0) {
        fault_memory(faults);
    }
    bytes_free(&path);
    return status;
}

/** The list of the key now. 1: made; -1. */
static int make_current(const struct lists_place *place, const struct plan_step *step, struct faults *faults)
{
    const struct authority_at_work *authority = crew_authority(place->crew, step->entry, faults);
    struct revocation_list list = {
        .name = step->name, .current = true, .next_update = step->entry->crl.next_update};

    if (authority == NULL) {
        return -1;
    }
    list.generation = authority->generation;
    list.certificate = slice_of(&authority->certificate);
    list.signer = issuer_signer(authority->issuer);
    return keep_old(place, step->name, authority->generation, faults) == 0 &&
                   revocation_list_publish(place->context, &list, place->ledger, place->publisher, NULL,
                                           faults) == 0
               ? 1
               : -1;
}

/** The list of a key before. 1: made; 0: its key cannot be had, which was said; -1. */
static int make_old(const struct lists_place *place, const struct plan_step *step, struct faults *faults)
{
    struct old_list old = {.context = place->context, .ledger = place->ledger, .name = step->name};
    struct retired_key key = {.context = place->context,
                              .directory = place->directory,
                              .ledger = place->ledger,
                              .passphrases = place->passphrases,
                              .tokens = place->tokens,
                              .name = step->name,
                              .generation = step->generation};
    struct revocation_list list = {
        .name = step->name, .generation = step->generation, .next_update = step->entry->crl.next_update};
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (old_list_next(&old, step->generation - 1, faults) != 1) {
        goto out;
    }
    list.certificate = key.certificate = slice_of(&old.certificate);
    list.signer = retired_key_open(&key, why);
    if (list.signer == NULL) {
        entry_warning(
            faults, step->entry, "put the key back, or let its certificates run out",
            "the list of its key before, generation %lld, is not made: %s", (long long)step->generation,
            faults_count(why) > 0 ? faults_text(why, 0) : "after another key, no token's is opened");
        status = 0;
    } else if (revocation_list_publish(place->context, &list, place->ledger, place->publisher, NULL,
                                       faults) == 0) {
        status = 1;
    }
out:
    signer_free(list.signer);
    faults_free(why);
    old_list_free(&old);
    return status;
}

int lists_make(const struct lists_place *place, const struct plan_step *step,
               void (*written)(void *state, const char *name, const char *path), void *state,
               struct faults *faults)
{
    int made = step->generation == 0 ? make_current(place, step, faults) : make_old(place, step, faults);

    return made == 1 ? tell(step, written, state, faults) : made;
}

/** Record the file at @p path, of certificate @p id of @p entry, when it is not recorded so. */
static int remember(const struct lists_place *place, const struct entry *entry, int64_t id, const char *path,
                    struct faults *faults)
{
    struct ledger_output row = {.kind = (int)OUTPUT_CRL};
    struct ledger_output known = {0};
    const char *why = NULL;
    int status;

    memset(&row.stamp, 0, sizeof(row.stamp));
    if (file_stamp_read(place->directory, path, &row.stamp, &why) != 1) {
        return 0;
    }
    status = ledger_find_output(place->ledger, path, &known, faults);
    if (status == 1 && known.certificate == id && memcmp(&known.stamp, &row.stamp, sizeof(row.stamp)) == 0) {
        status = 0;
    } else if (status >= 0) {
        row.certificate = id;
        memcpy(row.name, entry->name, strlen(entry->name) + 1);
        row.path = (char *)path;
        status = ledger_put_output(place->ledger, &row, faults);
    }
    ledger_output_free(&known);
    return status;
}

/** The files of one list. */
static int remember_list(const struct lists_place *place, const struct entry *entry, int64_t generation,
                         int64_t id, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    int status = 0;
    size_t i;

    for (i = 0; status == 0 && lists_path(entry, generation, i, &path) == 1; i++) {
        status = remember(place, entry, id, bytes_text(&path), faults);
        bytes_clear(&path);
    }
    bytes_free(&path);
    return status;
}

/** Those of one authority, of keys before as well. */
static int remember_all(const struct lists_place *place, const struct entry *entry, struct faults *faults)
{
    struct old_list old = {.context = place->context, .ledger = place->ledger, .name = entry->name};
    struct ledger_certificate row = {0};
    int found = ledger_find_certificate(place->ledger, entry->name, &row, faults);
    int status = found == 1 ? remember_list(place, entry, 0, row.id, faults) : found;

    while (status == 0 && (found = old_list_next(&old, old.generation, faults)) == 1) {
        status = remember_list(place, entry, old.generation, old.id, faults);
    }
    ledger_certificate_free(&row);
    old_list_free(&old);
    return found < 0 ? -1 : status;
}

int lists_remember(const struct lists_place *place, const struct manifest *manifest, struct faults *faults)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;
    int status = 0;

    while (status == 0 && (entry = manifest_next(&cursor)) != NULL && entry->kind == ENTRY_AUTHORITY) {
        status = entry->crl.wanted ? remember_all(place, entry, faults) : 0;
    }
    return status;
}
