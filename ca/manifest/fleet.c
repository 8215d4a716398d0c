/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets. An entry is made as if its row had been written in the manifest: its name and its nodes are those of the fleet with the
 * row's values in them, and the readers of entries do the rest, on the fleet's own place among the entries.
 */
#include "manifest/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/fleet_row.h"
#include "manifest/output_name.h"
#include "manifest/pattern.h"

bool fleet_is(const struct node *node)
{
    return node_kind(node) == NODE_MAPPING &&
           (reading_value(node, "each") != NULL || reading_value(node, "count") != NULL);
}

static void fleet_free(struct fleet *fleet)
{
    if (fleet != NULL) {
        table_row_free(&fleet->row);
        table_free(fleet->table);
        expansion_free(fleet->expansion);
        free(fleet->written);
        free(fleet);
    }
}

void fleets_free(struct fleets *fleets)
{
    size_t i;

    if (fleets == NULL) {
        return;
    }
    entry_release(fleets->made != NULL ? &fleets->made->entry : NULL);
    entry_release(fleets->found != NULL ? &fleets->found->entry : NULL);
    for (i = 0; i < fleets->count; i++) {
        fleet_free(fleets->items[i]);
    }
    free(fleets->items);
    taken_free(&fleets->names);
    taken_free(&fleets->paths);
    taken_free(&fleets->stems);
    taken_free(&fleets->folders);
    faults_free(fleets->faults);
    bytes_free(&fleets->name);
    free(fleets);
}

static struct fleets *fleets_new(struct reading *reading)
{
    struct fleets *fleets = calloc(1, sizeof(*fleets));

    if (fleets == NULL || (fleets->faults = faults_new()) == NULL) {
        fleets_free(fleets);
        return NULL;
    }
    fleets->reading = reading;
    /* where memory lies is not known to who writes a file */
    fleets->seed[0] = (uint64_t)(uintptr_t)fleets * 0x9e3779b97f4a7c15u;
    fleets->seed[1] = (uint64_t)(uintptr_t)&fleets * 0xc2b2ae3d27d4eb4fu;
    return fleets;
}

int fleets_add(struct reading *reading, size_t index)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet)), **grown = NULL;

    if (reading->fleets == NULL) {
        reading->fleets = fleets_new(reading);
    }
    if (fleet != NULL && reading->fleets != NULL) {
        grown = realloc(reading->fleets->items, (reading->fleets->count + 1) * sizeof(struct fleet *));
    }
    if (grown == NULL) {
        free(fleet);
        fault_memory(reading->faults);
        return -1;
    }
    reading->fleets->items = grown;
    fleet->index = index;
    fleet->number = (uint32_t)reading->fleets->count;
    grown[reading->fleets->count++] = fleet;
    reading->drafts[index].fleet = fleet;
    return 0;
}

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

static struct pattern_values values_of(const struct fleet *fleet)
{
    return (struct pattern_values){fleet->table, &fleet->row, fleet->at};
}

/** The next row at @p place, which begins as all zeros: 1, 0 at the end, -1 with a fault. */
int fleet_step(struct fleet *fleet, struct table_mark *place, struct faults *faults)
{
    if (fleet->table != NULL) {
        if (place->line == 0) {
            *place = table_start(fleet->table);
        }
        return table_next(fleet->table, place, &fleet->row, faults);
    }
    if (fleet->written != NULL || place->offset >= fleet->entries) {
        return 0;
    }
    place->offset++;
    fleet->at = place->offset;
    return 1;
}

/** Go to the row that begins at @p at. Its line takes a look at all before it. */
int fleet_seek(struct fleet *fleet, uint32_t at, bool line, struct faults *faults)
{
    struct table_mark mark = {at, line ? 1 : 0};

    if (fleet->table == NULL) {
        fleet->at = at;
        return 0;
    }
    for (size_t i = 0; line && i < at; i++) {
        mark.line += table_content(fleet->table).data[i] == '\n' ? 1 : 0;
    }
    return table_next(fleet->table, &mark, &fleet->row, faults) == 1 ? 0 : -1;
}

/** Where the row at work is: @p column of it, or all of it. */
struct place fleet_place(const struct fleets *fleets, const struct fleet *fleet, size_t column)
{
    return fleet->table != NULL ? table_place(fleet->table, &fleet->row, column)
                                : fleets->reading->entries[fleet->index].place;
}

struct taker fleet_taker(const struct fleet *fleet)
{
    return (struct taker){fleet->number,
                          (uint32_t)(fleet->table != NULL ? fleet->row.mark.offset : fleet->at)};
}

/** The name of the row at work, in fleets->name. 0; 1 with *why, said of the value in *column; -1 memory. */
int fleet_name(struct fleets *fleets, const struct fleet *fleet, size_t *column, const char **why)
{
    struct pattern_values values = values_of(fleet);

    bytes_clear(&fleets->name);
    return pattern_expand(fleets->reading->entries[fleet->index].name, &values, PATTERN_FILE, &fleets->name,
                          column, why);
}

/* ---- making an entry ------------------------------------------------------------------------------------------------ */

/** Begin the entry of the row at work in the fleet's place. 0; 1 told; -1 memory. */
static int start_entry(struct fleets *fleets, struct fleet *fleet, const struct entry *template,
                       struct entry *entry, struct faults *faults)
{
    struct path top = reading_entry_top(template), path = {&top, template->name, 0};
    const char *why = NULL;
    size_t column = 0;
    int status = fleet_name(fleets, fleet, &column, &why);

    if (status < 0 || (entry->name = strdup(bytes_text(&fleets->name))) == NULL) {
        return -1;
    }
    entry->kind = ENTRY_CERTIFICATE;
    entry->issuer = template->issuer;
    entry->formats = FORMAT_PEM;
    entry->place = fleet_place(fleets, fleet, column);
    if (status == 1) {
        complaint_error(faults, entry->place, &path, NULL, "%s %s",
                        field_quoted(fleet->row.fields[column].text).text, why);
        return 1;
    }
    path.key = entry->name;
    why = output_name_entry_fault(entry->name);
    if (why != NULL) {
        complaint_error(faults, entry->place, &path, "names are file names; the subject takes any text",
                        "the name %s", why);
        return 1;
    }
    return 0;
}

/** What the entry in the fleet's place has to do with those above it. */
static int check_entry(struct reading *reading, size_t index)
{
    if (reading_window(reading, index) != 0 ||
        (!reading->circular && reading_names_lie_within(reading, index) != 0)) {
        fault_memory(reading->faults);
        return -1;
    }
    reading_check_fault(reading, index);
    return 0;
}

/** The entry of the row at work, with a count of one; NULL with faults, or when memory is out. */
struct entry_hold *fleet_make(struct fleets *fleets, struct fleet *fleet, struct faults *faults)
{
    struct reading *reading = fleets->reading;
    struct entry *slot = &reading->entries[fleet->index], template = *slot;
    struct draft *draft = &reading->drafts[fleet->index], written = *draft;
    struct pattern_values values = values_of(fleet);
    struct entry_hold *hold = calloc(1, sizeof(*hold));
    struct path top = reading_entry_top(&template), path = {&top, NULL, 0};
    size_t before = faults_errors(faults);
    bool good = false;

    reading->faults = faults;
    if (hold == NULL || start_entry(fleets, fleet, &template, &hold->entry, faults) != 0) {
        goto out;
    }
    path.key = hold->entry.name;
    draft->node = expansion_make(fleet->expansion, written.node, &path, &values, faults);
    *slot = hold->entry;
    good = draft->node != NULL && reading_entry(reading, fleet->index) == 0 &&
           (!fleets->collecting || check_entry(reading, fleet->index) == 0);
    hold->entry = *slot;
out:
    free(draft->names_itself[0]);
    free(draft->names_itself[1]);
    *draft = written;
    if (hold != NULL) {
        hold->count = 1;
        hold->entry.hold = hold;
        if (!good || faults_errors(faults) > before) {
            entry_release(&hold->entry);
            hold = NULL;
        }
    }
    *slot = template;
    return hold;
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

size_t fleets_entries(const struct fleets *fleets)
{
    size_t entries = 0, i;

    for (i = 0; i < fleets->count; i++) {
        entries += fleets->items[i]->entries;
    }
    return entries;
}

size_t fleets_count(const struct fleets *fleets)
{
    return fleets->count;
}

const struct entry *fleets_next(struct fleets *fleets, struct fleet *fleet, struct table_mark *place,
                                bool *failed)
{
    int found = fleet_step(fleet, place, fleets->faults);

    if (fleets->made != NULL) {
        entry_release(&fleets->made->entry);
        fleets->made = NULL;
    }
    if (found == 0) {
        return NULL;
    }
    fleets->made = found == 1 ? fleet_make(fleets, fleet, fleets->faults) : NULL;
    *failed = fleets->made == NULL;
    return fleets->made != NULL ? &fleets->made->entry : NULL;
}

/** The fleet whose row @p name is the name of, at work then; NULL: none. */
static struct fleet *find_row(struct fleets *fleets, const char *name)
{
    uint64_t hash = taken_hash(fleets->seed, name, strlen(name));
    const struct taken_row *row = taken_find(&fleets->names, hash);
    const struct taken_row *end = fleets->names.rows + fleets->names.count;
    const char *why = NULL;

    for (; row != NULL && row < end && row->hash == hash; row++) {
        struct fleet *fleet = row->taker.fleet != TAKER_ALONE ? fleets->items[row->taker.fleet] : NULL;

        if (fleet != NULL && fleet_seek(fleet, row->taker.at, false, fleets->faults) == 0 &&
            fleet_name(fleets, fleet, NULL, &why) == 0 && strcmp(bytes_text(&fleets->name), name) == 0) {
            return fleet;
        }
    }
    return NULL;
}

const struct entry *fleets_find(struct fleets *fleets, const char *name)
{
    struct fleet *fleet;

    /* files of one entry are asked for one after the other */
    if (fleets->found != NULL && strcmp(fleets->found->entry.name, name) == 0) {
        return &fleets->found->entry;
    }
    if (fleets->found != NULL) {
        entry_release(&fleets->found->entry);
        fleets->found = NULL;
    }
    fleet = find_row(fleets, name);
    fleets->found = fleet != NULL ? fleet_make(fleets, fleet, fleets->faults) : NULL;
    return fleets->found != NULL ? &fleets->found->entry : NULL;
}

bool fleets_have(struct fleets *fleets, const char *name)
{
    return find_row(fleets, name) != NULL;
}

const char *fleets_table(const struct fleets *fleets, size_t index, struct slice *content)
{
    size_t i;

    for (i = 0; i < fleets->count; i++) {
        if (fleets->items[i]->table != NULL && index-- == 0) {
            *content = table_content(fleets->items[i]->table);
            return fleets->items[i]->written;
        }
    }
    return NULL;
}
