/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca: a table of commands.
 */
#include "command/commands.h"
#include "console/program.h"

/** The commands, in the order --help lists them. Ends with NULL. */
static const struct command *const commands[] = {
    /* clang-format off */
    &command_apply,
    &command_issue,
    &command_sign,
    &command_renew,
    &command_revoke,
    &command_crl,
    &command_list,
    &command_show,
    &command_audit,
    &command_csr,
    &command_install_certificate,
    &command_bundle,
    &command_inspect,
    &command_lint,
    &command_verify,
    &command_profile,
    &command_key,
    &command_fixtures,
    NULL,
    /* clang-format on */
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "mtls-ca",
        .summary = "from one YAML file to certificates, P12 bundles and a working mTLS connection",
        .version = MTLSKIT_VERSION,
        .commands = commands,
        .examples = "  mtls-ca apply pki.yaml -d out      make what the manifest asks for\n"
                    "  mtls-ca apply pki.yaml --plan      only say what would be done\n"
                    "  mtls-ca verify out/server.crt --ca out/server-ca.crt --host localhost\n"
                    "  mtls-ca COMMAND --help             about one command, with examples\n",
    };

    return program_run(&program, argc, argv);
}
