/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child and the wait for it. On the pipe: one octet, which says whether the child was confined; then the answer, or the fault.
 */
#include "base/confined_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/account.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* First octet of what the child writes. */
#define CONFINED "c"
#define REFUSED  "r"

/* The child's exit status: all it had to say is on the pipe, or it is not. */
#define EXIT_TOLD 0
#define EXIT_LOST 1

/* The pipe's descriptor in the child. */
#define ANSWER 3
/* Descriptors that are closed one by one where the system cannot close all at once. */
#define DESCRIPTORS_MAX 65536

#define READ_STEP       65536
#define MS              1000
#define NS_IN_MS        1000000

/* ---- in the child --------------------------------------------------------------------------------------------------- */

static bool write_all(struct slice rest)
{
    while (rest.length > 0) {
        ssize_t now = write(ANSWER, rest.data, rest.length);

        if (now < 0 && errno != EINTR) {
            return false;
        }
        rest.data += now > 0 ? now : 0;
        rest.length -= now > 0 ? (size_t)now : 0;
    }
    return true;
}

/** Handlers are the parent's, and a Ctrl-C at the terminal is for the parent to deal with. */
static void reset_signals(void)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;

    (void)setpgid(0, 0);
    for (int i = 1; i < NSIG; i++) {
        (void)sigaction(i, &usual, NULL);
    }
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/** Closes all but the pipe; a sanitizer keeps its way to tell what it found. */
static bool close_others(int answer)
{
    struct rlimit most;
    int last = DESCRIPTORS_MAX;

    if (answer != ANSWER && dup2(answer, ANSWER) != ANSWER) {
        return false;
    }
    for (int i = 0; i < ANSWER; i++) {
        if (i != STDERR_FILENO || !SANITIZED) {
            (void)close(i);
        }
    }
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)ANSWER + 1, ~0U, 0U) == 0) {
        return true;
    }
#endif
    if (getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < DESCRIPTORS_MAX) {
        last = (int)most.rlim_cur;
    }
    for (int i = ANSWER + 1; i < last; i++) {
        (void)close(i);
    }
    return true;
}

/** Gives everything up; false when that failed, with the reason on the pipe. */
static bool give_up(const struct confined_call *call, const struct account *account)
{
    struct faults *faults = faults_new();
    bool given = faults != NULL && (account == NULL || account_become(account, faults) == 0) &&
                 confine_process(&call->confinement, faults) == 0;

    if (faults != NULL && !given) {
        (void)(write_all(slice_of_text(REFUSED)) && write_all(slice_of_text(faults_text(faults, 0))));
    }
    faults_free(faults);
    return given;
}

/** What the child does; its exit status. */
static int child_answer(const struct confined_call *call, const struct account *account, int pipe_end)
{
    struct bytes answered = BYTES_EMPTY;
    bool well = false;

    reset_signals();
    if (!close_others(pipe_end)) {
        return EXIT_LOST;
    }
    if (!give_up(call, account)) {
        return EXIT_TOLD;
    }
    if (call->run(call->state, &answered) == 0) {
        well = write_all(slice_of_text(CONFINED)) && write_all(slice_of(&answered));
    }
    bytes_free(&answered);
    return well ? EXIT_TOLD : EXIT_LOST;
}

/* ---- in the parent -------------------------------------------------------------------------------------------------- */

/** Milliseconds from a beginning of the clock's own. */
static int64_t clock_now(void)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / NS_IN_MS;
}

enum end { END_WELL, END_LATE, END_TOO_MUCH, END_BROKEN };

/** Takes what comes until the child closes its end. */
static enum end collect(int from, int64_t deadline, size_t most, struct bytes *answer)
{
    for (;;) {
        struct pollfd row = {.fd = from, .events = POLLIN};
        int64_t left = deadline - clock_now();
        int ready = left <= 0 ? 0 : poll(&row, 1, (int)left);
        ssize_t got;

        if (ready == 0) {
            return END_LATE;
        }
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready < 0 || bytes_reserve(answer, READ_STEP) != 0) {
            return END_BROKEN;
        }
        got = read(from, answer->data + answer->length, READ_STEP);
        if (got == 0) {
            return END_WELL;
        }
        if (got < 0 && errno != EINTR) {
            return END_BROKEN;
        }
        answer->length += got > 0 ? (size_t)got : 0;
        answer->data[answer->length] = '\0';
        if (answer->length > most) {
            return END_TOO_MUCH;
        }
    }
}

/** Waits for the child's own end, and no longer than till the deadline: then it is killed. *status as waitpid has it; -1: nobody knows. */
static bool reap(pid_t child, int64_t deadline, int *status)
{
    bool killed = false;

    for (;;) {
        pid_t gone = waitpid(child, status, killed ? 0 : WNOHANG);

        if (gone == child) {
            return !killed;
        }
        if (gone < 0 && errno != EINTR) {
            /* whoever ignores SIGCHLD is not told how children end */
            *status = -1;
            return !killed;
        }
        if (!killed && clock_now() >= deadline) {
            (void)kill(child, SIGKILL);
            killed = true;
        } else if (!killed) {
            (void)poll(NULL, 0, 1);
        }
    }
}

static int complain(const struct confined_call *call, enum end end, int status, struct faults *faults)
{
    const struct place place = {.file = call->shown};

    if (end == END_LATE || (status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
        fault_error(faults, &place, NULL, NULL, "it was not parsed within %u seconds",
                    call->confinement.seconds);
    } else if (end == END_TOO_MUCH) {
        fault_error(faults, &place, NULL, NULL, "the process that parses it answered more than %zu bytes",
                    call->answer_max);
    } else if (status != -1 && WIFSIGNALED(status)) {
        fault_error(faults, &place, NULL, "the file may be made to do this; nothing was taken from it",
                    "the process that parses it was ended by signal %d (%s)", WTERMSIG(status),
                    strsignal(WTERMSIG(status)));
    } else {
        fault_error(faults, &place, NULL, NULL, "the process that parses it gave no answer: memory is out");
    }
    return -1;
}

/** The pipe's content becomes the answer. */
static int take_answer(const struct confined_call *call, const struct bytes *said, struct bytes *answer,
                       struct faults *faults)
{
    const struct place place = {.file = call->shown};

    if (said->length > 0 && said->data[0] == REFUSED[0]) {
        fault_error(faults, &place, NULL, NULL, "it is not parsed: %.*s", (int)(said->length - 1),
                    bytes_text(said) + 1);
        return -1;
    }
    if (said->length == 0 || said->data[0] != CONFINED[0]) {
        fault_error(faults, &place, NULL, NULL, "the process that parses it gave no answer");
        return -1;
    }
    if (bytes_append(answer, said->data + 1, said->length - 1) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static int await(const struct confined_call *call, pid_t child, int from, struct bytes *answer,
                 struct faults *faults)
{
    int64_t deadline = clock_now() + (int64_t)call->confinement.seconds * MS;
    struct bytes said = BYTES_EMPTY;
    enum end end = collect(from, deadline, call->answer_max + 1, &said);
    int status = -1;
    int result;

    if (!reap(child, end == END_WELL ? deadline : 0, &status) && end == END_WELL) {
        end = END_LATE;
    }
    if (end != END_WELL || (status != -1 && (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_TOLD))) {
        result = complain(call, end, status, faults);
    } else {
        result = take_answer(call, &said, answer, faults);
    }
    bytes_free(&said);
    return result;
}

/** Starts the child, with no signal delivered in it before it has its own rules for them. */
static pid_t start(const struct confined_call *call, const struct account *account, const int ends[2])
{
    sigset_t all;
    sigset_t before;
    pid_t child;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    child = fork();
    if (child == 0) {
        _exit(child_answer(call, account, ends[1]));
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return child;
}

int confined_call(const struct confined_call *call, struct bytes *answer, struct faults *faults)
{
    const struct place place = {.file = call->shown};
    struct account account;
    bool root = geteuid() == 0;
    int ends[2] = {-1, -1};
    pid_t child;
    int status = -1;

    bytes_clear(answer);
    if (root && account_behind_root(&account, faults) != 0) {
        return -1;
    }
    if (pipe(ends) != 0) {
        fault_system(faults, errno, call->shown, NULL, "no process can be started to parse it");
        return -1;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    child = start(call, root ? &account : NULL, ends);
    (void)close(ends[1]);
    if (child < 0) {
        fault_system(faults, errno, place.file, NULL, "no process can be started to parse it");
    } else {
        status = await(call, child, ends[0], answer, faults);
    }
    (void)close(ends[0]);
    return status;
}
