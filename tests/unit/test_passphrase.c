/* SPDX-License-Identifier: Apache-2.0 */
/* base/passphrase: SPECs and the sources that need no terminal. What is asked at one: test_prompt.c. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/passphrase.h"
#include "scratch.h"
#include "told.h"

static struct context *context;
static struct faults *faults;
static struct passphrase_spec spec;
static struct bytes secret;
static struct bytes text;

static void set_up(void)
{
    scratch_start();
    context = context_new(NULL);
    faults = faults_new();
}

static void tear_down(void)
{
    passphrase_spec_free(&spec);
    bytes_free(&secret);
    bytes_free(&text);
    faults_free(faults);
    context_free(context);
    scratch_stop();
}

TestSuite(passphrase, .init = set_up, .fini = tear_down, .timeout = 60);

#define SOURCES "(env:NAME, file:PATH, fd:N, prompt, generate, or keychain:LABEL on macOS)"

/* What was told since the last look. */
static const char *told_now(void)
{
    const char *all = told(faults, &text);

    faults_free(faults);
    faults = faults_new();
    return all;
}

static void parse(const char *from)
{
    passphrase_spec_free(&spec);
    cr_assert_eq(passphrase_spec_parse(from, NULL, NULL, &spec, faults), 0, "%s: %s", from, told_now());
}

static void assert_obtained(const char *from, const char *expected)
{
    parse(from);
    cr_assert_eq(passphrase_obtain(context, &spec, scratch_folder, "client.p12", false, &secret, faults), 0,
                 "%s: %s", from, told_now());
    cr_assert_str_eq(bytes_text(&secret), expected, "%s", from);
    cr_assert_eq(secret.length, strlen(expected));
}

static void assert_not_obtained(const char *from, const char *fault)
{
    parse(from);
    cr_assert_eq(passphrase_obtain(context, &spec, scratch_folder, "client.p12", false, &secret, faults), -1,
                 "%s", from);
    cr_assert_str_eq(told_now(), fault);
    cr_assert_eq(secret.length, 0);
}

/* ---- SPECs ------------------------------------------------------------------------------------------------------- */

Test(passphrase, forms)
{
    static const struct {
        const char *text;
        enum passphrase_source source;
        const char *argument;
        int descriptor;
        const char *described;
    } cases[] = {
        {"env:P12_PASSWORD", PASSPHRASE_ENV, "P12_PASSWORD", -1, "env:P12_PASSWORD"},
        {"file:a/b:c", PASSPHRASE_FILE, "a/b:c", -1, "file:a/b:c"},
        {"fd:0", PASSPHRASE_FD, NULL, 0, "fd:0"},
        {"fd:2147483647", PASSPHRASE_FD, NULL, 2147483647, "fd:2147483647"},
        {"prompt", PASSPHRASE_PROMPT, NULL, -1, "prompt"},
        {"generate", PASSPHRASE_GENERATE, NULL, -1, "generate"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        parse(cases[i].text);
        cr_assert_eq(spec.source, cases[i].source);
        cr_assert_eq(spec.descriptor, cases[i].descriptor);
        if (cases[i].argument == NULL) {
            cr_assert_null(spec.argument);
        } else {
            cr_assert_str_eq(spec.argument, cases[i].argument);
        }
        bytes_clear(&text);
        cr_assert_eq(passphrase_spec_describe(&spec, &text), 0);
        cr_assert_str_eq(bytes_text(&text), cases[i].described);
    }
    cr_assert_eq(faults_count(faults), 0);
    passphrase_spec_free(&spec);
    bytes_clear(&text);
    cr_assert_eq(passphrase_spec_describe(&spec, &text), 0);
    cr_assert_str_eq(bytes_text(&text), "");
}

Test(passphrase, a_literal_one_is_warned_about_and_never_described)
{
    const struct place place = {"pki.yaml", 3, 9};

    cr_assert_eq(passphrase_spec_parse("pass:s3cret", &place, "certificates.c", &spec, faults), 0);
    cr_assert_eq(faults_errors(faults), 0);
    cr_assert_str_eq(told_now(),
                     "warning: pki.yaml:3:9: certificates.c: \"pass:\" puts the passphrase where others may "
                     "read it (better env:NAME, file:PATH or prompt)\n");
    bytes_clear(&text);
    cr_assert_eq(passphrase_spec_describe(&spec, &text), 0);
    cr_assert_str_eq(bytes_text(&text), "pass:***");
    assert_obtained("pass:s3cret", "s3cret");
    assert_obtained("pass:", "");
}

/* Goal: what may be the passphrase itself is not shown again. */
Test(passphrase, what_is_no_spec)
{
    static const char *const texts[] = {"",        "hunter2",    "env",       "ENV:A",
                                        "prompt:", "prompt ",    "generate:", "file",
                                        " env:A",  "password:x", "promptly",  "generated"};
    const struct place place = {"pki.yaml", 3, 9};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        passphrase_spec_free(&spec);
        cr_assert_eq(passphrase_spec_parse(texts[i], &place, "certificates.c", &spec, faults), -1, "%s",
                     texts[i]);
        cr_assert_str_eq(told_now(),
                         "pki.yaml:3:9: certificates.c: does not say where the passphrase comes from " SOURCES
                         "\n");
        cr_assert_eq(spec.source, PASSPHRASE_NONE);
    }
}

Test(passphrase, arguments_that_name_nothing)
{
    static const char *const cases[][2] = {
        {"env:", "\"env:\" names no environment variable (name an environment variable: \"env:NAME\")\n"},
        {"env:A=b", "\"env:\" names no environment variable (name an environment variable: \"env:NAME\")\n"},
        {"file:", "\"file:\" names no file (name a file: \"file:PATH\")\n"},
        {"fd:", "\"fd:\" names no file descriptor (name an open file descriptor: \"fd:3\")\n"},
        {"fd:-1", "\"fd:\" names no file descriptor (name an open file descriptor: \"fd:3\")\n"},
        {"fd:3x", "\"fd:\" names no file descriptor (name an open file descriptor: \"fd:3\")\n"},
        {"fd: 3", "\"fd:\" names no file descriptor (name an open file descriptor: \"fd:3\")\n"},
        {"fd:2147483648", "\"fd:\" names no file descriptor (name an open file descriptor: \"fd:3\")\n"},
#ifndef __APPLE__
        {"keychain:label",
         "\"keychain:\" needs macOS: this system has no keychain (env:NAME, file:PATH or prompt)\n"},
#endif
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        passphrase_spec_free(&spec);
        cr_assert_eq(passphrase_spec_parse(cases[i][0], NULL, NULL, &spec, faults), -1, "%s", cases[i][0]);
        cr_assert_str_eq(told_now(), cases[i][1]);
    }
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

Test(passphrase, from_the_environment)
{
    cr_assert_eq(setenv("MTLSKIT_TEST", "p\xc3\xa4ss word\r", 1), 0);
    assert_obtained("env:MTLSKIT_TEST", "p\xc3\xa4ss word\r");
    cr_assert_eq(setenv("MTLSKIT_TEST", "", 1), 0);
    assert_obtained("env:MTLSKIT_TEST", "");
    cr_assert_eq(unsetenv("MTLSKIT_TEST"), 0);
    assert_not_obtained("env:MTLSKIT_TEST", "client.p12: the environment variable MTLSKIT_TEST is not set "
                                            "(export it, or name another source)\n");
}

Test(passphrase, from_a_file)
{
    static const char *const cases[][2] = {{"word", "word"},
                                           {"word\n", "word"},
                                           {"word\r\n", "word"},
                                           {"word\nnext\n", "word"},
                                           {"word\r\nnext", "word"},
                                           {" a b \n", " a b "},
                                           {"a\rb\n", "a\rb"},
                                           {"", ""},
                                           {"\n", ""},
                                           {"\r\n", ""},
                                           {"a\r\r\n", "a\r"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scratch_write("secret", cases[i][0], 0600);
        assert_obtained("file:secret", cases[i][1]);
    }
    cr_assert_eq(faults_count(faults), 0);
}

Test(passphrase, a_file_that_others_can_read)
{
    char expected[200];
    char absolute[100];

    snprintf(absolute, sizeof(absolute), "file:%s/secret", scratch_folder);
    snprintf(expected, sizeof(expected),
             "warning: %s/secret: holds a passphrase and can be read by others (chmod 600 it)\n",
             scratch_folder);
    scratch_write("secret", "word", 0640);
    assert_obtained("file:secret", "word");
    cr_assert_str_eq(told_now(), expected);
    scratch_write("secret", "word", 0604);
    assert_obtained(absolute, "word");
    cr_assert_str_eq(told_now(), expected);
    scratch_write("secret", "word", 0600);
    assert_obtained(absolute, "word");
    cr_assert_str_eq(told_now(), "");
}

Test(passphrase, a_file_that_is_not_there)
{
    char expected[200];

    snprintf(expected, sizeof(expected), "%s/secret: cannot be read: No such file or directory\n",
             scratch_folder);
    assert_not_obtained("file:secret", expected);
}

Test(passphrase, lengths)
{
    char line[PASSPHRASE_MAX + 3];
    int file;

    memset(line, 'x', sizeof(line));
    line[PASSPHRASE_MAX] = '\n';
    line[PASSPHRASE_MAX + 1] = '\0';
    scratch_write("secret", line, 0600);
    line[PASSPHRASE_MAX] = '\0';
    assert_obtained("file:secret", line);
    line[PASSPHRASE_MAX] = '\r';
    line[PASSPHRASE_MAX + 1] = '\n';
    line[PASSPHRASE_MAX + 2] = '\0';
    scratch_write("secret", line, 0600);
    line[PASSPHRASE_MAX] = '\0';
    assert_obtained("file:secret", line);
    line[PASSPHRASE_MAX] = 'x';
    line[PASSPHRASE_MAX + 1] = '\0';
    scratch_write("secret", line, 0600);
    assert_not_obtained("file:secret", "client.p12: the passphrase is longer than 1023 bytes\n");
    cr_assert_eq(setenv("MTLSKIT_TEST", line, 1), 0);
    assert_not_obtained("env:MTLSKIT_TEST", "client.p12: the passphrase is longer than 1023 bytes\n");
    file = openat(scratch_directory, "secret", O_WRONLY | O_TRUNC);
    cr_assert_eq(write(file, "a\0b\n", 4), 4);
    close(file);
    assert_not_obtained("file:secret", "client.p12: the passphrase holds a NUL\n");
}

/* Goal: two passphrases can come through one descriptor, a line each. */
Test(passphrase, from_a_descriptor)
{
    char from[32];
    char fault[200];
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "one\ntwo\r\n\nlast", 14), 14);
    close(ends[1]);
    snprintf(from, sizeof(from), "fd:%d", ends[0]);
    assert_obtained(from, "one");
    assert_obtained(from, "two");
    assert_obtained(from, "");
    assert_obtained(from, "last");
    snprintf(fault, sizeof(fault), "client.p12: file descriptor %d gives no passphrase: it is at its end\n",
             ends[0]);
    assert_not_obtained(from, fault);
    close(ends[0]);
    snprintf(fault, sizeof(fault),
             "client.p12: the passphrase cannot be read from file descriptor %d: Bad file descriptor\n",
             ends[0]);
    assert_not_obtained(from, fault);
}

Test(passphrase, a_descriptor_that_never_ends_its_line)
{
    char from[32];
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

    snprintf(from, sizeof(from), "fd:%d", zero);
    assert_not_obtained(from, "client.p12: the passphrase is longer than 1023 bytes\n");
    close(zero);
}

static int counting(void *state, unsigned char *octets, size_t length)
{
    unsigned char *next = state;

    for (size_t i = 0; i < length; i++) {
        octets[i] = (unsigned char)(*next)++;
    }
    return 0;
}

static int failing(void *state, unsigned char *octets, size_t length)
{
    (void)state;
    (void)octets;
    (void)length;
    return -1;
}

Test(passphrase, generated_as_the_randomness_says)
{
    unsigned char next = 251;

    context_set_random(context, counting, &next);
    assert_obtained("generate", "56789-abcde-fghij-kmnpq");
    context_set_random(context, failing, NULL);
    assert_not_obtained("generate", "client.p12: there is no randomness to generate a passphrase from\n");
}

/* Goal: all 32 letters come up, no others do, and no two passphrases are alike. */
Test(passphrase, generated_by_chance)
{
    struct bytes before = BYTES_EMPTY;
    size_t seen[256] = {0};

    parse("generate");
    for (int round = 0; round < 200; round++) {
        cr_assert_eq(passphrase_obtain(context, &spec, NULL, NULL, false, &secret, faults), 0);
        cr_assert_eq(secret.length, 23);
        cr_assert_not(slice_equal(slice_of(&secret), slice_of(&before)));
        for (size_t i = 0; i < secret.length; i++) {
            cr_assert_eq(secret.data[i] == '-', i % 6 == 5, "%s", bytes_text(&secret));
            seen[secret.data[i]] += 1;
        }
        bytes_move(&before, &secret);
    }
    bytes_free(&before);
    for (unsigned int letter = 0; letter < 256; letter++) {
        bool ours = letter != 0 && strchr("abcdefghijkmnpqrstuvwxyz23456789-", (int)letter) != NULL;

        cr_assert_eq(seen[letter] != 0, ours, "%c came up %zu times", (int)letter, seen[letter]);
    }
}

Test(passphrase, no_source_at_all)
{
    cr_assert_eq(passphrase_obtain(context, &spec, NULL, "client.p12", false, &secret, faults), -1);
    cr_assert_str_eq(told_now(), "client.p12: nothing says where the passphrase comes from " SOURCES "\n");
}
