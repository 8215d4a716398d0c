/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests from any bytes. Either there is one, whose entries come after their issuers and whose outputs are safe paths, no two of
 * them one file; or there are errors, each one line that begins with the file's name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "manifest/manifest.h"
#include "x509/der.h"

/** Outputs looked at. */
#define PATHS_MAX 4096

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static int compare_paths(const void *one, const void *other)
{
    return strcasecmp(*(char *const *)one, *(char *const *)other);
}

/** Add the paths of one entry to @p paths. */
static void note_paths(const struct entry *entry, char **paths, size_t *count)
{
    demand(entry_output_count(entry) <= 64, "a plan has room for the outputs of an entry");
    for (size_t i = 0; i < entry_output_count(entry) && *count < PATHS_MAX; i++) {
        struct bytes path = BYTES_EMPTY;
        struct output output;
        const char *why = NULL;

        demand(entry_output_at(entry, i, &output, &path) == 0, "an output has a path");
        demand(file_name_is_safe(bytes_text(&path), &why), "a path is safe");
        demand(strncasecmp(bytes_text(&path), "ledger.db", 9) != 0, "no path is the ledger's");
        paths[*count] = strdup(bytes_text(&path));
        *count += paths[*count] != NULL;
        bytes_free(&path);
    }
}

static void check_entry(const struct entry *entry)
{
    demand(entry->profile != NULL, "an entry has a profile");
    demand(entry->profile->ca == (entry->kind == ENTRY_AUTHORITY), "which is of its kind");
    demand(entry->kind == ENTRY_AUTHORITY || entry->issuer != NULL, "a certificate has an issuer");
    demand(entry->issuer == NULL || entry->issuer->kind == ENTRY_AUTHORITY, "which is an authority");
    demand(entry->adopt_certificate != NULL || der_is_well_formed(slice_of(&entry->subject)),
           "a subject is DER");
    for (size_t i = 0; i < entry->bundle_count; i++) {
        demand(entry->bundles[i].target != NULL, "a bundle has a target");
        demand(entry->bundles[i].passphrase.source != PASSPHRASE_NONE ||
                   entry->bundles[i].allow_empty_passphrase,
               "and a passphrase");
    }
}

static void check_manifest(const struct manifest *manifest)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    char *paths[PATHS_MAX];
    const struct entry *entry;
    size_t count = 0, seen = 0;

    while ((entry = manifest_next(&cursor)) != NULL) {
        seen++;
        demand(manifest_has(manifest, entry->name) &&
                   strcmp(manifest_find(manifest, entry->name)->name, entry->name) == 0,
               "an entry is found by its name");
        check_entry(entry);
        note_paths(entry, paths, &count);
    }
    demand(seen == manifest_count(manifest), "the cursor comes by every entry");
    qsort(paths, count, sizeof(*paths), compare_paths);
    for (size_t i = 0; i < count; i++) {
        demand(i == 0 || strcasecmp(paths[i], paths[i - 1]) != 0, "no two outputs are one file");
    }
    while (count > 0) {
        free(paths[--count]);
    }
}

static int has_large_number(const uint8_t *data, size_t size)
{
    size_t digits = 0;

    for (size_t i = 0; i < size && digits < 4; i++) {
        digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
    }
    return digits == 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context *context;
    struct faults *faults;
    struct manifest *manifest;

    /* no folder and no table of this machine is to be read, and no fleet so large that it is all there is time for */
    if (memmem(data, size, "profiles", 8) != NULL || memmem(data, size, "each", 4) != NULL ||
        (memmem(data, size, "count", 5) != NULL && has_large_number(data, size))) {
        return 0;
    }
    context = context_new(NULL);
    faults = faults_new();
    manifest = manifest_parse(context, (struct slice){data, size}, "f.yaml", "folder", faults);
    demand((manifest == NULL) == (faults_errors(faults) > 0), "a manifest or errors");
    if (manifest != NULL) {
        check_manifest(manifest);
    }
    for (size_t i = 0; i < faults_count(faults); i++) {
        demand(strncmp(faults_text(faults, i), "f.yaml:", 7) == 0, "a fault has its place");
        demand(strchr(faults_text(faults, i), '\n') == NULL, "a fault is one line");
    }
    manifest_free(manifest);
    faults_free(faults);
    context_free(context);
    return 0;
}
