/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import hold: an identity is in a store only while a command runs.
 */
#include "commands/child.h"
#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/session.h"
#include "console/passphrase_option.h"
#include "steps/holding.h"

static const struct option_spec hold_options[] = {
    {"cert", 0, "FILE", false, "a certificate with its chain, instead of a P12"},
    {"key", 'k', "FILE", false, "its private key"},
    {"passphrase", 'p', "SPEC", false, "of the P12 or key: env:NAME, file:PATH, fd:N, prompt"},
    {"label", 0, "LABEL", false, "what the identity is called in the store"},
    {"allow", 0, "PROGRAM", true,
     "another program that may use the key, where the store knows; can be repeated"},
    SESSION_OPTIONS,
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};

/** What is held, and for whom. */
struct hold {
    struct invocation *invocation;
    const char *p12;            /**< NULL: --cert and --key */
    const char *const *command; /**< its arguments, the program's name first, NULL last */
    struct bytes program;       /**< its path */
    struct session session;
    struct intake intake;
    struct journal_entry *entry;
    struct bytes reference; /**< empty: the store has none */
};

static void hold_free(struct hold *hold)
{
    journal_keep(hold->entry);
    intake_free(&hold->intake);
    session_close(&hold->session);
    bytes_free(&hold->program);
    bytes_free(&hold->reference);
}

/** Which arguments are whose; false with usage faults. */
static bool read_usage(struct hold *hold)
{
    const struct options *options = hold->invocation->options;
    bool cert = options_given(options, "cert");
    size_t own = cert ? 0 : 1;

    if (cert != options_given(options, "key")) {
        usage_error(hold->invocation->faults, NULL, "--%s is missing", cert ? "key" : "cert");
    } else if (options_argument_count(options) <= own) {
        usage_error(hold->invocation->faults, "keychain-import hold client.p12 -- COMMAND ...",
                    "the command that is to be run is missing");
    } else {
        hold->p12 = cert ? NULL : options_argument(options, 0);
        hold->command = options_arguments(options) + own;
    }
    return faults_errors(hold->invocation->faults) == 0 && session_options_are_good(hold->invocation) &&
           passphrase_option_is_spec(hold->invocation, "passphrase");
}

/** Read the identity. Where the store knows programs, the command's may use its key, and those of --allow. */
static int take_in(struct hold *hold)
{
    const struct invocation *invocation = hold->invocation;
    const struct options *options = invocation->options;
    const struct intake_rules rules = {
        .context = invocation->context,
        .judgement = {.insecure_trust_fixture = options_given(options, "insecure-trust-fixture")},
    };
    struct passphrase_option passphrase = {false, false, BYTES_EMPTY};
    const char *programs[RECORD_PROGRAMS_MAX] = {bytes_text(&hold->program)};
    struct identity_files files = {hold->p12, options_text(options, "cert"), options_text(options, "key"),
                                   NULL};
    struct wanted_manner manner = {.label = options_text(options, "label"), .programs = programs};
    const char *shown = files.p12 != NULL ? files.p12 : files.key;
    int status;

    if (store_can(hold->session.store, STORE_PROGRAMS)) {
        manner.program_count = 1;
        for (size_t i = 0; i < options_count(options, "allow") && manner.program_count < RECORD_PROGRAMS_MAX;
             i++) {
            programs[manner.program_count++] = options_at(options, "allow", i);
        }
    } else if (options_given(options, "allow")) {
        manner.programs = options_list(options, "allow");
        manner.program_count = options_count(options, "allow");
    }
    status = passphrase_option_fetch(invocation, "passphrase", shown, false, &passphrase);
    if (status == 0) {
        files.passphrase = passphrase_option_secret(&passphrase);
        status = intake_identity(&hold->intake, &rules, &files, &manner, invocation->faults);
    }
    if (status == 0) {
        status =
            holding_begin(&hold->session.run, &hold->intake.wanted, &hold->session.records, &hold->entry);
    }
    passphrase_option_free(&passphrase);
    return status;
}

/** The key's item: the last one of an identity. */
static const struct item *held_key(const struct hold *hold)
{
    return &hold->intake.wanted.items[hold->intake.wanted.count - 1].item;
}

/** Close the store, and let others change it, while the command runs. */
static void step_aside(struct hold *hold)
{
    store_close(hold->session.store);
    hold->session.store = NULL;
    journal_unlock(hold->session.journal);
}

/** Open the store again and take out what nobody else holds. */
static int take_out(struct hold *hold)
{
    struct session *session = &hold->session;
    struct faults *faults = hold->invocation->faults;
    struct journal_entry *entry = hold->entry;

    session->run.interrupted = NULL;
    if (session->store == NULL) {
        session->store =
            store_open(session->choice.kind, &session->setting, bytes_text(&session->choice.place), faults);
        session->run.store = session->store;
        if (session->store == NULL || journal_lock(session->journal, JOURNAL_WAIT_SECONDS, faults) != 0) {
            fault_error(faults, NULL, NULL, "keychain-import recover takes it out",
                        "what was held for the command is still in the store");
            return -1;
        }
    }
    hold->entry = NULL;
    return holding_end(&session->run, entry);
}

static int hold_and_run(struct hold *hold)
{
    struct faults *faults = hold->invocation->faults;
    struct faults *unsaid = faults_new();
    int status;

    /* a store without references is none the worse for it */
    if (unsaid == NULL ||
        store_reference(hold->session.store, held_key(hold), &hold->reference, unsaid) != 0) {
        bytes_clear(&hold->reference);
    }
    faults_free(unsaid);
    step_aside(hold);
    status = child_run(bytes_text(&hold->program), hold->command,
                       hold->reference.length > 0 ? bytes_text(&hold->reference) : NULL, faults);
    if (take_out(hold) != 0) {
        terminal_note(hold->invocation->terminal, "the command ended with status %d", status);
        status = CHILD_OWN_FAILURE;
    }
    return status;
}

static enum exit_status hold_run(struct invocation *invocation)
{
    struct hold hold = {.invocation = invocation, .entry = NULL};
    int status = CHILD_OWN_FAILURE;
    int found;

    if (!read_usage(&hold)) {
        goto out;
    }
    found = child_find(hold.command[0], &hold.program, invocation->faults);
    if (found != 0) {
        status = found;
        goto out;
    }
    if (session_open(&hold.session, invocation, NULL, STORE_IDENTITIES, SESSION_CHANGE, NULL) != 0) {
        goto out;
    }
    hold.session.run.command = "hold";
    if (take_in(&hold) == 0) {
        status = hold_and_run(&hold);
    }
out:
    hold_free(&hold);
    return (enum exit_status)status;
}

const struct command command_hold = {
    .name = "hold",
    .summary = "an identity in a store only while a command runs",
    .arguments = "[P12] -- COMMAND [ARGUMENT...]",
    .least = 1,
    .most = SIZE_MAX,
    .options = hold_options,
    .about = "The command finds the identity by MTLS_IDENTITY_URI. Its status is that of hold; 125 is a "
             "failure of ours, 126 and 127 a command\n"
             "that cannot be run or found, 128 and more a signal that ended it. When several hold the same "
             "identity, the last takes it out.\n",
    .examples = "  keychain-import hold client.p12 -p env:PASS --into pkcs11:token=T -- curl https://host/\n"
                "  keychain-import hold client.p12 -p file:pass -- ./deploy --all\n",
    .failure = CHILD_OWN_FAILURE,
    .run = hold_run,
};
