/* SPDX-License-Identifier: Apache-2.0 */
/* The way from a PKI directory to its manifest, links resolved, whether the directory is there or not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "issuing/path_between.h"
#include "scratch.h"
#include "told.h"

static struct faults *faults;
static struct bytes text;

static void set_up(void)
{
    scratch_start();
    faults = faults_new();
    cr_assert_eq(chdir(scratch_folder), 0);
    cr_assert_eq(mkdir("a", 0755), 0);
    cr_assert_eq(mkdir("a/b", 0755), 0);
    cr_assert_eq(mkdir("ab", 0755), 0);
    scratch_write("pki.yaml", "", 0644);
    scratch_write("a/pki.yaml", "", 0644);
    scratch_write("a/b/pki.yaml", "", 0644);
}

static void tear_down(void)
{
    cr_assert_eq(chdir("/"), 0);
    bytes_free(&text);
    faults_free(faults);
    scratch_stop();
}

TestSuite(path_between, .init = set_up, .fini = tear_down, .timeout = 60);

static void expect(const char *folder, const char *file, const char *expected)
{
    struct bytes way = BYTES_EMPTY;

    cr_assert_eq(path_between(folder, file, &way, faults), 0, "%s", told(faults, &text));
    cr_assert_str_eq(bytes_text(&way), expected, "from %s to %s: %s, not %s", folder, file, bytes_text(&way),
                     expected);
    bytes_free(&way);
}

Test(path_between, folders_that_are_there)
{
    expect("a", "pki.yaml", "../pki.yaml");
    expect("a/b", "pki.yaml", "../../pki.yaml");
    expect("a", "a/pki.yaml", "pki.yaml");
    expect("a", "a/b/pki.yaml", "b/pki.yaml");
    expect(".", "pki.yaml", "pki.yaml");
    expect("a/b", "a/pki.yaml", "../pki.yaml");
}

Test(path_between, a_name_that_begins_like_another_is_another)
{
    expect("ab", "a/pki.yaml", "../a/pki.yaml");
    expect("a", "a/b/pki.yaml", "b/pki.yaml");
}

Test(path_between, folders_that_are_not_there_yet)
{
    expect("new", "pki.yaml", "../pki.yaml");
    expect("new/", "pki.yaml", "../pki.yaml");
    expect("new///", "pki.yaml", "../pki.yaml");
    expect("a/new", "a/pki.yaml", "../pki.yaml");
    expect("./a/../new", "pki.yaml", "../pki.yaml");
}

Test(path_between, links_are_resolved)
{
    cr_assert_eq(symlink("a/b", "link"), 0);
    cr_assert_eq(symlink("a/pki.yaml", "linked.yaml"), 0);
    expect("link", "pki.yaml", "../../pki.yaml");
    expect("a", "linked.yaml", "pki.yaml");
    expect("link/new", "pki.yaml", "../../../pki.yaml");
}

Test(path_between, absolute_and_relative_are_the_same)
{
    char folder[128];
    char file[128];

    (void)snprintf(folder, sizeof(folder), "%s/a", scratch_folder);
    (void)snprintf(file, sizeof(file), "%s/pki.yaml", scratch_folder);
    expect(folder, "pki.yaml", "../pki.yaml");
    expect("a", file, "../pki.yaml");
    expect("/", "/etc/passwd", "etc/passwd");
}

Test(path_between, standard_input_stays)
{
    expect("a", "-", "-");
    expect("nowhere/at/all", "-", "-");
}

static void expect_refused(const char *folder, const char *file, const char *part)
{
    struct bytes way = BYTES_EMPTY;
    size_t before = faults_errors(faults);

    cr_assert_eq(path_between(folder, file, &way, faults), -1);
    cr_assert_eq(faults_errors(faults), before + 1);
    cr_assert_not_null(strstr(told(faults, &text), part), "%s", bytes_text(&text));
    bytes_free(&way);
}

Test(path_between, what_cannot_be_found)
{
    expect_refused("a", "none.yaml", "none.yaml");
    expect_refused("none/new", "pki.yaml", "none/new");
}

Test(path_between, a_way_that_is_too_long)
{
    char name[251];
    int depth = 0;

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    while (depth < 5) {
        cr_assert_eq(mkdir(name, 0755), 0);
        cr_assert_eq(chdir(name), 0);
        depth++;
    }
    cr_assert_eq(mkdir("here", 0755), 0);
    FILE *file = fopen("pki.yaml", "w");
    cr_assert_not_null(file);
    (void)fclose(file);
    expect_refused(scratch_folder, "pki.yaml", "too long");
    cr_assert_eq(chdir(scratch_folder), 0);
}
