/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding, and carrying out what was decided. */
#include "commands/placing.h"

#include "steps/carrying.h"

enum exit_status placing(struct session *session, const char *command, const struct wanted *wanted,
                         const struct decision_rules *rules, bool dry_run)
{
    const struct carrying carrying = {NULL, NULL, false};
    struct decision decision = {NULL, 0, 0};
    struct journal_entry *entry = NULL;
    int status;

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
    return status == 0 ? EXIT_DONE : EXIT_FAILED;
}
