/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets. An entry is made as if its row had been written in the manifest: its name and its nodes are those of the fleet with the
 * row's values in them, and the readers of entries do the rest, on the fleet's own place among the entries.
 */
#include "manifest/fleet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/complaint.h"
#include "manifest/entry.h"
#include "manifest/expansion.h"
#include "manifest/pattern.h"
#include "manifest/taken.h"

/** Most entries of one fleet; a table's own bound is its size. */
#define COUNT_MAX 1000000
/** Complaints about the rows of one fleet. */
#define COMPLAINTS_MAX 20

struct fleet {
    size_t index;        /* its place among the entries */
    uint32_t number;     /* among the fleets */
    char *written;       /* the table's path as it is written; NULL: a count */
    struct table *table; /* NULL: a count, or it could not be read */
    size_t entries;
    struct table_row row; /* at work */
    uint64_t at;          /* a count's number at work */
    struct expansion *expansion;
};

struct fleets {
    struct reading *reading;
    struct fleet **items;
    size_t count;
    uint64_t seed[2];
    struct taken names;   /* of all entries */
    struct taken paths;   /* outputs whose path is chosen */
    struct taken stems;   /* what must not be a name: PATH is NAME.crt, or lies below such a thing */
    struct taken folders; /* what must not be a path: PATH lies below it */
    bool collecting;
    struct taker collecting_for;
    struct faults *faults;           /* unused ones, for rows that were found good */
    struct entry_hold *made, *found; /* the last of fleets_next, of fleets_find */
    struct bytes name;
};

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
static int step_row(struct fleet *fleet, struct table_mark *place, struct faults *faults)
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
static int seek_row(struct fleet *fleet, uint32_t at, bool line, struct faults *faults)
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
static struct place row_place(const struct fleets *fleets, const struct fleet *fleet, size_t column)
{
    return fleet->table != NULL ? table_place(fleet->table, &fleet->row, column)
                                : fleets->reading->entries[fleet->index].place;
}

static struct taker row_taker(const struct fleet *fleet)
{
    return (struct taker){fleet->number,
                          (uint32_t)(fleet->table != NULL ? fleet->row.mark.offset : fleet->at)};
}

/** The name of the row at work, in fleets->name. 0; 1 with *why, said of the value in *column; -1 memory. */
static int row_name(struct fleets *fleets, const struct fleet *fleet, size_t *column, const char **why)
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
    int status = row_name(fleets, fleet, &column, &why);

    if (status < 0 || (entry->name = strdup(bytes_text(&fleets->name))) == NULL) {
        return -1;
    }
    entry->kind = ENTRY_CERTIFICATE;
    entry->issuer = template->issuer;
    entry->formats = FORMAT_PEM;
    entry->place = row_place(fleets, fleet, column);
    if (status == 1) {
        complaint_error(faults, entry->place, &path, NULL, "%s %s",
                        field_quoted(fleet->row.fields[column].text).text, why);
        return 1;
    }
    path.key = entry->name;
    why = reading_name_fault(entry->name);
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
    return 0;
}

/** The entry of the row at work, with a count of one; NULL with faults, or when memory is out. */
static struct entry_hold *make_entry(struct fleets *fleets, struct fleet *fleet, struct faults *faults)
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

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/** `each` and `count`. False: told. */
static bool read_fields(struct reading *reading, struct fleet *fleet, const struct path *path)
{
    const struct node *node = reading->drafts[fleet->index].node;
    const struct node *each = reading_value(node, "each"), *count = reading_value(node, "count");
    struct path each_path = {path, "each", 0}, count_path = {path, "count", 0};
    struct bytes joined = BYTES_EMPTY;
    const char *text = NULL;
    int64_t number = 0;

    if (each != NULL && count != NULL) {
        field_error(reading->faults, count, &count_path, NULL,
                    "stands beside each: one of them says how many");
        return false;
    }
    if (count != NULL) {
        fleet->entries = field_integer(count, &count_path, 1, COUNT_MAX, &number, reading->faults) == 0
                             ? (size_t)number
                             : 0;
        return fleet->entries > 0;
    }
    if (field_text(each, &each_path, &text, reading->faults) != 0) {
        return false;
    }
    if (text[0] == '\0' || strcmp(text, "-") == 0) {
        field_error(reading->faults, each, &each_path, "each: devices.csv", "must be a file");
        return false;
    }
    fleet->written = strdup(text);
    if (fleet->written != NULL && file_join(reading->folder, text, &joined) == 0) {
        fleet->table = table_read(bytes_text(&joined), bytes_text(&joined), reading->faults);
    } else {
        fault_memory(reading->faults);
    }
    bytes_free(&joined);
    return fleet->table != NULL;
}

/** The name: a pattern that differs from row to row. */
static bool check_name(struct reading *reading, const struct fleet *fleet, const struct path *path)
{
    const struct entry *template = &reading->entries[fleet->index];
    const char *why = NULL;
    char hint[COMPLAINT_HINT_MAX];

    if (pattern_check(template->name, fleet->table, &why, hint) != 0) {
        complaint_error(reading->faults, template->place, path, hint, "the name %s", why);
        return false;
    }
    if (!pattern_has_variable(template->name)) {
        complaint_error(reading->faults, template->place, path,
                        fleet->table != NULL ? "device-{row.serial}: as one of its columns" : "device-{n}:",
                        "the name has no variable, so all entries would have one");
        return false;
    }
    return true;
}

/** Authorities above whose constraints follow from the names below them would change with every row. */
static void check_constraints(struct reading *reading, const struct fleet *fleet, const struct path *path)
{
    size_t above;

    for (above = reading->circular ? NO_ENTRY : reading->drafts[fleet->index].issuer; above != NO_ENTRY;
         above = reading->drafts[above].issuer) {
        if (reading->drafts[above].constraints_auto) {
            complaint_error(reading->faults, reading->entries[fleet->index].place, path,
                            "name_constraints: {permitted: [dns:example.com]}",
                            "the name constraints of \"%s\" are auto, and cannot follow a fleet",
                            reading->entries[above].name);
            return;
        }
    }
}

/** Whether some fault in @p faults is not of the fleet's table: then every row has it. */
static bool told_elsewhere(const struct fleet *fleet, const struct faults *faults)
{
    const char *shown = fleet->table != NULL ? table_shown(fleet->table) : NULL;
    size_t i;

    for (i = 0; i < faults_count(faults); i++) {
        if (faults_severity(faults, i) == FAULT_ERROR &&
            (shown == NULL || strncmp(faults_text(faults, i), shown, strlen(shown)) != 0)) {
            return true;
        }
    }
    return false;
}

/** Check the row at work as an entry, and take its name and paths. */
static int check_row(struct fleets *fleets, struct fleet *fleet, struct faults *faults)
{
    struct entry_hold *hold;
    int status;

    fleets->collecting = true;
    fleets->collecting_for = row_taker(fleet);
    hold = make_entry(fleets, fleet, faults);
    fleets->collecting = false;
    if (hold == NULL) {
        return faults_errors(faults) > 0 ? 0 : -1;
    }
    status = taken_add(&fleets->names, taken_hash(fleets->seed, hold->entry.name, strlen(hold->entry.name)),
                       row_taker(fleet));
    entry_release(&hold->entry);
    return status;
}

/** Every row of @p fleet. Warnings are told of the first alone: the others would repeat them. */
static int check_rows(struct fleets *fleets, struct fleet *fleet, struct faults *faults)
{
    struct faults *told = faults_new();
    struct table_mark place = {0, 0};
    size_t before = faults_errors(faults), rows = 0;
    bool stop = false;
    int found = 1, status = told != NULL ? 0 : -1;

    while (status == 0 && !stop && (found = step_row(fleet, &place, told)) != 0) {
        if (found == 1) {
            status = check_row(fleets, fleet, told);
            rows++;
        }
        if (faults_errors(told) > 0 || (rows == 1 && found == 1)) {
            stop = faults_errors(told) > 0 && (fleet->table == NULL || told_elsewhere(fleet, told));
            faults_move(faults, told);
            stop = stop || faults_errors(faults) - before >= COMPLAINTS_MAX;
        } else if (faults_count(told) > 0) {
            faults_free(told);
            told = faults_new();
            status = told != NULL ? status : -1;
        }
    }
    if (told != NULL) {
        faults_move(faults, told);
    }
    faults_free(told);
    fleet->entries = rows;
    return status;
}

static int read_fleet(struct fleets *fleets, struct fleet *fleet)
{
    struct reading *reading = fleets->reading;
    struct faults *faults = reading->faults;
    const struct entry *template = &reading->entries[fleet->index];
    struct path top = reading_entry_top(template), path = {&top, template->name, 0};
    size_t before = faults_errors(faults);
    int status;

    if (!read_fields(reading, fleet, &path)) {
        return 0;
    }
    if (check_name(reading, fleet, &path)) {
        expansion_check(reading->drafts[fleet->index].node, &path, fleet->table, faults);
    }
    check_constraints(reading, fleet, &path);
    fleet->expansion = expansion_new(fleet->table != NULL ? table_shown(fleet->table) : NULL);
    if (fleet->expansion == NULL) {
        return -1;
    }
    if (faults_errors(faults) > before) {
        return 0;
    }
    status = check_rows(fleets, fleet, faults);
    reading->faults = faults;
    return status;
}

/* ---- names and paths ------------------------------------------------------------------------------------------------ */

int fleets_claim(struct fleets *fleets, const char *path)
{
    const struct taker taker = fleets->collecting_for;
    const char *slash = path;
    size_t stem = reading_stem(path, strlen(path));

    if (!fleets->collecting) {
        return 0;
    }
    if (taken_add(&fleets->paths, taken_hash(fleets->seed, path, strlen(path)), taker) != 0 ||
        (stem > 0 && taken_add(&fleets->stems, taken_hash(fleets->seed, path, stem), taker) != 0)) {
        return -1;
    }
    while ((slash = strchr(slash, '/')) != NULL) {
        size_t length = (size_t)(slash - path);
        uint64_t hash = taken_hash(fleets->seed, path, length);

        /* one after the other in one folder is the common case */
        if ((fleets->folders.count == 0 || fleets->folders.rows[fleets->folders.count - 1].hash != hash) &&
            taken_add(&fleets->folders, hash, taker) != 0) {
            return -1;
        }
        stem = reading_stem(path, length);
        if (stem > 0 && taken_add(&fleets->stems, taken_hash(fleets->seed, path, stem), taker) != 0) {
            return -1;
        }
        slash++;
    }
    return 0;
}

/** The names and paths of the entries by themselves, so that those of the fleets are held against them, too. */
static int take_others(struct fleets *fleets)
{
    const struct reading *reading = fleets->reading;
    size_t i;

    fleets->collecting = true;
    for (i = 0; i < reading->count; i++) {
        const char *name = reading->entries[i].name;

        if (reading->drafts[i].fleet == NULL &&
            taken_add(&fleets->names, taken_hash(fleets->seed, name, strlen(name)),
                      (struct taker){TAKER_ALONE, (uint32_t)i}) != 0) {
            return -1;
        }
    }
    for (i = 0; i < reading->claim_count; i++) {
        fleets->collecting_for = (struct taker){TAKER_ALONE, (uint32_t)reading->claims[i].entry};
        if (fleets_claim(fleets, reading->claims[i].path) != 0) {
            return -1;
        }
    }
    fleets->collecting = false;
    return 0;
}

/** The name of @p taker's entry; that of a row is at work then. */
static int taker_name(struct fleets *fleets, struct taker taker, struct bytes *name, struct place *place)
{
    struct reading *reading = fleets->reading;
    const char *why = NULL;
    size_t column = 0;

    bytes_clear(name);
    if (taker.fleet == TAKER_ALONE) {
        *place = reading->entries[taker.at].place;
        return bytes_append_text(name, reading->entries[taker.at].name);
    }
    if (seek_row(fleets->items[taker.fleet], taker.at, true, fleets->faults) != 0 ||
        row_name(fleets, fleets->items[taker.fleet], &column, &why) != 0) {
        return -1;
    }
    *place = row_place(fleets, fleets->items[taker.fleet], column);
    return bytes_append(name, fleets->name.data, fleets->name.length);
}

/** Complain that the name of @p one is that of @p other, if it is. */
static int complain_name(struct fleets *fleets, struct taker one, struct taker other)
{
    struct bytes name = BYTES_EMPTY, owner = BYTES_EMPTY;
    struct place place = {NULL, 0, 0}, first = {NULL, 0, 0};
    int status = -1;

    if (taker_name(fleets, other, &owner, &first) == 0 && taker_name(fleets, one, &name, &place) == 0) {
        struct path top = {NULL, "certificates", 0}, path = {&top, bytes_text(&name), 0};

        if (name_index_equal(bytes_text(&name), bytes_text(&owner))) {
            complaint_error(fleets->reading->faults, place, &path, "names are unique, whatever their case",
                            "the name is that of %s:%zu, so both would write one file", first.file,
                            first.line);
        }
        status = 0;
    }
    bytes_free(&name);
    bytes_free(&owner);
    return status;
}

/** Complain that an output of @p one is, or lies below, a file of @p other. */
static int complain_path(struct fleets *fleets, struct taker one, struct taker other)
{
    const struct reading *reading = fleets->reading;
    struct bytes name = BYTES_EMPTY, owner = BYTES_EMPTY;
    struct place place = {NULL, 0, 0}, elsewhere = {NULL, 0, 0};
    int status = -1;

    if (taker_name(fleets, other, &owner, &elsewhere) == 0 && taker_name(fleets, one, &name, &place) == 0) {
        struct path top = reading_entry_top(
            &reading->entries[one.fleet == TAKER_ALONE ? one.at : fleets->items[one.fleet]->index]);
        struct path path = {&top, bytes_text(&name), 0};

        complaint_error(reading->faults, place, &path,
                        "each file has a path of its own, whatever the case of its letters",
                        "a file of it is, or lies below, a file of \"%s\" (%s:%zu)", bytes_text(&owner),
                        elsewhere.file, elsewhere.line);
        status = 0;
    }
    bytes_free(&name);
    bytes_free(&owner);
    return status;
}

/** Note that @p one is in the way of @p other, unless that was found when the entries by themselves were read. */
static int note_conflict(struct taken *conflicts, struct taker one, struct taker other)
{
    if (one.fleet == TAKER_ALONE && other.fleet == TAKER_ALONE) {
        return 0;
    }
    /* in the order of the manifest; fleets come behind what stands alone */
    return taken_add(conflicts, (uint64_t)(one.fleet + 1u) << 32 | one.at, other);
}

/** Rows of @p taken that are one. */
static int find_doubles(struct taken *taken, struct taken *conflicts)
{
    size_t i;

    taken_sort(taken);
    for (i = 1; i < taken->count; i++) {
        if (taken->rows[i].hash == taken->rows[i - 1].hash &&
            note_conflict(conflicts, taken->rows[i].taker, taken->rows[i - 1].taker) != 0) {
            return -1;
        }
    }
    return 0;
}

/** What of @p asked is among what is @p taken, where it must not be. */
static int find_among(const struct taken *asked, const struct taken *taken, struct taken *conflicts)
{
    size_t i;

    for (i = 0; i < asked->count; i++) {
        const struct taken_row *row = taken_find(taken, asked->rows[i].hash);

        if (row != NULL && note_conflict(conflicts, asked->rows[i].taker, row->taker) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Complain of @p conflicts in the order of the manifest, once for each entry. */
static int complain_conflicts(struct fleets *fleets, struct taken *conflicts,
                              int (*complain)(struct fleets *fleets, struct taker one, struct taker other))
{
    size_t told = 0, i;
    int status = 0;

    taken_sort(conflicts);
    for (i = 0; status == 0 && told < COMPLAINTS_MAX && i < conflicts->count; i++) {
        uint64_t key = conflicts->rows[i].hash;

        if (i == 0 || key != conflicts->rows[i - 1].hash) {
            status = complain(fleets, (struct taker){(uint32_t)(key >> 32) - 1u, (uint32_t)key},
                              conflicts->rows[i].taker);
            told++;
        }
    }
    taken_free(conflicts);
    return status;
}

static int check_taken(struct fleets *fleets)
{
    struct taken names = {NULL, 0, 0}, paths = {NULL, 0, 0};
    int status = -1;

    if (find_doubles(&fleets->names, &names) == 0 && find_doubles(&fleets->paths, &paths) == 0 &&
        find_among(&fleets->stems, &fleets->names, &paths) == 0 &&
        find_among(&fleets->folders, &fleets->paths, &paths) == 0 &&
        complain_conflicts(fleets, &names, complain_name) == 0 &&
        complain_conflicts(fleets, &paths, complain_path) == 0) {
        status = 0;
    }
    taken_free(&names);
    taken_free(&paths);
    /* names alone are asked for later */
    taken_free(&fleets->paths);
    taken_free(&fleets->stems);
    taken_free(&fleets->folders);
    return status;
}

int fleets_read(struct reading *reading)
{
    struct fleets *fleets = reading->fleets;
    size_t before = faults_errors(reading->faults), i;
    int status = 0;

    for (i = 0; fleets != NULL && status == 0 && i < fleets->count; i++) {
        status = read_fleet(fleets, fleets->items[i]);
    }
    if (fleets != NULL && status == 0) {
        status = take_others(fleets);
    }
    if (fleets != NULL && status == 0 && faults_errors(reading->faults) == before) {
        status = check_taken(fleets);
    }
    if (status != 0) {
        fault_memory(reading->faults);
    }
    return status;
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
    int found = step_row(fleet, place, fleets->faults);

    if (fleets->made != NULL) {
        entry_release(&fleets->made->entry);
        fleets->made = NULL;
    }
    if (found == 0) {
        return NULL;
    }
    fleets->made = found == 1 ? make_entry(fleets, fleet, fleets->faults) : NULL;
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

        if (fleet != NULL && seek_row(fleet, row->taker.at, false, fleets->faults) == 0 &&
            row_name(fleets, fleet, NULL, &why) == 0 && strcmp(bytes_text(&fleets->name), name) == 0) {
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
    fleets->found = fleet != NULL ? make_entry(fleets, fleet, fleets->faults) : NULL;
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
