/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a confined process cannot do, tried by functions that run in one; and how its end is told. Each function answers with the
 * names of what it could do after all.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#endif

#include <criterion/criterion.h>

#include "base/account.h"
#include "base/confined_call.h"
#include "scratch.h"
#include "told.h"

#define MB ((size_t)1024 * 1024)

struct world {
    struct confined_call call;
    struct bytes answer, text;
    struct faults *faults;
};

static void open_world(struct world *world, confined_fn run, void *state)
{
    memset(world, 0, sizeof(*world));
    world->faults = faults_new();
    world->call = (struct confined_call){
        .run = run,
        .state = state,
        .shown = "client.p12",
        .confinement = {512 * MB, 20},
        .answer_max = 4 * MB,
    };
}

static void close_world(struct world *world)
{
    bytes_free(&world->answer);
    bytes_free(&world->text);
    faults_free(world->faults);
}

/** The call ends well and answers just this. */
static void answers(confined_fn run, void *state, const char *expected)
{
    struct world world;

    open_world(&world, run, state);
    cr_assert_eq(confined_call(&world.call, &world.answer, world.faults), 0, "%s",
                 told(world.faults, &world.text));
    cr_assert_str_eq(bytes_text(&world.answer), expected, "answered \"%s\"", bytes_text(&world.answer));
    cr_assert_eq(faults_count(world.faults), 0);
    close_world(&world);
}

/** The call fails, and says so. */
static void fails(struct world *world, const char *what)
{
    size_t descriptors = scratch_descriptors();

    cr_assert_eq(confined_call(&world->call, &world->answer, world->faults), -1);
    cr_assert_eq(world->answer.length, 0);
    cr_assert_eq(faults_errors(world->faults), 1);
    cr_assert_not_null(strstr(told(world->faults, &world->text), what), "%s", bytes_text(&world->text));
    cr_assert_eq(strncmp(bytes_text(&world->text), "client.p12: ", 12), 0, "%s", bytes_text(&world->text));
    cr_assert_eq(scratch_descriptors(), descriptors);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1, "a child was left");
}

/* ---- what it can ---------------------------------------------------------------------------------------------------- */

static int echo(void *state, struct bytes *answer)
{
    return bytes_append_text(answer, state);
}

Test(confined_call, what_is_in_memory_is_worked_on_and_answered)
{
    char text[] = "some bytes";

    answers(echo, text, "some bytes");
}

static int much(void *state, struct bytes *answer)
{
    size_t count = *(size_t *)state;

    while (answer->length < count) {
        if (bytes_append_byte(answer, 'x') != 0) {
            return -1;
        }
    }
    return 0;
}

Test(confined_call, an_answer_may_be_longer_than_a_pipe_takes)
{
    struct world world;
    size_t count = 4 * MB;

    open_world(&world, much, &count);
    cr_assert_eq(confined_call(&world.call, &world.answer, world.faults), 0);
    cr_assert_eq(world.answer.length, count);
    close_world(&world);
}

Test(confined_call, an_answer_longer_than_said_is_refused)
{
    struct world world;
    size_t count = 4 * MB + 2;

    open_world(&world, much, &count);
    fails(&world, "answered more than 4194304 bytes");
    close_world(&world);
}

static int change(void *state, struct bytes *answer)
{
    memset(state, 'x', 3);
    return bytes_append_text(answer, "");
}

Test(confined_call, what_it_writes_to_memory_nobody_sees)
{
    char text[] = "before";

    answers(change, text, "");
    cr_assert_str_eq(text, "before");
}

/** The limits alone leave more to a process. */
static void skip_without_means(void)
{
    if (confine_means() == NULL) {
        cr_skip_test("no seccomp: not in this build, or this is valgrind");
    }
}

/* ---- what it cannot ------------------------------------------------------------------------------------------------- */

/** Notes that something was possible, or failed otherwise than by being refused. */
static void note(struct bytes *answer, const char *what, long result)
{
    if (result >= 0) {
        (void)!bytes_append_text(answer, what);
        (void)!bytes_append_byte(answer, ' ');
    }
}

static int try_files(void *state, struct bytes *answer)
{
    const char *folder = state;
    char path[200];

    (void)snprintf(path, sizeof(path), "%s/made", folder);
    note(answer, "open-passwd", open("/etc/passwd", O_RDONLY));
    note(answer, "open-null", open("/dev/null", O_RDONLY));
    note(answer, "create", open(path, O_WRONLY | O_CREAT, 0600));
    note(answer, "unlink", unlink("/tmp/mtlskit-not-there") == 0 || errno == ENOENT ? 0 : -1);
    note(answer, "mkdir", mkdir(path, 0700));
    note(answer, "chdir", chdir("/"));
    note(answer, "access", access("/etc/passwd", F_OK));
    note(answer, "dup", dup(3));
    note(answer, "pipe", pipe((int[2]){0, 0}));
    note(answer, "read-answer", fcntl(3, F_GETFL) >= 0 && read(3, path, 1) >= 0 ? 0 : -1);
    return 0;
}

Test(confined_call, no_file_can_be_opened_or_made, .init = scratch_start, .fini = scratch_stop)
{
    skip_without_means();
    answers(try_files, scratch_folder, "");
    cr_assert_eq(scratch_names(".", "made"), 0);
}

static int try_others(void *state, struct bytes *answer)
{
    char *const arguments[] = {(char *)"true", NULL};
    pid_t child;

    (void)state;
    note(answer, "socket-inet", socket(AF_INET, SOCK_STREAM, 0));
    note(answer, "socket-unix", socket(AF_UNIX, SOCK_STREAM, 0));
    note(answer, "socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0, 0}));
    note(answer, "kill-parent", kill(getppid(), 0));
    note(answer, "kill-init", kill(1, 0));
#ifdef __linux__
    note(answer, "execve", syscall(SYS_execve, "/bin/true", arguments, arguments + 1));
    note(answer, "ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    note(answer, "unshare", syscall(SYS_unshare, 0));
    note(answer, "dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#else
    child = fork();
#endif
    if (child == 0) {
        _exit(0);
    }
    note(answer, "fork", child);
    note(answer, "raise-limit", setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64}));
    return 0;
}

Test(confined_call, no_socket_no_process_no_signal_to_others)
{
    skip_without_means();
    answers(try_others, NULL, "");
}

static int try_rights(void *state, struct bytes *answer)
{
    (void)state;
    note(answer, "setuid", setuid(0));
    note(answer, "seteuid", seteuid(0));
    note(answer, "setgid", setgid(0));
    note(answer, "setgroups", setgroups(0, NULL));
    return 0;
}

Test(confined_call, root_is_not_to_be_had_back)
{
    answers(try_rights, NULL, "");
}

static int tell_account(void *state, struct bytes *answer)
{
    (void)state;
    return bytes_printf(answer, "%lu %lu %lu %lu", (unsigned long)getuid(), (unsigned long)geteuid(),
                        (unsigned long)getgid(), (unsigned long)getegid());
}

Test(confined_call, root_becomes_who_called_sudo)
{
    if (geteuid() != 0) {
        cr_skip_test("only root has something to give up");
    }
    cr_assert_eq(setenv("SUDO_UID", "12345", 1), 0);
    cr_assert_eq(setenv("SUDO_GID", "23456", 1), 0);
    answers(tell_account, NULL, "12345 12345 23456 23456");
}

Test(confined_call, root_becomes_nobody_when_nobody_called_sudo_or_root_did)
{
    static const struct {
        const char *user, *group;
    } cases[] = {{NULL, NULL}, {"0", "0"}, {"12345", NULL}, {"12345", "0"}, {"", ""}};
    struct account nobody;
    struct bytes expected = BYTES_EMPTY;
    struct faults *faults = faults_new();

    if (geteuid() != 0) {
        cr_skip_test("only root has something to give up");
    }
    cr_assert_eq(unsetenv("SUDO_UID") | unsetenv("SUDO_GID"), 0);
    cr_assert_eq(account_behind_root(&nobody, faults), 0);
    cr_assert(nobody.user > 1000 && nobody.group > 1000);
    cr_assert_eq(bytes_printf(&expected, "%lu %lu %lu %lu", (unsigned long)nobody.user,
                              (unsigned long)nobody.user, (unsigned long)nobody.group,
                              (unsigned long)nobody.group),
                 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(cases[i].user == NULL ? unsetenv("SUDO_UID") : setenv("SUDO_UID", cases[i].user, 1), 0);
        cr_assert_eq(cases[i].group == NULL ? unsetenv("SUDO_GID") : setenv("SUDO_GID", cases[i].group, 1),
                     0);
        answers(tell_account, NULL, bytes_text(&expected));
    }
    bytes_free(&expected);
    faults_free(faults);
}

#ifdef __linux__
Test(confined_call, other_groups_are_given_up)
{
    static const gid_t before[] = {0, 4, 24};
    struct account account = {12345, 23456};
    gid_t after[8] = {0};
    pid_t child;
    int status = 0;

    if (geteuid() != 0) {
        cr_skip_test("only root has something to give up");
    }
    cr_assert_eq(setgroups(3, before), 0);
    child = fork();
    if (child == 0) {
        struct faults *faults = faults_new();
        int became = account_become(&account, faults);
        int count = getgroups(8, after);

        faults_free(faults);
        _exit(became == 0 && count == 1 && after[0] == 23456 && open("/etc/shadow", O_RDONLY) < 0 ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", status);
}
#endif

/* ---- descriptors, signals ------------------------------------------------------------------------------------------- */

static int try_descriptors(void *state, struct bytes *answer)
{
    int secret = *(int *)state;

    note(answer, "stdin", read(0, &secret, 0));
    note(answer, "inherited", write(*(int *)state, "x", 1));
    return 0;
}

Test(confined_call, what_the_program_has_open_is_closed_there, .init = scratch_start, .fini = scratch_stop)
{
    int open_one = openat(scratch_directory, "journal", O_RDWR | O_CREAT, 0600);
    char *text;

    cr_assert_geq(open_one, 0);
    answers(try_descriptors, &open_one, "");
    text = scratch_text("journal");
    cr_assert_str_eq(text, "");
    free(text);
    cr_assert_eq(close(open_one), 0);
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
    handled = number;
}

static int raise_term(void *state, struct bytes *answer)
{
    (void)state;
    (void)answer;
#ifdef __linux__
    (void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGTERM);
#else
    (void)raise(SIGTERM);
#endif
    return 0;
}

Test(confined_call, the_programs_handlers_do_not_run_there)
{
    struct world world;

    handled = 0;
    cr_assert_neq(signal(SIGTERM, handler), SIG_ERR);
    open_world(&world, raise_term, NULL);
    fails(&world, "was ended by signal 15");
    cr_assert_eq(handled, 0);
    close_world(&world);
}

/* ---- bad ends ------------------------------------------------------------------------------------------------------- */

static int crash(void *state, struct bytes *answer)
{
    (void)state;
    (void)answer;
    abort();
}

Test(confined_call, a_crash_is_told_with_the_files_name)
{
    struct world world;

    open_world(&world, crash, NULL);
    fails(&world, "the process that parses it was ended by signal 6");
    close_world(&world);
}

static int fail(void *state, struct bytes *answer)
{
    (void)state;
    (void)answer;
    return -1;
}

Test(confined_call, without_memory_there_is_no_answer)
{
    struct world world;

    open_world(&world, fail, NULL);
    fails(&world, "gave no answer: memory is out");
    close_world(&world);
}

static int spin(void *state, struct bytes *answer)
{
    volatile int *turning = state;

    while (*turning != 0) {
    }
    return bytes_append_text(answer, "never");
}

Test(confined_call, an_endless_loop_ends)
{
    struct world world;
    int turning = 1;

    open_world(&world, spin, &turning);
    world.call.confinement.seconds = 1;
    fails(&world, "was not parsed within 1 seconds");
    close_world(&world);
}

/** Stops itself without using the processor: there is no call left that waits but the futex. */
static int sleep_long(void *state, struct bytes *answer)
{
    (void)state;
#ifdef SYS_futex
    static int word = 1;

    (void)syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 1, NULL, NULL, 0);
#else
    (void)sleep(60);
#endif
    return bytes_append_text(answer, "never");
}

Test(confined_call, so_does_one_that_waits)
{
    struct world world;

    open_world(&world, sleep_long, NULL);
    world.call.confinement.seconds = 1;
    fails(&world, "was not parsed within 1 seconds");
    close_world(&world);
}

/** Closes the pipe, as if all were said, and stays. */
static int stay(void *state, struct bytes *answer)
{
    (void)close(3);
    return sleep_long(state, answer);
}

Test(confined_call, so_does_one_that_closed_the_pipe)
{
    struct world world;

    open_world(&world, stay, NULL);
    world.call.confinement.seconds = 1;
    fails(&world, "was not parsed within 1 seconds");
    close_world(&world);
}

/** Says something else than the frame. */
static int lie(void *state, struct bytes *answer)
{
    (void)answer;
    (void)!write(3, state, strlen(state));
    (void)close(3);
    _exit(0);
}

Test(confined_call, bytes_of_another_kind_are_no_answer)
{
    static const struct {
        const char *said, *told;
    } cases[] = {
        {"", "gave no answer"},
        {"zzz", "gave no answer"},
        {"rthe \033[31mred reason", "it is not parsed: the \\x1B[31mred reason"},
    };

    /* the child ends itself, and valgrind finds what it leaves */
    skip_without_means();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world world;
        char said[64];

        (void)snprintf(said, sizeof(said), "%s", cases[i].said);
        open_world(&world, lie, said);
        fails(&world, cases[i].told);
        close_world(&world);
    }
}

#ifdef __linux__
static int take_memory(void *state, struct bytes *answer)
{
    size_t taken = 0;

    (void)state;
    while (taken < 2048 * MB) {
        void *more = mmap(NULL, 16 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (more == MAP_FAILED) {
            break;
        }
        taken += 16 * MB;
    }
    return bytes_append_text(answer, taken > 512 * MB   ? "too much"
                                     : taken < 256 * MB ? "too little"
                                                        : "bounded");
}

Test(confined_call, memory_is_bounded)
{
    answers(take_memory, NULL, "bounded");
}
#endif

Test(confined_call, ignored_children_are_no_failure)
{
    char text[] = "all the same";

    cr_assert_neq(signal(SIGCHLD, SIG_IGN), SIG_ERR);
    answers(echo, text, "all the same");
}

Test(confine, says_by_what)
{
#if defined(__linux__) && defined(MTLSKIT_SECCOMP)
    cr_assert(confine_means() == NULL
                  ? getenv("LD_PRELOAD") != NULL && strstr(getenv("LD_PRELOAD"), "vgpreload") != NULL
                  : strcmp(confine_means(), "seccomp") == 0);
#elif defined(__APPLE__)
    cr_assert_str_eq(confine_means(), "sandbox");
#else
    cr_assert_null(confine_means());
#endif
}
