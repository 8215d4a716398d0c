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

/* A process that has the directory until it is killed. */
static pid_t holder(enum directory_use use)
{
    int pipes[2];
    char byte;
    pid_t process;

    cr_assert_eq(pipe(pipes), 0);
    process = fork();
    cr_assert_geq(process, 0);
    if (process == 0) {
        struct directory directory = DIRECTORY_EMPTY;

        if (directory_look(&directory, fixture_folder, use, fixture_faults) != 0 ||
            write(pipes[1], "b", 1) != 1) {
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

static int look(enum directory_use use)
{
    struct directory directory = DIRECTORY_EMPTY;
    int status;

    directory.wait_ms = 100;
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
    fixture_expect_fault("has been at work here for 0.1 seconds");
    cr_assert_eq(look(DIRECTORY_WRITE), -1);
    fixture_expect_fault("has been at work here for 0.1 seconds");
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
    fixture_expect_fault("has been at work here");
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
    cr_assert_lt(end.tv_sec - begin.tv_sec, DIRECTORY_WAIT_SECONDS / 2);
    fixture_expect_fault("the folder cannot be locked");
    directory_go_on(&directory);
    cr_assert_eq(directory.folder, -1);
    kill(process, SIGKILL);
    cr_assert_eq(waitpid(process, NULL, 0), process);
}

Test(directory, goes_on_from_the_question)
{
    struct directory directory = DIRECTORY_EMPTY;
    const struct ledger *ledger;

    fixture_ledger();
    cr_assert_eq(directory_look(&directory, fixture_folder, DIRECTORY_ASK, fixture_faults), 0);
    cr_assert_eq(directory.use, DIRECTORY_WRITE);
    cr_assert_eq(look(DIRECTORY_READ), -1, "it is to be kept");
    fixture_expect_fault("has been at work here");
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
