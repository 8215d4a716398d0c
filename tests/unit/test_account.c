/* SPDX-License-Identifier: Apache-2.0 */
/* The account's name, and who it was before sudo. */
#include <criterion/criterion.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"

static void expect_name(const char *before, const char *expected)
{
    struct bytes name = BYTES_EMPTY;

    if (before == NULL) {
        unsetenv("SUDO_USER");
    } else {
        setenv("SUDO_USER", before, 1);
    }
    cr_assert_eq(account_name(&name), 0);
    cr_assert_str_eq(bytes_text(&name), expected);
    cr_assert_leq(name.length, (size_t)ACCOUNT_NAME_MAX);
    bytes_free(&name);
}

Test(account, is_the_name_of_the_effective_user)
{
    const struct passwd *entry = getpwuid(geteuid());

    cr_assert_not_null(entry);
    expect_name(NULL, entry->pw_name);
    expect_name("", entry->pw_name);
}

Test(account, root_tells_who_it_was)
{
    char hostile[400];
    struct bytes name = BYTES_EMPTY;

    if (geteuid() != 0) {
        cr_skip_test("not root");
    }
    expect_name("alice", "root (sudo by alice)");
    memset(hostile, '\n', sizeof(hostile));
    hostile[sizeof(hostile) - 1] = '\0';
    setenv("SUDO_USER", hostile, 1);
    cr_assert_eq(account_name(&name), 0);
    cr_assert_leq(name.length, (size_t)ACCOUNT_NAME_MAX);
    cr_assert_null(strchr(bytes_text(&name), '\n'));
    bytes_free(&name);
}

Test(account, others_cannot_claim_to_come_from_sudo)
{
    if (geteuid() != 0) {
        cr_skip_test("not root");
    }
    /* a number that has no name, as in a container */
    cr_assert_eq(seteuid(54321), 0);
    expect_name("alice", "uid 54321");
    cr_assert_eq(seteuid(0), 0);
}

Test(account, who_called_sudo_is_a_number_or_refused)
{
    static const char *const bad[] = {"abc",   "-1",    "4294967295", "99999999999999999999",
                                      "4321 ", " 4321", "+5"};
    static const char *const variables[] = {"SUDO_UID", "SUDO_GID"};
    struct account account = {0, 0};

    for (size_t i = 0; i < 2 * sizeof(bad) / sizeof(bad[0]); i++) {
        struct faults *faults = faults_new();
        const char *variable = variables[i % 2];
        char expected[80];

        cr_assert_eq(setenv("SUDO_UID", "4321", 1) | setenv("SUDO_GID", "4322", 1), 0);
        cr_assert_eq(account_behind_root(&account, faults), 0);
        cr_assert(account.user == 4321 && account.group == 4322);
        cr_assert_eq(setenv(variable, bad[i / 2], 1), 0);
        cr_assert_eq(account_behind_root(&account, faults), -1, "%s=%s", variable, bad[i / 2]);
        (void)snprintf(expected, sizeof(expected), "%s in the environment is not the number of an account",
                       variable);
        cr_assert_eq(faults_count(faults), 1);
        cr_assert(strstr(faults_text(faults, 0), expected) != NULL, "%s", faults_text(faults, 0));
        faults_free(faults);
    }
}
