/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompt. No signal handler is installed, so none of the program's is displaced: a signal that came stays pending, and
 * unblocking it, with the terminal restored, lets happen what would have happened without us.
 */
#include "base/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

/* How often to look for signals, in microseconds. */
#define LOOK_EVERY 100000

/* Says that a signal is pending and the terminal has to be given back. Beside the outcomes, seen by nobody else. */
#define PENDING (-1)

struct terminal {
    int file;
    struct termios before;
    sigset_t watched;     /* what is blocked while the echo is off */
    sigset_t mask_before; /* of the thread */
};

/* The signals to hold back: all that would end or stop the process, save those that are ignored. */
static void choose_signals(sigset_t *watched)
{
    static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGTSTP};

    sigemptyset(watched);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct sigaction action;

        if (sigaction(all[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(watched, all[i]);
        }
    }
}

static int set_terminal(const struct terminal *terminal, int when, const struct termios *to)
{
    int status;

    do {
        status = tcsetattr(terminal->file, when, to);
    } while (status != 0 && errno == EINTR);
    return status;
}

/*
 * Hold the signals back and turn the echo off. What was typed before the question could be seen, and is thrown away. A process
 * in the background is stopped here (SIGTTOU) until it is brought to the front.
 */
static int silence(struct terminal *terminal)
{
    struct termios silent;

    if (tcgetattr(terminal->file, &terminal->before) != 0) {
        return -1;
    }
    silent = terminal->before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    choose_signals(&terminal->watched);
    pthread_sigmask(SIG_BLOCK, &terminal->watched, &terminal->mask_before);
    if (set_terminal(terminal, TCSAFLUSH, &silent) != 0) {
        int error = errno;

        pthread_sigmask(SIG_SETMASK, &terminal->mask_before, NULL);
        errno = error;
        return -1;
    }
    return 0;
}

/* Undo silence(). A pending signal does its work in the last call. */
static void restore(const struct terminal *terminal)
{
    int error = errno;

    (void)set_terminal(terminal, TCSADRAIN, &terminal->before);
    pthread_sigmask(SIG_SETMASK, &terminal->mask_before, NULL);
    errno = error;
}

/* Which of the watched signals came: 0 none, SIGTSTP when it is that alone, else another. */
static int pending_signal(const struct terminal *terminal)
{
    sigset_t pending;
    int found = 0;

    sigemptyset(&pending);
    (void)sigpending(&pending);
    for (int number = 1; number < 32; number++) {
        if (sigismember(&terminal->watched, number) == 1 && sigismember(&pending, number) == 1 &&
            (found == 0 || found == SIGTSTP)) {
            found = number;
        }
    }
    return found;
}

static int say(const struct terminal *terminal, const char *text)
{
    size_t length = strlen(text);

    while (length != 0) {
        ssize_t written = write(terminal->file, text, length);

        if (written < 0 && errno != EINTR) {
            return -1;
        }
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return 0;
}

/* Wait until there is something to read: PROMPT_DONE, PENDING or PROMPT_FAILED. */
static int wait_for_input(const struct terminal *terminal)
{
    for (;;) {
        struct timeval timeout = {.tv_usec = LOOK_EVERY};
        fd_set files;
        int ready;

        if (pending_signal(terminal) != 0) {
            return PENDING;
        }
        FD_ZERO(&files);
        FD_SET(terminal->file, &files);
        ready = select(terminal->file + 1, &files, NULL, NULL, &timeout);
        if (ready == 1) {
            return PROMPT_DONE;
        }
        if (ready == -1 && errno != EINTR) {
            return PROMPT_FAILED;
        }
    }
}

/* Ask once. A line that is too long is read to its end all the same, so that its rest does not answer what comes next. */
static int ask(const struct terminal *terminal, const char *question, size_t limit, struct bytes *answer)
{
    int outcome = PROMPT_DONE;
    bool too_long = false;

    bytes_clear(answer);
    if (say(terminal, question) != 0) {
        return PROMPT_FAILED;
    }
    for (;;) {
        unsigned char octet = 0;
        ssize_t got;

        outcome = wait_for_input(terminal);
        if (outcome != PROMPT_DONE) {
            break;
        }
        got = read(terminal->file, &octet, 1);
        if (got == 0) {
            outcome = PROMPT_NOTHING;
            break;
        }
        if (got == 1 && octet == '\n') {
            outcome = too_long ? PROMPT_TOO_LONG : PROMPT_DONE;
            break;
        }
        if (got == 1 && answer->length < limit) {
            got = bytes_append_byte(answer, octet) == 0 ? 1 : -1;
            errno = got == 1 ? errno : ENOMEM;
        } else if (got == 1) {
            too_long = true;
        }
        if (got == -1 && errno != EINTR) {
            outcome = PROMPT_FAILED;
            break;
        }
    }
    (void)say(terminal, "\n");
    return outcome;
}

static int ask_twice(const struct terminal *terminal, const char *question, const char *again, size_t limit,
                     struct bytes *answer)
{
    struct bytes second = BYTES_EMPTY;
    int outcome = ask(terminal, question, limit, answer);

    if (outcome == PROMPT_DONE && again != NULL) {
        outcome = ask(terminal, again, limit, &second);
        if (outcome == PROMPT_DONE && !slice_equal(slice_of(answer), slice_of(&second))) {
            outcome = PROMPT_DIFFERENT;
        }
    }
    bytes_free(&second);
    return outcome;
}

enum prompt_outcome prompt_ask(const char *question, const char *again, size_t limit, struct bytes *answer)
{
    struct terminal terminal = {.file = -1};
    int outcome = PENDING;

    bytes_clear(answer);
    terminal.file = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal.file == -1) {
        return PROMPT_NO_TERMINAL;
    }
    if (terminal.file >= FD_SETSIZE) {
        errno = EMFILE;
        outcome = PROMPT_FAILED;
    }
    while (outcome == PENDING) {
        int signal_found;

        if (silence(&terminal) != 0) {
            outcome = PROMPT_FAILED;
            break;
        }
        outcome = ask_twice(&terminal, question, again, limit, answer);
        signal_found = pending_signal(&terminal);
        restore(&terminal);
        if (signal_found != 0 && signal_found != SIGTSTP) {
            outcome = PROMPT_INTERRUPTED;
        }
    }
    if (outcome != PROMPT_DONE) {
        bytes_clear(answer);
    }
    close(terminal.file);
    return (enum prompt_outcome)outcome;
}
