/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that say in words what a certificate is to be. A word that is wrong whatever the files, the ledger and a token hold is wrong usage;
 * what profile and ledger make of a good one shows in the act.
 */
#ifndef MTLSKIT_COMMAND_ORDER_OPTION_H
#define MTLSKIT_COMMAND_ORDER_OPTION_H

#include <stdbool.h>

#include "console/command.h"
#include "x509/key.h"

/**
 * A usage fault for each of subject, san, validity, key, generate and bundle that cannot be read, as far as the command has and was given them.
 * @p patterns: subject and san may have variables, which a table's rows fill in; those that have are judged there.
 */
void order_options_check(const struct invocation *invocation, bool patterns);
/**
 * A usage fault when --kdf (must be in the table) is no word for a derivation, or there is no --key-passphrase for it. @p kdf: left as it is when
 * none was given; NULL: only checked.
 */
void order_option_check_kdf(const struct invocation *invocation, enum key_kdf *kdf);
/** A usage fault when @p name cannot be that of an entry, whose files are called NAME.crt and so on. */
void order_option_check_name(const struct invocation *invocation, const char *name);

#endif
