/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import: a table of commands.
 */
#include "commands/commands.h"
#include "console/program.h"

/** The commands, in the order --help lists them. Ends with NULL. */
static const struct command *const commands[] = {
    /* clang-format off */
    &command_install,
    &command_trust,
    &command_untrust,
    &command_list_store,
    &command_verify_store,
    &command_allow,
    &command_remove,
    &command_hold,
    &command_recover,
    &command_stores,
    NULL,
    /* clang-format on */
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "keychain-import",
        .summary = "identities and trust into the stores of a machine, and out again",
        .version = MTLSKIT_VERSION,
        .commands = commands,
        .examples =
            "  sudo keychain-import install -f install.yaml    everything a machine needs, or nothing\n"
            "  keychain-import install client.p12 --trust server-ca.crt --into nss:chromium\n"
            "  keychain-import stores                          what there is, and what each can enforce\n"
            "  keychain-import COMMAND --help                  about one command, with examples\n",
    };

    return program_run(&program, argc, argv);
}
