/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placing: from what is wanted to what is in the store, for every command that puts something there; or only told, with --dry-run.
 */
#ifndef MTLSKIT_COMMANDS_PLACING_H
#define MTLSKIT_COMMANDS_PLACING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "commands/session.h"
#include "steps/decision.h"
#include "steps/wanted.h"

/**
 * Decide, then carry out and report. @p pending: the file that a configuration profile is written to when the store does not take trust from a
 * program, and everything else stays (--pending-trust); NULL: that is a failure.
 */
enum exit_status placing(struct session *session, const char *command, const struct wanted *wanted,
                         const struct decision_rules *rules, const char *pending, bool dry_run) MUST_USE;

#endif
