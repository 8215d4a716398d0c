/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile shown: as JSON, and as the YAML it could be read from.
 */
#ifndef MTLSKIT_COMMAND_PROFILE_JSON_H
#define MTLSKIT_COMMAND_PROFILE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "x509/profile.h"

/** Every field, in the words of a profile's file; with @p document, schema "mtlskit.profile/1" and the name before them. NULL when memory is out. */
json_t *profile_json(const struct profile *profile, bool document);
/** Append the same fields as YAML: a file with this text defines the same profile. */
int profile_yaml(const struct profile *profile, struct bytes *yaml) MUST_USE;

#endif
