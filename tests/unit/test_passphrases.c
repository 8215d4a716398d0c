/* SPDX-License-Identifier: Apache-2.0 */
/* The passphrases of a run: each source is asked once, except those that are new at each asking. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "issuing/passphrases.h"
#include "scratch.h"
#include "told.h"

static struct context *context;
static struct faults *faults;
static struct passphrases *passphrases;
static struct bytes text;

static void set_up(void)
{
    scratch_start();
    context = context_new(NULL);
    faults = faults_new();
    passphrases = passphrases_new(context, scratch_folder);
}

static void tear_down(void)
{
    passphrases_free(passphrases);
    bytes_free(&text);
    faults_free(faults);
    context_free(context);
    scratch_stop();
}

TestSuite(passphrases, .init = set_up, .fini = tear_down, .timeout = 60);

/* The list's answer to a SPEC that is gone right after. */
static const struct bytes *get(const char *from)
{
    struct passphrase_spec spec;
    const struct bytes *secret;

    cr_assert_eq(passphrase_spec_parse(from, NULL, NULL, &spec, faults), 0);
    secret = passphrases_get(passphrases, &spec, "client.p12", true, faults);
    passphrase_spec_free(&spec);
    return secret;
}

Test(passphrases, a_file_is_read_once_from_the_folder)
{
    const struct bytes *first;

    scratch_write("one", "first word\n", 0600);
    scratch_write("two", "second word\n", 0600);
    first = get("file:one");
    cr_assert_str_eq(bytes_text(first), "first word");
    scratch_write("one", "changed\n", 0600);
    cr_assert_eq(get("file:one"), first);
    cr_assert_str_eq(bytes_text(get("file:two")), "second word");
    cr_assert_str_eq(bytes_text(first), "first word");
}

Test(passphrases, the_environment_is_asked_once)
{
    const struct bytes *first;

    cr_assert_eq(setenv("TEST_PASSPHRASE", "of the environment", 1), 0);
    first = get("env:TEST_PASSPHRASE");
    cr_assert_str_eq(bytes_text(first), "of the environment");
    cr_assert_eq(unsetenv("TEST_PASSPHRASE"), 0);
    cr_assert_eq(get("env:TEST_PASSPHRASE"), first);
}

Test(passphrases, a_descriptor_can_be_read_only_once_and_is)
{
    const struct bytes *first;
    char spec[16];
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "through a pipe\n", 15), 15);
    (void)close(ends[1]);
    (void)snprintf(spec, sizeof(spec), "fd:%d", ends[0]);
    first = get(spec);
    cr_assert_not_null(first, "%s", told(faults, &text));
    cr_assert_str_eq(bytes_text(first), "through a pipe");
    cr_assert_eq(get(spec), first);
    (void)close(ends[0]);
}

Test(passphrases, generated_ones_are_new_each_time_and_stay)
{
    const struct bytes *first = get("generate");
    const struct bytes *second = get("generate");
    char kept[64];

    cr_assert_not_null(first);
    cr_assert_not_null(second);
    cr_assert_str_neq(bytes_text(first), bytes_text(second));
    cr_assert_lt(first->length, sizeof(kept));
    memcpy(kept, bytes_text(first), first->length + 1);
    for (int i = 0; i < 100; i++) {
        cr_assert_not_null(get("generate"));
    }
    cr_assert_str_eq(bytes_text(first), kept);
}

Test(passphrases, texts_are_told_apart)
{
    cr_assert_str_eq(bytes_text(get("pass:one")), "one");
    cr_assert_str_eq(bytes_text(get("pass:two")), "two");
}

Test(passphrases, what_failed_is_told_once)
{
    cr_assert_null(get("file:later"));
    cr_assert_eq(faults_errors(faults), 1);
    scratch_write("later", "now\n", 0600);
    cr_assert_null(get("file:later"));
    cr_assert_eq(faults_errors(faults), 1);
}

/** A fleet has a passphrase each: those of a batch that is made are wiped, the others are found at once. */
Test(passphrases, many)
{
    struct passphrase_spec generate = {.source = PASSPHRASE_GENERATE};
    struct faults *told = faults_new();
    struct passphrases *many = passphrases_new(context, NULL);
    char value[32], name[32];

    cr_assert(told != NULL && many != NULL);
    for (size_t i = 0; i < 5000; i++) {
        struct passphrase_spec spec = {.source = PASSPHRASE_ENV, .argument = name};
        const struct bytes *secret;

        (void)snprintf(name, sizeof(name), "MTLSKIT_MANY_%zu", i);
        (void)snprintf(value, sizeof(value), "secret %zu", i);
        cr_assert_eq(setenv(name, value, 1), 0);
        secret = passphrases_get(many, &spec, "x", false, told);
        cr_assert_str_eq(bytes_text(secret), value);
        cr_assert_eq(unsetenv(name), 0);
        cr_assert_eq(passphrases_get(many, &spec, "x", false, told), secret);
        cr_assert_not_null(passphrases_get(many, &generate, "x", false, told));
    }
    cr_assert_eq(passphrases_fresh(many), 5000);
    passphrases_forget_fresh(many, 3000);
    cr_assert_not_null(passphrases_get(many, &generate, "x", false, told));
    passphrases_forget_fresh(many, 5001);
    passphrases_forget_fresh(many, 5001);
    cr_assert_not_null(passphrases_get(many, &generate, "x", false, told));
    cr_assert_eq(faults_count(told), 0);
    passphrases_free(many);
    faults_free(told);
}
