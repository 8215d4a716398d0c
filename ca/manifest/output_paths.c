/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output paths: no two may name one file on any file system.
 *
 * Entries' own files (NAME.crt and so on) cannot collide with each other while the names differ; so only the paths chosen in
 * the manifest are claimed one by one, and looked up among the names.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/fleet_claim.h"
#include "manifest/output_name.h"
#include "manifest/reading.h"

static int claim_add(struct reading *reading, size_t entry, size_t bundle, const char *install,
                     const char *output, struct place place)
{
    char *path;

    if (reading->claim_count == reading->claim_capacity) {
        size_t capacity = reading->claim_capacity > 0 ? reading->claim_capacity * 2 : 64;
        struct claim *grown = realloc(reading->claims, capacity * sizeof(*grown));

        if (grown == NULL) {
            fault_memory(reading->faults);
            return -1;
        }
        reading->claims = grown;
        reading->claim_capacity = capacity;
    }
    path = strdup(output);
    if (path == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    reading->claims[reading->claim_count++] = (struct claim){path, entry, bundle, install, place};
    return 0;
}

/** Whether @p output can be a path; else complains. */
static bool is_path(struct reading *reading, const char *output, const struct node *node,
                    const struct path *path)
{
    const char *why = output_name_fault(output);

    if (why != NULL) {
        field_error(reading->faults, node, path, "a path below the PKI directory", "%s %s",
                    field_quoted(output).text, why);
    }
    return why == NULL;
}

int reading_claim(struct reading *reading, size_t entry, size_t bundle, const char *output,
                  const struct node *node, const struct path *path)
{
    if (!is_path(reading, output, node, path)) {
        return 0;
    }
    if (reading->drafts[entry].fleet != NULL) {
        if (fleets_claim(reading->fleets, output) != 0) {
            fault_memory(reading->faults);
            return -1;
        }
        return 0;
    }
    return claim_add(reading, entry, bundle, NULL, output, node_place(node));
}

int reading_claim_install(struct reading *reading, size_t entry, const char *install, const char *output,
                          const struct node *node, const struct path *path)
{
    return is_path(reading, output, node, path)
               ? claim_add(reading, entry, NO_BUNDLE, install, output, node_place(node))
               : 0;
}

/** Complain that @p claim is, or lies below, @p path, which entry @p other writes. */
static void complain(struct reading *reading, const struct claim *claim, const char *path, size_t length,
                     size_t other)
{
    const struct entry *entry = &reading->entries[claim->entry], *owner = &reading->entries[other];
    struct path top = reading_entry_top(entry), name = {&top, entry->name, 0};
    struct path list = {&name, claim->bundle == NO_BUNDLE ? "k8s-secret" : "bundles", 0};
    struct path bundle = {&list, NULL, claim->bundle}, file = {&bundle, "file", 0};
    bool secret = claim->bundle == NO_BUNDLE && claim->install == NULL;

    if (claim->install != NULL) {
        list = (struct path){NULL, "installs", 0};
        bundle = (struct path){&list, claim->install, 0};
    }
    complaint_error(reading->faults, claim->place, secret ? &list : &file,
                    "each file has a path of its own, whatever the case of its letters",
                    "%s %s \"%.*s\" of %s%s", field_quoted(claim->path).text,
                    length < strlen(claim->path) ? "lies below the file" : "is the same file as", (int)length,
                    path, entry_section(owner), owner->name);
}

/** Whether the first @p length bytes of @p path are an entry's own file. */
static bool is_own_file(const struct reading *reading, const char *path, size_t length, size_t *owner)
{
    size_t stem = output_name_stem(path, length);
    const struct name_index_row *row = stem > 0 ? name_index_find(&reading->names, path, stem) : NULL;

    if (row != NULL) {
        *owner = row->value;
    }
    return row != NULL;
}

/** Check one claim: against own files, and each folder on its way against own files and other claims. */
static void check_claim(struct reading *reading, const struct name_index *paths, const struct claim *claim)
{
    const struct name_index_row *row;
    const char *slash = claim->path;
    size_t owner;

    if (is_own_file(reading, claim->path, strlen(claim->path), &owner)) {
        complain(reading, claim, claim->path, strlen(claim->path), owner);
        return;
    }
    while ((slash = strchr(slash, '/')) != NULL) {
        size_t length = (size_t)(slash - claim->path);

        if (is_own_file(reading, claim->path, length, &owner)) {
            complain(reading, claim, claim->path, length, owner);
            return;
        }
        row = name_index_find(paths, claim->path, length);
        if (row != NULL) {
            complain(reading, claim, row->text, length, reading->claims[row->value].entry);
            return;
        }
        slash++;
    }
}

int reading_check_claims(struct reading *reading)
{
    struct name_index paths = {NULL, 0, 0};
    int status = -1;
    size_t i;

    for (i = 0; i < reading->claim_count; i++) {
        if (name_index_add(&paths, reading->claims[i].path, i) != 0) {
            fault_memory(reading->faults);
            goto out;
        }
    }
    name_index_sort(&paths);
    for (i = 1; i < paths.count; i++) {
        if (name_index_equal(paths.rows[i].text, paths.rows[i - 1].text)) {
            complain(reading, &reading->claims[paths.rows[i].value], paths.rows[i - 1].text,
                     strlen(paths.rows[i - 1].text), reading->claims[paths.rows[i - 1].value].entry);
        }
    }
    for (i = 0; i < reading->claim_count; i++) {
        check_claim(reading, &paths, &reading->claims[i]);
    }
    status = 0;
out:
    name_index_free(&paths);
    return status;
}
