/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading fleets: their tables, every row as an entry that is made and forgotten, and what all rows take of names and paths, held
 * against each other as hashes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/complaint.h"
#include "manifest/fleet_claim.h"
#include "manifest/fleet_row.h"
#include "manifest/pattern.h"

/** Most entries of one fleet; a table's own bound is its size. */
#define COUNT_MAX 1000000
/** Complaints about the rows of one fleet. */
#define COMPLAINTS_MAX 20

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
    fleets->collecting_for = fleet_taker(fleet);
    hold = fleet_make(fleets, fleet, faults);
    fleets->collecting = false;
    if (hold == NULL) {
        return faults_errors(faults) > 0 ? 0 : -1;
    }
    status = taken_add(&fleets->names, taken_hash(fleets->seed, hold->entry.name, strlen(hold->entry.name)),
                       fleet_taker(fleet));
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

    while (status == 0 && !stop && (found = fleet_step(fleet, &place, told)) != 0) {
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
    if (fleet_seek(fleets->items[taker.fleet], taker.at, true, fleets->faults) != 0 ||
        fleet_name(fleets, fleets->items[taker.fleet], &column, &why) != 0) {
        return -1;
    }
    *place = fleet_place(fleets, fleets->items[taker.fleet], column);
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
