/* SPDX-License-Identifier: Apache-2.0 */
/* The PKI directory's lock: who waits for whom, and what is said when the waiting ends. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "issuing/directory.h"
#include "ledger_fixture.h"

TestSuite(directory, .init = fixture_start, .fini = fixture_stop);

/* A process that has what @p take takes, until it is killed. */
static pid_t keeper(bool (*take)(enum directory_use use), enum directory_use use)
{
    int pipes[2];
    char byte;
    pid_t process;

    cr_assert_eq(pipe(pipes), 0);
    process = fork();
    cr_assert_geq(process, 0);
    if (process == 0) {
        if (!take(use) || write(pipes[1], "b", 1) != 1) {
            _exit(1);
        }
        alarm(30); /* in case the test fails and nobody ends it */
        for (;;) {
            pause();
        }
    }
    close(pipes[1]);
    cr_assert_eq(read(pipes[0], &byte, 1), 1, "the other has it");
    close(pipes[0]);
    return process;
}

static bool take_directory(enum directory_use use)
{
    struct directory directory = DIRECTORY_EMPTY;

    return directory_look(&directory, fixture_folder, use, fixture_faults) == 0;
}

static pid_t holder(enum directory_use use)
{
    return keeper(take_directory, use);
}

static int look(enum directory_use use)
{
    struct directory directory = DIRECTORY_EMPTY;
    int status;

    directory.patience.most_ms = 100;
    status = directory_look(&directory, fixture_folder, use, fixture_faults);
    directory_close(&directory);
    return status;
}

Test(directory, names_who_is_at_work)
{
    char expected[64];
    pid_t process;

    fixture_ledger();
    process = holder(DIRECTORY_WRITE);
    cr_assert_eq(look(DIRECTORY_READ), -1);
#ifdef __linux__
    snprintf(expected, sizeof(expected), "process %ld (", (long)process);
    cr_assert_not_null(strstr(fixture_fault(), expected), "%s", fixture_fault());
#else
    (void)expected;
#endif
    fixture_expect_fault("is at work here, and has not ended in 0.1 seconds");
    cr_assert_eq(look(DIRECTORY_WRITE), -1);
    fixture_expect_fault("is at work here, and has not ended in 0.1 seconds");
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
    cr_assert_eq(look(DIRECTORY_WRITE), 0, "a lock ends with its process: %s", fixture_fault());
}

Test(directory, readers_do_not_wait_for_one_another)
{
    pid_t process;

    fixture_ledger();
    process = holder(DIRECTORY_READ);
    cr_assert_eq(look(DIRECTORY_READ), 0, "%s", fixture_fault());
    cr_assert_eq(look(DIRECTORY_WRITE), -1);
    fixture_expect_fault("is at work here");
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
}

/* Who asks does not wait for readers, and keeps nobody from reading on. */
Test(directory, asks_beside_readers)
{
    struct directory directory = DIRECTORY_EMPTY;
    pid_t process;

    fixture_ledger();
    process = holder(DIRECTORY_READ);
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_ASK, fixture_faults), 0);
    cr_assert_eq(directory.use, DIRECTORY_READ);
    cr_assert_eq(look(DIRECTORY_READ), 0, "%s", fixture_fault());
    directory_go_on(&directory);
    cr_assert_null(directory.ledger, "a shared lock will not do to write");
    cr_assert_eq(directory.folder, -1);
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
}

/* The look that follows the question is the one that waits. */
Test(directory, does_not_wait_to_ask)
{
    struct directory directory = DIRECTORY_EMPTY;
    struct timespec begin, end;
    pid_t process;

    fixture_ledger();
    process = holder(DIRECTORY_WRITE);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_ASK, fixture_faults), -1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    cr_assert_lt(end.tv_sec - begin.tv_sec, PATIENCE_SECONDS / 2);
    fixture_expect_fault("the folder cannot be locked");
    directory_go_on(&directory);
    cr_assert_eq(directory.folder, -1);
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
}

/* Another program that keeps the ledger, whose lock is not the directory's. */
static bool take_ledger(enum directory_use use)
{
    struct ledger *ledger = ledger_open(fixture_folder, LEDGER_WRITE, fixture_faults);

    (void)use;
    return ledger != NULL && ledger_begin(ledger, fixture_faults) == 0;
}

/* What was waited for the directory is not waited for its ledger again. */
Test(directory, has_one_patience_for_both)
{
    struct directory directory = DIRECTORY_EMPTY;
    struct timespec begin, end;
    pid_t process;

    fixture_ledger();
    process = keeper(take_ledger, DIRECTORY_WRITE);
    directory.patience.waited_ms = directory.patience.most_ms - 100;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_WRITE, fixture_faults), 0, "%s",
                 fixture_fault());
    cr_assert_eq(directory_settle(&directory, fixture_context, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_begin(directory.ledger, fixture_faults), -1);
    clock_gettime(CLOCK_MONOTONIC, &end);
    cr_assert_lt(end.tv_sec - begin.tv_sec, PATIENCE_SECONDS / 2);
    fixture_expect_fault("holds the ledger, and has not let go in 60.0 seconds");
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
    cr_assert_eq(ledger_begin(directory.ledger, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_commit(directory.ledger, fixture_faults), 0);
    cr_assert_eq(ledger_patience(directory.ledger).waited_ms, 0, "whole again after a group");
    directory_close(&directory);
}

Test(directory, goes_on_from_the_question)
{
    struct directory directory = DIRECTORY_EMPTY;
    const struct ledger *ledger;

    fixture_ledger();
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_ASK, fixture_faults), 0);
    cr_assert_eq(directory.use, DIRECTORY_WRITE);
    cr_assert_eq(look(DIRECTORY_READ), -1, "it is to be kept");
    fixture_expect_fault("is at work here");
    directory_go_on(&directory);
    ledger = directory.ledger;
    cr_assert_not_null(ledger);
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_WRITE, fixture_faults), 0);
    cr_assert_eq(directory.ledger, ledger);
    directory_close(&directory);
    cr_assert_eq(look(DIRECTORY_WRITE), 0, "%s", fixture_fault());
}

/* Where there is no ledger yet, the look for writing locks the folder above first: it has to be done as a whole. */
Test(directory, does_not_go_on_without_a_ledger)
{
    struct directory directory = DIRECTORY_EMPTY;

    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_ASK, fixture_faults), 0);
    cr_assert_geq(directory.folder, 0);
    directory_go_on(&directory);
    cr_assert_eq(directory.folder, -1);
}
