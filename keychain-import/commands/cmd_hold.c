/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import hold: an identity is in a store only while a command runs.
 */
#include <stdlib.h>
#include <string.h>

#include "commands/child.h"
#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/session.h"
#include "commands/wish.h"
#include "steps/holding.h"

static const struct option_spec hold_options[] = {
    INTAKE_IDENTITY_OPTIONS,
    {"allow", 0, "PROGRAM", true,
     "another program that may use the key, where the store knows; can be repeated"},
    SESSION_OPTIONS,
    {"insecure-trust-fixture", 0, NULL, false, "take what was made from a seed: its key is public"},
    {NULL, 0, NULL, false, NULL},
};

/** What is held, and for whom. */
struct hold {
    struct invocation *invocation;
    const char *const *command; /**< its arguments, the program's name first, NULL last */
    struct bytes program;       /**< its path */
    struct installation wish;
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
    installation_free(&hold->wish);
    bytes_free(&hold->program);
    bytes_free(&hold->reference);
}

/** Which arguments are whose, and the wish; false with usage faults. */
static bool read_usage(struct hold *hold)
{
    static const char *const names[] = {"cert", "key", "passphrase", "label", "allow", NULL};
    const struct options *options = hold->invocation->options;
    size_t own = options_given(options, "cert") || options_given(options, "key") ? 0 : 1;

    if (options_argument_count(options) <= own) {
        usage_error(hold->invocation->faults, "keychain-import hold client.p12 -- COMMAND ...",
                    "the command that is to be run is missing");
        return false;
    }
    hold->command = options_arguments(options) + own;
    return session_options_are_good(hold->invocation) &&
           wish_read(hold->invocation, own > 0 ? options_argument(options, 0) : NULL, names, &hold->wish) ==
               EXIT_DONE;
}

/** Where the store knows programs, the command's may use the key, too. */
static int allow_command(struct hold *hold)
{
    struct installation *wish = &hold->wish;
    char **more;
    char *program;

    if (!store_can(hold->session.store, STORE_PROGRAMS)) {
        return 0;
    }
    more = realloc(wish->allow, (wish->allow_count + 1) * sizeof(*more));
    wish->allow = more != NULL ? more : wish->allow;
    program = more != NULL ? strdup(bytes_text(&hold->program)) : NULL;
    if (program == NULL) {
        fault_memory(hold->invocation->faults);
        return -1;
    }
    wish->allow[wish->allow_count++] = program;
    return 0;
}

/** Read the identity, and put it there. */
static int take_in(struct hold *hold)
{
    const struct invocation *invocation = hold->invocation;
    const struct intake_rules rules = {
        .judgement = {.insecure_trust_fixture = options_given(invocation->options, "insecure-trust-fixture")},
        .judged = true,
    };

    return allow_command(hold) == 0 &&
                   intake_take(&hold->intake, invocation, hold->session.store, &rules, &hold->wish) == 0 &&
                   holding_begin(&hold->session.run, &hold->intake.wanted, &hold->session.records,
                                 &hold->entry) == 0
               ? 0
               : -1;
}

/** The key's item: the last one of an identity. */
static const struct item *held_key(const struct hold *hold)
{
    return &hold->intake.wanted.items[hold->intake.wanted.count - 1].item;
}

/** Close the store, and let others change it, while the command runs. */
static void step_aside(struct hold *hold)
{
    hold->session.setting.shut = store_lend(hold->session.store);
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
        /* the lock first, as session_open has it */
        if (journal_lock(session->journal, JOURNAL_WAIT_SECONDS, faults) == 0) {
            session->store = store_open(session->choice.kind, &session->setting,
                                        bytes_text(&session->choice.place), faults);
        }
        session->run.store = session->store;
        if (session->store == NULL) {
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
    if (session_open(&hold.session, invocation, &hold.wish, STORE_IDENTITIES, SESSION_CHANGE, NULL) != 0) {
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
