/* SPDX-License-Identifier: Apache-2.0 */
/* Running one program of the system. */
#include "system/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** What is kept of what the program says. */
#define SAID_MAX (16u * 1024)
/** Waits, in milliseconds each. */
#define WAIT_STEP 100

/** Both ends of what goes in and what comes out. */
struct pipes {
    int in[2], out[2];
};

static void close_one(int *file)
{
    if (*file >= 0) {
        (void)close(*file);
        *file = -1;
    }
}

static void pipes_close(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_one(&pipes->in[i]);
        close_one(&pipes->out[i]);
    }
}

static int pipes_open(struct pipes *pipes)
{
    if (pipe(pipes->in) != 0 || pipe(pipes->out) != 0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        (void)fcntl(pipes->in[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(pipes->out[i], F_SETFD, FD_CLOEXEC);
    }
    return fcntl(pipes->out[0], F_SETFL, O_NONBLOCK);
}

/** Start it, in a process group of its own, so that a Ctrl-C at the terminal does not stop it halfway. 0, or an errno value. */
static int start(const char *const *arguments, const struct pipes *pipes, pid_t *pid)
{
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char locale[] = "LC_ALL=C";
    char *const environment[] = {path, locale, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    int error = ENOMEM;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGKILL);
    (void)sigdelset(&all, SIGSTOP);
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return error;
    }
    if (posix_spawnattr_init(&attributes) == 0) {
        if (posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
            posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
            posix_spawnattr_setsigdefault(&attributes, &all) == 0 &&
            posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF) == 0 &&
            posix_spawn_file_actions_adddup2(&actions, pipes->in[0], 0) == 0 &&
            posix_spawn_file_actions_adddup2(&actions, pipes->out[1], 1) == 0 &&
            posix_spawn_file_actions_adddup2(&actions, pipes->out[1], 2) == 0) {
            /* posix_spawn changes none of its arguments */
            error =
                posix_spawn(pid, arguments[0], &actions, &attributes, (char *const *)arguments, environment);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

/** Give it its input: less than a pipe holds, so that nobody waits for anybody. */
static void give(int *file, struct slice input)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);

    if (input.length > 0) {
        (void)!write(*file, input.data, input.length);
    }
    close_one(file);
    if (before != SIG_ERR) {
        (void)signal(SIGPIPE, before);
    }
}

/** Read what it says; only so much is kept. Whether it said all it had. */
static bool listen_to(int file, struct bytes *said)
{
    char part[4096];
    ssize_t length;

    while ((length = read(file, part, sizeof(part))) > 0) {
        if (said->length < SAID_MAX) {
            (void)!bytes_append(said, part, (size_t)length);
        }
    }
    return length == 0;
}

/** Wait for its end. *status: as waitpid has it. False: it took too long, and was killed. */
static bool wait_for(pid_t pid, int out, struct bytes *said, int *status)
{
    int waits = SYSTEM_PROGRAM_SECONDS_MAX * 1000 / WAIT_STEP;
    struct pollfd watched = {.fd = out, .events = POLLIN};
    pid_t ended = 0;

    while (waits-- > 0 && (ended = waitpid(pid, status, WNOHANG)) == 0) {
        if (poll(&watched, 1, WAIT_STEP) > 0 && listen_to(out, said)) {
            watched.fd = -1;
        }
    }
    if (ended == 0) {
        (void)kill(-pid, SIGKILL);
        while (waitpid(pid, status, 0) < 0 && errno == EINTR) {
        }
        return false;
    }
    (void)listen_to(out, said);
    return true;
}

/** The last line it said. */
static const char *last_line(struct bytes *said)
{
    const char *line;

    while (said->length > 0 &&
           (said->data[said->length - 1] == '\n' || said->data[said->length - 1] == ' ')) {
        said->data[--said->length] = '\0';
    }
    if (said->length == 0) {
        return "it said nothing";
    }
    line = strrchr(bytes_text(said), '\n');
    return line != NULL ? line + 1 : bytes_text(said);
}

int system_program_run(const char *const *arguments, struct slice input, struct faults *faults)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}};
    const struct place place = {arguments[0], 0, 0};
    struct bytes said = BYTES_EMPTY;
    pid_t pid = 0;
    int status = 0;
    int result = -1;
    int error;

    if (pipes_open(&pipes) != 0) {
        fault_system(faults, errno, arguments[0], NULL, "it cannot be started");
        goto out;
    }
    error = start(arguments, &pipes, &pid);
    close_one(&pipes.in[0]);
    close_one(&pipes.out[1]);
    if (error != 0) {
        fault_system(faults, error, arguments[0], NULL, "it cannot be started");
        goto out;
    }
    give(&pipes.in[1], input);
    if (!wait_for(pid, pipes.out[0], &said, &status)) {
        fault_error(faults, &place, NULL, NULL, "took longer than %d seconds, and was stopped",
                    SYSTEM_PROGRAM_SECONDS_MAX);
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fault_error(faults, &place, NULL, NULL, "failed: %s", last_line(&said));
    } else {
        result = 0;
    }
out:
    pipes_close(&pipes);
    bytes_free(&said);
    return result;
}
