/* SPDX-License-Identifier: Apache-2.0 */
/* The two policies there are. */
#include "commands/policy_option.h"

#include <string.h>

bool policy_option(const struct invocation *invocation, enum scope *policy)
{
    const char *word = options_text(invocation->options, "policy");

    if (word == NULL) {
        return true;
    }
    if (strcmp(word, "ssl-server") == 0) {
        *policy = SCOPE_SERVER;
    } else if (strcmp(word, "ssl-client") == 0) {
        *policy = SCOPE_CLIENT;
    } else {
        usage_error(invocation->faults, "ssl-client or ssl-server", "there is no policy \"%s\"", word);
        return false;
    }
    return true;
}

const char *policy_word(enum scope policy)
{
    return policy == SCOPE_CLIENT ? "ssl-client" : "ssl-server";
}
