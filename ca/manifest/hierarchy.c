/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who issues whom: issuers by name, circles, the order in which authorities must be made, path lengths, windows of validity.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/reading.h"

/** Deepest chain of authorities: what OpenSSL verifies unless told otherwise. */
#define DEPTH_MAX 100
/** Links of a circle that a complaint tells. */
#define CIRCLE_SHOWN_MAX 6

#define MARK_NONE        0 /* not looked at */
#define MARK_OPEN        1 /* on the way up that is being walked */
#define MARK_DONE        2 /* in the order */

/** State of the walk, one array an aspect; indexed by authority. */
struct hierarchy {
    struct reading *reading;
    unsigned char *marks;
    size_t *depth; /* authorities above it */
    size_t *below; /* longest chain of authorities below it */
    size_t *child; /* the one at whose top that chain begins */
    size_t *stack;
    size_t ordered;
};

static struct path entry_path(const struct entry *entry, const struct path *top)
{
    return (struct path){top, entry->name, 0};
}

/* ---- issuers -------------------------------------------------------------------------------------------------------- */

/** Complain of an issuer that is none. */
static void complain_issuer(struct reading *reading, const struct node *node, const struct path *path,
                            const struct name_index_row *row)
{
    bool told = !faults_full(reading->faults);
    const char **names = told ? calloc(reading->authority_count + 1, sizeof(*names)) : NULL;
    const char *nearest = NULL;
    char hint[COMPLAINT_HINT_MAX];
    size_t i;

    if (row != NULL && row->value >= reading->authority_count && strcmp(row->text, node_text(node)) == 0) {
        field_error(reading->faults, node, path, NULL, "%s is a certificate, not an authority",
                    field_quoted(node_text(node)).text);
    } else {
        /* what is only counted needs no name that is near */
        for (i = 0; names != NULL && i < reading->authority_count; i++) {
            names[i] = reading->entries[i].name;
        }
        nearest = names != NULL ? field_nearest(node_text(node), names, reading->authority_count) : NULL;
        complaint_did_you_mean(hint, nearest, "one of those under authorities:");
        field_error(reading->faults, node, path, hint, "there is no authority %s",
                    field_quoted(node_text(node)).text);
    }
    free(names);
}

/** Settle who issues entry @p index. */
static void find_issuer(struct reading *reading, size_t index)
{
    struct entry *entry = &reading->entries[index];
    struct draft *draft = &reading->drafts[index];
    struct path top = reading_entry_top(entry), name = entry_path(entry, &top), path = {&name, "issuer", 0};
    const struct node *node =
        node_kind(draft->node) == NODE_MAPPING ? reading_value(draft->node, "issuer") : NULL;
    const struct name_index_row *row = NULL;
    const char *text = NULL;

    draft->issuer = NO_ENTRY;
    if (node != NULL) {
        if (field_text(node, &path, &text, reading->faults) == 0) {
            row = name_index_find(&reading->names, text, strlen(text));
            if (row == NULL || strcmp(row->text, text) != 0 || row->value >= reading->authority_count) {
                complain_issuer(reading, node, &path, row);
            } else {
                draft->issuer = row->value;
            }
        }
    } else if (entry->kind == ENTRY_CERTIFICATE && node_kind(draft->node) == NODE_MAPPING) {
        if (reading->authority_count == 1) {
            draft->issuer = 0;
        } else {
            complaint_error(reading->faults, entry->place, &name,
                            reading->authority_count == 0 ? "authorities: {ca: {subject: {CN: name}}}"
                                                          : "one of those under authorities:",
                            "a certificate needs the key \"issuer\"");
        }
    }
    entry->issuer = draft->issuer != NO_ENTRY ? &reading->entries[draft->issuer] : NULL;
}

/* ---- order ---------------------------------------------------------------------------------------------------------- */

/** Complain of the circle that authority @p at closes: "a" is issued by "b", "b" by "a". */
static void complain_circle(struct hierarchy *hierarchy, size_t at)
{
    struct reading *reading = hierarchy->reading;
    const struct entry *entry = &reading->entries[at];
    struct path top = reading_entry_top(entry), name = entry_path(entry, &top), path = {&name, "issuer", 0};
    const struct node *node = reading_value(reading->drafts[at].node, "issuer");
    struct bytes chain = BYTES_EMPTY;
    size_t next = at, shown = 0;
    int status = 0;

    hierarchy->reading->circular = true;
    if (reading->drafts[at].issuer == at) {
        field_error(reading->faults, node, &path, "without issuer it is a self-signed root",
                    "\"%s\" cannot be its own issuer", entry->name);
        return;
    }
    do {
        size_t issuer = reading->drafts[next].issuer;

        status = bytes_printf(&chain, shown == 0 ? "\"%s\" is issued by \"%s\"" : ", \"%s\" by \"%s\"",
                              reading->entries[next].name, reading->entries[issuer].name);
        next = issuer;
        shown++;
    } while (status == 0 && next != at && shown < CIRCLE_SHOWN_MAX);
    if (status != 0) {
        fault_memory(reading->faults);
    } else {
        field_error(reading->faults, node, &path, "one of them has no issuer, and is the root",
                    "authorities in a circle: %s%s", bytes_text(&chain), next != at ? " and so on" : "");
    }
    bytes_free(&chain);
}

/** Put authority @p start into the order, after whoever is above it. */
static void order_authority(struct hierarchy *hierarchy, size_t start)
{
    struct reading *reading = hierarchy->reading;
    size_t count = 0, at = start;

    while (at != NO_ENTRY && hierarchy->marks[at] == MARK_NONE) {
        hierarchy->marks[at] = MARK_OPEN;
        hierarchy->stack[count++] = at;
        at = reading->drafts[at].issuer;
    }
    if (at != NO_ENTRY && hierarchy->marks[at] == MARK_OPEN) {
        complain_circle(hierarchy, at);
    }
    while (count > 0) {
        size_t issuer;

        at = hierarchy->stack[--count];
        issuer = reading->drafts[at].issuer;
        hierarchy->marks[at] = MARK_DONE;
        hierarchy->depth[at] = issuer != NO_ENTRY ? hierarchy->depth[issuer] + 1 : 0;
        reading->order[hierarchy->ordered++] = at;
        if (hierarchy->depth[at] == DEPTH_MAX) {
            struct path top = reading_entry_top(&reading->entries[at]);
            struct path name = entry_path(&reading->entries[at], &top);

            complaint_error(reading->faults, reading->entries[at].place, &name, NULL,
                            "more than %d authorities above each other", DEPTH_MAX);
        }
    }
}

/* ---- path length ---------------------------------------------------------------------------------------------------- */

/** How long the chains below each authority are; leaves first, so the order backwards. */
static void measure(struct hierarchy *hierarchy)
{
    struct reading *reading = hierarchy->reading;
    size_t i = hierarchy->ordered;

    while (i-- > 0) {
        size_t at = reading->order[i], issuer = reading->drafts[at].issuer;

        if (issuer != NO_ENTRY && hierarchy->below[issuer] < hierarchy->below[at] + 1) {
            hierarchy->below[issuer] = hierarchy->below[at] + 1;
            hierarchy->child[issuer] = at;
        }
    }
}

/** RFC 5280 section 4.2.1.9: how many intermediates may follow. */
static void check_path_length(struct hierarchy *hierarchy, size_t at)
{
    struct reading *reading = hierarchy->reading;
    const struct entry *entry = &reading->entries[at];
    struct path top = reading_entry_top(entry), name = entry_path(entry, &top),
                path = {&name, "path_length", 0};
    const struct node *node;
    char hint[COMPLAINT_HINT_MAX];
    int length;

    if (entry->profile == NULL || entry->adopt_certificate != NULL) {
        return;
    }
    length = entry->path_length >= 0 ? entry->path_length : entry->profile->path_length;
    if (length < 0 || hierarchy->below[at] <= (size_t)length) {
        return;
    }
    node = reading_value(reading->drafts[at].node, "path_length");
    (void)snprintf(hint, sizeof(hint), "path_length: %zu", hierarchy->below[at]);
    complaint_error(reading->faults, node != NULL ? node_place(node) : entry->place, &path, hint,
                    "%d leaves no room for \"%s\" below \"%s\"", length,
                    reading->entries[hierarchy->child[at]].name, entry->name);
}

/* ---- windows -------------------------------------------------------------------------------------------------------- */

/** When the validity ends, as far as the manifest tells: of a fixture it is known what time it is. */
static instant known_end(const struct reading *reading, const struct validity *validity)
{
    if (validity->fixed_until) {
        return validity->until;
    }
    if (validity->fixed_from || reading->fixture->seed != NULL) {
        return instant_add(validity->fixed_from ? validity->from : reading_now(reading), &validity->duration);
    }
    return INSTANT_MAX;
}

/** A fixed end beyond the issuer's is an error; durations are clipped when they are issued. */
int reading_window(struct reading *reading, size_t index)
{
    const struct entry *entry = &reading->entries[index], *issuer = entry->issuer;
    struct path top = reading_entry_top(entry), name = entry_path(entry, &top);
    struct path validity = {&name, "validity", 0}, path = validity;
    const struct node *node;
    struct bytes end = BYTES_EMPTY;
    int status = 0;

    if (issuer == NULL || issuer->adopt_certificate != NULL || !entry->validity.fixed_until ||
        entry->validity.until <= known_end(reading, &issuer->validity)) {
        return 0;
    }
    node = reading_value(reading->drafts[index].node, "validity");
    if (node != NULL && node_find(node, "until") != NULL) {
        node = node_find(node, "until");
        path = (struct path){&validity, "until", 0};
    }
    if (instant_format(known_end(reading, &issuer->validity), &end) != 0) {
        fault_memory(reading->faults);
        status = -1;
    } else {
        /* nobody said so: what a fixture without a time gives it (fixture_reader.c) */
        bool given = reading_is_timeless(reading) && node == NULL && entry->validity.until == INSTANT_MAX;

        complaint_error(reading->faults, node != NULL ? node_place(node) : entry->place, &path,
                        given ? "without a time a fixture is valid to the end of 9999, and durations count "
                                "from 2020: give it one "
                                "(--now), or this a validity, too"
                              : NULL,
                        "ends after its issuer \"%s\" (%s)", issuer->name, bytes_text(&end));
    }
    bytes_free(&end);
    return status;
}

static int compare_subjects(const void *one, const void *other)
{
    const struct entry *a = *(const struct entry *const *)one, *b = *(const struct entry *const *)other;
    size_t least = a->subject.length < b->subject.length ? a->subject.length : b->subject.length;
    int order = least > 0 ? memcmp(a->subject.data, b->subject.data, least) : 0;

    if (order != 0 || a->subject.length != b->subject.length) {
        return order != 0 ? order : a->subject.length < b->subject.length ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

/** Two authorities of one name make chains ambiguous. */
static int check_same_subject(struct reading *reading)
{
    const struct entry **sorted = calloc(reading->authority_count + 1, sizeof(const struct entry *));
    size_t i;

    if (sorted == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    for (i = 0; i < reading->authority_count; i++) {
        sorted[i] = &reading->entries[i];
    }
    qsort(sorted, reading->authority_count, sizeof(*sorted), compare_subjects);
    for (i = 1; i < reading->authority_count; i++) {
        if (sorted[i]->subject.length > 0 &&
            slice_equal(slice_of(&sorted[i]->subject), slice_of(&sorted[i - 1]->subject))) {
            struct path top = reading_entry_top(sorted[i]), name = entry_path(sorted[i], &top);
            struct path path = {&name, "subject", 0};

            complaint_warning(reading->faults, sorted[i]->place, &path, NULL,
                              "is that of \"%s\", too: who verifies may take one for the other",
                              sorted[i - 1]->name);
        }
    }
    free(sorted);
    return 0;
}

int reading_hierarchy(struct reading *reading)
{
    size_t count = reading->authority_count + 1, i;
    size_t *numbers = calloc(count * 4, sizeof(*numbers));
    unsigned char *marks = calloc(count, 1);
    struct hierarchy hierarchy = {reading, marks, NULL, NULL, NULL, NULL, 0};
    int status = -1;

    reading->order = calloc(count, sizeof(*reading->order));
    if (numbers == NULL || marks == NULL || reading->order == NULL) {
        fault_memory(reading->faults);
        goto out;
    }
    hierarchy.depth = numbers;
    hierarchy.below = numbers + count;
    hierarchy.child = numbers + 2 * count;
    hierarchy.stack = numbers + 3 * count;
    for (i = 0; i < reading->count; i++) {
        find_issuer(reading, i);
    }
    for (i = 0; i < reading->authority_count; i++) {
        order_authority(&hierarchy, i);
    }
    measure(&hierarchy);
    for (i = 0; !reading->circular && i < reading->authority_count; i++) {
        check_path_length(&hierarchy, i);
    }
    for (i = 0; i < reading->count; i++) {
        if (reading_window(reading, i) != 0) {
            goto out;
        }
        reading_check_fault(reading, i);
    }
    status = check_same_subject(reading);
out:
    free(numbers);
    free(marks);
    return status;
}
