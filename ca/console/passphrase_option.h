/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A passphrase named by an option (--passphrase SPEC): parsed and fetched.
 */
#ifndef MTLSKIT_CONSOLE_PASSPHRASE_OPTION_H
#define MTLSKIT_CONSOLE_PASSPHRASE_OPTION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/passphrase.h"
#include "console/command.h"

/** What an option gave. Starts as all zeros; passphrase_option_free wipes. */
struct passphrase_option {
    bool given;
    bool generated; /**< the SPEC is "generate": whoever uses it must tell the user where it went */
    struct bytes secret;
};

/** Whether option @p name (must be in the table) was not given or is a SPEC; else a usage fault, which does not show it. */
bool passphrase_option_is_spec(const struct invocation *invocation, const char *name) MUST_USE;
/**
 * Fetch what option @p name (must be in the table) says; nothing when it was not given. "generate" is refused unless @p confirm:
 * a secret that exists cannot be made up.
 * @param label   what it is for, shown by prompt ("client.p12")
 * @param confirm it is a new secret: prompt asks twice
 */
int passphrase_option_fetch(const struct invocation *invocation, const char *name, const char *label,
                            bool confirm, struct passphrase_option *option) MUST_USE;
/** The secret, or NULL when the option was not given. */
const struct bytes *passphrase_option_secret(const struct passphrase_option *option);
void passphrase_option_free(struct passphrase_option *option);

#endif
