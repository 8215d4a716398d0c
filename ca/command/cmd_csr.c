/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca csr: a request for a certificate that is made elsewhere.
 */
#include "command/commands.h"
#include "command/directory_option.h"
#include "console/passphrase_option.h"
#include "operations/csr.h"

static const struct option_spec csr_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory, made when it is missing (default: pki)"},
    {"profile", 0, "NAME", false, "what it is to be: intermediate-ca, server, client, or one of your own"},
    {"profiles", 0, "DIR", true, "a folder with profiles of your own"},
    {"subject", 's', "DN", false, "such as \"CN=Issuing CA,O=Example\" (RFC 4514); default: CN=NAME"},
    {"san", 0, "KIND:VALUE", true, "dns:localhost, ip:127.0.0.1, email:a@example.com; can be repeated"},
    {"key", 0, "ALGORITHM", false, "of a key that is made: ec-p256, rsa-2048, ...; default: the profile's"},
    {"key-passphrase", 0, "SPEC", false, "lock a new NAME.key with this passphrase, or open the one there"},
    {NULL, 0, NULL, false, NULL},
};

/* What is told of files. */
struct telling {
    struct terminal *terminal;
    const char *directory;
};

static void tell_written(void *state, const char *path)
{
    const struct telling *telling = state;

    terminal_tell(telling->terminal, "wrote %s/%s\n", telling->directory, path);
}

static enum exit_status csr_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const struct csr_order order = {
        .name = options_argument(options, 0),
        .profile = options_text(options, "profile"),
        .profiles = options_list(options, "profiles"),
        .profile_count = options_count(options, "profiles"),
        .subject = options_text(options, "subject"),
        .names = options_list(options, "san"),
        .name_count = options_count(options, "san"),
        .key = options_text(options, "key"),
        .key_passphrase = options_text(options, "key-passphrase"),
    };
    struct telling telling = {invocation->terminal, directory};

    if (order.profile == NULL) {
        usage_error(invocation->faults, "intermediate-ca for an authority", "--profile is missing");
        return EXIT_USAGE;
    }
    if (!passphrase_option_is_spec(invocation, "key-passphrase")) {
        return EXIT_USAGE;
    }
    if (csr_run(invocation->context, directory, &order, tell_written, &telling, invocation->faults) != 0) {
        return EXIT_FAILED;
    }
    terminal_tell(invocation->terminal, "when it is signed: mtls-ca install-certificate %s FILE -d %s\n",
                  order.name, directory);
    return EXIT_DONE;
}

const struct command command_csr = {
    .name = "csr",
    .summary = "ask for a certificate that is made elsewhere, such as by an offline root",
    .arguments = "NAME",
    .least = 1,
    .most = 1,
    .options = csr_options,
    .about = "Writes NAME.key, unless it is there, and NAME.csr (PKCS #10) into the PKI directory. The "
             "request is\n"
             "signed elsewhere (mtls-ca sign), and mtls-ca install-certificate takes the certificate in.\n",
    .examples =
        "  mtls-ca csr issuing-ca --profile intermediate-ca --subject \"CN=Issuing CA,O=Example\" -d out\n"
        "  mtls-ca csr www --profile server --san dns:www.example.com -d out\n",
    .run = csr_command,
};
