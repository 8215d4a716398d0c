/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depfiles: what a run depended on, as a rule of Make, for make, Ninja and CMake's add_custom_command(DEPFILE).
 */
#ifndef MTLSKIT_COMMAND_DEPFILE_H
#define MTLSKIT_COMMAND_DEPFILE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "console/command.h"
#include "manifest/manifest.h"
#include "manifest/sources.h"

/**
 * Append the rule: @p target, which depends on all of @p sources. -1 with a fault: a path with a control character, which no rule can
 * hold, or memory is out.
 */
int depfile_text(const char *target, const struct sources *sources, struct bytes *text, struct faults *faults)
    MUST_USE;

/**
 * What apply was given with --depfile, whose manifest is at @p path: true when nothing or something good, else false with a fault of usage.
 */
bool depfile_option_is_right(const struct invocation *invocation, const char *path, bool plan_only);
/** Write it, where it was given: its target is its name without the ".d". -1 with a fault. */
int depfile_option_write(const struct invocation *invocation, const char *path,
                         const struct manifest *manifest) MUST_USE;

#endif
