/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca install-certificate: what was made elsewhere for a key that is here.
 */
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "console/passphrase_option.h"
#include "operations/install.h"

static const struct option_spec install_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"chain", 0, "FILE", true, "certificates above it, where FILE has none; can be repeated"},
    {"key-passphrase", 0, "SPEC", false, "opens NAME.key; default: prompt, where it is locked"},
    {NULL, 0, NULL, false, NULL},
};

struct telling {
    struct terminal *terminal;
    const char *directory;
};

static void tell_written(void *state, const char *path)
{
    const struct telling *telling = state;

    terminal_tell(telling->terminal, "wrote %s/%s\n", telling->directory, path);
}

/* "under" and the subject, for each above the certificate. */
static void tell_chain(struct terminal *terminal, const struct install_report *report, const char *name)
{
    const char *line = bytes_text(&report->chain);
    const char *word = "installed";

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");

        if (word[0] == 'i') {
            terminal_tell(terminal, "%s %s: %.*s%s\n", word, name, (int)length, line,
                          report->authority ? ", an authority" : "");
        } else {
            terminal_tell(terminal, "  %s %.*s\n", word, (int)length, line);
        }
        word = "under";
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    if (!report->whole) {
        terminal_tell(terminal, "  under an issuer that was not given\n");
    }
}

static enum exit_status install_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const struct install_order order = {
        .name = options_argument(options, 0),
        .file = options_argument(options, 1),
        .chain = options_list(options, "chain"),
        .chain_count = options_count(options, "chain"),
        .key_passphrase = options_text(options, "key-passphrase"),
    };
    struct telling telling = {invocation->terminal, directory};
    struct install_report report = {0};
    enum exit_status status = EXIT_FAILED;

    if (!passphrase_option_is_spec(invocation, "key-passphrase")) {
        return EXIT_USAGE;
    }
    if (install_run(invocation->context, directory, &order, &report, tell_written, &telling,
                    invocation->faults) == 0) {
        tell_chain(invocation->terminal, &report, order.name);
        if (!report.whole) {
            fault_warning(invocation->faults, NULL, order.name,
                          "give the whole chain: in FILE, or by --chain",
                          "the way up to its root is not known%s",
                          report.authority ? ", so there is no NAME.trust.pem" : "");
        }
        status = EXIT_DONE;
    }
    install_report_free(&report);
    return status;
}

const struct command command_install_certificate = {
    .name = "install-certificate",
    .summary = "take in a certificate that was made elsewhere for a key that is here",
    .arguments = "NAME FILE",
    .least = 2,
    .most = 2,
    .options = install_options,
    .about =
        "FILE holds the certificate for NAME.key and those above it, in any order. An authority signs from "
        "then\n"
        "on: mtls-ca issue --issuer NAME. The same NAME again takes a renewed certificate of the same key.\n",
    .examples = "  mtls-ca install-certificate issuing-ca issuing-ca.crt --chain root.crt -d out\n"
                "  mtls-ca issue dora --issuer issuing-ca --profile client -d out\n",
    .run = install_command,
};
