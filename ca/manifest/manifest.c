/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest: what its file says, read in the order it needs, and the entries one asks for. */
#include "manifest/manifest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "manifest/complaint.h"
#include "manifest/document.h"
#include "manifest/entry.h"
#include "manifest/fleet.h"
#include "manifest/output_name.h"
#include "manifest/pattern.h"
#include "manifest/reading.h"
#include "manifest/top.h"
#include "manifest/value.h"

/** Folders of profiles. */
#define FOLDERS_MAX 16

struct manifest {
    char *shown; /* the file's name; places of entries point to it */
    char *folder;
    char *id;
    struct profile_set *profiles;
    struct entry *entries; /* authorities, then certificates, each as written */
    size_t count, authority_count;
    size_t *order; /* of the authorities */
    struct name_index names;
    struct reading *reading;   /* with fleets: their entries are read when they are asked for, */
    struct document *document; /* from what is written there; else NULL */
    bool folders;              /* folders of profiles were read */
    struct fixture fixture;    /* seed NULL: it is none */
};

/* ---- profiles ------------------------------------------------------------------------------------------------------- */

static int add_folder(void *state, const char *text, const struct node *node, const struct path *path,
                      struct faults *faults)
{
    struct reading *reading = state;
    struct bytes joined = BYTES_EMPTY;
    struct stat st;
    int status = 0;

    if (file_join(reading->folder, text, &joined) != 0) {
        fault_memory(faults);
        status = -1;
    } else if (stat(bytes_text(&joined), &st) != 0 || !S_ISDIR(st.st_mode)) {
        field_error(faults, node, path, "folders are looked for from the manifest's own",
                    "there is no folder %s", field_quoted(text).text);
    } else {
        /* what is wrong with its profiles is told; everything else is read on for its own complaints */
        (void)!profile_set_add_folder(reading->profiles, bytes_text(&joined), faults);
    }
    bytes_free(&joined);
    return status;
}

/** The built-in profiles and the folders at @p node. */
static int load_profiles(struct reading *reading, const struct node *node)
{
    struct path path = {NULL, "profiles", 0};

    reading->profiles = profile_set_new(reading->faults);
    if (reading->profiles == NULL) {
        return -1;
    }
    if (node != NULL && node_kind(node) == NODE_SEQUENCE && node_count(node) > FOLDERS_MAX) {
        field_error(reading->faults, node, &path, NULL, "names more than %d folders", FOLDERS_MAX);
    } else if (node != NULL &&
               value_each_text(node, &path, true, add_folder, reading, reading->faults) != 0) {
        return -1;
    }
    /* what is wrong with single profiles is told; entries are read on for their own complaints */
    (void)!profile_set_resolve(reading->profiles, reading->faults);
    return 0;
}

/* ---- entries -------------------------------------------------------------------------------------------------------- */

/** Start the entries of one section: names, places, nodes. */
static int start_section(struct reading *reading, const struct manifest *manifest, const struct node *section,
                         enum entry_kind kind)
{
    size_t i;

    for (i = 0; section != NULL && i < node_count(section); i++) {
        struct entry *entry = &reading->entries[reading->count];
        struct draft *draft = &reading->drafts[reading->count];
        struct path top, path;
        const char *why;

        entry->kind = kind;
        entry->name = strdup(node_key(section, i));
        if (entry->name == NULL) {
            fault_memory(reading->faults);
            return -1;
        }
        entry->place = node_key_place(section, i);
        entry->place.file = manifest->shown;
        entry->formats = FORMAT_PEM;
        draft->node = node_value(section, i);
        draft->issuer = NO_ENTRY;
        top = reading_entry_top(entry);
        path = (struct path){&top, entry->name, 0};
        if (kind == ENTRY_CERTIFICATE && fleet_is(draft->node)) {
            reading->count++;
            if (fleets_add(reading, reading->count - 1) != 0) {
                return -1;
            }
            continue;
        }
        if (name_index_add(&reading->names, entry->name, reading->count) != 0) {
            fault_memory(reading->faults);
            return -1;
        }
        why = output_name_entry_fault(entry->name);
        if (why != NULL) {
            complaint_error(reading->faults, entry->place, &path,
                            "names are file names; the subject takes any text", "the name %s", why);
        } else if (pattern_has_variable(entry->name)) {
            complaint_error(reading->faults, entry->place, &path, "each: devices.csv, or count: 100",
                            "the name has a variable, and nothing says what it stands for");
        }
        reading->count++;
    }
    return 0;
}

/** Complain of names that are taken. */
static void check_names(struct reading *reading)
{
    size_t i;

    name_index_sort(&reading->names);
    for (i = 1; i < reading->names.count; i++) {
        const struct name_index_row *row = &reading->names.rows[i];

        if (name_index_equal(row->text, row[-1].text)) {
            const struct entry *entry = &reading->entries[row->value],
                               *other = &reading->entries[row[-1].value];
            struct path top = reading_entry_top(entry), path = {&top, entry->name, 0};

            complaint_error(reading->faults, entry->place, &path,
                            "names are unique among authorities and certificates, whatever their case",
                            "the name is that of %s%s, so both would write one file", entry_section(other),
                            other->name);
        }
    }
}

/** All entries, started and then read one by one. */
static int read_entries(struct reading *reading, const struct manifest *manifest, const struct top *top)
{
    size_t authorities = top->authorities != NULL ? node_count(top->authorities) : 0;
    size_t certificates = top->certificates != NULL ? node_count(top->certificates) : 0, i;

    reading->entries = calloc(authorities + certificates + 1, sizeof(*reading->entries));
    reading->drafts = calloc(authorities + certificates + 1, sizeof(*reading->drafts));
    if (reading->entries == NULL || reading->drafts == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    reading->authority_count = authorities;
    if (start_section(reading, manifest, top->authorities, ENTRY_AUTHORITY) != 0 ||
        start_section(reading, manifest, top->certificates, ENTRY_CERTIFICATE) != 0) {
        return -1;
    }
    check_names(reading);
    for (i = 0; i < reading->count; i++) {
        if (reading->drafts[i].fleet == NULL && reading_entry(reading, i) != 0) {
            return -1;
        }
    }
    if (reading_hierarchy(reading) != 0) {
        return -1;
    }
    for (i = 0; i < authorities; i++) {
        reading_check_revoked(reading, i);
    }
    if ((top->installs != NULL && reading_installs(reading, top->installs) != 0) ||
        reading_check_claims(reading) != 0 || reading_check_constraints(reading) != 0 ||
        fleets_read(reading) != 0) {
        return -1;
    }
    if (faults_errors(reading->faults) > reading->errors_before) {
        return 0;
    }
    reading_warn_of_ended(reading);
    return reading_constraints(reading);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void reading_free(struct reading *reading)
{
    size_t i;

    if (reading == NULL) {
        return;
    }
    for (i = 0; i < reading->claim_count; i++) {
        free(reading->claims[i].path);
    }
    for (i = 0; reading->drafts != NULL && i < reading->count; i++) {
        free(reading->drafts[i].names_itself[0]);
        free(reading->drafts[i].names_itself[1]);
    }
    fleets_free(reading->fleets);
    free(reading->claims);
    free(reading->drafts);
    name_free(&reading->defaults.subject);
    subject_free(&reading->subject);
    free(reading);
}

/** Read all of @p root. What was made goes to @p manifest whether it is good or not. */
static int read_root(const struct context *context, const struct node *root, struct manifest *manifest,
                     struct faults *faults)
{
    struct top top = {.id = &manifest->id, .fixture = &manifest->fixture};
    struct reading *reading = calloc(1, sizeof(*reading));
    int status = -1;

    if (reading == NULL) {
        fault_memory(faults);
        return -1;
    }
    reading->context = context;
    reading->faults = faults;
    reading->errors_before = faults_errors(faults);
    reading->folder = manifest->folder;
    reading->fixture = &manifest->fixture;
    reading->defaults.formats = FORMAT_PEM;
    reading->defaults.reuse_key = true;
    if (name_type_parse("emailAddress", &reading->email_type) == 0 &&
        name_type_parse("CN", &reading->common_name_type) == 0 && top_read(root, &top, faults) == 0 &&
        node_kind(root) == NODE_MAPPING && load_profiles(reading, top.profiles) == 0 &&
        (top.defaults == NULL || reading_defaults(reading, top.defaults, faults) == 0)) {
        status = read_entries(reading, manifest, &top);
    }
    manifest->folders = top.profiles != NULL;
    manifest->profiles = reading->profiles;
    manifest->entries = reading->entries;
    manifest->count = reading->count;
    manifest->authority_count = reading->authority_count;
    manifest->order = reading->order;
    manifest->names = reading->names;
    if (reading->fleets != NULL) {
        manifest->reading = reading;
    } else {
        reading_free(reading);
    }
    return status;
}

/** The manifest of @p document, which is taken (NULL: it could not be had, and that is told); a fixture if @p given (NULL: not said) or the manifest says so. */
static struct manifest *read_document(const struct context *context, struct document *document,
                                      const char *folder, const struct fixture *given, struct faults *faults)
{
    struct manifest *manifest;
    size_t before = faults_errors(faults);
    bool good = false;

    if (document == NULL) {
        faults_sort(faults);
        return NULL;
    }
    manifest = calloc(1, sizeof(*manifest));
    if (manifest == NULL || (manifest->shown = strdup(document_shown(document))) == NULL ||
        (manifest->folder = strdup(folder != NULL ? folder : "")) == NULL ||
        (given != NULL && fixture_copy(&manifest->fixture, given) != 0)) {
        fault_memory(faults);
    } else {
        good = read_root(context, document_root(document), manifest, faults) == 0 &&
               faults_errors(faults) == before;
    }
    if (manifest != NULL && manifest->reading != NULL) {
        manifest->document = document;
        document = NULL;
    }
    /* names are found to be nobody's, and passphrases to be unusable, when all is read */
    faults_sort(faults);
    document_free(document);
    if (!good) {
        manifest_free(manifest);
        return NULL;
    }
    return manifest;
}

struct manifest *manifest_parse(const struct context *context, struct slice content, const char *shown,
                                const char *folder, struct faults *faults)
{
    return read_document(context, document_parse(content, shown, faults), folder, NULL, faults);
}

struct manifest *manifest_of_document(const struct context *context, struct document *document,
                                      const char *folder, struct faults *faults)
{
    return read_document(context, document, folder, NULL, faults);
}

struct manifest *manifest_read(const struct context *context, const char *path, const struct fixture *given,
                               struct faults *faults)
{
    struct manifest *manifest = NULL;
    struct bytes content = BYTES_EMPTY, folder = BYTES_EMPTY;
    const char *slash = strrchr(path, '/');

    if (file_read(AT_FDCWD, path, DOCUMENT_SIZE_MAX, &content, faults) != 0) {
        goto out;
    }
    if (slash != NULL && bytes_append(&folder, path, slash == path ? 1 : (size_t)(slash - path)) != 0) {
        fault_memory(faults);
        goto out;
    }
    manifest = read_document(
        context, document_parse(slice_of(&content), strcmp(path, "-") == 0 ? "standard input" : path, faults),
        bytes_text(&folder), given, faults);
out:
    bytes_free(&content);
    bytes_free(&folder);
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    size_t i;

    if (manifest == NULL) {
        return;
    }
    reading_free(manifest->reading);
    document_free(manifest->document);
    for (i = 0; i < manifest->count; i++) {
        entry_free(&manifest->entries[i]);
    }
    free(manifest->entries);
    free(manifest->order);
    name_index_free(&manifest->names);
    profile_set_free(manifest->profiles);
    fixture_free(&manifest->fixture);
    free(manifest->shown);
    free(manifest->folder);
    free(manifest->id);
    free(manifest);
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

const char *manifest_id(const struct manifest *manifest)
{
    return manifest->id;
}

const struct fixture *manifest_fixture(const struct manifest *manifest)
{
    return manifest->fixture.seed != NULL ? &manifest->fixture : NULL;
}

const struct profile_set *manifest_profiles(const struct manifest *manifest)
{
    return manifest->profiles;
}

const char *manifest_folder(const struct manifest *manifest)
{
    return manifest->folder;
}

bool manifest_stands_alone(const struct manifest *manifest)
{
    size_t i;

    for (i = 0; i < manifest->authority_count; i++) {
        if (manifest->entries[i].adopt_certificate != NULL) {
            return false;
        }
    }
    return !manifest->folders;
}

struct manifest_cursor manifest_entries(const struct manifest *manifest)
{
    return (struct manifest_cursor){manifest, 0, {0, 0}, false};
}

/** The fleet that stands at place @p at, or NULL. */
static struct fleet *fleet_at(const struct manifest *manifest, size_t at)
{
    return manifest->reading != NULL ? manifest->reading->drafts[at].fleet : NULL;
}

const struct entry *manifest_next(struct manifest_cursor *cursor)
{
    const struct manifest *manifest = cursor->manifest;

    while (cursor->next < manifest->count && !cursor->failed) {
        size_t at = cursor->next;
        struct fleet *fleet = fleet_at(manifest, at);
        const struct entry *entry;

        if (fleet == NULL) {
            cursor->next++;
            return &manifest->entries[at < manifest->authority_count ? manifest->order[at] : at];
        }
        entry = fleets_next(manifest->reading->fleets, fleet, &cursor->row, &cursor->failed);
        if (entry != NULL) {
            return entry;
        }
        if (!cursor->failed) {
            cursor->next++;
            cursor->row = (struct table_mark){0, 0};
        }
    }
    return NULL;
}

size_t manifest_count(const struct manifest *manifest)
{
    const struct fleets *fleets = manifest->reading != NULL ? manifest->reading->fleets : NULL;

    return manifest->count + (fleets != NULL ? fleets_entries(fleets) - fleets_count(fleets) : 0);
}

/** The one that is written by that name, or NULL. */
static struct entry *written_entry(const struct manifest *manifest, const char *name)
{
    const struct name_index_row *row = name_index_find(&manifest->names, name, strlen(name));

    return row != NULL && strcmp(row->text, name) == 0 ? &manifest->entries[row->value] : NULL;
}

struct entry *manifest_entry(struct manifest *manifest, const char *name)
{
    return written_entry(manifest, name);
}

const struct entry *manifest_find(const struct manifest *manifest, const char *name)
{
    const struct entry *entry = written_entry(manifest, name);

    return entry == NULL && manifest->reading != NULL ? fleets_find(manifest->reading->fleets, name) : entry;
}

bool manifest_has(const struct manifest *manifest, const char *name)
{
    return written_entry(manifest, name) != NULL ||
           (manifest->reading != NULL && fleets_have(manifest->reading->fleets, name));
}

const char *manifest_table(const struct manifest *manifest, size_t index, struct slice *content)
{
    return manifest->reading != NULL ? fleets_table(manifest->reading->fleets, index, content) : NULL;
}
