/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles that are part of the program: templates/profiles/NAME.yaml, embedded when the program is built, so that a
 * copied binary works without its installed files.
 */
#ifndef MTLSKIT_MANIFEST_BUILTIN_H
#define MTLSKIT_MANIFEST_BUILTIN_H

#include <stddef.h>

/* One embedded profile. All of it is constant and lives as long as the program. */
struct builtin_profile {
    const char *name; /* the file's name without .yaml: what a manifest writes after `profile:` */
    const char *text; /* the YAML, with a NUL behind it */
    size_t length;    /* octets of text, the NUL not counted */
};

/* How many there are. They are sorted by name. */
size_t builtin_profile_count(void);

/* The profile at index, or NULL when index is not below builtin_profile_count(). */
const struct builtin_profile *builtin_profile_at(size_t index);

#endif
