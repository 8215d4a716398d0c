/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from YAML: the built-in ones and folders of the manifest's own, with `extends`.
 */
#ifndef MTLSKIT_MANIFEST_PROFILE_READER_H
#define MTLSKIT_MANIFEST_PROFILE_READER_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "manifest/field.h"
#include "x509/profile.h"

/** All profiles one can name. Opaque. */
struct profile_set;

/** The built-in profiles alone. NULL with faults. */
struct profile_set *profile_set_new(struct faults *faults);
void profile_set_free(struct profile_set *set);
/**
 * Add every *.yaml of @p folder (sorted; NAME.yaml defines profile NAME; a name that exists already is overridden by the
 * newcomer, but not twice within a folder). `extends` may name any profile of the set, or the built-in one of the same name;
 * circles and depths over 16 are faults. Complaints are all told.
 */
int profile_set_add_folder(struct profile_set *set, const char *folder, struct faults *faults) MUST_USE;
/** Parse one file into the set, under @p name. @p shown for complaints. */
int profile_set_add_text(struct profile_set *set, const char *name, struct slice content, const char *shown,
                         struct faults *faults) MUST_USE;
/** Resolve `extends` of all added so far. Call after the last add. */
int profile_set_resolve(struct profile_set *set, struct faults *faults) MUST_USE;
/** By name, or NULL. Valid as long as the set. */
const struct profile *profile_set_find(const struct profile_set *set, const char *name);
/** The name nearest to a mistyped one, or NULL. */
const char *profile_set_nearest(const struct profile_set *set, const char *name);
size_t profile_set_count(const struct profile_set *set);
/** In order of name. *origin: "built in" or the file. */
const struct profile *profile_set_at(const struct profile_set *set, size_t index, const char **origin);

/** Readers of single values, shared with the manifest; field_read_fn. Targets in parentheses. */
int read_validity(const struct node *node, const struct path *path, void *target,
                  struct faults *faults); /* struct validity */
int read_duration(const struct node *node, const struct path *path, void *target,
                  struct faults *faults); /* struct duration */
int read_key_algorithm(const struct node *node, const struct path *path, void *target,
                       struct faults *faults); /* enum key_algorithm */
int read_subject(const struct node *node, const struct path *path, void *target,
                 struct faults *faults); /* struct name */
int read_name_constraints(
    const struct node *node, const struct path *path, void *target,
    struct faults *faults); /* struct profile: name_constraints_auto, permitted, excluded */

#endif
