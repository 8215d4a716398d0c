/* SPDX-License-Identifier: Apache-2.0 */
/* Taking away what was found. */
#include "commands/removing.h"

enum exit_status removing(struct session *session, const char *command, const struct removal *removal,
                          bool dry_run)
{
    int status = 0;

    session->run.command = command;
    if (dry_run) {
        report_removal(session->report, removal);
    } else {
        status = removal_perform(&session->run, &session->records, removal);
    }
    if (status == 0 && report_finish(session->report, command, store_name(session->store), dry_run) != 0) {
        fault_memory(session->run.faults);
        status = -1;
    }
    return status == 0 ? EXIT_DONE : EXIT_FAILED;
}
