/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import: a table of commands.
 */
#include <fcntl.h>

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

/** Open standard streams that came closed: else a database or a socket would get their numbers, and what is said go into it. */
static int open_standard_streams(void)
{
    int opened = 0;

    while (opened >= 0 && opened <= 2) {
        opened = fcntl(opened, F_GETFD) >= 0 ? opened + 1 : open("/dev/null", O_RDWR) >= 0 ? opened : -1;
    }
    return opened;
}

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

    return open_standard_streams() >= 0 ? program_run(&program, argc, argv) : EXIT_FAILED;
}
