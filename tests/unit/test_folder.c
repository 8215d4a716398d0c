/* SPDX-License-Identifier: Apache-2.0 */
/* base/folder: what removing a folder takes with it, and what it leaves alone. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "scratch.h"

TestSuite(folder, .init = scratch_start, .fini = scratch_stop);

static void make_folder(const char *path)
{
    cr_assert_eq(mkdirat(scratch_directory, path, 0700), 0);
}

static void make_file(const char *path)
{
    int file = openat(scratch_directory, path, O_WRONLY | O_CREAT | O_EXCL, 0600);

    cr_assert_geq(file, 0);
    close(file);
}

static bool is_there(const char *path)
{
    struct stat status;

    return fstatat(scratch_directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

Test(folder, goes_with_all_that_is_in_it)
{
    make_folder("a");
    make_folder("a/b");
    make_folder("a/b/c");
    make_file("a/one");
    make_file("a/b/two");
    make_file("a/b/c/.three");
    make_file("other");
    cr_assert_eq(folder_remove(scratch_directory, "a"), 0);
    cr_expect_not(is_there("a"));
    cr_expect(is_there("other"));
    cr_assert_eq(folder_remove(scratch_directory, "other"), 0, "a file is removed, too");
    cr_expect_not(is_there("other"));
    cr_expect_eq(folder_remove(scratch_directory, "a"), 0, "missing is no failure");
}

Test(folder, links_are_not_followed)
{
    make_folder("kept");
    make_file("kept/file");
    make_folder("a");
    cr_assert_eq(symlinkat("../kept", scratch_directory, "a/link"), 0);
    cr_assert_eq(symlinkat("../kept/file", scratch_directory, "a/other"), 0);
    cr_assert_eq(symlinkat("kept", scratch_directory, "link"), 0);
    cr_assert_eq(folder_remove(scratch_directory, "a"), 0);
    cr_expect_not(is_there("a"));
    cr_assert_eq(folder_remove(scratch_directory, "link"), 0);
    cr_expect_not(is_there("link"));
    cr_expect(is_there("kept/file"));
}

Test(folder, too_deep_is_refused)
{
    int folder = dup(scratch_directory);

    make_folder("a");
    for (int depth = 0; depth < 600; depth++) {
        int below;

        if (depth > 0) {
            cr_assert_eq(mkdirat(folder, "a", 0700), 0);
        }
        below = openat(folder, "a", O_RDONLY | O_DIRECTORY);
        cr_assert_geq(below, 0);
        close(folder);
        folder = below;
    }
    close(folder);
    errno = 0;
    cr_expect_eq(folder_remove(scratch_directory, "a"), -1);
    cr_expect(errno == ELOOP || errno == EMFILE, "errno %d", errno);
    cr_expect(is_there("a"));
}
