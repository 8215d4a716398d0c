/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca renew: certificates again, before they run out.
 */
#include "command/commands.h"
#include "command/directory_option.h"
#include "command/issued.h"
#include "command/order_option.h"
#include "console/passphrase_option.h"
#include "operations/renew.h"

static const struct option_spec renew_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"expiring", 0, "DURATION", false, "all that end within it, such as 30d; no authorities"},
    {"validity", 0, "DURATION", false, "such as 90d or 1y; default: as long as before"},
    {"new-key", 0, NULL, false, "with a new key"},
    {"key-passphrase", 0, "SPEC", false, "locks a new key"},
    {"kdf", 0, "KDF", false, "pbkdf2 or scrypt: how it becomes a key (default: as before, else pbkdf2)"},
    {"issuer-passphrase", 0, "SPEC", false, "of the authority's key; default: as recorded, else prompt"},
    {"json", 0, NULL, false, "tell what was made as JSON"},
    {NULL, 0, NULL, false, NULL},
};

static int tell_renewed(void *state, const struct ledger_certificate *certificate)
{
    return issued_tell(state, certificate, NULL);
}

/** A duration of an option; a usage fault when it is none. */
static bool read_duration(const struct invocation *invocation, const char *name, struct duration *duration)
{
    const char *text = options_text(invocation->options, name);
    const char *why = NULL;

    if (text != NULL && duration_parse(text, false, duration, &why) != 0) {
        usage_error(invocation->faults, "90d, 6mo, 1y", "--%s: \"%s\" %s", name, text, why);
        return false;
    }
    return true;
}

static enum exit_status renew_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    struct duration validity = {0, 0};
    enum key_kdf kdf = KEY_KDF_PBKDF2;
    struct renew_order order = {
        .names = options_arguments(options),
        .count = options_argument_count(options),
        .expiring = options_given(options, "expiring"),
        .validity = options_given(options, "validity") ? &validity : NULL,
        .new_key = options_given(options, "new-key"),
        .key_passphrase = options_text(options, "key-passphrase"),
        .key_kdf = options_given(options, "kdf") ? &kdf : NULL,
        .issuer_passphrase = options_text(options, "issuer-passphrase"),
    };
    struct issued issued = {0};
    enum exit_status status = EXIT_FAILED;

    if (order.count == 0 && !order.expiring) {
        usage_error(invocation->faults, "a NAME, a serial, or --expiring 30d", "nothing is named to renew");
    }
    if (order.key_passphrase != NULL && !order.new_key) {
        usage_error(invocation->faults, "mtls-ca key passphrase changes that of a key that is there",
                    "--key-passphrase is a new key's, and there is no --new-key");
    }
    order_option_check_kdf(invocation, &kdf);
    if (!read_duration(invocation, "expiring", &order.within) ||
        !read_duration(invocation, "validity", &validity) ||
        !passphrase_option_is_spec(invocation, "key-passphrase") ||
        !passphrase_option_is_spec(invocation, "issuer-passphrase") ||
        faults_errors(invocation->faults) > 0) {
        return EXIT_USAGE;
    }
    if (issued_start(&issued, invocation, directory, "renewed") == 0 &&
        renew_run(invocation->context, directory, &order, issued_observer(&issued), tell_renewed, &issued,
                  invocation->faults) == 0 &&
        issued_finish(&issued, "mtlskit.renew/1") == 0) {
        status = EXIT_DONE;
    }
    if (status == EXIT_DONE && issued.count == 0 && issued.rows == NULL) {
        terminal_tell(invocation->terminal, "nothing to renew in %s: nothing that can be ends within %s\n",
                      directory, options_text(options, "expiring"));
    }
    issued_free(&issued);
    return status;
}

const struct command command_renew = {
    .name = "renew",
    .summary = "issue certificates again: same names and extensions, new serial and validity",
    .arguments = "[NAME|SERIAL...]",
    .least = 0,
    .most = SIZE_MAX,
    .options = renew_options,
    .about = "Subject, names and extensions stay as they are, and so does the key unless --new-key. What a "
             "manifest made can\n"
             "be renewed, too; its bundles are then written again by the next apply.\n",
    .examples = "  mtls-ca renew alice -d out\n"
                "  mtls-ca renew --expiring 30d -d out            all that end within 30 days\n"
                "  mtls-ca renew web --new-key --validity 90d -d out\n",
    .run = renew_command,
};
