/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wish: the installation that a command's options and arguments say, or the file they name; and which store could grant it.
 */
#ifndef MTLSKIT_COMMANDS_WISH_H
#define MTLSKIT_COMMANDS_WISH_H

#include "base/attributes.h"
#include "console/command.h"
#include "installation/installation.h"

/**
 * Read what the options say. Those that @p names has (NULL last) are asked for: of "file", "cert", "key", "passphrase", "label",
 * "extractable", "trust", "for", "host", "allow". @p p12: the argument that names a P12; NULL: none. EXIT_DONE; EXIT_USAGE with usage
 * faults; EXIT_FAILED with faults of the file.
 */
enum exit_status wish_read(const struct invocation *invocation, const char *p12, const char *const *names,
                           struct installation *installation) MUST_USE;
/** What a store has to be able to do for it: a set of enum store_ability. */
unsigned wish_abilities(const struct installation *installation) MUST_USE;

#endif
