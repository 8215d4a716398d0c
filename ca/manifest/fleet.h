/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets: entries of the manifest that stand for many, one a row of a table (`each`) or one a number (`count`). All rows are checked
 * when the manifest is read; after that each entry is made when it is asked for, and forgotten. What is kept of a row is a hash of
 * its names. Nobody but manifest.c and its parts includes this.
 */
#ifndef MTLSKIT_MANIFEST_FLEET_H
#define MTLSKIT_MANIFEST_FLEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "manifest/reading.h"

/** One fleet. Opaque. */
struct fleet;

/** Whether @p node, written of a certificate, is that of a fleet. */
bool fleet_is(const struct node *node);
/** Note that entry @p index of @p reading is a fleet; reading->drafts[index].fleet is set. -1 only when memory is out. */
int fleets_add(struct reading *reading, size_t index) MUST_USE;
void fleets_free(struct fleets *fleets);

/**
 * Read the tables, check every row as an entry of its own, and all names and paths against each other and those of the entries by
 * themselves, which must have been read. -1 only when memory is out.
 */
int fleets_read(struct reading *reading) MUST_USE;

/** How many entries all fleets have together, and how many fleets there are. */
size_t fleets_entries(const struct fleets *fleets);
size_t fleets_count(const struct fleets *fleets);
/**
 * The next entry of @p fleet: @p place goes from all zeros. NULL at the end, or with *failed when memory is out. Valid until the next
 * call for any fleet.
 */
const struct entry *fleets_next(struct fleets *fleets, struct fleet *fleet, struct table_mark *place,
                                bool *failed);
/** The entry of that name; valid until the next call. NULL: none, or memory is out. */
const struct entry *fleets_find(struct fleets *fleets, const char *name);
/** Whether there is one. */
bool fleets_have(struct fleets *fleets, const char *name);
/** The tables read: the path of the @p index-th as it is written, and its bytes. NULL past the last. */
const char *fleets_table(const struct fleets *fleets, size_t index, struct slice *content);

#endif
