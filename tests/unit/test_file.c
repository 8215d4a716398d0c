/* SPDX-License-Identifier: Apache-2.0 */
/* base/file: reading within bounds, joining, and names that may be outputs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/publisher.h"
#include "scratch.h"

static struct faults *faults;
static struct bytes content;

static void set_up(void)
{
    scratch_start();
    faults = faults_new();
}

static void tear_down(void)
{
    bytes_free(&content);
    faults_free(faults);
    scratch_stop();
}

TestSuite(file, .init = set_up, .fini = tear_down, .timeout = 60);

/* Reading @p path fails with @p fault alone, and leaves nothing. */
static void assert_refused(int directory, const char *path, size_t limit, const char *fault)
{
    size_t before = faults_count(faults);

    cr_assert_eq(file_read(directory, path, limit, &content, faults), -1, "%s", path);
    cr_assert_eq(faults_count(faults), before + 1);
    cr_assert_str_eq(faults_text(faults, before), fault);
    cr_assert_eq(content.length, 0);
}

static void assert_read(const char *path, size_t limit, const char *text)
{
    cr_assert_eq(file_read(scratch_directory, path, limit, &content, faults), 0, "%s",
                 faults_text(faults, 0));
    cr_assert_str_eq(bytes_text(&content), text);
    cr_assert_eq(content.length, strlen(text));
}

Test(file, reads_up_to_the_limit)
{
    scratch_write("empty", "", 0600);
    scratch_write("ten", "0123456789", 0600);
    cr_assert_eq(bytes_append_text(&content, "what was there before"), 0);
    assert_read("empty", 0, "");
    assert_read("ten", 11, "0123456789");
    assert_read("ten", 10, "0123456789");
    assert_read("ten", SIZE_MAX, "0123456789");
    assert_refused(scratch_directory, "ten", 9, "ten: is larger than the 9 bytes that are taken here");
    assert_refused(scratch_directory, "ten", 0, "ten: is larger than the 0 bytes that are taken here");
}

/* Files that a user names are read in one piece where they are short. */
Test(file, every_length_is_read_by_name)
{
    static const size_t lengths[] = {0, 1, 4094, 4095, 4096, 4097, 16384, 16385, 40000};
    static char text[40001];
    char path[128];

    snprintf(path, sizeof(path), "%s/long", scratch_folder);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t length = lengths[i];

        memset(text, 'a' + (int)i, length);
        text[length] = '\0';
        scratch_write("long", text, 0600);
        for (size_t more = 0; more < 2; more++) {
            cr_assert_eq(file_read(AT_FDCWD, path, length + more, &content, faults), 0, "%zu", length);
            cr_assert_eq(content.length, length);
            cr_assert_str_eq(bytes_text(&content), text);
        }
        cr_assert(length == 0 || file_read(AT_FDCWD, path, length - 1, &content, faults) == -1, "%zu",
                  length);
        cr_assert(length == 0 || content.length == 0);
    }
}

Test(file, nul_octets_are_content)
{
    int file = openat(scratch_directory, "nul", O_WRONLY | O_CREAT, 0600);

    cr_assert_eq(write(file, "a\0b", 3), 3);
    close(file);
    cr_assert_eq(file_read(scratch_directory, "nul", 10, &content, faults), 0);
    cr_assert_eq(content.length, 3);
    cr_assert_arr_eq(content.data, "a\0b", 3);
}

Test(file, what_cannot_be_read)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    char path[128];

    snprintf(path, sizeof(path), "%s: cannot be read: it is a folder (name a file)", scratch_folder);
    assert_refused(AT_FDCWD, scratch_folder, 10, path);
    assert_refused(scratch_directory, "missing", 10, "missing: cannot be read: No such file or directory");
    assert_refused(AT_FDCWD, "missing-here", 10,
                   "missing-here: cannot be read: No such file or directory "
                   "(a relative path starts from the working directory)");
    scratch_write("file", "", 0600);
    assert_refused(scratch_directory, "file/below", 10, "file/below: cannot be read: Not a directory");
    cr_assert_eq(fchdir(scratch_directory), 0);
    cr_assert_eq(bind(server, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_refused(scratch_directory, "socket", 10, "socket: cannot be read: No such device or address");
    close(server);
    cr_assert_eq(chdir("/"), 0);
}

Test(file, a_device_without_end_is_cut_off)
{
    assert_refused(AT_FDCWD, "/dev/zero", 100000,
                   "/dev/zero: is larger than the 100000 bytes that are taken here");
}

Test(file, descriptors_are_closed)
{
    size_t before = scratch_descriptors();

    scratch_write("ten", "0123456789", 0600);
    assert_read("ten", 10, "0123456789");
    assert_refused(scratch_directory, "ten", 9, "ten: is larger than the 9 bytes that are taken here");
    assert_refused(scratch_directory, ".", 9, ".: cannot be read: it is a folder (name a file)");
    cr_assert_eq(scratch_descriptors(), before);
}

/* A child writes @p length octets in small steps. */
static pid_t feed(int to, size_t length)
{
    pid_t child = fork();

    if (child == 0) {
        for (size_t i = 0; i < length; i++) {
            if (write(to, "x", 1) != 1) {
                _exit(1);
            }
        }
        _exit(0);
    }
    return child;
}

Test(file, a_pipe_in_an_open_directory_is_refused_at_once)
{
    cr_assert_eq(mkfifoat(scratch_directory, "pipe", 0600), 0);
    assert_refused(scratch_directory, "pipe", 10, "pipe: cannot be read: it is a pipe (move it away)");
}

Test(file, a_named_pipe_is_read_to_its_end)
{
    char path[128];
    pid_t child;
    int status;

    snprintf(path, sizeof(path), "%s/pipe", scratch_folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    child = fork();
    if (child == 0) {
        int to = open(path, O_WRONLY);

        status = write(to, "through", 4) == 4 && write(to, "ugh", 3) == 3 ? 0 : 1;
        _exit(status);
    }
    cr_assert_eq(file_read(AT_FDCWD, path, 7, &content, faults), 0, "%s", faults_text(faults, 0));
    cr_assert_str_eq(bytes_text(&content), "through");
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(file, standard_input)
{
    int ends[2];
    int before = dup(STDIN_FILENO);
    int status;
    pid_t child;

    cr_assert_eq(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    child = feed(ends[1], 40000);
    close(ends[1]);
    cr_assert_eq(file_read(scratch_directory, "-", 40000, &content, faults), 0);
    cr_assert_eq(content.length, 40000);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_neq(fcntl(STDIN_FILENO, F_GETFD), -1, "standard input stays open");

    cr_assert_eq(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    child = feed(ends[1], 11);
    close(ends[1]);
    assert_refused(scratch_directory, "-", 10,
                   "standard input: is larger than the 10 bytes that are taken here");
    cr_assert_eq(waitpid(child, &status, 0), child);
    dup2(before, STDIN_FILENO);
    close(before);
}

Test(file, join)
{
    static const char *const cases[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"},       {"/", "b", "/b"},
                                           {"a", "/b", "/b"}, {"", "b", "b"},           {NULL, "b", "b"},
                                           {"a", "", "a/"},   {"a/c", "b/d", "a/c/b/d"}};
    struct bytes joined = BYTES_EMPTY;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(file_join(cases[i][0], cases[i][1], &joined), 0);
        cr_assert_str_eq(bytes_text(&joined), cases[i][2]);
    }
    cr_assert_eq(file_join("base", bytes_text(&joined), &joined), 0, "its own text may be joined");
    cr_assert_str_eq(bytes_text(&joined), "base/a/c/b/d");
    bytes_free(&joined);
}

Test(file, names_that_may_be_outputs)
{
    static const char *const names[] = {"a",       "a/b/c", "server.crt", ".hidden",
                                        "...",     "..a",   "a..",        "K\xc3\xb6ln.key",
                                        "a b.crt", "-",     ".mtlskit",   "a/.mtlskit-tm"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *why = "unset";

        cr_assert(file_name_is_safe(names[i], &why), "%s", names[i]);
        cr_assert_null(why);
    }
}

Test(file, names_that_may_not)
{
    static const char *const cases[][2] = {
        {"", "is empty"},
        {"/", "begins with a slash"},
        {"/etc/passwd", "begins with a slash"},
        {"a/", "has an empty part"},
        {"a//b", "has an empty part"},
        {".", "has a part \".\""},
        {"./a", "has a part \".\""},
        {"a/./b", "has a part \".\""},
        {"..", "has a part \"..\""},
        {"../a", "has a part \"..\""},
        {"a/../../b", "has a part \"..\""},
        {"a/..", "has a part \"..\""},
        {"a\\b", "has a backslash"},
        {"a\nb", "has a control character"},
        {"a\x7f", "has a control character"},
        {"a\xe2\x80\xae"
         "b",
         "has a control character"},
        {"a\xff", "is not UTF-8"},
        {"\xc0\xae\xc0\xae/a", "is not UTF-8"},
        {PUBLISHER_PREFIX, "has a part that begins with \".mtlskit-tmp-\", as only temporary files do"},
        {"a/" PUBLISHER_PREFIX "b/c",
         "has a part that begins with \".mtlskit-tmp-\", as only temporary files do"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *why = NULL;

        cr_assert_not(file_name_is_safe(cases[i][0], &why), "%s", cases[i][0]);
        cr_assert_str_eq(why, cases[i][1]);
    }
}

Test(file, names_have_their_lengths)
{
    char name[1100];
    const char *why;

    memset(name, 'a', sizeof(name));
    name[255] = '\0';
    cr_assert(file_name_is_safe(name, &why));
    name[255] = 'a';
    name[256] = '\0';
    cr_assert_not(file_name_is_safe(name, &why));
    cr_assert_str_eq(why, "has a part of more than 255 bytes");
    for (size_t i = 100; i < sizeof(name); i += 101) {
        name[i] = '/';
    }
    name[256] = 'a';
    name[1023] = '\0';
    cr_assert(file_name_is_safe(name, &why));
    name[1023] = 'a';
    name[1024] = '\0';
    cr_assert_not(file_name_is_safe(name, &why));
    cr_assert_str_eq(why, "has more than 1023 bytes");
}
