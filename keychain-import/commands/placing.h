/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placing: from what is wanted to what is in the store, for every command that puts something there; or only told, with --dry-run.
 */
#ifndef MTLSKIT_COMMANDS_PLACING_H
#define MTLSKIT_COMMANDS_PLACING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "console/command.h"
#include "installation/installation.h"

/**
 * Put into a store what @p wish names: the whole of @p command once its wish is read. The store is opened, the files are taken in, the steps
 * decided, carried out and reported. The options of the command say how: those of SESSION_OPTIONS, dry-run, json, insecure-for-any,
 * allow-leaf-trust, insecure-trust-fixture, and pending-trust: the file that a configuration profile is written to when the store does not
 * take trust from a program, and everything else stays; without it that is a failure. @p for_any: authorities are trusted for both scopes.
 */
enum exit_status placing(const struct invocation *invocation, const char *command,
                         const struct installation *wish, bool for_any) MUST_USE;

#endif
