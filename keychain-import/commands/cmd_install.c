/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import install: identities and anchors into a store, all or nothing.
 */
#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/placing.h"
#include "commands/session.h"
#include "commands/wish.h"

static const struct option_spec install_options[] = {
    {"file", 'f', "FILE", false, "install.yaml: all that is wanted, instead of what follows"},
    INTAKE_IDENTITY_OPTIONS,
    {"trust", 0, "FILE", true, "trust these authorities for servers; can be repeated"},
    {"allow", 0, "PROGRAM", true, "a program that may use the key, where the store knows; can be repeated"},
    {"extractable", 0, "WORD", false, "best, false or true: whether the key can be read back; default best"},
    SESSION_OPTIONS,
    {"pending-trust", 0, "FILE", false,
     "macOS: when trust needs a person, keep the rest, and write a .mobileconfig"},
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {"insecure-for-any", 0, NULL, false, "let an authority be trusted for servers and clients both"},
    {"allow-leaf-trust", 0, NULL, false, "trust certificates that are no authorities"},
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};
static const char *const wish_names[] = {"file",  "cert",  "key",         "passphrase", "label",
                                         "trust", "allow", "extractable", NULL};

static enum exit_status install_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    struct installation wish = {.shown = NULL};
    enum exit_status status = session_options_are_good(invocation) ? EXIT_DONE : EXIT_USAGE;

    if (status == EXIT_DONE) {
        status =
            wish_read(invocation, options_argument_count(options) > 0 ? options_argument(options, 0) : NULL,
                      wish_names, &wish);
    }
    if (status == EXIT_DONE) {
        status = placing(invocation, "install", &wish, false);
    }
    installation_free(&wish);
    return status;
}

const struct command command_install = {
    .name = "install",
    .summary = "identities and trust into a store, all or nothing",
    .arguments = "[P12]",
    .least = 0,
    .most = 1,
    .options = install_options,
    .about = "What is there already is left as it is; what stands in the place of something wanted is a "
             "conflict, and nothing is changed.\n"
             "When anything fails, what this run did is taken back.\n",
    .examples =
        "  keychain-import install client.p12 --trust server-ca.crt --into nss:chromium\n"
        "  keychain-import install client.p12 --allow /usr/bin/curl --into macos:login\n"
        "  keychain-import install --cert client.crt --key client.key --into pkcs11:token=T --dry-run\n",
    .run = install_run,
};
