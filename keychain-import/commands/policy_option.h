/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --policy: as what a certificate is used, in the words of security(1).
 */
#ifndef MTLSKIT_COMMANDS_POLICY_OPTION_H
#define MTLSKIT_COMMANDS_POLICY_OPTION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "console/command.h"
#include "store/item.h"

/** What --policy says (SCOPE_SERVER, SCOPE_CLIENT); @p policy stays as it is when it was not given. False with a usage fault. */
bool policy_option(const struct invocation *invocation, enum scope *policy) MUST_USE;
/** "ssl-server", "ssl-client". */
const char *policy_word(enum scope policy);

#endif
