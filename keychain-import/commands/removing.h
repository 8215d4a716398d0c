/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing: what was found is taken away and reported; or only told, with --dry-run.
 */
#ifndef MTLSKIT_COMMANDS_REMOVING_H
#define MTLSKIT_COMMANDS_REMOVING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "commands/session.h"
#include "steps/removal.h"

enum exit_status removing(struct session *session, const char *command, const struct removal *removal,
                          bool dry_run) MUST_USE;

#endif
