/* SPDX-License-Identifier: Apache-2.0 */
/* base/publisher: groups of files that appear whole or not at all, where they belong, with the mode they shall have. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "base/output_file.h"
#include "base/publisher.h"
#include "scratch.h"

static struct context *context;
static struct faults *faults;
static struct publisher *publisher;
static size_t descriptors;

static void set_up(void)
{
    umask(077);
    scratch_start();
    context = context_new(NULL);
    faults = faults_new();
    descriptors = scratch_descriptors();
    publisher = publisher_new(context, scratch_directory, "out");
}

static void tear_down(void)
{
    publisher_free(publisher);
    cr_assert_eq(scratch_descriptors(), descriptors, "all descriptors are closed");
    faults_free(faults);
    context_free(context);
    scratch_stop();
}

TestSuite(publisher, .init = set_up, .fini = tear_down, .timeout = 120);

static int add(const char *path, const char *text, mode_t mode)
{
    return publisher_add(publisher, path, slice_of_text(text), mode, faults);
}

static void assert_text(const char *path, const char *text)
{
    char *found = scratch_text(path);

    cr_assert_not_null(found, "%s is missing", path);
    cr_assert_str_eq(found, text, "%s", path);
    free(found);
}

/* One fault was added since the last look, and it is @p text. */
static void assert_fault(const char *text)
{
    cr_assert_eq(faults_count(faults), 1);
    cr_assert_str_eq(faults_text(faults, 0), text);
    faults_free(faults);
    faults = faults_new();
}

static int always_the_same(void *state, unsigned char *bytes, size_t length)
{
    (void)state;
    memset(bytes, 0x5a, length);
    return 0;
}

static int never(void *state, unsigned char *bytes, size_t length)
{
    (void)state;
    (void)bytes;
    (void)length;
    return -1;
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

Test(publisher, nothing_is_visible_before_the_commit)
{
    scratch_write("old", "before", 0644);
    cr_assert_eq(add("old", "after", 0640), 0);
    cr_assert_eq(add("new", "fresh", 0600), 0);
    cr_assert_eq(publisher_pending(publisher), 2);
    assert_text("old", "before");
    cr_assert_eq(scratch_mode("old"), 0644);
    cr_assert_eq(scratch_names(".", "new"), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("old", "after");
    assert_text("new", "fresh");
    cr_assert_eq(scratch_mode("old"), 0640);
    cr_assert_eq(publisher_pending(publisher), 0);
    cr_assert_eq(scratch_names(".", ""), 2);
}

/* Goal: below, at and above the size where the way of flushing changes, and again with the same publisher. */
Test(publisher, groups_of_every_size)
{
    static const size_t sizes[] = {0, 1, 2, PUBLISHER_FEW - 1, PUBLISHER_FEW, PUBLISHER_FEW + 1, 300};

    for (size_t round = 0; round < sizeof(sizes) / sizeof(sizes[0]); round++) {
        char path[64];
        char text[64];

        for (size_t i = 0; i < sizes[round]; i++) {
            snprintf(path, sizeof(path), "file%zu", i);
            snprintf(text, sizeof(text), "round %zu, file %zu", round, i);
            cr_assert_eq(add(path, text, i % 2 == 0 ? 0600 : 0644), 0);
            cr_assert_eq(publisher_pending(publisher), i + 1);
        }
        cr_assert_eq(publisher_commit(publisher, faults), 0);
        for (size_t i = 0; i < sizes[round]; i++) {
            snprintf(path, sizeof(path), "file%zu", i);
            snprintf(text, sizeof(text), "round %zu, file %zu", round, i);
            assert_text(path, text);
            cr_assert_eq(scratch_mode(path), i % 2 == 0 ? 0600 : 0644);
        }
        cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX), 0);
    }
    cr_assert_eq(scratch_names(".", ""), 300);
    cr_assert_eq(faults_count(faults), 0);
}

Test(publisher, the_mode_is_exact_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    static const mode_t modes[] = {0400, 0600, 0640, 0644, 0666, 0755};

    for (size_t mask = 0; mask < sizeof(masks) / sizeof(masks[0]); mask++) {
        for (size_t mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) {
            umask(masks[mask]);
            cr_assert_eq(add("file", "text", modes[mode]), 0);
            cr_assert_eq(publisher_commit(publisher, faults), 0);
            cr_assert_eq(scratch_mode("file"), modes[mode], "umask %o, mode %o", (unsigned int)masks[mask],
                         (unsigned int)modes[mode]);
        }
    }
    umask(077);
}

/* What one file of a folder came out with is asked for the next ones no more. */
Test(publisher, the_modes_of_a_group_are_exact_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    static const mode_t modes[] = {0600, 0644, 0640, 0400};
    static const char *const folders[] = {"", "a/", "b/"};
    char path[32];

    for (size_t mask = 0; mask < sizeof(masks) / sizeof(masks[0]); mask++) {
        for (size_t i = 0; i < 48; i++) {
            umask(masks[mask]);
            snprintf(path, sizeof(path), "%sf%zu", folders[i % 3], i);
            cr_assert_eq(add(path, "text", modes[i / 2 % 4]), 0, "%s", path);
        }
        cr_assert_eq(publisher_commit(publisher, faults), 0);
        for (size_t i = 0; i < 48; i++) {
            snprintf(path, sizeof(path), "%sf%zu", folders[i % 3], i);
            cr_assert_eq(scratch_mode(path), modes[i / 2 % 4], "umask %o, %s", (unsigned int)masks[mask],
                         path);
        }
    }
    umask(077);
}

/* Goal: the temporary is never more readable than the target will be. */
Test(publisher, a_temporary_is_as_private_as_its_target)
{
    umask(0);
    context_set_random(context, always_the_same, NULL);
    cr_assert_eq(add("key", "secret", 0600), 0);
    cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-0"), 1);
    cr_assert_eq(scratch_mode(PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-0"), 0600);
    umask(077);
}

Test(publisher, large_content)
{
    size_t length = 3 * 1024 * 1024 + 1;
    char *text = malloc(length + 1);

    memset(text, 'x', length);
    text[length] = '\0';
    cr_assert_eq(add("large", text, 0600), 0);
    cr_assert_eq(add("empty", "", 0600), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("large", text);
    assert_text("empty", "");
    free(text);
}

Test(publisher, folders_are_made)
{
    umask(022);
    scratch_write("there", "", 0600);
    cr_assert_eq(mkdirat(scratch_directory, "old", 0700), 0);
    cr_assert_eq(add("a/b/c/file", "1", 0600), 0);
    cr_assert_eq(add("a/b/other", "2", 0600), 0);
    cr_assert_eq(add("old/file", "3", 0600), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("a/b/c/file", "1");
    assert_text("a/b/other", "2");
    assert_text("old/file", "3");
    cr_assert_eq(scratch_mode("a"), 0755);
    cr_assert_eq(scratch_mode("a/b/c"), 0755);
    cr_assert_eq(scratch_mode("old"), 0700);
}

/* Goal: more folders than descriptors are kept open for. */
Test(publisher, many_folders)
{
    char path[64];

    for (size_t i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "d%zu/e/f%zu", i % 100, i);
        cr_assert_eq(add(path, path, 0600), 0);
    }
    cr_assert_lt(scratch_descriptors(), 120);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    for (size_t i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "d%zu/e/f%zu", i % 100, i);
        assert_text(path, path);
    }
    for (size_t i = 0; i < 150; i++) {
        snprintf(path, sizeof(path), "n%zu/e/f", i);
        cr_assert_eq(add(path, path, 0600), 0);
    }
    publisher_abandon(publisher);
    cr_assert_eq(scratch_names(".", "n"), 0, "folders made for nothing go");
    cr_assert_eq(scratch_names(".", "d"), 100);
}

Test(publisher, abandoning_leaves_nothing)
{
    char path[64];

    for (size_t size = 1; size < 100; size *= 4) {
        for (size_t i = 0; i < size; i++) {
            snprintf(path, sizeof(path), "made/%zu/file", i);
            cr_assert_eq(add(path, "x", 0600), 0);
        }
        cr_assert_eq(scratch_names(".", ""), 1);
        publisher_abandon(publisher);
        cr_assert_eq(publisher_pending(publisher), 0);
        cr_assert_eq(scratch_names(".", ""), 0);
    }
    cr_assert_eq(add("file", "x", 0600), 0);
    publisher_free(publisher);
    cr_assert_eq(scratch_names(".", ""), 0);
    publisher = NULL;
}

Test(publisher, undoing_spares_what_somebody_else_put_there)
{
    cr_assert_eq(add("made/file", "x", 0600), 0);
    scratch_write("made/foreign", "y", 0600);
    publisher_abandon(publisher);
    cr_assert_eq(scratch_names("made", ""), 1);
    assert_text("made/foreign", "y");
}

/* Goal: leftovers with the very names that would be chosen do no harm and are not touched. */
Test(publisher, names_of_temporaries_that_are_taken)
{
    struct publisher *other;

    context_set_random(context, always_the_same, NULL);
    other = publisher_new(context, scratch_directory, "out");
    cr_assert_eq(add("one", "1", 0600), 0);
    cr_assert_eq(publisher_add(other, "two", slice_of_text("2"), 0600, faults), 0);
    cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-"), 2);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(publisher_commit(other, faults), 0);
    assert_text("one", "1");
    assert_text("two", "2");
    publisher_free(other);
}

Test(publisher, without_randomness)
{
    context_set_random(context, never, NULL);
    cr_assert_eq(add("one", "1", 0600), -1);
    assert_fault("out/one: cannot be written: there is no randomness for a temporary name");
    cr_assert_eq(scratch_names(".", ""), 0);
}

/* ---- stamps ------------------------------------------------------------------------------------------------------ */

Test(publisher, stamps_are_those_of_the_files)
{
    struct file_stamp stamp;
    struct file_stamp read;
    const char *why;

    cr_assert_eq(publisher_stamp(publisher, 0, &stamp), -1);
    cr_assert_eq(add("one", "1", 0600), 0);
    cr_assert_eq(add("sub/two", "22", 0644), 0);
    cr_assert_eq(publisher_stamp(publisher, 0, &stamp), -1);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(publisher_stamp(publisher, 0, &stamp), 0);
    cr_assert_eq(file_stamp_read(scratch_directory, "one", &read, &why), 1);
    cr_assert_eq(memcmp(&stamp, &read, sizeof(stamp)), 0);
    cr_assert_eq(stamp.size, 1);
    cr_assert_eq(publisher_stamp(publisher, 1, &stamp), 0);
    cr_assert_eq(file_stamp_read(scratch_directory, "sub/two", &read, &why), 1);
    cr_assert_eq(memcmp(&stamp, &read, sizeof(stamp)), 0);
    cr_assert_eq(stamp.size, 2);
    cr_assert_eq(publisher_stamp(publisher, 2, &stamp), -1);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(publisher_stamp(publisher, 0, &stamp), -1, "of the last group alone");
}

Test(publisher, a_stamp_tells_whatever_happens_to_a_file)
{
    struct timespec times[2];
    struct file_stamp first;
    struct file_stamp second;
    struct stat status;
    const char *why;

    scratch_write("file", "text", 0600);
    cr_assert_eq(file_stamp_read(scratch_directory, "file", &first, &why), 1);
    cr_assert_eq(file_stamp_read(scratch_directory, "file", &second, &why), 1);
    cr_assert_eq(memcmp(&first, &second, sizeof(first)), 0);
    /* Same size, and the old times put back: the change time still tells. */
    usleep(20000);
    cr_assert_eq(fstatat(scratch_directory, "file", &status, 0), 0);
    scratch_write("file", "TEXT", 0600);
    times[0] = status.st_atim;
    times[1] = status.st_mtim;
    cr_assert_eq(utimensat(scratch_directory, "file", times, 0), 0);
    cr_assert_eq(file_stamp_read(scratch_directory, "file", &second, &why), 1);
    cr_assert_eq(first.size, second.size);
    cr_assert_eq(first.mtime_ns, second.mtime_ns);
    cr_assert_eq(first.inode, second.inode);
    cr_assert_neq(first.ctime_ns, second.ctime_ns);
}

static void assert_in_the_way(const char *path, const char *expected)
{
    struct file_stamp stamp;
    const char *why = NULL;

    cr_assert_eq(file_stamp_read(scratch_directory, path, &stamp, &why), -1, "%s", path);
    cr_assert_str_eq(why, expected);
}

Test(publisher, stamps_of_what_is_no_file)
{
    struct file_stamp stamp;
    const char *why;

    cr_assert_eq(mkdirat(scratch_directory, "folder", 0700), 0);
    scratch_write("folder/file", "", 0600);
    cr_assert_eq(symlinkat("folder", scratch_directory, "link"), 0);
    cr_assert_eq(symlinkat("nowhere", scratch_directory, "dangling"), 0);
    cr_assert_eq(mkfifoat(scratch_directory, "pipe", 0600), 0);
    assert_in_the_way("folder", "is a folder");
    assert_in_the_way("link", "is a symbolic link");
    assert_in_the_way("dangling", "is a symbolic link");
    assert_in_the_way("pipe", "is not a regular file");
    assert_in_the_way("link/file", "is reached through a symbolic link");
    assert_in_the_way("folder/file/x", "is to be in a folder, where a file is in its way");
    cr_assert_eq(file_stamp_read(scratch_directory, "folder/file", &stamp, &why), 1);
    cr_assert_eq(file_stamp_read(scratch_directory, "missing", &stamp, &why), 0);
    cr_assert_eq(file_stamp_read(scratch_directory, "missing/file", &stamp, &why), 0);
    cr_assert_eq(file_stamp_read(scratch_directory, "folder/missing/file", &stamp, &why), 0);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

/* Adding @p path fails with @p fault, and takes the group with it. */
static void assert_refused(const char *path, const char *fault)
{
    size_t names = scratch_names(".", "");

    cr_assert_eq(add("first", "1", 0600), 0);
    cr_assert_eq(add("made/second", "1", 0600), 0);
    cr_assert_eq(add(path, "x", 0600), -1, "%s", path);
    assert_fault(fault);
    cr_assert_eq(publisher_pending(publisher), 0);
    cr_assert_eq(scratch_names(".", ""), names, "%s: the group is gone", path);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(scratch_names(".", ""), names);
}

Test(publisher, refuses_what_is_in_the_way)
{
    scratch_write("victim", "untouched", 0644);
    cr_assert_eq(symlinkat("victim", scratch_directory, "link"), 0);
    cr_assert_eq(symlinkat("nowhere", scratch_directory, "dangling"), 0);
    cr_assert_eq(mkdirat(scratch_directory, "folder", 0700), 0);
    cr_assert_eq(symlinkat("folder", scratch_directory, "linked"), 0);
    cr_assert_eq(mkfifoat(scratch_directory, "pipe", 0600), 0);
    assert_refused("link", "out/link: is a symbolic link (remove or rename what is there)");
    assert_refused("dangling", "out/dangling: is a symbolic link (remove or rename what is there)");
    assert_refused("folder", "out/folder: is a folder (remove or rename what is there)");
    assert_refused("pipe", "out/pipe: is not a regular file (remove or rename what is there)");
    assert_refused("linked/file",
                   "out/linked/file: is reached through a symbolic link (remove or rename what is there)");
    assert_refused(
        "linked/sub/file",
        "out/linked/sub/file: is reached through a symbolic link (remove or rename what is there)");
    assert_refused("victim/file", "out/victim/file: is to be in a folder, where a file is in its way "
                                  "(remove or rename what is there)");
    assert_text("victim", "untouched");
    cr_assert_eq(scratch_names("folder", ""), 0);
}

Test(publisher, refuses_names_that_lead_elsewhere)
{
    assert_refused("../escape", "\"../escape\" cannot be the name of an output: it has a part \"..\"");
    assert_refused("/tmp/escape", "\"/tmp/escape\" cannot be the name of an output: it begins with a slash");
    assert_refused("", "\"\" cannot be the name of an output: it is empty");
    assert_refused(PUBLISHER_PREFIX "x",
                   "\"" PUBLISHER_PREFIX
                   "x\" cannot be the name of an output: it has a part that begins with "
                   "\".mtlskit-tmp-\", as only temporary files do");
}

Test(publisher, refuses_the_same_path_twice)
{
    assert_refused("first", "out/first: is to be written twice at once");
    assert_refused("made/second", "out/made/second: is to be written twice at once");
    cr_assert_eq(add("first", "1", 0600), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(add("first", "2", 0600), 0, "in the next group it may be there again");
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("first", "2");
}

static int add_new(const char *path, const char *text)
{
    return publisher_add_new(publisher, path, slice_of_text(text), 0600, faults);
}

static void assert_meanwhile(const char *path, const char *told)
{
    cr_assert_eq(add("before", "1", 0600), 0);
    cr_assert_eq(add_new(path, "new"), 0, "it is not looked for");
    cr_assert_eq(add_new("after", "2"), 0);
    if (strcmp(path, "link") == 0) {
        cr_assert_eq(symlinkat("victim", scratch_directory, path), 0);
    } else if (strcmp(path, "folder") == 0) {
        cr_assert_eq(mkdirat(scratch_directory, path, 0700), 0);
    } else {
        scratch_write(path, "untouched", 0644);
    }
    cr_assert_eq(publisher_commit(publisher, faults), -1);
    assert_fault(told);
}

/* Goal: where nothing is expected, what is there all the same is found when it is renamed to, and never replaced. */
Test(publisher, what_comes_meanwhile_is_not_replaced)
{
    publisher_expect_nothing(publisher);
    scratch_write("victim", "untouched", 0644);
    assert_meanwhile(
        "file", "out/file: was put there by somebody else in the meantime (remove or rename what is there)");
    assert_meanwhile(
        "link", "out/link: was put there by somebody else in the meantime (remove or rename what is there)");
    assert_meanwhile(
        "folder",
        "out/folder: was put there by somebody else in the meantime (remove or rename what is there)");
    assert_text("file", "untouched");
    assert_text("victim", "untouched");
    assert_text("before", "1");
    cr_assert_eq(scratch_names(".", ""), 5, "no temporary stays, nor what came after");
    cr_assert_eq(add("before", "2", 0640), 0, "what was published is replaced");
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("before", "2");
}

/* How many temporaries are in the folder that the large group has for them; there is one such folder at most. */
static size_t staged(void)
{
    char path[64];
    size_t found = 0;
    size_t folders = 0;

    for (unsigned int number = 0; number < 1000; number++) {
        struct stat status;

        snprintf(path, sizeof(path), PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-%u", number);
        if (fstatat(scratch_directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
            cr_assert_eq(status.st_mode & 07777, 0700, "it is open to nobody else");
            found = scratch_names(path, PUBLISHER_PREFIX);
            folders++;
        }
    }
    cr_assert_leq(folders, 1);
    return found;
}

static void add_many_new(size_t count)
{
    static const mode_t modes[] = {0600, 0644, 0400};
    char path[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), i % 7 == 6 ? "sub/n%zu" : "n%zu", i);
        cr_assert_eq(publisher_add_new(publisher, path, slice_of_text("new"), modes[i % 3], faults), 0);
    }
}

static void assert_many(size_t count)
{
    static const mode_t modes[] = {0600, 0644, 0400};
    char path[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), i % 7 == 6 ? "sub/n%zu" : "n%zu", i);
        assert_text(path, "new");
        cr_assert_eq(scratch_mode(path), modes[i % 3], "%s", path);
    }
}

/* Goal: in a new directory the temporaries of a large group are out of the way of those that are renamed, and nothing of it stays. */
Test(publisher, a_large_group_has_a_folder_for_its_temporaries)
{
    static const mode_t masks[] = {0, 022, 077};
    struct file_stamp stamp;

    for (size_t round = 0; round < sizeof(masks) / sizeof(masks[0]); round++) {
        context_set_random(context, always_the_same, NULL);
        publisher_expect_nothing(publisher);
        umask(masks[round]);
        add_many_new(PUBLISHER_FEW);
        cr_assert_eq(staged(), 0, "a small group has none");
        publisher_abandon(publisher);
        cr_assert_eq(scratch_names(".", ""), 0);
        add_many_new(3 * PUBLISHER_FEW);
        cr_assert_eq(staged(), 2 * PUBLISHER_FEW - (3 * PUBLISHER_FEW / 7 - PUBLISHER_FEW / 7),
                     "what lies deeper has its temporary there");
        cr_assert_eq(add("other", "of another kind", 0640), 0);
        cr_assert_eq(publisher_commit(publisher, faults), 0);
        assert_many(3 * PUBLISHER_FEW);
        assert_text("other", "of another kind");
        cr_assert_eq(publisher_stamp(publisher, 3 * PUBLISHER_FEW - 1, &stamp), 0);
        cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX) + scratch_names("sub", PUBLISHER_PREFIX), 0);
        tear_down();
        set_up();
    }
    umask(077);
}

/* Goal: however such a group ends, its folder goes with it, but for what somebody else put there. */
Test(publisher, the_folder_for_temporaries_goes_with_its_group)
{
    char path[64] = PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-32/foreign";

    context_set_random(context, always_the_same, NULL);
    publisher_expect_nothing(publisher);
    add_many_new(100);
    publisher_abandon(publisher);
    cr_assert_eq(scratch_names(".", ""), 0);
    add_many_new(100);
    scratch_write("n99", "untouched", 0600);
    cr_assert_eq(publisher_commit(publisher, faults), -1);
    assert_fault("out/n99: was put there by somebody else in the meantime (remove or rename what is there)");
    assert_text("n99", "untouched");
    cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX), 0);
    publisher_free(publisher);
    scratch_stop();
    scratch_start();
    publisher = publisher_new(context, scratch_directory, "out");
    publisher_expect_nothing(publisher);
    add_many_new(100);
    scratch_write(path, "theirs", 0600);
    cr_assert_eq(publisher_commit(publisher, faults), 0, "it is in nobody's way");
    assert_many(100);
    assert_text(path, "theirs");
    cr_assert_eq(publisher_sweep(publisher, "", faults), 0);
    assert_text(path, "theirs");
}

/* Goal: it is there for speed: without it the group is published all the same. */
Test(publisher, a_folder_for_temporaries_that_cannot_be_made)
{
    char path[64];

    context_set_random(context, always_the_same, NULL);
    publisher_expect_nothing(publisher);
    for (unsigned int number = 0; number < 1000; number++) {
        snprintf(path, sizeof(path), PUBLISHER_PREFIX "5a5a5a5a5a5a5a5a-%u", PUBLISHER_FEW + number);
        scratch_write(path, "theirs", 0600); /* as many names as are tried */
    }
    add_many_new(100);
    cr_assert_eq(staged(), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_many(100);
    cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX), 1000);
}

/* Goal: elsewhere a new file is as any other. */
Test(publisher, a_new_file_among_others)
{
    scratch_write("a", "1", 0644);
    cr_assert_eq(add_new("a", "2"), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("a", "2");
    cr_assert_eq(symlinkat("a", scratch_directory, "link"), 0);
    cr_assert_eq(add_new("link", "3"), -1);
    assert_fault("out/link: is a symbolic link (remove or rename what is there)");
}

/* Goal: a rename that fails leaves what was renamed, drops the rest, and says so once. */
Test(publisher, a_target_that_turns_into_a_folder)
{
    cr_assert_eq(add("a", "1", 0600), 0);
    cr_assert_eq(add("b", "2", 0600), 0);
    cr_assert_eq(add("c", "3", 0600), 0);
    cr_assert_eq(mkdirat(scratch_directory, "b", 0700), 0);
    cr_assert_eq(publisher_commit(publisher, faults), -1);
    assert_fault("out/b: cannot be put in its place: Is a directory");
    assert_text("a", "1");
    cr_assert_eq(scratch_names(".", ""), 2);
    cr_assert_eq(publisher_pending(publisher), 0);
}

Test(publisher, a_target_that_turns_into_a_link)
{
    scratch_write("victim", "untouched", 0644);
    cr_assert_eq(add("a", "new", 0600), 0);
    cr_assert_eq(symlinkat("victim", scratch_directory, "a"), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    assert_text("victim", "untouched");
    assert_text("a", "new");
    cr_assert_eq(scratch_mode("a"), 0600);
}

Test(publisher, a_folder_that_may_not_be_written)
{
    if (geteuid() == 0) {
        cr_assert_eq(setegid(65534), 0);
        cr_assert_eq(fchown(scratch_directory, 65534, 65534), 0);
        cr_assert_eq(seteuid(65534), 0);
    }
    cr_assert_eq(fchmod(scratch_directory, 0500), 0);
    cr_assert_eq(add("file", "x", 0600), -1);
    assert_fault("out/file: cannot be written: Permission denied "
                 "(run as a user who may write there, or change the folder's mode or owner)");
    cr_assert_eq(add("made/file", "x", 0600), -1);
    assert_fault("out/made/file: its folder cannot be opened or made: Permission denied "
                 "(run as a user who may write there, or change the folder's mode or owner)");
    cr_assert_eq(fchmod(scratch_directory, 0700), 0);
    cr_assert_eq(seteuid(getuid()), 0);
}

/* ---- no room ----------------------------------------------------------------------------------------------------- */

Test(publisher, a_file_that_may_not_grow)
{
    const struct rlimit small = {4096, 4096};
    char text[8192];

    memset(text, 'x', sizeof(text));
    text[8191] = '\0';
    scratch_write("b", "old", 0600);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(add("a", "fits", 0600), 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_assert_eq(add("b", text, 0600), -1);
    assert_fault("out/b: cannot be written: File too large");
    cr_assert_eq(scratch_names(".", ""), 1);
    assert_text("b", "old");
}

#ifdef __linux__
/* A file system of 64 KiB in a name space of this process, where root may do so. */
Test(publisher, a_full_disk)
{
    struct publisher *small;
    char path[128];
    char text[4097];
    int directory;
    int status = 0;

    snprintf(path, sizeof(path), "%s/disk", scratch_folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", path, "tmpfs", 0, "size=64k") != 0) {
        cr_skip_test("mounting is not allowed here");
    }
    /* Descriptors from before are of the other name space, where nothing is mounted. */
    close(scratch_directory);
    scratch_directory = open(scratch_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    small = publisher_new(context, directory, "disk");
    scratch_write("disk/f0", "old", 0600);
    memset(text, 'x', sizeof(text));
    text[4096] = '\0';
    for (int i = 0; status == 0 && i < 100; i++) {
        char name[16];

        snprintf(name, sizeof(name), "f%d", i);
        status = publisher_add(small, name, slice_of_text(text), 0600, faults);
    }
    cr_assert_eq(status, -1);
    assert_fault("disk/f15: cannot be written: No space left on device (make room and run again)");
    cr_assert_eq(scratch_names("disk", ""), 1);
    assert_text("disk/f0", "old");
    cr_assert_eq(publisher_add(small, "f0", slice_of_text(text), 0600, faults), 0, "there is room again");
    cr_assert_eq(publisher_commit(small, faults), 0);
    assert_text("disk/f0", text);
    publisher_free(small);
    close(directory);
    cr_assert_eq(umount(path), 0);
}
#endif

/* ---- removing, sweeping, one file -------------------------------------------------------------------------------- */

Test(publisher, remove_takes_regular_files_alone)
{
    scratch_write("file", "", 0600);
    scratch_write("victim", "untouched", 0600);
    cr_assert_eq(mkdirat(scratch_directory, "folder", 0700), 0);
    scratch_write("folder/file", "", 0600);
    cr_assert_eq(symlinkat("victim", scratch_directory, "link"), 0);
    cr_assert_eq(symlinkat("folder", scratch_directory, "linked"), 0);
    cr_assert_eq(publisher_remove(publisher, "file", faults), 0);
    cr_assert_eq(publisher_remove(publisher, "file", faults), 0, "gone is gone");
    cr_assert_eq(publisher_remove(publisher, "missing/file", faults), 0);
    cr_assert_eq(scratch_names(".", "file"), 0);
    cr_assert_eq(publisher_remove(publisher, "link", faults), -1);
    assert_fault("out/link: is a symbolic link (remove or rename what is there)");
    cr_assert_eq(publisher_remove(publisher, "folder", faults), -1);
    assert_fault("out/folder: is a folder (remove or rename what is there)");
    cr_assert_eq(publisher_remove(publisher, "linked/file", faults), -1);
    assert_fault("out/linked/file: is reached through a symbolic link (remove or rename what is there)");
    cr_assert_eq(publisher_remove(publisher, "../file", faults), -1);
    assert_fault("\"../file\" cannot be the name of an output: it has a part \"..\"");
    assert_text("victim", "untouched");
    cr_assert_eq(publisher_remove(publisher, "folder/file", faults), 0);
    cr_assert_eq(scratch_names("folder", ""), 0);
}

Test(publisher, sweep_takes_our_leftovers_alone)
{
    scratch_write(PUBLISHER_PREFIX "0123", "", 0600);
    scratch_write(PUBLISHER_PREFIX, "", 0600);
    scratch_write(".mtlskit-other", "", 0600);
    scratch_write("x" PUBLISHER_PREFIX, "", 0600);
    scratch_write("victim", "", 0600);
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "folder", 0700), 0);
    scratch_write(PUBLISHER_PREFIX "folder/" PUBLISHER_PREFIX "0", "", 0600);
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "shared", 0700), 0);
    scratch_write(PUBLISHER_PREFIX "shared/" PUBLISHER_PREFIX "0", "", 0600);
    scratch_write(PUBLISHER_PREFIX "shared/theirs", "", 0600);
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "deep", 0700), 0);
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "deep/" PUBLISHER_PREFIX "deeper", 0700), 0);
    cr_assert_eq(symlinkat("victim", scratch_directory, PUBLISHER_PREFIX "link"), 0);
    cr_assert_eq(symlinkat(PUBLISHER_PREFIX "shared", scratch_directory, PUBLISHER_PREFIX "linked"), 0);
    cr_assert_eq(mkdirat(scratch_directory, "sub", 0700), 0);
    scratch_write("sub/" PUBLISHER_PREFIX "4567", "", 0600);
    cr_assert_eq(symlinkat("sub", scratch_directory, "linked"), 0);
    cr_assert_eq(publisher_sweep(publisher, "", faults), 0);
    cr_assert_eq(scratch_names(".", PUBLISHER_PREFIX), 4, "two folders with other things in them, two links");
    cr_assert_eq(scratch_names(PUBLISHER_PREFIX "shared", ""), 1, "theirs");
    cr_assert_eq(scratch_names(PUBLISHER_PREFIX "deep", ""), 1, "ours are no deeper");
    cr_assert_eq(scratch_names(".", ""), 9);
    cr_assert_eq(scratch_names("sub", ""), 1, "folders below are left alone");
    cr_assert_eq(publisher_sweep(publisher, "linked", faults), -1);
    assert_fault("out/linked: is reached through a symbolic link (remove or rename what is there)");
    cr_assert_eq(publisher_sweep(publisher, "victim", faults), -1);
    assert_fault(
        "out/victim: is to be in a folder, where a file is in its way (remove or rename what is there)");
    cr_assert_eq(publisher_sweep(publisher, "..", faults), -1);
    assert_fault("\"..\" cannot be the name of an output: it has a part \"..\"");
    cr_assert_eq(publisher_sweep(publisher, "sub", faults), 0);
    cr_assert_eq(scratch_names("sub", ""), 0);
    cr_assert_eq(publisher_sweep(publisher, "missing", faults), 0);
    cr_assert_eq(publisher_sweep(publisher, "missing/too", faults), 0);
}

/* Goal: a folder that looks like ours and is closed to us stops nothing; what else is left over is swept. */
Test(publisher, sweep_leaves_what_is_closed_to_it)
{
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "closed", 0000), 0);
    cr_assert_eq(mkdirat(scratch_directory, PUBLISHER_PREFIX "kept", 0700), 0);
    scratch_write(PUBLISHER_PREFIX "kept/" PUBLISHER_PREFIX "0", "", 0600);
    cr_assert_eq(fchmodat(scratch_directory, PUBLISHER_PREFIX "kept", 0555, 0), 0);
    for (unsigned int number = 0; number < 100; number++) {
        char path[64];

        snprintf(path, sizeof(path), PUBLISHER_PREFIX "%u", number);
        scratch_write(path, "", 0600);
    }
    if (geteuid() == 0) {
        cr_assert_eq(setegid(65534), 0);
        cr_assert_eq(fchown(scratch_directory, 65534, 65534), 0);
        cr_assert_eq(seteuid(65534), 0);
    }
    cr_assert_eq(publisher_sweep(publisher, "", faults), 0);
    cr_assert_eq(scratch_names(".", ""), 2);
    cr_assert_eq(add("file", "x", 0600), 0);
    cr_assert_eq(publisher_commit(publisher, faults), 0);
    cr_assert_eq(seteuid(getuid()), 0);
    cr_assert_eq(fchmodat(scratch_directory, PUBLISHER_PREFIX "closed", 0700, 0), 0);
    cr_assert_eq(fchmodat(scratch_directory, PUBLISHER_PREFIX "kept", 0700, 0), 0);
    cr_assert_eq(publisher_sweep(publisher, "", faults), 0);
    cr_assert_eq(scratch_names(".", ""), 1);
}

Test(publisher, one_file_by_its_path)
{
    char path[128];
    char fault[300];

    snprintf(path, sizeof(path), "%s/client.p12", scratch_folder);
    cr_assert_eq(output_file_publish(context, path, slice_of_text("absolute"), 0640, faults), 0);
    assert_text("client.p12", "absolute");
    cr_assert_eq(scratch_mode("client.p12"), 0640);
    cr_assert_eq(fchdir(scratch_directory), 0);
    cr_assert_eq(output_file_publish(context, "client.p12", slice_of_text("relative"), 0600, faults), 0);
    assert_text("client.p12", "relative");
    cr_assert_eq(output_file_publish(context, "missing/client.p12", slice_of_text(""), 0600, faults), -1);
    assert_fault("missing/client.p12: its folder cannot be opened: No such file or directory");
    cr_assert_eq(symlinkat(".", scratch_directory, "here"), 0);
    cr_assert_eq(output_file_publish(context, "here/client.p12", slice_of_text("through"), 0600, faults), 0);
    assert_text("client.p12", "through");
    cr_assert_eq(symlinkat("client.p12", scratch_directory, "link"), 0);
    cr_assert_eq(output_file_publish(context, "here/link", slice_of_text(""), 0600, faults), -1);
    assert_fault("here/link: is a symbolic link (remove or rename what is there)");
    snprintf(path, sizeof(path), "%s/link", scratch_folder);
    snprintf(fault, sizeof(fault), "%s: is a symbolic link (remove or rename what is there)", path);
    cr_assert_eq(output_file_publish(context, path, slice_of_text(""), 0600, faults), -1);
    assert_fault(fault);
    cr_assert_eq(output_file_publish(context, "link", slice_of_text(""), 0600, faults), -1);
    assert_fault("link: is a symbolic link (remove or rename what is there)");
    cr_assert_eq(output_file_publish(context, "here/", slice_of_text(""), 0600, faults), -1);
    assert_fault("\"\" cannot be the name of an output: it is empty");
    assert_text("client.p12", "through");
    cr_assert_eq(chdir("/"), 0);
}
