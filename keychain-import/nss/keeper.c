/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that keeps a database.
 */
#include "nss/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "nss/service.h"

/* Standard input, output and error. */
#define STANDARD_DESCRIPTORS 3
/* Where a system does not say how many descriptors there may be. */
#define DESCRIPTORS_MAX 65536

struct keeper {
    int socket;
    pid_t process;
    bool broken;
    unsigned seconds; /* an answer is waited for so long */
};

/** In the child: close all descriptors but the standard ones and @p socket, which gets the first number after those. */
static int close_others(int socket)
{
    long limit = sysconf(_SC_OPEN_MAX);

    if (socket != STANDARD_DESCRIPTORS) {
        if (dup2(socket, STANDARD_DESCRIPTORS) < 0) {
            return -1;
        }
    }
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)
    if (close_range(STANDARD_DESCRIPTORS + 1, ~0U, 0) == 0) {
        return STANDARD_DESCRIPTORS;
    }
#endif
    limit = limit < 0 || limit > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : limit;
    for (int i = STANDARD_DESCRIPTORS + 1; i < (int)limit; i++) {
        (void)close(i);
    }
    return STANDARD_DESCRIPTORS;
}

/** In the child. */
static void ignore_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE};
    sigset_t none;

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        (void)signal(ignored[i], SIG_IGN);
    }
    (void)signal(SIGCHLD, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/** Tell @p faults as the answer to whatever is asked first. */
static void answer_faults(int socket, const struct faults *faults)
{
    struct message message;

    for (size_t i = 0; i < faults_count(faults); i++) {
        message_begin(&message, MESSAGE_FAULT);
        message_number(&message, FAULT_ERROR);
        message_text(&message, faults_text(faults, i));
        if (message_send(socket, &message) != 0) {
            message_free(&message);
            return;
        }
        message_free(&message);
    }
    message_begin(&message, MESSAGE_FAILED);
    if (message_send(socket, &message) != 0) {
        /* the other side is gone */
    }
    message_free(&message);
}

/**
 * In the child, after it became who it is (which would undo it): not traced, and not outliving the run. What a killed run had asked for must
 * not come to pass while `recover` already looks for what is there; a database cut off in a write is whole when it is next opened.
 * -1: the run is gone already. Elsewhere than on Linux there is only the end of the socket.
 */
static int bind_to(pid_t parent)
{
#ifdef __linux__
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#endif
    return getppid() == parent ? 0 : -1;
}

/** End a process that was begun, and is not needed. */
static void end(pid_t process)
{
    if (process > 0) {
        (void)kill(process, SIGKILL);
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

/** The child's whole life. */
static _Noreturn void live(int socket, const struct owner *owner, pid_t parent)
{
    struct faults *faults = faults_new();
    int status = 1;

    ignore_signals();
    socket = close_others(socket);
    if (faults != NULL && socket >= 0) {
        if (owner_become(owner, faults) != 0) {
            answer_faults(socket, faults);
        } else if (bind_to(parent) == 0) {
            status = nss_serve(socket, owner);
        }
    }
    faults_free(faults);
    _exit(status);
}

/** From now on an answer that is not there in time is none. */
static int limit_waiting(int socket, unsigned seconds)
{
    struct timeval limit = {.tv_sec = (time_t)seconds, .tv_usec = 0};

    return setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

struct keeper *keeper_start(const struct owner *owner, unsigned seconds, struct faults *faults)
{
    struct keeper *keeper = NULL;
    pid_t parent = getpid();
    pid_t process;
    int ends[2];

    if (seconds == 0) {
        seconds = KEEPER_SECONDS;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        fault_system(faults, errno, NULL, NULL, "nss: no connection to a database");
        return NULL;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    process = fork();
    if (process == 0) {
        live(ends[1], owner, parent);
    }
    (void)close(ends[1]);
    if (process < 0 || limit_waiting(ends[0], seconds) != 0) {
        fault_system(faults, errno, NULL, NULL, "nss: no process for a database");
    } else if ((keeper = calloc(1, sizeof(*keeper))) == NULL) {
        fault_memory(faults);
    } else {
        *keeper = (struct keeper){.socket = ends[0], .process = process, .seconds = seconds};
    }
    if (keeper == NULL) {
        end(process);
        (void)close(ends[0]);
    }
    return keeper;
}

/** Take a fault over. */
static int take_fault(struct inbound *inbound, struct faults *faults)
{
    bool warning = inbound_number(inbound) == FAULT_WARNING;
    const char *text = inbound_text(inbound);

    if (!inbound_finished(inbound) || text == NULL) {
        return -1;
    }
    if (warning) {
        fault_warning(faults, NULL, NULL, NULL, "%s", text);
    } else {
        fault_error(faults, NULL, NULL, NULL, "%s", text);
    }
    return 0;
}

static int broken(struct keeper *keeper, int error, struct faults *faults)
{
    if (!keeper->broken && (error == EAGAIN || error == EWOULDBLOCK)) {
        keeper->broken = true;
        /* Its transaction, if it had begun one, is rolled back by whoever opens the database next. */
        (void)kill(keeper->process, SIGKILL);
        fault_error(faults, NULL, NULL, "close the browser that uses it, and try again",
                    "nss: the database did not answer within %u seconds: another program keeps it locked",
                    keeper->seconds);
        return -1;
    }
    keeper->broken = true;
    fault_error(faults, NULL, NULL, "look at the database with certutil -L, and try again",
                "nss: the process that keeps the database broke down");
    return -1;
}

int keeper_ask(struct keeper *keeper, struct message *question, keeper_entry_fn each, void *state,
               struct inbound *done, struct faults *faults)
{
    int sent = keeper->broken ? -1 : message_send(keeper->socket, question);
    int walked = 0;
    bool told = false;

    message_free(question);
    if (sent != 0) {
        return broken(keeper, 0, faults);
    }
    for (;;) {
        errno = 0;
        if (inbound_receive(keeper->socket, done) != 0) {
            return broken(keeper, errno, faults);
        }
        if (done->kind == MESSAGE_DONE) {
            return walked;
        }
        if (done->kind == MESSAGE_FAILED) {
            if (!told && walked == 0) {
                fault_memory(faults);
            }
            return walked != 0 ? walked : -1;
        }
        if (done->kind == MESSAGE_ENTRY && each != NULL) {
            walked = walked == 0 ? each(state, done) : walked;
        } else if (done->kind == MESSAGE_FAULT && take_fault(done, faults) == 0) {
            told = true;
        } else {
            return broken(keeper, 0, faults);
        }
    }
}

int keeper_stop(struct keeper *keeper, struct faults *faults)
{
    struct message question;
    struct inbound done;
    int status = 0;
    int result = 0;

    if (keeper == NULL) {
        return 0;
    }
    memset(&done, 0, sizeof(done));
    message_begin(&question, MESSAGE_CLOSE);
    if (!keeper->broken) {
        result = keeper_ask(keeper, &question, NULL, NULL, &done, faults);
    } else {
        message_free(&question);
        result = -1;
    }
    inbound_free(&done);
    (void)close(keeper->socket);
    while (waitpid(keeper->process, &status, 0) < 0 && errno == EINTR) {
    }
    free(keeper);
    return result == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}
