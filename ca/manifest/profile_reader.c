/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles from YAML: built-in ones, folders, and `extends`. */
#include "manifest/profile_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/builtin.h"
#include "manifest/complaint.h"
#include "manifest/document.h"
#include "manifest/profile_fields.h"

#define SUFFIX ".yaml"

enum row_state { ROW_WAITING, ROW_OPEN, ROW_DONE };

/** One profile, or one that another of its name overrides. */
struct row {
    char *name;
    char *origin;              /* file; NULL: built in */
    struct row *overrides;     /* the profile of the same name it took the place of, or NULL */
    struct document *document; /* until it is resolved; NULL also when it could not be parsed */
    struct profile profile;
    unsigned gives;
    enum row_state state;
    unsigned depth; /* how many it extends, one after the other */
    bool unread;    /* its file could not be parsed */
    bool broken;    /* complained of: what extends it is read for its own complaints alone */
    bool hidden;
};

struct profile_set {
    struct row **rows;
    size_t count;
    struct row **visible; /* sorted by name, once resolved */
    size_t visible_count;
};

static void row_free(struct row *row)
{
    if (row != NULL) {
        document_free(row->document);
        profile_free(&row->profile);
        free(row->name);
        free(row->origin);
        free(row);
    }
}

void profile_set_free(struct profile_set *set)
{
    size_t i;

    if (set == NULL) {
        return;
    }
    for (i = 0; i < set->count; i++) {
        row_free(set->rows[i]);
    }
    free(set->rows);
    free(set->visible);
    free(set);
}

/** The profile one names by @p name before the set is resolved. */
static struct row *row_find(const struct profile_set *set, const char *name)
{
    size_t i = set->count;

    while (i-- > 0) {
        if (!set->rows[i]->hidden && strcmp(set->rows[i]->name, name) == 0) {
            return set->rows[i];
        }
    }
    return NULL;
}

/** Add a row; @p origin NULL: built in. */
static int row_add(struct profile_set *set, const char *name, struct slice content, const char *origin,
                   struct faults *faults)
{
    struct row **grown = realloc(set->rows, (set->count + 1) * sizeof(*grown));
    struct row *row = calloc(1, sizeof(*row));
    char *shown = NULL;

    if (grown != NULL) {
        set->rows = grown;
    }
    if (grown == NULL || row == NULL) {
        free(row);
        fault_memory(faults);
        return -1;
    }
    row->name = strdup(name);
    shown = strdup(origin != NULL ? origin : "built in");
    if (row->name == NULL || shown == NULL) {
        free(shown);
        row_free(row);
        fault_memory(faults);
        return -1;
    }
    if (origin != NULL) {
        row->origin = shown;
        row->document = document_parse(content, shown, faults);
    } else {
        row->document = document_parse(content, name, faults);
        free(shown);
    }
    profile_fields_start(&row->profile);
    row->overrides = row_find(set, name);
    if (row->overrides != NULL) {
        row->overrides->hidden = true;
    }
    grown[set->count++] = row;
    return row->document != NULL ? 0 : -1;
}

struct profile_set *profile_set_new(struct faults *faults)
{
    struct profile_set *set = calloc(1, sizeof(*set));
    size_t i;

    if (set == NULL) {
        fault_memory(faults);
        return NULL;
    }
    for (i = 0; i < builtin_profile_count(); i++) {
        const struct builtin_profile *profile = builtin_profile_at(i);

        if (row_add(set, profile->name, (struct slice){(const unsigned char *)profile->text, profile->length},
                    NULL, faults) != 0) {
            profile_set_free(set);
            return NULL;
        }
    }
    return set;
}

/** Whether @p name may be a profile's name: ASCII letters, digits, "-", "_", ".". */
static bool name_is_good(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    return length > 0 && length <= PROFILE_NAME_MAX && name[length] == '\0' && name[0] != '.' &&
           name[0] != '-';
}

int profile_set_add_text(struct profile_set *set, const char *name, struct slice content, const char *shown,
                         struct faults *faults)
{
    struct place place = {shown, 0, 0};

    if (!name_is_good(name)) {
        fault_error(faults, &place, NULL, "letters, digits, -, _ and .", "%s cannot be a profile's name",
                    field_quoted(name).text);
        return -1;
    }
    return row_add(set, name, content, shown, faults);
}

/** Whether a folder's file defines a profile. */
static bool is_profile_file(const char *file)
{
    size_t length = strlen(file);

    return file[0] != '.' && length > strlen(SUFFIX) && strcmp(file + length - strlen(SUFFIX), SUFFIX) == 0;
}

static int compare_texts(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void files_free(char **files, size_t count)
{
    while (count > 0) {
        free(files[--count]);
    }
    free(files);
}

/** Names of the profiles' files in @p folder, sorted. */
static int folder_list(const char *folder, char ***files, size_t *count, struct faults *faults)
{
    struct place place = {folder, 0, 0};
    const struct dirent *entry;
    DIR *directory = opendir(folder);
    int status = -1;

    if (directory == NULL) {
        fault_system(faults, errno, folder, "profiles: names folders, from the manifest's own folder",
                     "the folder of profiles cannot be read");
        return -1;
    }
    while ((entry = readdir(directory)) != NULL) {
        char **grown;

        if (!is_profile_file(entry->d_name)) {
            continue;
        }
        if (*count == PROFILE_FILES_MAX) {
            fault_error(faults, &place, NULL, NULL, "holds more than %d profiles", PROFILE_FILES_MAX);
            goto out;
        }
        grown = realloc(*files, (*count + 1) * sizeof(*grown));
        if (grown != NULL) {
            *files = grown;
            grown[*count] = strdup(entry->d_name);
        }
        if (grown == NULL || grown[*count] == NULL) {
            fault_memory(faults);
            goto out;
        }
        *count += 1;
    }
    if (*count > 0) {
        qsort(*files, *count, sizeof(**files), compare_texts);
    } else {
        fault_warning(faults, &place, NULL, "profiles are files named NAME.yaml", "holds no profile");
    }
    status = 0;
out:
    (void)closedir(directory);
    return status;
}

/** Add FOLDER/NAME.yaml. */
static int add_file(struct profile_set *set, const char *folder, char *file, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY;
    int status = -1;

    if (file_join(folder, file, &path) != 0) {
        fault_memory(faults);
    } else if (file_read(AT_FDCWD, bytes_text(&path), PROFILE_SIZE_MAX, &content, faults) == 0) {
        file[strlen(file) - strlen(SUFFIX)] = '\0';
        status = profile_set_add_text(set, file, slice_of(&content), bytes_text(&path), faults);
    }
    bytes_free(&path);
    bytes_free(&content);
    return status;
}

int profile_set_add_folder(struct profile_set *set, const char *folder, struct faults *faults)
{
    char **files = NULL;
    size_t count = 0, i;
    int status = folder_list(folder, &files, &count, faults);

    for (i = 0; status == 0 && i < count; i++) {
        if (add_file(set, folder, files[i], faults) != 0) {
            status = -1;
            /* the others are read all the same, for their complaints */
            for (i++; i < count; i++) {
                (void)!add_file(set, folder, files[i], faults);
            }
        }
    }
    files_free(files, count);
    return status;
}

/* ---- extends -------------------------------------------------------------------------------------------------------- */

static int resolve_row(struct profile_set *set, struct row *row, unsigned depth, struct faults *faults);

/** The profile that @p row extends, resolved, into *base; NULL when it extends none. 1: it is broken, or missing. */
static int resolve_base(struct profile_set *set, struct row *row, unsigned depth, struct row **base,
                        struct faults *faults)
{
    const struct node *root = document_root(row->document);
    const struct node *node = node_kind(root) == NODE_MAPPING ? node_find(root, "extends") : NULL;
    struct path path = {NULL, "extends", 0};
    char hint[COMPLAINT_HINT_MAX];
    const char *text;

    if (node == NULL || node_kind(node) != NODE_SCALAR || node_is_null(node)) {
        return 0;
    }
    text = node_text(node);
    *base = strcmp(text, row->name) == 0 ? row->overrides : row_find(set, text);
    if (*base == NULL && strcmp(text, row->name) == 0) {
        field_error(faults, node, &path, NULL, "profile \"%s\" extends itself", text);
        return 1;
    }
    if (*base == NULL) {
        field_error(
            faults, node, &path,
            complaint_did_you_mean(hint, profile_set_nearest(set, text), "mtls-ca profile list shows them"),
            "there is no profile %s", field_quoted(text).text);
        return 1;
    }
    if ((*base)->state == ROW_OPEN) {
        field_error(faults, node, &path, NULL, "profiles extend each other in a circle");
        return 1;
    }
    if (depth < PROFILE_EXTENDS_MAX && resolve_row(set, *base, depth + 1, faults) != 0) {
        return -1;
    }
    row->depth = (*base)->depth + 1;
    if (!(*base)->broken && (depth == PROFILE_EXTENDS_MAX || row->depth > PROFILE_EXTENDS_MAX)) {
        field_error(faults, node, &path, NULL, "more than %d profiles extend each other",
                    PROFILE_EXTENDS_MAX);
        return 1;
    }
    return (*base)->broken ? 1 : 0;
}

/** Which PROFILE_GIVES_* fields the document of a profile has. */
static unsigned document_gives(const struct node *root)
{
    unsigned gives = 0;

    if (node_kind(root) == NODE_MAPPING) {
        gives |= node_find(root, "key") != NULL ? PROFILE_GIVES_KEY : 0;
        gives |= node_find(root, "validity") != NULL ? PROFILE_GIVES_VALIDITY : 0;
        gives |= node_find(root, "backdate") != NULL ? PROFILE_GIVES_BACKDATE : 0;
    }
    return gives;
}

/** Start @p row as a copy of what it extends. */
static int inherit(struct row *row, const struct row *base)
{
    row->gives = base->gives;
    profile_free(&row->profile);
    profile_init(&row->profile);
    if (profile_copy(&row->profile, &base->profile) != 0) {
        return -1;
    }
    free(row->profile.description);
    row->profile.description = NULL;
    free(row->profile.name);
    row->profile.name = NULL;
    return 0;
}

/** Resolve one profile, after those it extends. -1 only when memory is out; else what is wrong makes it broken. */
static int resolve_row(struct profile_set *set, struct row *row, unsigned depth, struct faults *faults)
{
    size_t before = faults_errors(faults);
    const struct node *root;
    struct row *base = NULL;
    int status;

    if (row->state == ROW_DONE) {
        return 0;
    }
    row->state = ROW_OPEN;
    if (row->document == NULL) {
        row->unread = row->broken = true;
        row->profile.name = strdup(row->name);
        if (row->profile.name == NULL) {
            goto memory;
        }
        row->state = ROW_DONE;
        return 0;
    }
    root = document_root(row->document);
    status = resolve_base(set, row, depth, &base, faults);
    if (status < 0 || (status == 0 && base != NULL && inherit(row, base) != 0)) {
        goto memory;
    }
    row->profile.name = strdup(row->name);
    row->gives |= row->origin != NULL ? document_gives(root) : 0;
    if (row->profile.name == NULL || profile_fields_read(root, &row->profile, status == 0, faults) != 0) {
        goto memory;
    }
    row->broken = status != 0 || faults_errors(faults) != before;
    row->state = ROW_DONE;
    return 0;
memory:
    row->broken = true;
    row->state = ROW_DONE;
    fault_memory(faults);
    return -1;
}

static int compare_rows(const void *one, const void *other)
{
    return strcmp((*(struct row *const *)one)->name, (*(struct row *const *)other)->name);
}

int profile_set_resolve(struct profile_set *set, struct faults *faults)
{
    size_t before = faults_errors(faults), i;

    for (i = 0; i < set->count; i++) {
        if (resolve_row(set, set->rows[i], 0, faults) < 0) {
            return -1;
        }
    }
    set->visible = calloc(set->count + 1, sizeof(struct row *));
    if (set->visible == NULL) {
        fault_memory(faults);
        return -1;
    }
    for (i = 0; i < set->count; i++) {
        document_free(set->rows[i]->document);
        set->rows[i]->document = NULL;
        if (!set->rows[i]->hidden) {
            set->visible[set->visible_count++] = set->rows[i];
        }
    }
    qsort(set->visible, set->visible_count, sizeof(struct row *), compare_rows);
    return faults_errors(faults) == before ? 0 : -1;
}

/* ---- looking up ----------------------------------------------------------------------------------------------------- */

static const struct row *visible_find(const struct profile_set *set, const char *name)
{
    size_t low = 0, high = set->visible_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, set->visible[middle]->name);

        if (order == 0) {
            return set->visible[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct profile *profile_set_find(const struct profile_set *set, const char *name)
{
    const struct row *row = visible_find(set, name);

    return row != NULL ? &row->profile : NULL;
}

const char *profile_set_source(const struct profile_set *set, size_t index)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->rows[i]->origin != NULL && index-- == 0) {
            return set->rows[i]->origin;
        }
    }
    return NULL;
}

const char *profile_set_nearest(const struct profile_set *set, const char *name)
{
    const char **names = calloc(set->count + 1, sizeof(*names));
    const char *nearest = NULL;
    size_t count = 0, i;

    if (names != NULL) {
        for (i = 0; i < set->count; i++) {
            if (!set->rows[i]->hidden) {
                names[count++] = set->rows[i]->name;
            }
        }
        nearest = field_nearest(name, names, count);
    }
    free(names);
    return nearest;
}

size_t profile_set_count(const struct profile_set *set)
{
    return set->visible_count;
}

const struct profile *profile_set_at(const struct profile_set *set, size_t index, const char **origin)
{
    const struct row *row = index < set->visible_count ? set->visible[index] : NULL;

    if (row != NULL && origin != NULL) {
        *origin = row->origin != NULL ? row->origin : "built in";
    }
    return row != NULL ? &row->profile : NULL;
}

unsigned profile_set_gives(const struct profile_set *set, const struct profile *profile)
{
    const struct row *row = visible_find(set, profile->name);

    return row != NULL ? row->gives : 0;
}

bool profile_set_is_unread(const struct profile_set *set, const char *name)
{
    const struct row *row = visible_find(set, name);

    return row != NULL && row->unread;
}

bool profile_set_is_own(const struct profile_set *set, const struct profile *profile)
{
    const struct row *row = visible_find(set, profile->name);

    return row != NULL && row->origin != NULL;
}
