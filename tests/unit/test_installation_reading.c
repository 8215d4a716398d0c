/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where install.yaml is parsed: the linker puts a double in the place of libyaml's parser (--wrap, see tests/CMakeLists.txt), which notes in
 * shared memory who called it and what that process may do, and crashes or lies when it is told to.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <yaml.h>

#include "base/confine.h"
#include "installation/installation.h"
#include "scratch.h"
#include "told.h"

#define YAML                                                                                                 \
    "mtlskit-install: 1\n"                                                                                   \
    "into: nss:sql:/tmp/db\n"                                                                                \
    "trust: [{files: ca.crt, for: client}]\n"                                                                \
    "identities: [{p12: c.p12, passphrase: 'pass:x'}]\n"

/* The pipe's descriptor in the child (base/confined_call.c). */
#define ANSWER 3

int __real_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);
int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event);

/** What is seen of the process that parses. */
struct seen {
    size_t calls;
    pid_t process;
    uid_t user;
    gid_t group;
    bool opens; /**< it can open a file */
};

static struct seen *seen;
static enum { PARSE, CRASH, LIE } what;

int __wrap_yaml_parser_parse(yaml_parser_t *parser, yaml_event_t *event)
{
    int file = open("/dev/null", O_RDONLY);

    seen->calls++;
    seen->process = getpid();
    seen->user = geteuid();
    seen->group = getegid();
    seen->opens = file >= 0;
    if (file >= 0) {
        (void)close(file);
    }
    if (what == CRASH) {
        abort();
    }
    if (what == LIE) {
        static const char lie[] = "cf\0\0\0\013/etc/shadow.\0\0\0\0";

        (void)!write(ANSWER, lie, sizeof(lie) - 1);
        _exit(0);
    }
    return __real_yaml_parser_parse(parser, event);
}

struct world {
    struct installation installation;
    struct faults *faults;
    struct bytes text;
    char path[200];
};

static void open_world(struct world *world)
{
    scratch_start();
    memset(world, 0, sizeof(*world));
    world->faults = faults_new();
    scratch_write("i.yaml", YAML, 0600);
    (void)snprintf(world->path, sizeof(world->path), "%s/i.yaml", scratch_folder);
    seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(seen, MAP_FAILED);
}

static void close_world(struct world *world)
{
    installation_free(&world->installation);
    faults_free(world->faults);
    bytes_free(&world->text);
    (void)munmap(seen, sizeof(*seen));
    scratch_stop();
}

/** Refused, with one sentence that begins with the file's name and goes on like this. */
static void refused(struct world *world, const char *expected)
{
    size_t name = strlen(world->path);

    cr_assert_eq(installation_read(world->path, &world->installation, world->faults), -1);
    cr_assert_gt(seen->calls, 0);
    cr_assert_eq(faults_count(world->faults), 1);
    cr_assert_eq(strncmp(faults_text(world->faults, 0), world->path, name), 0);
    cr_assert_str_eq(faults_text(world->faults, 0) + name, expected);
    cr_assert_null(world->installation.trust);
    cr_assert_null(world->installation.shown);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child was left");
}

Test(installation_reading, a_child_parses_that_can_open_nothing)
{
    struct world world;
    const struct installation *read = &world.installation;
    char expected[200];

    open_world(&world);
    cr_assert_eq(installation_read(world.path, &world.installation, world.faults), 0, "%s",
                 told(world.faults, &world.text));
    cr_assert_gt(seen->calls, 0);
    cr_assert_neq(seen->process, getpid());
    cr_assert_not(seen->opens);
    cr_assert_str_eq(read->into, "nss:sql:/tmp/db");
    cr_assert_eq(read->into_place.line, 2);
    cr_assert_eq(read->into_place.column, 7);
    cr_assert_eq(read->into_place.file, read->shown);
    cr_assert_eq(read->trust[0].scope, SCOPE_CLIENT);
    cr_assert_eq(read->trust[0].place.line, 3);
    cr_assert_eq(read->trust[0].place.column, 9);
    (void)snprintf(expected, sizeof(expected), "%s/ca.crt", scratch_folder);
    cr_assert_str_eq(read->trust[0].files[0], expected);
    cr_assert_eq(read->identities[0].place.line, 4);
    cr_assert_str_eq(read->identities[0].passphrase.argument, "x");
    cr_assert_eq(faults_warnings(world.faults), 1);
    cr_assert_not_null(
        strstr(told(world.faults, &world.text), "/i.yaml:4:39: identities[0].passphrase: \"pass:\" puts"),
        "%s", bytes_text(&world.text));
    close_world(&world);
}

Test(installation_reading, root_has_it_parsed_by_who_called_sudo_and_opens_it_itself)
{
    struct world world;

    if (geteuid() != 0) {
        cr_skip_test("only root has something to give up");
    }
    open_world(&world);
    cr_assert_eq(setenv("SUDO_UID", "12345", 1), 0);
    cr_assert_eq(setenv("SUDO_GID", "23456", 1), 0);
    cr_assert_eq(chmod(scratch_folder, 0), 0);
    cr_assert_eq(installation_read(world.path, &world.installation, world.faults), 0, "%s",
                 told(world.faults, &world.text));
    cr_assert_eq(seen->user, 12345);
    cr_assert_eq(seen->group, 23456);
    cr_assert_eq(geteuid(), 0);
    close_world(&world);
}

Test(installation_reading, a_parser_that_crashes_is_a_complaint)
{
    struct world world;

    open_world(&world);
    what = CRASH;
    refused(&world,
            ": the process that parses it was ended by signal 6 (Aborted) (the file may be made to do this; "
            "nothing was taken from it)");
    cr_assert_neq(seen->process, getpid());
    close_world(&world);
}

Test(installation_reading, a_parser_that_was_taken_over_is_not_believed)
{
    struct world world;

    if (confine_means() == NULL) {
        cr_skip_test("no seccomp: not in this build, or this is valgrind, which finds what the child leaves");
    }
    open_world(&world);
    what = LIE;
    refused(
        &world,
        ": the process that parses it answered with a part where none of its kind can be (the file may be "
        "made to do this; nothing was taken from it)");
    close_world(&world);
}

Test(installation_reading, what_the_child_finds_wrong_is_told_as_if_it_were_parsed_here)
{
    static const char yaml[] = "mtlskit-install: 1\n"
                               "identities: [{p12: a, passphrase: 'pass:x'}]\n"
                               "allow: [curl, \"a\\nb\"]\n";
    struct world world;
    struct bytes text = BYTES_EMPTY;
    struct faults *here = faults_new();

    open_world(&world);
    scratch_write("i.yaml", yaml, 0600);
    cr_assert_eq(installation_read(world.path, &world.installation, world.faults), -1);
    cr_assert_neq(seen->process, getpid());
    cr_assert_eq(
        installation_parse(slice_of_text(yaml), world.path, scratch_folder, &world.installation, here), -1);
    cr_assert_eq(seen->process, getpid());
    cr_assert_eq(faults_count(here), 3);
    cr_assert_str_eq(told(world.faults, &world.text), told(here, &text));
    bytes_free(&text);
    faults_free(here);
    close_world(&world);
}
