/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority's settings, to the ledger and back.
 */
#include "issuing/settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/ledger_directory.h"

/** @p path as one that starts from the root; replaced. */
static int absolute(const char *path, struct bytes *whole)
{
    char here[PATH_MAX];

    return file_join(path[0] == '/' || getcwd(here, sizeof(here)) == NULL ? NULL : here, path, whole);
}

int settings_spec(const struct passphrase_spec *spec, const char *folder, struct bytes *text)
{
    struct bytes path = BYTES_EMPTY;
    struct bytes whole = BYTES_EMPTY;
    int status = -1;

    bytes_clear(text);
    switch (spec->source) {
    case PASSPHRASE_TEXT:
    case PASSPHRASE_FD:
    case PASSPHRASE_GENERATE:
        return bytes_append_text(text, "prompt");
    case PASSPHRASE_FILE:
        if (file_join(folder, spec->argument, &path) == 0 && absolute(bytes_text(&path), &whole) == 0 &&
            bytes_append_text(text, "file:") == 0) {
            status = bytes_append_text(text, bytes_text(&whole));
        }
        bytes_free(&path);
        bytes_free(&whole);
        return status;
    default:
        return passphrase_spec_describe(spec, text);
    }
}

static int fill(char *to, size_t room, const char *text, const struct entry *entry, struct faults *faults)
{
    size_t length = strlen(text);

    if (length >= room) {
        entry_error(faults, entry, NULL, "\"%.40s...\" is too long for the ledger", text);
        return -1;
    }
    memset(to, 0, room);
    memcpy(to, text, length + 1);
    return 0;
}

/** What the manifest says of @p entry, laid over @p settings. */
static int settings_of(const struct entry *entry, const char *folder, struct ledger_authority *settings,
                       struct faults *faults)
{
    const struct passphrase_spec *spec = entry->token_uri != NULL   ? &entry->pin
                                         : entry->adopt_key != NULL ? &entry->adopt_passphrase
                                                                    : &entry->passphrase;
    struct bytes key = BYTES_EMPTY;
    struct bytes passphrase = BYTES_EMPTY;
    struct bytes next_update = BYTES_EMPTY;
    int status = -1;

    if ((entry->token_uri != NULL   ? bytes_append_text(&key, entry->token_uri)
         : entry->ephemeral         ? bytes_append_text(&key, SETTINGS_EPHEMERAL)
         : entry->adopt_key != NULL ? absolute(entry->adopt_key, &key)
                                    : 0) != 0 ||
        settings_spec(spec, folder, &passphrase) != 0 ||
        (entry->crl.wanted && duration_format(&entry->crl.next_update, &next_update) != 0)) {
        fault_memory(faults);
        goto out;
    }
    if (fill(settings->name, sizeof(settings->name), entry->name, entry, faults) == 0 &&
        fill(settings->key, sizeof(settings->key), bytes_text(&key), entry, faults) == 0 &&
        fill(settings->passphrase, sizeof(settings->passphrase), bytes_text(&passphrase), entry, faults) ==
            0 &&
        fill(settings->next_update, sizeof(settings->next_update), bytes_text(&next_update), entry, faults) ==
            0) {
        status = 0;
    }
out:
    bytes_free(&key);
    bytes_free(&passphrase);
    bytes_free(&next_update);
    return status;
}

/** What @p entry's row should be: 1 when it is not, 0, -1. */
static int settings_wanted(struct ledger *ledger, const struct entry *entry, const char *folder,
                           struct ledger_authority *wanted, struct faults *faults)
{
    struct ledger_authority there;
    int found;

    memset(&there, 0, sizeof(there));
    found = ledger_find_authority(ledger, entry->name, &there, faults);
    if (found < 0) {
        return -1;
    }
    *wanted = there;
    if (settings_of(entry, folder, wanted, faults) != 0) {
        return -1;
    }
    return strcmp(wanted->key, there.key) != 0 || strcmp(wanted->passphrase, there.passphrase) != 0 ||
                   strcmp(wanted->next_update, there.next_update) != 0
               ? 1
               : 0;
}

/** Writes the rows that differ, or with @p write false only looks for one. What a row says now is kept with the key it is about. */
static int settings_walk(struct ledger *ledger, const struct manifest *manifest, bool write,
                         struct faults *faults)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;
    struct ledger_authority wanted;

    /* authorities come first */
    while ((entry = manifest_next(&cursor)) != NULL && entry->kind == ENTRY_AUTHORITY) {
        if (write && ledger_keep_key(ledger, entry->name, faults) != 0) {
            return -1;
        }
        int differs = settings_wanted(ledger, entry, manifest_folder(manifest), &wanted, faults);

        if (differs < 0 || (differs == 1 && (!write || ledger_put_authority(ledger, &wanted, faults) != 0))) {
            return differs < 0 || write ? -1 : 1;
        }
    }
    return 0;
}

int settings_differ(struct ledger *ledger, const struct manifest *manifest, struct faults *faults)
{
    return settings_walk(ledger, manifest, false, faults);
}

int settings_follow(struct ledger *ledger, const struct manifest *manifest, struct faults *faults)
{
    return settings_walk(ledger, manifest, true, faults);
}
