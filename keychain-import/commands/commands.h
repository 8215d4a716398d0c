/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of keychain-import.
 */
#ifndef MTLSKIT_COMMANDS_COMMANDS_H
#define MTLSKIT_COMMANDS_COMMANDS_H

#include "console/command.h"

extern const struct command command_install;
extern const struct command command_trust;
extern const struct command command_untrust;
extern const struct command command_list_store;
extern const struct command command_stores;
extern const struct command command_remove;
extern const struct command command_recover;
extern const struct command command_hold;
extern const struct command command_allow;
extern const struct command command_verify_store;

#endif
