/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from YAML: the built-in ones and folders of the manifest's own, with `extends`.
 *
 * A profile that extends another starts as its copy; every field written replaces that one field, lists as a whole. Own
 * fields of a built-in profile are overridden by a file of the same name, which may extend the profile it overrides.
 */
#ifndef MTLSKIT_MANIFEST_PROFILE_READER_H
#define MTLSKIT_MANIFEST_PROFILE_READER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "x509/profile.h"

/** How deep `extends` may go, and how many profiles a folder may hold. */
#define PROFILE_EXTENDS_MAX 16
#define PROFILE_FILES_MAX   1000
/** Longest file and name. */
#define PROFILE_SIZE_MAX (1024u * 1024)
#define PROFILE_NAME_MAX 100

/** Fields of which it matters that they were written in a file of the user's own: they go before the manifest's defaults. */
#define PROFILE_GIVES_KEY      (1u << 0)
#define PROFILE_GIVES_VALIDITY (1u << 1)
#define PROFILE_GIVES_BACKDATE (1u << 2)

/** All profiles one can name. Opaque. */
struct profile_set;

/** The built-in profiles alone. NULL with faults. */
struct profile_set *profile_set_new(struct faults *faults);
void profile_set_free(struct profile_set *set);
/**
 * Add every *.yaml of @p folder (sorted; NAME.yaml defines profile NAME; a name that exists already is overridden by the
 * newcomer). `extends` may name any profile of the set, or the one that is overridden by its own name; circles and depths over
 * PROFILE_EXTENDS_MAX are faults. Complaints are all told.
 */
int profile_set_add_folder(struct profile_set *set, const char *folder, struct faults *faults) MUST_USE;
/** Parse one file into the set, under @p name. @p shown for complaints. */
int profile_set_add_text(struct profile_set *set, const char *name, struct slice content, const char *shown,
                         struct faults *faults) MUST_USE;
/** Read what was added so far and resolve `extends`. Call once, after the last add. -1 with all complaints. */
int profile_set_resolve(struct profile_set *set, struct faults *faults) MUST_USE;

/** By name, or NULL. Valid as long as the set, as all below; only after profile_set_resolve. */
const struct profile *profile_set_find(const struct profile_set *set, const char *name);
/** The @p index-th file that was read into the set, be it overridden by another. NULL past the last. */
const char *profile_set_source(const struct profile_set *set, size_t index);
/** The name nearest to a mistyped one, or NULL. */
const char *profile_set_nearest(const struct profile_set *set, const char *name);
size_t profile_set_count(const struct profile_set *set);
/** In order of name. *origin: "built in" or the file. May be NULL. */
const struct profile *profile_set_at(const struct profile_set *set, size_t index, const char **origin);
/** Whether the file of profile @p name could not be parsed: it was complained of, and nothing can be said of it. */
bool profile_set_is_unread(const struct profile_set *set, const char *name);
/** Whether @p profile, one of the set's, is a file of the user's. */
bool profile_set_is_own(const struct profile_set *set, const struct profile *profile);
/** PROFILE_GIVES_* bits of @p profile, one of the set's: written in a file of the user's, be it by way of `extends`. */
unsigned profile_set_gives(const struct profile_set *set, const struct profile *profile);

#endif
