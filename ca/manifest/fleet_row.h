/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of fleets, and what is done with one row: for fleet.c, which makes entries, and fleet_reader.c, which checks them all.
 * Everybody else knows fleet.h alone.
 */
#ifndef MTLSKIT_MANIFEST_FLEET_ROW_H
#define MTLSKIT_MANIFEST_FLEET_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "manifest/entry.h"
#include "manifest/expansion.h"
#include "manifest/fleet.h"
#include "manifest/table.h"
#include "manifest/taken.h"

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

/** The next row at @p place, which begins as all zeros, is at work then: 1, 0 at the end, -1 with a fault. */
int fleet_step(struct fleet *fleet, struct table_mark *place, struct faults *faults) MUST_USE;
/** Go to the row that begins at @p at. Its line takes a look at all before it. */
int fleet_seek(struct fleet *fleet, uint32_t at, bool line, struct faults *faults) MUST_USE;
/** Where the row at work is: @p column of it, or all of it. */
struct place fleet_place(const struct fleets *fleets, const struct fleet *fleet, size_t column);
struct taker fleet_taker(const struct fleet *fleet);
/** The name of the row at work, in fleets->name. 0; 1 with *why, said of the value in *column; -1 memory. */
int fleet_name(struct fleets *fleets, const struct fleet *fleet, size_t *column, const char **why) MUST_USE;
/** The entry of the row at work, with a count of one; NULL with faults, or when memory is out. */
struct entry_hold *fleet_make(struct fleets *fleets, struct fleet *fleet, struct faults *faults);

#endif
