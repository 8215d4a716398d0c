/* SPDX-License-Identifier: Apache-2.0 */
/* base/publisher: killed at any moment, it leaves every target whole, old or new, and only leftovers that are swept. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/publisher.h"
#include "scratch.h"

#define ROUNDS 50
#define LENGTH 3000
/* A group that is flushed with its file system. */
#define MANY (3 * PUBLISHER_FEW)

/* A version is a letter; its files are made of it. Their mode tells whether it is even. */
static mode_t mode_of(char version)
{
    return version % 2 == 0 ? 0640 : 0604;
}

static char next(char version)
{
    return version == 'z' ? 'a' : (char)(version + 1);
}

static void name(char *path, size_t size, size_t index)
{
    snprintf(path, size, index % 3 == 0 ? "sub/file%03zu" : "file%03zu", index);
}

/* Publishes groups of @p files for ever, the first of version @p version; what it takes to begin is over when it writes to @p begun. */
static void publish_for_ever(size_t files, char version, int begun)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct publisher *publisher = publisher_new(context, scratch_directory, "out");
    char content[LENGTH + 1];
    char path[32];

    /* the first randomness takes longer than many a group */
    if (context_random(context, (unsigned char *)content, 8) != 0 || write(begun, "b", 1) != 1) {
        _exit(1);
    }
    for (;; version = next(version)) {
        memset(content, version, LENGTH);
        content[LENGTH] = '\0';
        for (size_t i = 0; i < files; i++) {
            name(path, sizeof(path), i);
            if (publisher_add(publisher, path, slice_of_text(content), mode_of(version), faults) != 0) {
                _exit(1);
            }
        }
        if (publisher_commit(publisher, faults) != 0) {
            _exit(1);
        }
    }
}

/* The version that the target is of: whole, with its mode. */
static char version_of(size_t index)
{
    char path[32];
    char *text;
    char version;

    name(path, sizeof(path), index);
    text = scratch_text(path);
    cr_assert_not_null(text, "%s is missing", path);
    version = text[0];
    cr_assert(version >= 'a' && version <= 'z', "%s", path);
    cr_assert_eq(strlen(text), LENGTH, "%s is %zu long", path, strlen(text));
    for (size_t i = 0; i < LENGTH; i++) {
        cr_assert_eq(text[i], version, "%s is mixed", path);
    }
    cr_assert_eq(scratch_mode(path), mode_of(version), "%s has mode %o", path,
                 (unsigned int)scratch_mode(path));
    free(text);
    return version;
}

/*
 * The targets are of one version up to some place in the order of adding. Behind it they are as the group before left them:
 * of the version before, or, when the kill came in the child's first group, as they were found. @p found is that, and is
 * brought up to date.
 */
static char check_versions(size_t files, char *found)
{
    bool as_found = true;
    bool as_before = true;
    bool newest = true;
    char first = version_of(0);

    for (size_t i = 0; i < files; i++) {
        char version = version_of(i);

        newest = newest && version == first;
        if (!newest) {
            as_found = as_found && version == found[i];
            as_before = as_before && next(version) == first;
            cr_assert(as_found || as_before, "file %zu is of version %c, the first of %c", i, version, first);
        }
        found[i] = version;
    }
    return first;
}

static void sweep(void)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct publisher *publisher = publisher_new(context, scratch_directory, "out");

    cr_assert_eq(publisher_sweep(publisher, "", faults), 0);
    cr_assert_eq(publisher_sweep(publisher, "sub", faults), 0);
    publisher_free(publisher);
    faults_free(faults);
    context_free(context);
}

/* A process to publish in: 0 there, with what is to be written to when it begins. Elsewhere it has begun. */
static pid_t fork_publisher(int *begun)
{
    int ends[2];
    char octet;
    pid_t child;

    cr_assert_eq(pipe(ends), 0);
    *begun = ends[1];
    child = fork();
    if (child != 0) {
        cr_assert_eq(read(ends[0], &octet, 1), 1);
        close(ends[0]);
        close(ends[1]);
    }
    return child;
}

/* Kill @p child after a time below @p span microseconds. */
static void kill_within(pid_t child, unsigned int span)
{
    int status;

    usleep((unsigned int)rand() % span);
    cr_assert_eq(kill(child, SIGKILL), 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status), "the publisher gave up by itself");
}

/* Kill ROUNDS publishers of groups of @p files, each after a time of its own below @p span microseconds from its beginning. */
static void kill_publishers(size_t files, unsigned int span)
{
    char found[MANY] = "";
    char version = 'a';
    size_t leftovers = 0;

    for (int round = 0; round < ROUNDS; round++) {
        int begun;
        pid_t child = fork_publisher(&begun);

        if (child == 0) {
            publish_for_ever(files, version, begun);
        }
        if (round == 0) {
            /* Until the first group is out there is nothing to look at. */
            while (scratch_names(".", "file") < files - (files + 2) / 3) {
                usleep(1000);
            }
        }
        kill_within(child, span);
        version = next(check_versions(files, found));
        leftovers += scratch_names(".", PUBLISHER_PREFIX) + scratch_names("sub", PUBLISHER_PREFIX);
        sweep();
        cr_assert_eq(scratch_names(".", "") - 1 + scratch_names("sub", ""), files, "only targets are left");
    }
    cr_assert_gt(leftovers, 0, "no kill ever met a publisher at work");
}

/* Publishes one group of new files where nothing is, again and again until one is killed in it. Its temporaries are in a folder of their own. */
static void publish_new(int begun)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct publisher *publisher = publisher_new(context, scratch_directory, "out");
    char content[LENGTH + 1];
    char path[32];

    memset(content, 'a', LENGTH);
    content[LENGTH] = '\0';
    publisher_expect_nothing(publisher);
    if (context_random(context, (unsigned char *)path, 8) != 0 || write(begun, "b", 1) != 1) {
        _exit(1);
    }
    for (size_t group = 0;; group++) {
        for (size_t i = 0; i < MANY; i++) {
            name(path, sizeof(path), group * MANY + i);
            if (publisher_add_new(publisher, path, slice_of_text(content), mode_of('a'), faults) != 0) {
                _exit(1);
            }
        }
        if (publisher_commit(publisher, faults) != 0) {
            _exit(1);
        }
    }
}

static void set_up(void)
{
    umask(077);
    srand(20);
    scratch_start();
}

TestSuite(publisher_killed, .init = set_up, .fini = scratch_stop, .timeout = 240);

Test(publisher_killed, small_groups)
{
    kill_publishers(5, 5000);
}

Test(publisher_killed, large_groups)
{
    kill_publishers(MANY, 20000);
}

/* Goal: the folder that a large group of new files has for its temporaries is swept with what is in it, and what was renamed out of it is whole. */
Test(publisher_killed, large_groups_of_new_files)
{
    size_t staged = 0;

    for (int round = 0; round < ROUNDS; round++) {
        int begun;
        pid_t child = fork_publisher(&begun);
        size_t files;

        if (child == 0) {
            publish_new(begun);
        }
        kill_within(child, 20000);
        staged += scratch_folders(".", PUBLISHER_PREFIX);
        sweep();
        files = scratch_names(".", "file");
        cr_assert_eq(scratch_names(".", "") - scratch_folders(".", "sub"), files, "only targets are left");
        if (scratch_folders(".", "sub") == 1) {
            cr_assert_eq(scratch_names("sub", ""), scratch_names("sub", "file"));
            files += scratch_names("sub", "file");
        }
        for (size_t i = 0; i < files; i++) {
            cr_assert_eq(version_of(i), 'a'); /* they came in the order of adding */
        }
        scratch_stop();
        scratch_start();
    }
    cr_assert_gt(staged, 0, "no kill ever met a publisher at work in such a folder");
}
