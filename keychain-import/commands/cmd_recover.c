/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import recover: finish what runs left that were killed, or that could not take back what they did.
 */
#include <string.h>

#include "commands/commands.h"
#include "commands/session.h"
#include "console/interruption.h"
#include "steps/carrying.h"
#include "steps/recovery.h"

static const struct option_spec recover_options[] = {
    {"keychain-passphrase", 0, "SPEC", false,
     "the passphrase of the keychain or database, or the PIN of the token"},
    {"dry-run", 0, NULL, false, "change nothing: say what is left"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** All that a record still claims, told as what would be taken away, or left. */
static void tell_claims(struct report *report, const struct journal_records *records,
                        const struct record *record)
{
    for (size_t i = record->claim_count; i-- > 0;) {
        const struct claim *claim = &record->claims[i];
        struct item item = claim_item(claim);
        struct bytes shown = BYTES_EMPTY;

        if (claim->state != CLAIM_RELEASED && (claim->act != CLAIM_TAKE || record->decided) &&
            wanted_subject(item.certificate, &shown) == 0) {
            const struct step_told told = {undo_leaves(records, record, i) ? STEP_RELEASE : STEP_TAKE, &item,
                                           bytes_text(&shown)};

            report_step(report, &told);
        }
        bytes_free(&shown);
    }
}

/** Undo what is left in one store. */
static int recover_one(struct session *session, const char *name)
{
    struct faults *faults = session->invocation->faults;
    size_t count = 0;
    int status = -1;

    choice_free(&session->choice);
    if (choice_parse(name, &session->choice, faults) == 0) {
        session->store =
            store_open(session->choice.kind, &session->setting, bytes_text(&session->choice.place), faults);
    }
    if (session->store != NULL) {
        session->run.store = session->store;
        status = recover_store(&session->run, &session->records, &count);
        store_close(session->store);
        session->store = NULL;
    }
    return status;
}

/** Go through the stores that something was left in, each once. *stores: their names, for the report. */
static int recover_all(struct session *session, bool dry_run, struct bytes *stores)
{
    struct faults *faults = session->invocation->faults;
    struct journal_records left = {NULL, 0};
    int status = journal_read(session->journal, &left, faults);

    for (size_t i = 0; i < left.count; i++) {
        const char *name = bytes_text(&left.items[i].store);
        bool seen = false;

        if (!record_is_unfinished(&left.items[i])) {
            continue;
        }
        if (dry_run) {
            tell_claims(session->report, &left, &left.items[i]);
        }
        for (size_t k = 0; !seen && k < i; k++) {
            seen =
                record_is_unfinished(&left.items[k]) && strcmp(bytes_text(&left.items[k].store), name) == 0;
        }
        if (!seen && bytes_printf(stores, "%s%s", stores->length > 0 ? ", " : "", name) != 0) {
            fault_memory(faults);
            status = -1;
        }
        if (!seen && !dry_run && recover_one(session, name) != 0) {
            status = -1;
        }
    }
    journal_records_free(&left);
    return status;
}

static enum exit_status recover_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation, .report = &report};
    struct bytes stores = BYTES_EMPTY;
    int status = -1;

    if (!session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    session.journal = journal_open(invocation->context, NULL, !dry_run, invocation->faults);
    if (session.journal == NULL || session_settings(&session, invocation, true) != 0) {
        goto out;
    }
    session.run = (struct run){
        .context = invocation->context,
        .journal = session.journal,
        .command = "recover",
        .told = report_step,
        .told_state = &report,
        .faults = invocation->faults,
    };
    interruption_catch();
    if (!dry_run && journal_lock(session.journal, JOURNAL_WAIT_SECONDS, invocation->faults) != 0) {
        goto out;
    }
    if (journal_read(session.journal, &session.records, invocation->faults) == 0) {
        status = recover_all(&session, dry_run, &stores);
    }
    if (status == 0 && report_finish(&report, "recover",
                                     stores.length > 0 ? bytes_text(&stores) : "all stores", dry_run) != 0) {
        fault_memory(invocation->faults);
        status = -1;
    }
out:
    bytes_free(&stores);
    session_close(&session);
    report_free(&report);
    return status == 0 ? EXIT_DONE : EXIT_FAILED;
}

const struct command command_recover = {
    .name = "recover",
    .summary = "finish what a killed run left",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = recover_options,
    .about = "A run that was stopped before its end is undone, a removal is finished; by the journal alone, "
             "so no input file is needed.\n",
    .examples = "  keychain-import recover\n"
                "  keychain-import recover --dry-run\n",
    .run = recover_run,
};
