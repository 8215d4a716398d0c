/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of another process: its program and command, and nothing else of its arguments. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

/* A shell under other names; it says when it has started. */
static pid_t start(const char *const *arguments, int *told)
{
    int pipes[2];
    char byte;
    pid_t process;

    cr_assert_eq(pipe(pipes), 0);
    process = fork();
    cr_assert_geq(process, 0);
    if (process == 0) {
        dup2(pipes[1], STDOUT_FILENO);
        execv("/bin/sh", (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(pipes[1]);
    cr_assert_eq(read(pipes[0], &byte, 1), 1);
    *told = pipes[0];
    return process;
}

static void expect(const char *const *arguments, const char *expected)
{
    struct bytes text = BYTES_EMPTY;
    char whole[200];
    int told;
    pid_t process = start(arguments, &told);

    cr_assert_eq(process_describe(process, &text), 0);
    snprintf(whole, sizeof(whole), "process %ld%s", (long)process, expected);
    cr_assert_str_eq(bytes_text(&text), whole);
    bytes_free(&text);
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
    close(told);
}

#ifdef __linux__
Test(process, program_and_command)
{
    static const char *const plain[] = {"/usr/bin/mtls-ca", "-c", "echo; read line", NULL};
    static const char *const strange[] = {"/a/b\nc", "-c", "echo; read line", NULL};

    expect(plain, " (mtls-ca)");
    expect(strange, " (b\\x0Ac)");
}
#endif

Test(process, nobody)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(process_describe(2147483646, &text), 0);
    cr_assert_str_eq(bytes_text(&text), "process 2147483646");
    bytes_free(&text);
}
