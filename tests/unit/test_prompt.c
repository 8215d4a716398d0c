/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/prompt, and the source "prompt" of base/passphrase: what is typed is not seen, and the terminal is as it was afterwards,
 * however the asking ends. Each test plays the user at a pseudo-terminal; who asks is a process of its own.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/passphrase.h"
#include "base/prompt.h"

#define PATIENCE 10000 /* milliseconds */

static int master;
static int slave;
static int answers[2]; /* what the asking process tells us */
static pid_t asking;
static struct bytes seen; /* on the terminal since the last expect() */

static void set_up(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    cr_assert_neq(master, -1);
    cr_assert_eq(grantpt(master), 0);
    cr_assert_eq(unlockpt(master), 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    cr_assert_neq(slave, -1);
    cr_assert_eq(pipe(answers), 0);
}

static void tear_down(void)
{
    bytes_free(&seen);
    close(answers[0]);
    close(slave);
    close(master);
}

TestSuite(prompt, .init = set_up, .fini = tear_down, .timeout = 60);

/* Run @p body in a session whose terminal is ours; what it returns is the process's exit status. */
static void start(int (*body)(void))
{
    asking = fork();
    if (asking == 0) {
        alarm(30);
        if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) != 0) {
            _exit(99);
        }
        close(master);
        close(answers[0]);
        _exit(body());
    }
    close(answers[1]);
}

static void tell(const char *text)
{
    if (write(answers[1], text, strlen(text)) != (ssize_t)strlen(text)) {
        _exit(98);
    }
}

/* Wait until the terminal shows @p text. */
static void expect(const char *text)
{
    bytes_clear(&seen);
    while (strstr(bytes_text(&seen), text) == NULL) {
        struct pollfd wait = {.fd = master, .events = POLLIN};
        char octets[256];
        ssize_t got;

        cr_assert_eq(poll(&wait, 1, PATIENCE), 1, "waited for \"%s\", saw \"%s\"", text, bytes_text(&seen));
        got = read(master, octets, sizeof(octets));
        cr_assert_gt(got, 0);
        cr_assert_eq(bytes_append(&seen, octets, (size_t)got), 0);
    }
}

static void type(const char *text)
{
    cr_assert_eq(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

static bool echoes(void)
{
    struct termios settings;

    cr_assert_eq(tcgetattr(slave, &settings), 0);
    return (settings.c_lflag & ECHO) != 0;
}

/* The asking process ends by itself with @p outcome, having told @p text, and the terminal echoes again. */
static void assert_end(int outcome, const char *text)
{
    char told[4096] = "";
    size_t length = 0;
    ssize_t got;
    int status;

    while (length < sizeof(told) - 1 &&
           (got = read(answers[0], told + length, sizeof(told) - 1 - length)) > 0) {
        length += (size_t)got;
    }
    told[length] = '\0';
    cr_assert_eq(waitpid(asking, &status, 0), asking);
    cr_assert(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    cr_assert_str_eq(told, text);
    cr_assert_eq(WEXITSTATUS(status), outcome);
    cr_assert(echoes());
}

/* The asking process is ended by signal @p number, and the terminal echoes again. */
static void assert_killed(int number)
{
    int status;

    cr_assert_eq(waitpid(asking, &status, 0), asking);
    cr_assert(WIFSIGNALED(status));
    cr_assert_eq(WTERMSIG(status), number);
    cr_assert(echoes());
}

/* ---- who asks ---------------------------------------------------------------------------------------------------- */

static int ask(const char *again)
{
    struct bytes answer = BYTES_EMPTY;
    enum prompt_outcome outcome = prompt_ask("Word? ", again, 20, &answer);

    tell("<");
    tell(bytes_text(&answer));
    tell(">");
    return (int)outcome;
}

static int ask_once(void)
{
    return ask(NULL);
}

static int ask_twice(void)
{
    return ask("Again? ");
}

static void note(int number)
{
    (void)number;
    tell("handled");
}

static int ask_with_a_handler(void)
{
    const struct sigaction action = {.sa_handler = note};

    if (sigaction(SIGINT, &action, NULL) != 0) {
        return 97;
    }
    return ask(NULL);
}

static int ask_ignoring_hangups(void)
{
    signal(SIGHUP, SIG_IGN);
    return ask(NULL);
}

static int obtain(bool confirm, const char *label)
{
    const struct passphrase_spec spec = {.source = PASSPHRASE_PROMPT};
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct bytes secret = BYTES_EMPTY;
    int status = passphrase_obtain(context, &spec, NULL, label, confirm, &secret, faults);

    tell(status == 0 ? bytes_text(&secret) : faults_text(faults, 0));
    return status == 0 ? 0 : 1;
}

static int obtain_once(void)
{
    return obtain(false, "client.p12");
}

static int obtain_new(void)
{
    return obtain(true, "client.p12");
}

static int obtain_for_a_strange_name(void)
{
    return obtain(false, "a\x1b[2Jb\xffK\xc3\xb6ln");
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

Test(prompt, an_answer_is_taken_and_not_seen)
{
    start(ask_once);
    expect("Word? ");
    cr_assert_not(echoes());
    type("s3cret word\n");
    expect("\n");
    cr_assert_null(strstr(bytes_text(&seen), "s3cret"));
    assert_end(PROMPT_DONE, "<s3cret word>");
}

Test(prompt, a_line_can_be_edited)
{
    start(ask_once);
    expect("Word? ");
    type("wrong\x15rightt\x7f\n");
    assert_end(PROMPT_DONE, "<right>");
}

Test(prompt, an_empty_answer)
{
    start(ask_once);
    expect("Word? ");
    type("\n");
    assert_end(PROMPT_DONE, "<>");
}

/* Goal: what was typed, and seen, before the question is no answer to it. */
Test(prompt, what_was_typed_ahead_is_thrown_away)
{
    struct pollfd arrived = {.fd = slave, .events = POLLIN};

    type("early\n");
    cr_assert_eq(poll(&arrived, 1, PATIENCE), 1);
    start(ask_once);
    expect("Word? ");
    type("late\n");
    assert_end(PROMPT_DONE, "<late>");
}

Test(prompt, the_same_twice)
{
    start(ask_twice);
    expect("Word? ");
    type("word\n");
    expect("Again? ");
    cr_assert_not(echoes());
    type("word\n");
    assert_end(PROMPT_DONE, "<word>");
}

/* Goal: a pasted pair of lines answers both questions. */
Test(prompt, both_answers_at_once)
{
    start(ask_twice);
    expect("Word? ");
    type("word\nword\n");
    assert_end(PROMPT_DONE, "<word>");
}

Test(prompt, two_different_answers)
{
    start(ask_twice);
    expect("Word? ");
    type("word\n");
    expect("Again? ");
    type("word \n");
    assert_end(PROMPT_DIFFERENT, "<>");
}

Test(prompt, no_answer)
{
    start(ask_once);
    expect("Word? ");
    type("\x04");
    assert_end(PROMPT_NOTHING, "<>");
}

Test(prompt, the_longest_answer)
{
    start(ask_once);
    expect("Word? ");
    type("12345678901234567890\n");
    assert_end(PROMPT_DONE, "<12345678901234567890>");
}

Test(prompt, too_long_an_answer)
{
    start(ask_twice);
    expect("Word? ");
    type("123456789012345678901\n");
    assert_end(PROMPT_TOO_LONG, "<>");
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

Test(prompt, interrupted_at_the_keyboard)
{
    start(ask_once);
    expect("Word? ");
    type("half an\x03");
    assert_killed(SIGINT);
}

Test(prompt, ended_from_outside)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGALRM};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (i != 0) {
            tear_down();
            set_up();
        }
        start(ask_once);
        expect("Word? ");
        cr_assert_not(echoes());
        cr_assert_eq(kill(asking, numbers[i]), 0);
        assert_killed(numbers[i]);
    }
}

Test(prompt, a_handler_of_the_program_is_called_and_the_asking_ends)
{
    start(ask_with_a_handler);
    expect("Word? ");
    type("\x03");
    assert_end(PROMPT_INTERRUPTED, "handled<>");
}

Test(prompt, an_ignored_signal_stays_ignored)
{
    start(ask_ignoring_hangups);
    expect("Word? ");
    cr_assert_eq(kill(asking, SIGHUP), 0);
    usleep(250000);
    cr_assert_not(echoes());
    type("word\n");
    assert_end(PROMPT_DONE, "<word>");
}

/*
 * A shell in small: the asking process is a job in the foreground. When it stops, the shell tells whether the terminal echoes,
 * and lets it go on.
 */
static int shell(void)
{
    int status;
    pid_t job = fork();

    signal(SIGTTOU, SIG_IGN);
    if (job == 0) {
        setpgid(0, 0);
        tcsetpgrp(slave, getpid());
        signal(SIGTTOU, SIG_DFL);
        _exit(ask_once());
    }
    if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status)) {
        return 96;
    }
    tell(echoes() ? "stopped, echo" : "stopped, no echo");
    if (kill(job, SIGCONT) != 0 || waitpid(job, &status, 0) != job) {
        return 95;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 94;
}

Test(prompt, stopped_and_continued)
{
    start(shell);
    expect("Word? ");
    type("forgotten\x1a");
    expect("Word? ");
    cr_assert_not(echoes());
    type("word\n");
    assert_end(PROMPT_DONE, "stopped, echo<word>");
}

/* ---- no terminal, and the passphrase's words --------------------------------------------------------------------- */

Test(prompt, no_terminal)
{
    asking = fork();
    if (asking == 0) {
        setsid();
        _exit(obtain_once());
    }
    close(answers[1]);
    assert_end(1,
               "client.p12: there is no terminal to ask for the passphrase at (env:NAME, file:PATH or fd:N)");
}

Test(prompt, a_passphrase)
{
    start(obtain_once);
    expect("Passphrase for client.p12: ");
    type("word\n");
    assert_end(0, "word");
}

Test(prompt, a_new_passphrase)
{
    start(obtain_new);
    expect("New passphrase for client.p12: ");
    type("one\n");
    expect("The same again: ");
    type("two\n");
    assert_end(1, "client.p12: the two passphrases differ");
}

Test(prompt, a_name_that_would_steer_the_terminal)
{
    start(obtain_for_a_strange_name);
    expect("Passphrase for a?[2Jb?K\xc3\xb6ln: ");
    type("\x04");
    assert_end(1, "a\\x1B[2Jb\\xFFK\xc3\xb6ln: no passphrase was given at the terminal");
}
