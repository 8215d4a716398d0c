/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of certificates that are built in: those of templates/profiles as values, for the library reads no YAML. A unit test holds
 * the two to each other, field by field.
 */
#ifndef MTLSKIT_LIBRARY_KIND_H
#define MTLSKIT_LIBRARY_KIND_H

#include <stddef.h>

#include "base/attributes.h"
#include "x509/profile.h"

/** How many there are. */
#define KIND_COUNT 7

/** The name of kind number @p index, and all of them with commas between, for hints. */
const char *kind_name(size_t index);
const char *kind_names(void);
/** What a profile is before anything is said of it: a P-256 key, five minutes of backdate, every kind of name allowed. */
void kind_start(struct profile *profile);
/** Fill @p profile, which is initialised, with kind number @p index. -1: no memory. */
int kind_build(size_t index, struct profile *profile) MUST_USE;

#endif
