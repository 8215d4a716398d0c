/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program, and passing signals on. */
#include "commands/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/interruption.h"

/* ---- finding it ------------------------------------------------------------------------------------------------------- */

/** 0: it can be run; or the status that says why not. */
static int judge_file(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return CHILD_NOT_FOUND;
    }
    return S_ISREG(status.st_mode) && access(path, X_OK) == 0 ? 0 : CHILD_NOT_RUNNABLE;
}

/** The path, absolute. -1: no memory, or no working directory. */
static int make_absolute(const char *path, struct bytes *absolute)
{
    char folder[PATH_MAX];

    if (path[0] == '/') {
        return bytes_append_text(absolute, path);
    }
    return getcwd(folder, sizeof(folder)) != NULL ? bytes_printf(absolute, "%s/%s", folder, path) : -1;
}

/** Look in each folder of PATH. An empty one is the working directory. */
static int look_in_path(const char *name, struct bytes *found)
{
    const char *rest = getenv("PATH");
    int best = CHILD_NOT_FOUND;
    int status = CHILD_NOT_FOUND;

    rest = rest != NULL ? rest : "/usr/bin:/bin";
    while (status != 0) {
        size_t length = strcspn(rest, ":");

        bytes_clear(found);
        if (bytes_printf(found, "%.*s%s%s", (int)length, rest, length > 0 ? "/" : "./", name) != 0) {
            return CHILD_NOT_FOUND;
        }
        status = judge_file(bytes_text(found));
        best = status == CHILD_NOT_RUNNABLE ? status : best;
        if (rest[length] == '\0') {
            break;
        }
        rest += length + 1;
    }
    return status == 0 ? 0 : best;
}

int child_find(const char *name, struct bytes *path, struct faults *faults)
{
    const struct place place = {name, 0, 0};
    struct bytes found = BYTES_EMPTY;
    int status;

    if (strchr(name, '/') == NULL) {
        status = look_in_path(name, &found);
    } else {
        status = bytes_append_text(&found, name) == 0 ? judge_file(name) : CHILD_NOT_FOUND;
    }
    if (status == 0 && make_absolute(bytes_text(&found), path) != 0) {
        status = CHILD_NOT_FOUND;
    }
    if (status != 0) {
        fault_error(faults, &place, NULL, NULL,
                    status == CHILD_NOT_FOUND ? "there is no such program"
                                              : "it is no program that can be run");
    }
    bytes_free(&found);
    return status;
}

/* ---- signals ---------------------------------------------------------------------------------------------------------- */

static const int passed[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
#define PASSED_COUNT (sizeof(passed) / sizeof(passed[0]))

/** Whom signals are passed on to; 0: nobody. */
static volatile sig_atomic_t receiver;

static void pass_on(int number, siginfo_t *from, void *unused)
{
    int error = errno;

    (void)unused;
    /* what the terminal sends, it sends to the program as well: then no process is named */
    if (receiver > 0 && from != NULL && from->si_pid != 0) {
        (void)kill((pid_t)receiver, number);
    }
    errno = error;
}

static void passed_set(sigset_t *set)
{
    (void)sigemptyset(set);
    for (size_t i = 0; i < PASSED_COUNT; i++) {
        (void)sigaddset(set, passed[i]);
    }
}

/** Pass on from here; what is ignored stays ignored. */
static void catch_all(void)
{
    for (size_t i = 0; i < PASSED_COUNT; i++) {
        struct sigaction action;

        if (sigaction(passed[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            memset(&action, 0, sizeof(action));
            action.sa_sigaction = pass_on;
            action.sa_flags = SA_SIGINFO | SA_RESTART;
            passed_set(&action.sa_mask);
            (void)sigaction(passed[i], &action, NULL);
        }
    }
}

/* ---- running ---------------------------------------------------------------------------------------------------------- */

/** In the child. Says over @p report why it could not become the program. */
static _Noreturn void become(const char *path, const char *const *arguments, const char *reference,
                             const sigset_t *mask, int report)
{
    int error;

    if ((reference != NULL ? setenv(CHILD_REFERENCE_VARIABLE, reference, 1)
                           : unsetenv(CHILD_REFERENCE_VARIABLE)) == 0 &&
        sigprocmask(SIG_SETMASK, mask, NULL) == 0) {
        /* execv changes none of its arguments */
        (void)execv(path, (char *const *)arguments);
    }
    error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(CHILD_NOT_RUNNABLE);
}

/** Wait for its end: as waitpid has it; -1 with errno. */
static int wait_for(pid_t child)
{
    int status = 0;
    pid_t ended;

    do {
        ended = waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == child ? status : -1;
}

/** Its status, as a shell tells it. */
static int told_status(int status)
{
    if (WIFSIGNALED(status)) {
        return CHILD_SIGNALLED + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}

/** Fork and let the child become the program, with signals blocked. *report: where it says why it could not. -1 with errno. */
static pid_t start(const char *path, const char *const *arguments, const char *reference,
                   const sigset_t *mask, int *report)
{
    int ends[2];
    pid_t child;

    if (pipe(ends) != 0) {
        return -1;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    child = fork();
    if (child == 0) {
        become(path, arguments, reference, mask, ends[1]);
    }
    (void)close(ends[1]);
    *report = ends[0];
    if (child < 0) {
        (void)close(ends[0]);
        *report = -1;
    }
    return child;
}

int child_run(const char *path, const char *const *arguments, const char *reference, struct faults *faults)
{
    sigset_t blocked;
    sigset_t before;
    pid_t child;
    int report = -1;
    int error = 0;
    int status;

    passed_set(&blocked);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    if (interruption_came()) {
        fault_error(faults, NULL, NULL, NULL, "interrupted");
        return CHILD_OWN_FAILURE;
    }
    catch_all();
    child = start(path, arguments, reference, &before, &report);
    if (child < 0) {
        fault_system(faults, errno, path, NULL, "it cannot be started");
        return CHILD_OWN_FAILURE;
    }
    receiver = (sig_atomic_t)child;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    status = wait_for(child);
    (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
    receiver = 0;
    if (read(report, &error, sizeof(error)) == (ssize_t)sizeof(error)) {
        fault_system(faults, error, path, NULL, "it cannot be run");
        status = error == ENOENT ? CHILD_NOT_FOUND : CHILD_NOT_RUNNABLE;
    } else if (status < 0) {
        fault_system(faults, errno, path, NULL, "it cannot be waited for");
        status = CHILD_OWN_FAILURE;
    } else {
        status = told_status(status);
    }
    (void)close(report);
    return status;
}
