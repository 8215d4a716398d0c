/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import install: identities and anchors into a store, all or nothing.
 */
#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/placing.h"
#include "commands/session.h"
#include "console/passphrase_option.h"

static const struct option_spec install_options[] = {
    {"cert", 0, "FILE", false, "a certificate with its chain, instead of a P12"},
    {"key", 'k', "FILE", false, "its private key"},
    {"passphrase", 'p', "SPEC", false, "of the P12 or key: env:NAME, file:PATH, fd:N, prompt"},
    {"trust", 0, "FILE", true, "trust these authorities for servers; can be repeated"},
    {"label", 0, "LABEL", false, "what the identity is called in the store"},
    {"allow", 0, "PROGRAM", true, "a program that may use the key, where the store knows; can be repeated"},
    {"extractable", 0, "WORD", false, "best, false or true: whether the key can be read back; default best"},
    SESSION_OPTIONS,
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {"insecure-for-any", 0, NULL, false, "let --trust add to the trust for clients that is there"},
    {"allow-leaf-trust", 0, NULL, false, "take certificates that are no authorities as --trust"},
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};

/** What --extractable says; false with a usage fault. */
static bool read_extractable(const struct invocation *invocation, enum extractable *extractable)
{
    const char *word = options_text(invocation->options, "extractable");

    *extractable = EXTRACTABLE_BEST;
    if (word != NULL && extractable_parse(word, extractable) != 0) {
        usage_error(invocation->faults, "best, false or true", "--extractable is not \"%s\"", word);
        return false;
    }
    return true;
}

static bool usage_is_good(const struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool p12 = options_argument_count(options) > 0;
    bool cert = options_given(options, "cert");
    bool key = options_given(options, "key");

    if (p12 && (cert || key)) {
        usage_error(invocation->faults, NULL, "a P12 has its key: --cert and --key name another identity");
    } else if (cert != key) {
        usage_error(invocation->faults, NULL, "--%s is missing", cert ? "key" : "cert");
    } else if (!p12 && !cert && !options_given(options, "trust")) {
        usage_error(invocation->faults, "a P12, --cert and --key, or --trust",
                    "nothing is named that is to be installed");
    }
    return faults_errors(invocation->faults) == 0 && session_options_are_good(invocation) &&
           passphrase_option_is_spec(invocation, "passphrase");
}

static unsigned abilities_for(const struct invocation *invocation)
{
    bool identity =
        options_argument_count(invocation->options) > 0 || options_given(invocation->options, "cert");
    bool trust = options_given(invocation->options, "trust");

    return (identity ? STORE_IDENTITIES : 0u) | (trust ? STORE_ANCHORS | STORE_SCOPE_SERVER : 0u);
}

/** Read all that is named. Complaints of all files come in one run. */
static void take_in(const struct invocation *invocation, const struct intake_rules *rules,
                    enum extractable extractable, struct intake *intake)
{
    const struct options *options = invocation->options;
    struct passphrase_option passphrase = {false, false, BYTES_EMPTY};
    struct identity_files files = {
        .p12 = options_argument_count(options) > 0 ? options_argument(options, 0) : NULL,
        .certificate = options_text(options, "cert"),
        .key = options_text(options, "key"),
    };
    const struct wanted_manner manner = {
        .label = options_text(options, "label"),
        .extractable = extractable,
        .programs = options_list(options, "allow"),
        .program_count = options_count(options, "allow"),
    };

    if ((files.p12 != NULL || files.certificate != NULL) &&
        passphrase_option_fetch(invocation, "passphrase", files.p12 != NULL ? files.p12 : files.key, false,
                                &passphrase) == 0) {
        files.passphrase = passphrase_option_secret(&passphrase);
        (void)!intake_identity(intake, rules, &files, &manner, invocation->faults);
    }
    for (size_t i = 0; i < options_count(options, "trust"); i++) {
        (void)!intake_anchors(intake, rules, options_at(options, "trust", i), SCOPE_SERVER, NULL,
                              invocation->faults);
    }
    passphrase_option_free(&passphrase);
}

static enum exit_status install_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const struct decision_rules rules = {.insecure_for_any = options_given(options, "insecure-for-any")};
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct intake intake = {.identities = NULL};
    enum exit_status status = EXIT_FAILED;
    enum extractable extractable;

    if (!usage_is_good(invocation) || !read_extractable(invocation, &extractable)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, abilities_for(invocation),
                     dry_run ? SESSION_DECIDE : SESSION_CHANGE, &report) == 0) {
        const struct intake_rules intake_rules = {
            invocation->context,
            {options_given(options, "allow-leaf-trust"), options_given(options, "insecure-trust-fixture")},
            rules.insecure_for_any,
            store_can(session.store, STORE_TRUST_APART)};

        take_in(invocation, &intake_rules, extractable, &intake);
        if (faults_errors(invocation->faults) == 0) {
            status = placing(&session, "install", &intake.wanted, &rules, dry_run);
        }
    }
    intake_free(&intake);
    session_close(&session);
    report_free(&report);
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
