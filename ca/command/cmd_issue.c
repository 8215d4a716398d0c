/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca issue: one identity by hand.
 */
#include "base/token_uri.h"
#include "command/commands.h"
#include "command/directory_option.h"
#include "command/issued.h"
#include "command/order_option.h"
#include "command/out_option.h"
#include "console/interruption.h"
#include "console/passphrase_option.h"
#include "manifest/pattern.h"
#include "operations/issue.h"

static const struct option_spec issue_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"issuer", 0, "CA", false, "the authority that signs; may be left out where there is only one"},
    {"profile", 0, "NAME", false,
     "the kind of certificate: server, client, device, peer, or one of your own"},
    {"profiles", 0, "DIR", true, "a folder with profiles of your own"},
    {"each", 0, "FILE", false, "issue every row of a CSV table; NAME, --subject, --san take {row.COLUMN}"},
    {"subject", 's', "DN", false, "such as \"CN=alice,O=Example\" (RFC 4514); default: CN=NAME"},
    {"san", 0, "KIND:VALUE", true, "dns:localhost, ip:127.0.0.1, email:a@example.com; can be repeated"},
    {"validity", 0, "DURATION", false, "such as 90d or 1y; default: the profile's"},
    {"key", 0, "ALGORITHM", false, "ec-p256, rsa-2048, ed25519, ...; default: the profile's"},
    {"key-passphrase", 0, "SPEC", false, "lock NAME.key with this passphrase"},
    {"kdf", 0, "KDF", false, "pbkdf2 or scrypt: how it becomes a key (default: pbkdf2)"},
    {"bundle", 'b', "TARGET", false, "write NAME.p12, too: ios-legacy, android-legacy, modern or java"},
    {"passphrase", 'p', "SPEC", false, "of the bundle: env:NAME, file:PATH, fd:N, prompt; default: generate"},
    {"issuer-passphrase", 0, "SPEC", false, "of the authority's key; default: as recorded, else prompt"},
    {"out", 'o', "FILE.tar|DIR/", false, "with --each: put all outputs into one tar, or into folders, too"},
    {"json", 0, NULL, false, "tell what was made as JSON"},
    {NULL, 0, NULL, false, NULL},
};

static bool usage_is_right(const struct invocation *invocation)
{
    const char *name = options_argument(invocation->options, 0);
    const char *key = options_text(invocation->options, "key");
    bool patterns = options_given(invocation->options, "each");

    order_options_check(invocation, patterns);
    order_option_check_kdf(invocation, NULL);
    if (!(patterns && pattern_has_brace(name))) {
        order_option_check_name(invocation, name);
    }
    if (key != NULL && token_uri_is(key)) {
        usage_error(invocation->faults, "an algorithm",
                    "--key: keys in tokens are for authorities: a certificate's key goes to who uses it");
    }
    if (!options_given(invocation->options, "profile")) {
        usage_error(invocation->faults, "server, client, device, peer, or one of your own",
                    "--profile is missing");
    }
    if (options_given(invocation->options, "passphrase") && !options_given(invocation->options, "bundle")) {
        usage_error(invocation->faults, "--key-passphrase locks NAME.key",
                    "--passphrase is a bundle's, and there is no --bundle");
    }
    if (options_given(invocation->options, "out") && !patterns) {
        usage_error(invocation->faults, "cp copies one", "--out is for the rows of --each");
    }
    return out_option_is_right(invocation) && passphrase_option_is_spec(invocation, "passphrase") &&
           passphrase_option_is_spec(invocation, "key-passphrase") &&
           passphrase_option_is_spec(invocation, "issuer-passphrase") &&
           faults_errors(invocation->faults) == 0;
}

/** What is told while the rows of a table are issued. */
struct telling {
    struct issued *issued;
    struct terminal *terminal;
    size_t files;
    bool caught;   /* interrupts are */
    bool stopping; /* the wish to stop was acknowledged */
};

static void count_written(void *state, const char *name, const char *path)
{
    struct telling *telling = state;
    const struct act_observer *observer = issued_observer(telling->issued);

    telling->files++;
    if (telling->issued->written != NULL) {
        observer->written(observer->state, name, path);
    }
}

static void tell_progress(void *state, size_t done, size_t total)
{
    struct telling *telling = state;

    if (interruption_came() && !telling->stopping) {
        telling->stopping = true;
        terminal_note(telling->terminal, "finishing what is begun; the next Ctrl-C ends it at once");
    }
    terminal_progress(telling->terminal, "certificates", done, total);
}

static bool is_stopping(void *state)
{
    struct telling *telling = state;

    /* asked first when all is checked and nothing is begun: until then an interrupt ends the program as usual */
    if (!telling->caught) {
        telling->caught = true;
        interruption_catch();
    }
    return interruption_came();
}

static int tell_made(void *state, const struct ledger_certificate *made)
{
    const struct telling *telling = state;

    return telling->issued->rows != NULL || terminal_verbosity(telling->terminal) > 0
               ? issued_tell(telling->issued, made, NULL)
               : 0;
}

/** Every row of --each. */
static enum exit_status issue_table(struct invocation *invocation, const char *directory,
                                    const struct order *order, struct issued *issued)
{
    struct telling telling = {.issued = issued, .terminal = invocation->terminal};
    const struct act_observer observer = {&telling, count_written, tell_progress, is_stopping};
    struct issue_count count;

    const char *out = options_text(invocation->options, "out");

    if (issue_each(invocation->context, directory, order,
                   options_text(invocation->options, "issuer-passphrase"), out, &observer, tell_made,
                   &telling, &count, invocation->faults) != 0) {
        return EXIT_FAILED;
    }
    if (issued->rows != NULL) {
        return issued_finish(issued, "mtlskit.issue/1") == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    terminal_tell(invocation->terminal, "issued %zu in %s; %zu files written", count.made, directory,
                  telling.files);
    if (count.standing > 0) {
        terminal_tell(invocation->terminal, "; %zu were issued before", count.standing);
    }
    terminal_tell(invocation->terminal, "\n");
    if (out != NULL) {
        terminal_tell(invocation->terminal, "%zu files in %s\n", count.handed_out, out);
    }
    return EXIT_DONE;
}

static enum exit_status issue_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const char *passphrase = options_text(options, "passphrase");
    const struct order_item item = {
        .name = options_argument(options, 0),
        .subject = options_text(options, "subject"),
        .names = options_list(options, "san"),
        .name_count = options_count(options, "san"),
    };
    const struct order order = {
        .each = options_text(options, "each"),
        .items = &item,
        .count = 1,
        .issuer = options_text(options, "issuer"),
        .profile = options_text(options, "profile"),
        .validity = options_text(options, "validity"),
        .key = options_text(options, "key"),
        .key_passphrase = options_text(options, "key-passphrase"),
        .key_kdf = options_text(options, "kdf"),
        .bundle = options_text(options, "bundle"),
        .passphrase = passphrase != NULL ? passphrase : "generate",
        .profiles = options_list(options, "profiles"),
        .profile_count = options_count(options, "profiles"),
    };
    struct issued issued = {0};
    struct ledger_certificate made = {0};
    enum exit_status status = EXIT_FAILED;

    if (!usage_is_right(invocation)) {
        return EXIT_USAGE;
    }
    if (order.each != NULL) {
        if (issued_start(&issued, invocation, directory, "issued") == 0) {
            status = issue_table(invocation, directory, &order, &issued);
        }
    } else if (issued_start(&issued, invocation, directory, "issued") == 0 &&
               issue_run(invocation->context, directory, &order, options_text(options, "issuer-passphrase"),
                         issued_observer(&issued), &made, invocation->faults) == 0 &&
               issued_tell(&issued, &made, NULL) == 0 && issued_finish(&issued, "mtlskit.issue/1") == 0) {
        status = EXIT_DONE;
    }
    ledger_certificate_free(&made);
    issued_free(&issued);
    return status;
}

const struct command command_issue = {
    .name = "issue",
    .summary = "issue one identity by hand: key, certificate, perhaps a bundle",
    .arguments = "NAME",
    .least = 1,
    .most = 1,
    .options = issue_options,
    .about = "Writes NAME.key and NAME.crt (with --bundle NAME.p12) into the PKI directory and records them "
             "in its\n"
             "ledger. The profile's rules hold as in a manifest. What is issued by hand a manifest's runs "
             "leave alone.\n",
    .examples =
        "  mtls-ca issue alice --issuer client-ca --profile client --san email:alice@example.com -d out\n"
        "  mtls-ca issue web --issuer server-ca --profile server --san dns:www.example.com --validity 90d -d "
        "out\n"
        "  mtls-ca issue 'phone-{row.serial}' --each phones.csv --issuer client-ca --profile device \\\n"
        "      --subject 'CN={row.owner}' -d out -o phones.tar\n"
        "  mtls-ca issue phone --issuer client-ca --profile device --bundle ios-legacy --passphrase prompt "
        "-d out\n",
    .run = issue_command,
};
