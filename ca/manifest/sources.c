/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collecting sources: all paths as they come, then sorted, and what is there twice dropped.
 */
#include "manifest/sources.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/** Paths before the first time that doubles are dropped: a fleet may name one file in each of its rows. */
#define SOURCES_ROOM 64

static int compare_paths(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/** Sort, and drop what is there twice. */
static void sources_settle(struct sources *sources)
{
    size_t kept = 0;

    if (sources->count > 0) {
        qsort(sources->paths, sources->count, sizeof(*sources->paths), compare_paths);
    }
    for (size_t i = 0; i < sources->count; i++) {
        if (kept > 0 && strcmp(sources->paths[kept - 1], sources->paths[i]) == 0) {
            free(sources->paths[i]);
        } else {
            sources->paths[kept++] = sources->paths[i];
        }
    }
    sources->count = kept;
}

/** Room for one more: what is full is settled, and grows when that left it more than half full. */
static int sources_reserve(struct sources *sources)
{
    size_t room = sources->room > 0 ? sources->room * 2 : SOURCES_ROOM;
    char **grown;

    if (sources->count < sources->room) {
        return 0;
    }
    sources_settle(sources);
    if (sources->count < sources->room && sources->count <= sources->room / 2) {
        return 0;
    }
    grown = realloc(sources->paths, room * sizeof(*grown));
    if (grown == NULL) {
        return -1;
    }
    sources->paths = grown;
    sources->room = room;
    return 0;
}

/** Add the first @p length bytes of @p path. */
static int sources_add(struct sources *sources, const char *path, size_t length)
{
    if (sources_reserve(sources) != 0 || (sources->paths[sources->count] = strndup(path, length)) == NULL) {
        return -1;
    }
    sources->count++;
    return 0;
}

static int sources_add_text(struct sources *sources, const char *path)
{
    return path != NULL ? sources_add(sources, path, strlen(path)) : 0;
}

/** Add @p path, which starts from @p folder. */
static int sources_add_below(struct sources *sources, const char *folder, const char *path)
{
    struct bytes joined = BYTES_EMPTY;
    int status = file_join(folder, path, &joined) == 0 ? sources_add_text(sources, bytes_text(&joined)) : -1;

    bytes_free(&joined);
    return status;
}

static int sources_add_passphrase(struct sources *sources, const char *folder,
                                  const struct passphrase_spec *spec)
{
    return spec->source == PASSPHRASE_FILE ? sources_add_below(sources, folder, spec->argument) : 0;
}

/** Every profile that was read, and the folder it is in. */
static int sources_add_profiles(struct sources *sources, const struct profile_set *profiles)
{
    const char *file;

    for (size_t i = 0; (file = profile_set_source(profiles, i)) != NULL; i++) {
        const char *slash = strrchr(file, '/');
        size_t folder = slash == NULL || slash == file ? 1 : (size_t)(slash - file);

        if (sources_add_text(sources, file) != 0 ||
            sources_add(sources, slash != NULL ? file : ".", folder) != 0) {
            return -1;
        }
    }
    return 0;
}

static int sources_add_entry(struct sources *sources, const char *folder, const struct entry *entry)
{
    if (sources_add_text(sources, entry->adopt_certificate) != 0 ||
        sources_add_text(sources, entry->adopt_key) != 0 ||
        sources_add_passphrase(sources, folder, &entry->adopt_passphrase) != 0 ||
        sources_add_passphrase(sources, folder, &entry->passphrase) != 0 ||
        sources_add_passphrase(sources, folder, &entry->pin) != 0) {
        return -1;
    }
    for (size_t i = 0; i < entry->bundle_count; i++) {
        if (sources_add_passphrase(sources, folder, &entry->bundles[i].passphrase) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Drop what is not there. */
static void sources_keep_existing(struct sources *sources)
{
    size_t kept = 0;

    for (size_t i = 0; i < sources->count; i++) {
        if (access(sources->paths[i], F_OK) != 0) {
            free(sources->paths[i]);
        } else {
            sources->paths[kept++] = sources->paths[i];
        }
    }
    sources->count = kept;
}

int sources_of(const struct manifest *manifest, const char *path, struct sources *sources,
               struct faults *faults)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const char *folder = manifest_folder(manifest);
    const struct entry *entry;
    const char *table;
    struct slice content;
    int status = sources_add_text(sources, path) != 0 ||
                         sources_add_profiles(sources, manifest_profiles(manifest)) != 0
                     ? -1
                     : 0;

    for (size_t i = 0; status == 0 && (table = manifest_table(manifest, i, &content)) != NULL; i++) {
        status = sources_add_below(sources, folder, table);
    }
    while (status == 0 && (entry = manifest_next(&cursor)) != NULL) {
        status = sources_add_entry(sources, folder, entry);
    }
    if (status != 0 || cursor.failed) {
        fault_memory(faults);
        return -1;
    }
    sources_settle(sources);
    sources_keep_existing(sources);
    return 0;
}

void sources_free(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        free(sources->paths[i]);
    }
    free(sources->paths);
    *sources = (struct sources){NULL, 0, 0};
}
