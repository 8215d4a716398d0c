/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import trust: authorities become anchors, within a scope.
 */
#include "commands/commands.h"
#include "commands/placing.h"
#include "commands/session.h"
#include "commands/wish.h"

static const struct option_spec trust_options[] = {
    {"for", 0, "SCOPE", false, "server: to check servers by them; client: to check clients"},
    {"host", 0, "NAME", false, "for this host alone, where the store can"},
    SESSION_OPTIONS,
    {"pending-trust", 0, "FILE", false,
     "macOS: when trust needs a person, keep the rest, and write a .mobileconfig"},
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {"insecure-for-any", 0, NULL, false, "trust them for servers and for clients"},
    {"allow-leaf-trust", 0, NULL, false, "take certificates that are no authorities"},
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};

/** What the options say, as an installation; usage faults otherwise. */
static int read_wish(const struct invocation *invocation, struct installation *wish)
{
    const struct options *options = invocation->options;
    const struct installation_options wanted = {
        .into = options_text(options, "into"),
        .trust = options_arguments(options),
        .trust_count = options_argument_count(options),
        .scope = options_given(options, "for") ? options_text(options, "for") : "server",
        .host = options_text(options, "host"),
    };

    if (!options_given(options, "for") && !options_given(options, "insecure-for-any")) {
        usage_error(invocation->faults, "server or client", "--for is missing: whom are they to check?");
        return -1;
    }
    return session_options_are_good(invocation) &&
                   installation_of_options(&wanted, wish, invocation->faults) == 0
               ? 0
               : -1;
}

static enum exit_status trust_run(struct invocation *invocation)
{
    struct installation wish = {.shown = NULL};
    enum exit_status status = EXIT_USAGE;

    if (read_wish(invocation, &wish) == 0) {
        status = placing(invocation, "trust", &wish, !options_given(invocation->options, "for"));
    }
    installation_free(&wish);
    return status;
}

const struct command command_trust = {
    .name = "trust",
    .summary = "trust authorities, for servers or for clients",
    .arguments = "FILE...",
    .least = 1,
    .most = SIZE_MAX,
    .options = trust_options,
    .about = "An authority is trusted for one thing: to check servers, or to check clients. One that issues "
             "to clients and is trusted for\n"
             "servers could impersonate every site to this machine, so both at once has to be asked for by "
             "name.\n",
    .examples = "  sudo keychain-import trust server-ca.crt --for server --into system\n"
                "  keychain-import trust server-ca.crt --for server --into nss:chromium\n",
    .run = trust_run,
};
