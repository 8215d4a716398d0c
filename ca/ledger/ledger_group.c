/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups: what is written in one is there as a whole or not at all. A group begins IMMEDIATE: it waits for its turn at the start and cannot
 * fail half way for want of it.
 */
#include "ledger/ledger_event.h"

/* Run one of BEGIN, COMMIT, ROLLBACK. */
static int run(struct ledger *ledger, enum ledger_statement which, const char *what, struct faults *faults)
{
    sqlite3_stmt *statement = ledger_prepared(ledger, which, faults);
    int code;

    if (statement == NULL) {
        return -1;
    }
    code = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    if (code != SQLITE_DONE) {
        ledger_fault(ledger, code, what, faults);
        return -1;
    }
    return 0;
}

int ledger_begin(struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);

    if (ledger->mode != LEDGER_WRITE || ledger->group) {
        fault_error(faults, &place, NULL, NULL,
                    ledger->group ? "a group was begun already" : "the ledger was opened for reading only");
        return -1;
    }
    if (run(ledger, LEDGER_BEGIN, "begin a group", faults) != 0) {
        return -1;
    }
    ledger->group = true;
    ledger->changes = sqlite3_total_changes64(ledger->database);
    ledger_log_forget(ledger);
    return 0;
}

int ledger_end_group(struct ledger *ledger, struct faults *faults)
{
    int result = ledger_need_group(ledger, faults);

    if (result == 0) {
        result = run(ledger, LEDGER_COMMIT, "commit a group", faults);
    }
    if (result != 0) {
        ledger_rollback(ledger);
    } else {
        ledger->patience.waited_ms = 0;
    }
    ledger->group = false;
    return result;
}

int ledger_commit(struct ledger *ledger, struct faults *faults)
{
    if (ledger_end_group(ledger, faults) != 0) {
        return -1;
    }
    if (!ledger->unflushed && sqlite3_total_changes64(ledger->database) == ledger->changes) {
        return 0; /* it was only read in */
    }
    return ledger_flush_rest(ledger, faults);
}

void ledger_rollback(struct ledger *ledger)
{
    if (ledger->group && !sqlite3_get_autocommit(ledger->database)) {
        /* Not through the prepared statement: preparing needs memory, and this must not fail for a complaint's sake. */
        (void)sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
    }
    ledger->group = false;
}
