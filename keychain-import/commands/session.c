/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what a command needs. */
#include "commands/session.h"

#include "console/interruption.h"
#include "steps/recovery.h"

bool session_options_are_good(const struct invocation *invocation)
{
    const char *into = options_text(invocation->options, "into");

    return (into == NULL || choice_row_of(into, invocation->faults) != NULL) &&
           passphrase_option_is_spec(invocation, "keychain-passphrase");
}

int session_settings(struct session *session, const struct invocation *invocation, bool writing)
{
    session->invocation = invocation;
    session->setting.context = invocation->context;
    session->setting.writing = writing;
    if (passphrase_option_fetch(invocation, "keychain-passphrase", "the store", false,
                                &session->passphrase) != 0) {
        return -1;
    }
    session->setting.passphrase = passphrase_option_secret(&session->passphrase);
    return 0;
}

/** The store that a file names, complained of where it does. */
static int parse_wish(struct session *session, const struct installation *wish)
{
    struct faults *found = faults_new();
    int status = -1;

    if (found == NULL) {
        fault_memory(session->invocation->faults);
        return -1;
    }
    status = choice_parse(wish->into, &session->choice, found);
    faults_move_under(session->invocation->faults, found, &wish->into_place, "into");
    faults_free(found);
    return status;
}

/** The store that is meant. */
static int choose(struct session *session, const struct installation *wish, unsigned abilities)
{
    struct faults *faults = session->invocation->faults;
    struct bytes name = BYTES_EMPTY;
    const char *option = options_text(session->invocation->options, "into");
    int status;

    if (option != NULL) {
        return choice_parse(option, &session->choice, faults);
    }
    if (wish != NULL && wish->into != NULL) {
        return parse_wish(session, wish);
    }
    status = choice_make(&session->setting, abilities, &session->choice, faults);
    if (status == 0 && choice_name(&session->choice, &name) == 0) {
        terminal_note(session->invocation->terminal, "the store is %s", bytes_text(&name));
    }
    bytes_free(&name);
    return status;
}

/** Undo what runs left that were killed. */
static int recover_first(struct session *session)
{
    struct faults *faults = session->invocation->faults;
    size_t count = 0;
    int status = recover_store(&session->run, &session->records, &count);

    if (status == 0 && count > 0) {
        terminal_note(session->invocation->terminal, "%s: what a run left that was stopped was undone first",
                      store_name(session->store));
        status = journal_read(session->journal, &session->records, faults);
    }
    return status;
}

int session_open(struct session *session, const struct invocation *invocation,
                 const struct installation *wish, unsigned abilities, enum session_mode mode,
                 struct report *report)
{
    struct faults *faults = invocation->faults;

    session->report = report;
    if (session_settings(session, invocation, mode == SESSION_CHANGE) != 0 ||
        choose(session, wish, abilities) != 0) {
        return -1;
    }
    session->journal = journal_open(invocation->context, NULL, mode == SESSION_CHANGE, faults);
    if (session->journal == NULL) {
        return -1;
    }
    if (mode == SESSION_CHANGE) {
        interruption_catch();
        if (journal_lock(session->journal, JOURNAL_WAIT_SECONDS, faults) != 0) {
            return -1;
        }
    }
    /* behind the lock: a store that was opened before another run changed it could show what was there until then */
    session->store =
        store_open(session->choice.kind, &session->setting, bytes_text(&session->choice.place), faults);
    if (session->store == NULL) {
        return -1;
    }
    session->run = (struct run){
        .context = invocation->context,
        .store = session->store,
        .journal = session->journal,
        .command = "recover",
        .interrupted = interruption_came,
        .faults = faults,
    };
    if (journal_read(session->journal, &session->records, faults) != 0 ||
        (mode == SESSION_CHANGE && recover_first(session) != 0)) {
        return -1;
    }
    session->run.told = report != NULL ? report_step : NULL;
    session->run.told_state = report;
    return 0;
}

void session_close(struct session *session)
{
    journal_records_free(&session->records);
    journal_close(session->journal);
    store_close(session->store);
    choice_free(&session->choice);
    passphrase_option_free(&session->passphrase);
    session->journal = NULL;
    session->store = NULL;
}
