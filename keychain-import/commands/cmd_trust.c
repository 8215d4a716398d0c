/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import trust: authorities become anchors, within a scope.
 */
#include <string.h>

#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/placing.h"
#include "commands/session.h"

static const struct option_spec trust_options[] = {
    {"for", 0, "SCOPE", false, "server: to check servers by them; client: to check clients"},
    {"host", 0, "NAME", false, "for this host alone, where the store can"},
    SESSION_OPTIONS,
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {"insecure-for-any", 0, NULL, false, "trust them for servers and for clients"},
    {"allow-leaf-trust", 0, NULL, false, "take certificates that are no authorities"},
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};

/** What the options say of the scope; false with a usage fault. */
static bool read_scope(const struct invocation *invocation, enum scope *scope)
{
    const char *word = options_text(invocation->options, "for");
    bool any = options_given(invocation->options, "insecure-for-any");

    if (word == NULL && !any) {
        usage_error(invocation->faults, "server or client", "--for is missing: whom are they to check?");
        return false;
    }
    *scope = SCOPE_ANY;
    if (word != NULL && scope_parse(word, scope) != 0) {
        usage_error(invocation->faults, "server or client", "there is no scope \"%s\"", word);
        return false;
    }
    return true;
}

/** Which abilities a store needs for the scope. */
static unsigned abilities_for(enum scope scope, const char *host)
{
    unsigned abilities = STORE_ANCHORS;

    abilities |= (scope & SCOPE_SERVER) != 0 ? STORE_SCOPE_SERVER : 0;
    abilities |= (scope & SCOPE_CLIENT) != 0 ? STORE_SCOPE_CLIENT : 0;
    return abilities | (host != NULL ? STORE_HOSTS : 0);
}

static enum exit_status trust_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const struct decision_rules rules = {.insecure_for_any = options_given(options, "insecure-for-any")};
    const char *host = options_text(options, "host");
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct intake intake = {.identities = NULL};
    enum exit_status status = EXIT_FAILED;
    enum scope scope = SCOPE_NONE;

    if (!read_scope(invocation, &scope) || !session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, abilities_for(scope, host),
                     dry_run ? SESSION_DECIDE : SESSION_CHANGE, &report) == 0) {
        const struct intake_rules intake_rules = {
            invocation->context,
            {options_given(options, "allow-leaf-trust"), options_given(options, "insecure-trust-fixture")},
            rules.insecure_for_any,
            store_can(session.store, STORE_TRUST_APART)};

        for (size_t i = 0; i < options_argument_count(options); i++) {
            (void)!intake_anchors(&intake, &intake_rules, options_argument(options, i), scope, host,
                                  invocation->faults);
        }
        if (faults_errors(invocation->faults) == 0) {
            status = placing(&session, "trust", &intake.wanted, &rules, dry_run);
        }
    }
    intake_free(&intake);
    session_close(&session);
    report_free(&report);
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
