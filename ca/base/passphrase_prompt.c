/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompt. While the echo is off, the signals that end or stop a process are held back and looked for between reads:
 * when one has come, the terminal is put back first and the signal let through then. So no handler and no state of the
 * process are needed.
 */
#include "base/passphrase_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/passphrase.h"

/** Milliseconds until a held signal is noticed at the latest. */
#define LOOK_EVERY_MS 100

/** The terminal as it was, and the signals as they were held. */
struct quiet {
    int terminal;
    struct termios before;
    sigset_t held, mask;
};

static int say(int terminal, const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t wrote = write(terminal, text, length);

        if (wrote < 0 && errno != EINTR) {
            return -1;
        }
        if (wrote > 0) {
            text += wrote;
            length -= (size_t)wrote;
        }
    }
    return 0;
}

static int quiet_begin(struct quiet *quiet)
{
    struct termios silent;

    if (tcgetattr(quiet->terminal, &quiet->before) != 0) {
        return -1;
    }
    (void)sigemptyset(&quiet->held);
    (void)sigaddset(&quiet->held, SIGINT);
    (void)sigaddset(&quiet->held, SIGTERM);
    (void)sigaddset(&quiet->held, SIGHUP);
    (void)sigaddset(&quiet->held, SIGQUIT);
    (void)sigaddset(&quiet->held, SIGTSTP);
    if (sigprocmask(SIG_BLOCK, &quiet->held, &quiet->mask) != 0) {
        return -1;
    }
    silent = quiet->before;
    silent.c_lflag &= (tcflag_t) ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    if (tcsetattr(quiet->terminal, TCSAFLUSH, &silent) != 0) {
        (void)sigprocmask(SIG_SETMASK, &quiet->mask, NULL);
        return -1;
    }
    return 0;
}

/** Puts the terminal back, then lets signals through: what came meanwhile takes effect here. */
static void quiet_end(const struct quiet *quiet)
{
    (void)tcsetattr(quiet->terminal, TCSAFLUSH, &quiet->before);
    (void)say(quiet->terminal, "\n");
    (void)sigprocmask(SIG_SETMASK, &quiet->mask, NULL);
}

/** Whether a signal that was held has come. */
static bool signal_waits(const struct quiet *quiet)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t pending;
    size_t i;

    if (sigpending(&pending) != 0) {
        return false;
    }
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (sigismember(&pending, numbers[i]) == 1 && sigismember(&quiet->mask, numbers[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** One line, without its end. 1 read, 0 a signal came, -1 fault. */
static int read_line(const struct quiet *quiet, struct bytes *secret, struct faults *faults)
{
    struct pollfd wait = {quiet->terminal, POLLIN, 0};
    unsigned char byte = 0;

    for (;;) {
        int ready = poll(&wait, 1, LOOK_EVERY_MS);

        if (signal_waits(quiet)) {
            return 0;
        }
        if (ready <= 0) {
            continue;
        }
        if (read(quiet->terminal, &byte, 1) != 1) {
            fault_error(faults, NULL, NULL, NULL,
                        "the terminal was closed while it was asked for a passphrase");
            return -1;
        }
        if (byte == '\n' || byte == '\r') {
            return 1;
        }
        if (secret->length >= PASSPHRASE_MAX || bytes_append_byte(secret, byte) != 0) {
            fault_error(faults, NULL, NULL, NULL, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
            return -1;
        }
    }
}

/** Asks once. A signal that stops the process and lets it go on asks again. */
static int ask(int terminal, const char *question, const char *label, struct bytes *secret,
               struct faults *faults)
{
    struct quiet quiet = {.terminal = terminal};
    int got = 0;

    while (got == 0) {
        bytes_clear(secret);
        if (say(terminal, question) != 0 || say(terminal, label) != 0 || say(terminal, ": ") != 0 ||
            quiet_begin(&quiet) != 0) {
            fault_system(faults, errno, "/dev/tty", NULL, "the terminal cannot be asked for a passphrase");
            return -1;
        }
        got = read_line(&quiet, secret, faults);
        quiet_end(&quiet);
    }
    return got == 1 ? 0 : -1;
}

int passphrase_prompt(const char *label, bool confirm, struct bytes *secret, struct faults *faults)
{
    struct bytes again = BYTES_EMPTY;
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int status = -1;

    if (terminal < 0) {
        fault_error(faults, NULL, NULL, "env:NAME, file:PATH or fd:N needs none",
                    "%s: there is no terminal to ask for the passphrase", label);
        return -1;
    }
    if (ask(terminal, confirm ? "new passphrase for " : "passphrase for ", label, secret, faults) != 0) {
        goto out;
    }
    if (confirm) {
        if (ask(terminal, "the same again for ", label, &again, faults) != 0) {
            goto out;
        }
        if (!slice_equal(slice_of(secret), slice_of(&again))) {
            fault_error(faults, NULL, NULL, NULL, "%s: the two passphrases differ", label);
            goto out;
        }
    }
    status = 0;
out:
    bytes_free(&again);
    (void)close(terminal);
    return status;
}
