/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expansion: what is written of a fleet's entry, with the values of one row in the place of its variables. It works on nodes, so
 * what a row says is a text within one scalar and cannot become YAML; a scalar that had a variable has its place in the table.
 *
 * Variables are taken in subject, san, k8s-secret, the file and name of bundles, and the names of env: and file: passphrases.
 */
#ifndef MTLSKIT_MANIFEST_EXPANSION_H
#define MTLSKIT_MANIFEST_EXPANSION_H

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "manifest/field.h"
#include "manifest/pattern.h"

/** Opaque. */
struct expansion;

/** @p shown: the table's name for places, copied; NULL: there is none, places stay in the manifest. NULL when memory is out. */
struct expansion *expansion_new(const char *shown);
void expansion_free(struct expansion *expansion);

/** Check every pattern in @p entry, a fleet's entry, over @p table (NULL: {n}). Complaints go to @p faults. */
void expansion_check(const struct node *entry, const struct path *path, const struct table *table,
                     struct faults *faults);
/**
 * The entry with @p values in it, valid until the next call. Values that do not fit are told. NULL only when memory is out.
 */
const struct node *expansion_make(struct expansion *expansion, const struct node *entry,
                                  const struct path *path, const struct pattern_values *values,
                                  struct faults *faults);

#endif
