/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firefox's list of profiles: profiles.ini and installs.ini. The first has sections [Profile0] ... with Name, Path, IsRelative and Default,
 * and, since Firefox 67, [Install...] with the profile that this installation starts with; the second has those again.
 */
#ifndef MTLSKIT_NSS_PROFILES_H
#define MTLSKIT_NSS_PROFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Limits: of a file, in bytes; of profiles; of different defaults. */
#define PROFILES_FILE_MAX 262144u
#define PROFILES_MAX      64
#define PROFILES_DEFAULTS 16

struct firefox_profile {
    char *name; /**< owned */
    char *path; /**< owned; absolute, or from the folder of the list */
    bool relative;
    bool first; /**< Default=1: what Firefox before 67 starts with */
};

/** Starts as all zeros; firefox_profiles_free. */
struct firefox_profiles {
    struct firefox_profile list[PROFILES_MAX];
    size_t count;
    char *defaults
        [PROFILES_DEFAULTS]; /**< paths, as different installations have them, without duplicates; owned */
    size_t default_count;
};

/** Take the text of one of the files in; several may follow each other. What is over a limit, or no line of such a file, is passed over. -1: memory is out. */
int firefox_profiles_read(struct firefox_profiles *profiles, struct slice text) MUST_USE;
/** The default profile: that of the installations, where all have the same; else the one marked; else the only one. NULL: it cannot be told. */
const struct firefox_profile *firefox_profiles_default(const struct firefox_profiles *profiles);
void firefox_profiles_free(struct firefox_profiles *profiles);

#endif
