/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of mtls-ca, each in its own cmd_*.c. */
#ifndef MTLSKIT_COMMAND_COMMANDS_H
#define MTLSKIT_COMMAND_COMMANDS_H

#include "console/command.h"

extern const struct command command_apply;
extern const struct command command_audit;
extern const struct command command_bundle;
extern const struct command command_crl;
extern const struct command command_csr;
extern const struct command command_fixtures;
extern const struct command command_inspect;
extern const struct command command_install_certificate;
extern const struct command command_key;
extern const struct command command_issue;
extern const struct command command_lint;
extern const struct command command_list;
extern const struct command command_profile;
extern const struct command command_renew;
extern const struct command command_show;
extern const struct command command_sign;
extern const struct command command_revoke;
extern const struct command command_verify;

#endif
