/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the store, taking in, deciding, and carrying out what was decided. */
#include "commands/placing.h"

#include <string.h>

#include "base/output_file.h"
#include "commands/intake.h"
#include "commands/report.h"
#include "commands/session.h"
#include "commands/wish.h"
#include "mobileconfig/mobileconfig.h"
#include "steps/carrying.h"
#include "steps/decision.h"

/** The one kind of store that asks a person before it takes trust. */
#define ASKING_KIND "macos"

/** Whether --pending-trust, where it was given, can be kept to by this build and the store; else a fault. */
static bool can_wait(const struct session *session, const char *pending)
{
    struct faults *faults = session->invocation->faults;

    if (pending != NULL && strcmp(session->store->kind->word, ASKING_KIND) != 0) {
        fault_error(faults, NULL, NULL, "leave it out",
                    "%s: --pending-trust is for macOS, which asks a person before it takes trust",
                    store_name(session->store));
        return false;
    }
    if (pending != NULL && !mobileconfig_available()) {
        fault_error(faults, NULL, NULL, "build mtlskit where libplist is",
                    "--pending-trust: this keychain-import writes no configuration profiles");
        return false;
    }
    return true;
}

/** While it is carried out. */
struct waiting {
    const struct session *session;
    const char *file;
};

static bool pardon(void *state, const struct item *item)
{
    const struct waiting *waiting = state;

    return waiting->file != NULL && item->kind == ITEM_TRUST &&
           mobileconfig_takes(item, waiting->session->run.faults) == 0;
}

/** Write the profile of what is pending. */
static int seal(void *state, const struct decision *decision)
{
    const struct waiting *waiting = state;
    const struct run *run = &waiting->session->run;
    struct slice anchors[MOBILECONFIG_ANCHORS_MAX];
    struct bytes profile = BYTES_EMPTY;
    size_t count = 0;
    int status = 0;

    for (size_t i = 0; i < decision->count; i++) {
        if (decision->steps[i].pending && count < MOBILECONFIG_ANCHORS_MAX) {
            anchors[count++] = decision->steps[i].item.certificate;
        } else if (decision->steps[i].pending) {
            fault_error(run->faults, NULL, NULL, "install them in several runs",
                        "more than %d authorities wait for a person", MOBILECONFIG_ANCHORS_MAX);
            status = -1;
        }
    }
    if (status == 0 && count > 0) {
        status = mobileconfig_write(run->context, anchors, count, &profile, run->faults) == 0
                     ? output_file_publish(run->context, waiting->file, slice_of(&profile), 0644, run->faults)
                     : -1;
    }
    if (status == 0 && count > 0) {
        terminal_note(waiting->session->invocation->terminal,
                      "%zu of them wait for a person: open %s, then install the profile in System Settings",
                      count, waiting->file);
    }
    bytes_free(&profile);
    return status;
}

/** Decide, then carry out and report. @p pending: of --pending-trust, or NULL. */
static int place(struct session *session, const char *command, const struct wanted *wanted,
                 const struct decision_rules *rules, const char *pending, bool dry_run)
{
    struct waiting waiting = {session, pending};
    const struct carrying carrying = {.pardon = pardon, .seal = seal, .state = &waiting};
    struct decision decision = {NULL, 0, 0};
    struct journal_entry *entry = NULL;
    int status;

    if (!can_wait(session, pending)) {
        return -1;
    }
    session->run.command = command;
    status = decide(&session->run, wanted, &session->records, rules, &decision);
    if (status == 0 && dry_run) {
        report_decision(session->report, &decision);
    } else if (status == 0) {
        status = carry_out(&session->run, &decision, &carrying, &entry);
    }
    if (status == 0 && report_finish(session->report, command, store_name(session->store), dry_run) != 0) {
        fault_memory(session->run.faults);
        status = -1;
    }
    decision_free(&decision);
    return status;
}

enum exit_status placing(const struct invocation *invocation, const char *command,
                         const struct installation *wish, bool for_any)
{
    const struct options *options = invocation->options;
    const struct decision_rules rules = {.insecure_for_any = options_given(options, "insecure-for-any")};
    const struct intake_rules intake_rules = {
        .judgement = {options_given(options, "allow-leaf-trust"),
                      options_given(options, "insecure-trust-fixture")},
        .judged = true,
        .insecure_for_any = rules.insecure_for_any,
        .for_any = for_any,
    };
    bool dry_run = options_given(options, "dry-run");
    unsigned abilities = wish_abilities(wish) | (for_any ? STORE_SCOPE_CLIENT : 0u);
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct intake intake = {.identities = NULL};
    int status = -1;

    if (session_open(&session, invocation, wish, abilities, dry_run ? SESSION_LOOK : SESSION_CHANGE,
                     &report) == 0 &&
        intake_take(&intake, invocation, session.store, &intake_rules, wish) == 0) {
        status =
            place(&session, command, &intake.wanted, &rules, options_text(options, "pending-trust"), dry_run);
    }
    intake_free(&intake);
    session_close(&session);
    report_free(&report);
    return status == 0 ? EXIT_DONE : EXIT_FAILED;
}
