/* SPDX-License-Identifier: Apache-2.0 */
/* command/interruption: the first signal is a wish, the second the end. Each test has a process of its own. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/interruption.h"

/** What becomes of a process that catches, and gets @p first and @p second. */
static int end_of(int first, int second)
{
    int status = 0;
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0) {
        /* in the background of a shell they may be ignored */
        (void)signal(SIGINT, SIG_DFL);
        (void)signal(SIGTERM, SIG_DFL);
        interruption_catch();
        if (interruption_came()) {
            _exit(1);
        }
        (void)kill(getpid(), first);
        if (!interruption_came()) {
            _exit(2);
        }
        if (second != 0) {
            (void)kill(getpid(), second);
        }
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

Test(interruption, the_first_is_a_wish)
{
    int status = end_of(SIGINT, 0);

    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    status = end_of(SIGTERM, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(interruption, the_second_is_the_end)
{
    static const int signals[][2] = {{SIGINT, SIGINT}, {SIGINT, SIGTERM}, {SIGTERM, SIGINT}};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        int status = end_of(signals[i][0], signals[i][1]);

        cr_assert(WIFSIGNALED(status));
        cr_assert_eq(WTERMSIG(status), signals[i][1]);
    }
}

Test(interruption, what_is_ignored_stays_ignored)
{
    int status = 0;
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0) {
        (void)signal(SIGINT, SIG_IGN);
        interruption_catch();
        (void)kill(getpid(), SIGINT);
        _exit(interruption_came() ? 1 : 0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
