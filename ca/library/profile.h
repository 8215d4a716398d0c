/* SPDX-License-Identifier: Apache-2.0 */
/* A profile of the user's own, as the rest of the library sees it. */
#ifndef MTLSKIT_LIBRARY_PROFILE_H
#define MTLSKIT_LIBRARY_PROFILE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "x509/profile.h"

struct mtlskit_profile;

/** Longest path length that a profile takes, as in a file. */
#define PROFILE_PATH_LENGTH_MAX 255

/** Its values, borrowed; NULL for NULL. */
const struct profile *profile_values(const struct mtlskit_profile *profile);
/** Whether it was told a validity; what it has from a built-in profile is not told. False for NULL. */
bool profile_has_validity(const struct mtlskit_profile *profile);
/** Whether it is sound as a whole (RFC 5280 sections 4.2.1.3 and 4.2.1.9); all complaints go to @p faults. */
int profile_check(const struct profile *profile, struct faults *faults) MUST_USE;

#endif
