/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a ledger: creation, other processes, kills, read-only folders, and files that are damaged or made by an enemy. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "base/publisher.h"
#include "ledger/ledger_directory.h"
#include "ledger_fixture.h"

TestSuite(ledger_open, .init = fixture_start, .fini = fixture_stop);

static void begin(struct ledger *ledger)
{
    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void commit(struct ledger *ledger)
{
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static int exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void expect_refused(enum ledger_mode mode, const char *part)
{
    struct ledger *ledger =
        ledger_open_waiting(fixture_folder, mode, (struct patience){.most_ms = 50}, fixture_faults);

    cr_assert_null(ledger, "opened, though: %s", part);
    fixture_expect_fault(part);
}

static void expect_refused_both(const char *part)
{
    expect_refused(LEDGER_READ, part);
    expect_refused(LEDGER_WRITE, part);
}

/* ---- creation -------------------------------------------------------------------------------------------------------- */

Test(ledger_open, is_made_for_its_owner_only)
{
    const char *files[] = {fixture_file, fixture_wal, fixture_shm};
    struct ledger *ledger;
    struct stat status;

    umask(0);
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_generation(ledger, "ca", 1);
    commit(ledger);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(stat(files[i], &status), 0, "%s is missing", files[i]);
        cr_assert_eq(status.st_mode & 07777, 0600, "%s has mode %o", files[i], status.st_mode & 07777);
    }
    cr_assert_eq(fixture_names(), 3, "no temporary is left");
    ledger_close(ledger);
    cr_assert_eq(fixture_names(), 1, "ledger.db alone is left");
}

Test(ledger_open, has_the_marks_of_a_ledger)
{
    unsigned char head[100];
    int file;

    fixture_ledger();
    file = open(fixture_file, O_RDONLY);
    cr_assert_eq(read(file, head, sizeof(head)), (ssize_t)sizeof(head));
    close(file);
    /* https://www.sqlite.org/fileformat2.html#the_database_header */
    cr_assert_arr_eq(head, "SQLite format 3", 16);
    cr_assert(head[18] == 2 && head[19] == 2, "WAL");
    cr_assert_arr_eq(head + 60, "\0\0\0\3", 4, "user_version: the schema's");
    cr_assert_arr_eq(head + 68, "mtls", 4, "application_id");
}

Test(ledger_open, reading_makes_nothing)
{
    char nowhere[96];

    expect_refused(LEDGER_READ, "there is no ledger");
    cr_assert_eq(fixture_names(), 0);
    snprintf(nowhere, sizeof(nowhere), "%s/nowhere", fixture_folder);
    cr_assert_null(ledger_open(nowhere, LEDGER_WRITE, fixture_faults));
    fixture_expect_fault("No such file");
    cr_assert_null(ledger_open(nowhere, LEDGER_READ, fixture_faults));
    fixture_expect_fault("No such file");
    cr_assert_eq(fixture_names(), 0);
}

Test(ledger_open, strange_folder_names_work)
{
    static const char *const names[] = {"a?mode=memory", "b#c%41", "d e", "\xc3\xa4", "f&g=h'\""};
    char folder[128];
    char file[192];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ledger *ledger;

        snprintf(folder, sizeof(folder), "%s/%s", fixture_folder, names[i]);
        snprintf(file, sizeof(file), "%s/ledger.db", folder);
        cr_assert_eq(mkdir(folder, 0700), 0);
        ledger = ledger_open(folder, LEDGER_WRITE, fixture_faults);
        cr_assert_not_null(ledger, "%s", fixture_fault());
        ledger_close(ledger);
        ledger = ledger_open(folder, LEDGER_READ, fixture_faults);
        cr_assert_not_null(ledger, "%s", fixture_fault());
        ledger_close(ledger);
        cr_assert_eq(unlink(file), 0);
        cr_assert_eq(rmdir(folder), 0, "nothing else is in it");
    }
}

static size_t names_that_begin(const char *prefix)
{
    DIR *folder = opendir(fixture_folder);
    const struct dirent *entry;
    size_t count = 0;

    cr_assert_not_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0 ? 1 : 0;
    }
    closedir(folder);
    return count;
}

static void forget_ledger(void)
{
    static const char *const endings[] = {"-wal", "-shm"};

    cr_assert_eq(unlink(fixture_file), 0);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char path[512];

        snprintf(path, sizeof(path), "%s%s", fixture_file, endings[i]);
        cr_assert(unlink(path) == 0 || errno == ENOENT);
    }
}

/* Eight processes make the same ledger at the same time; each puts a row in, none fails. */
Test(ledger_open, eight_processes_make_one)
{
    for (int round = 0; round < 5; round++) {
        pid_t processes[8];
        int gate[2];
        struct ledger *ledger;

        cr_assert_eq(pipe(gate), 0);
        for (int i = 0; i < 8; i++) {
            processes[i] = fork();
            cr_assert_geq(processes[i], 0);
            if (processes[i] == 0) {
                char wait;
                char name[16];
                int64_t id;

                close(gate[1]);
                snprintf(name, sizeof(name), "p%d", i);
                if (read(gate[0], &wait, 1) != 0) {
                    _exit(2);
                }
                ledger = ledger_open(fixture_folder, LEDGER_WRITE, fixture_faults);
                if (ledger == NULL ||
                    ledger_attribute(ledger, fixture_context, "child", fixture_faults) != 0 ||
                    ledger_begin(ledger, fixture_faults) != 0) {
                    fprintf(stderr, "%s\n", fixture_fault());
                    _exit(3);
                }
                id = fixture_generation(ledger, name, (unsigned char)i);
                fixture_issued(ledger, id, name, 1);
                if (ledger_commit(ledger, fixture_faults) != 0) {
                    fprintf(stderr, "%s\n", fixture_fault());
                    _exit(4);
                }
                ledger_close(ledger);
                _exit(0);
            }
        }
        close(gate[0]);
        close(gate[1]); /* off they go */
        for (int i = 0; i < 8; i++) {
            int status = 0;

            cr_assert_eq(waitpid(processes[i], &status, 0), processes[i]);
            cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "process %d: status %d", i, status);
        }
        ledger = fixture_open(LEDGER_READ);
        cr_assert_eq(fixture_certificates(ledger), 8, "all rows are in the one that is left");
        ledger_close(ledger);
        cr_assert_eq(names_that_begin(PUBLISHER_PREFIX), 0, "no loser left its own behind");
        /* of two that close at the same time each may leave the WAL to the other: the next one takes it in */
        forget_ledger();
    }
}

/* ---- other processes ------------------------------------------------------------------------------------------------- */

/* A process that holds a group for a while; it tells through the pipe when it has begun. */
static pid_t holder_as(enum ledger_mode mode, long milliseconds, int *told)
{
    int pipes[2];
    pid_t process;

    cr_assert_eq(pipe(pipes), 0);
    process = fork();
    cr_assert_geq(process, 0);
    if (process == 0) {
        struct ledger *ledger = ledger_open(fixture_folder, mode, fixture_faults);

        if (ledger == NULL || ledger_attribute(ledger, fixture_context, "child", fixture_faults) != 0 ||
            ledger_begin(ledger, fixture_faults) != 0) {
            _exit(2);
        }
        fixture_issued(ledger, 1, "held", 50);
        if (write(pipes[1], "b", 1) != 1) {
            _exit(3);
        }
        pause_ms(milliseconds);
        if (ledger_commit(ledger, fixture_faults) != 0) {
            _exit(4);
        }
        ledger_close(ledger);
        _exit(0);
    }
    close(pipes[1]);
    *told = pipes[0];
    return process;
}

static pid_t holder(long milliseconds, int *told)
{
    return holder_as(LEDGER_WRITE, milliseconds, told);
}

static void expect_ended(pid_t process)
{
    int status = 0;

    cr_assert_eq(waitpid(process, &status, 0), process);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the other process: status %d", status);
}

Test(ledger_open, a_writer_waits_for_the_other)
{
    struct ledger *ledger;
    pid_t process;
    char byte;
    int told;

    fixture_ledger();
    process = holder(300, &told);
    cr_assert_eq(read(told, &byte, 1), 1);
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(fixture_certificates(ledger), 1, "the other's group is not to be seen");
    begin(ledger);
    cr_assert_eq(fixture_certificates(ledger), 2, "it was waited for");
    fixture_issued(ledger, 1, "ours", 51);
    commit(ledger);
    cr_assert_eq(fixture_certificates(ledger), 3);
    expect_ended(process);
    ledger_close(ledger);
    close(told);
}

Test(ledger_open, waiting_has_an_end)
{
    char expected[64];
    struct ledger *ledger;
    pid_t process;
    char byte;
    int told;

    fixture_ledger();
    process = holder(600, &told);
    cr_assert_eq(read(told, &byte, 1), 1);
    ledger =
        ledger_open_waiting(fixture_folder, LEDGER_WRITE, (struct patience){.most_ms = 100}, fixture_faults);
    cr_assert_not_null(ledger, "%s", fixture_fault());
    cr_assert_eq(ledger_begin(ledger, fixture_faults), -1);
#ifdef __linux__
    snprintf(expected, sizeof(expected), "process %ld (", (long)process);
    cr_assert_not_null(strstr(fixture_fault(), expected), "%s", fixture_fault());
#endif
    fixture_expect_fault(" holds the ledger, and has not let go in 0.1 seconds");
    cr_assert_eq(ledger_put_memo(ledger, "k", slice_of_text("v"), fixture_faults), -1);
    fixture_expect_fault("no group");
    expect_ended(process);
    begin(ledger);
    cr_assert_eq(fixture_certificates(ledger), 2);
    commit(ledger);
    ledger_close(ledger);
    close(told);
}

Test(ledger_open, two_connections_of_one_process_do_not_hurt_each_other)
{
    struct ledger *one;
    struct ledger *other;

    fixture_ledger();
    one = fixture_open(LEDGER_WRITE);
    begin(one);
    fixture_issued(one, 1, "one", 2);
    for (int i = 0; i < 3; i++) {
        /* Opening and closing must not drop the first one's locks (POSIX locks belong to the process). */
        other = fixture_open(LEDGER_READ);
        cr_assert_eq(fixture_certificates(other), 1);
        ledger_close(other);
        other = ledger_open_waiting(fixture_folder, LEDGER_WRITE, (struct patience){.most_ms = 20},
                                    fixture_faults);
        cr_assert_not_null(other, "%s", fixture_fault());
        cr_assert_eq(ledger_begin(other, fixture_faults), -1);
        fixture_expect_fault("another process holds the ledger");
        ledger_close(other);
    }
    commit(one);
    ledger_close(one);
    one = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(one), 2);
    ledger_close(one);
}

Test(ledger_open, alone_needs_no_index)
{
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE_ALONE);
    begin(ledger);
    fixture_issued(ledger, 1, "second", 2);
    commit(ledger);
    cr_assert(exists(fixture_wal) && !exists(fixture_shm));
    expect_refused(LEDGER_READ, "another process holds the ledger, and has not let go in 0.0 seconds");
    ledger_close(ledger);
    cr_assert_eq(fixture_names(), 1, "ledger.db alone is left");
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
}

Test(ledger_open, a_reader_waits_for_who_writes_alone)
{
    struct ledger *ledger;
    pid_t process;
    char byte;
    int told;

    fixture_ledger();
    process = holder_as(LEDGER_WRITE_ALONE, 300, &told);
    cr_assert_eq(read(told, &byte, 1), 1);
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(fixture_certificates(ledger), 2, "it was waited for");
    expect_ended(process);
    ledger_close(ledger);
    close(told);
}

/* Somebody may read for as long as a pager shows what they read: nobody is kept from writing by it. */
Test(ledger_open, alone_is_given_up_where_somebody_reads)
{
    struct ledger *ledger;
    sqlite3 *reader = NULL;

    fixture_ledger();
    cr_assert_eq(sqlite3_open_v2(fixture_file, &reader, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM certificate", NULL, NULL, NULL),
                 SQLITE_OK);
    ledger = fixture_open(LEDGER_WRITE_ALONE);
    begin(ledger);
    fixture_issued(ledger, 1, "second", 2);
    commit(ledger);
    cr_assert(exists(fixture_shm), "they share the index");
    ledger_close(ledger);
    cr_assert_eq(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(reader), SQLITE_OK);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
}

/* ---- kills ----------------------------------------------------------------------------------------------------------- */

/* Commits a group, and dies in the middle of the next, whose pages are in the WAL already. */
static void die_in_a_group(void)
{
    static struct ledger *ledger; /* reachable to the end: nobody closes it, and it is not lost */

    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "whole", 10);
    commit(ledger);
    begin(ledger);
    fixture_issued(ledger, 1, "half", 100);
    for (int i = 0; i < 400; i++) {
        static const unsigned char block[65536];
        char key[16];

        snprintf(key, sizeof(key), "key-%d", i);
        cr_assert_eq(ledger_put_memo(ledger, key, (struct slice){block, sizeof(block)}, fixture_faults), 0);
    }
}

Test(ledger_open, a_killed_group_is_not_there)
{
    struct ledger *ledger;
    struct ledger_certificate got;
    struct stat status;

    fixture_ledger();
    fixture_killed(die_in_a_group);
    cr_assert_eq(stat(fixture_wal, &status), 0);
    cr_assert_gt(status.st_size, 1000000, "the group had been written in part, or this test proves nothing");
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(fixture_certificates(ledger), 2);
    cr_assert_eq(ledger_find_certificate(ledger, "whole", &got, fixture_faults), 1, "the group before is");
    ledger_certificate_free(&got);
    cr_assert_eq(ledger_find_intent(ledger, "half", &got, fixture_faults), 0);
    begin(ledger);
    fixture_issued(ledger, 1, "next", 100);
    commit(ledger);
    ledger_close(ledger);
    cr_assert_eq(fixture_names(), 1);
}

static void *content(const char *path, size_t *length)
{
    int file = open(path, O_RDONLY);
    struct stat status;
    void *bytes;

    cr_assert_geq(file, 0, "%s", path);
    cr_assert_eq(fstat(file, &status), 0);
    *length = (size_t)status.st_size;
    bytes = malloc(*length + 1);
    cr_assert_not_null(bytes);
    cr_assert_eq(read(file, bytes, *length), (ssize_t)*length);
    close(file);
    return bytes;
}

/* Read after the kill; nothing may change in any of the three files. */
Test(ledger_open, reading_after_a_kill_writes_nothing)
{
    const char *files[] = {fixture_file, fixture_wal, fixture_shm};
    void *before[3];
    size_t lengths[3];
    struct ledger *ledger;

    fixture_ledger();
    fixture_killed(die_in_a_group);
    for (size_t i = 0; i < 3; i++) {
        before[i] = content(files[i], &lengths[i]);
    }
    for (int round = 0; round < 2; round++) {
        ledger = fixture_open(LEDGER_READ);
        cr_assert_eq(fixture_certificates(ledger), 2, "what is in the WAL is seen");
        ledger_close(ledger);
        cr_assert_eq(fixture_names(), 3);
        for (size_t i = 0; i < 3; i++) {
            size_t length;
            void *after = content(files[i], &length);

            cr_assert_eq(length, lengths[i], "%s", files[i]);
            cr_assert_arr_eq(after, before[i], length, "%s was written to", files[i]);
            free(after);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        free(before[i]);
    }
}

Test(ledger_open, a_wal_without_its_index_is_read)
{
    struct ledger *ledger;

    fixture_ledger();
    fixture_killed(die_in_a_group);
    /* An empty index, as a crash of the machine may leave it, will do. */
    cr_assert_eq(truncate(fixture_shm, 0), 0);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
    /* A writer that is killed as it closes the ledger has removed the index, and not yet the WAL. */
    cr_assert_eq(unlink(fixture_shm), 0);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
    /* Writing puts it in order. */
    ledger_close(fixture_open(LEDGER_WRITE));
    cr_assert_eq(fixture_names(), 1);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
}

Test(ledger_open, an_empty_wal_is_none)
{
    struct ledger *ledger;

    fixture_ledger();
    close(open(fixture_wal, O_CREAT | O_WRONLY, 0600));
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 1);
    ledger_close(ledger);
    cr_assert_eq(fixture_names(), 2);
}

Test(ledger_open, a_wal_without_a_page_is_none)
{
    struct ledger *ledger;
    /* A writer that was killed behind the WAL's head: its salts are not those of the index there is. */
    static const unsigned char head[32] = {0x37, 0x7f, 0x06, 0x82, 0, 0x2d, 0xe2, 0x18, 0, 0, 0x10};
    int file;

    fixture_ledger();
    fixture_killed(die_in_a_group);
    file = open(fixture_wal, O_TRUNC | O_WRONLY);
    cr_assert_eq(write(file, head, sizeof(head)), (ssize_t)sizeof(head));
    close(file);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_geq(fixture_certificates(ledger), 1);
    ledger_close(ledger);
}

Test(ledger_open, a_stray_wal_is_not_taken_in)
{
    fixture_ledger();
    fixture_killed(die_in_a_group);
    cr_assert_eq(unlink(fixture_file), 0);
    expect_refused(LEDGER_WRITE, "ledger.db-wal is there");
    expect_refused(LEDGER_READ, "there is no ledger");
    cr_assert_not(exists(fixture_file));
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

Test(ledger_open, reading_leaves_no_trace)
{
    struct ledger *ledger;
    struct stat before;
    struct stat after;

    fixture_ledger();
    cr_assert_eq(stat(fixture_folder, &before), 0);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 1);
    cr_assert_eq(fixture_names(), 1, "nothing beside it while it is open");
    ledger_close(ledger);
    cr_assert_eq(stat(fixture_folder, &after), 0);
#ifdef __linux__
    cr_assert_arr_eq(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim), "no name came and went");
#endif
    cr_assert_eq(fixture_names(), 1);
}

Test(ledger_open, reading_beside_a_writer_sees_one_state)
{
    struct ledger *writer;
    struct ledger *reader;

    fixture_ledger();
    writer = fixture_open(LEDGER_WRITE);
    begin(writer);
    fixture_issued(writer, 1, "second", 2);
    commit(writer);
    reader = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(reader), 2, "%s", fixture_fault());
    begin(writer);
    fixture_issued(writer, 1, "third", 3);
    cr_assert_eq(fixture_output(writer, 1, "third", "third.crt"), 0);
    commit(writer);
    cr_assert_eq(fixture_outputs(reader), 0, "the state when it was opened");
    cr_assert_eq(fixture_certificates(reader), 2);
    ledger_close(reader);
    reader = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(reader), 3);
    ledger_close(reader);
    ledger_close(writer);
}

/* Closing moves the WAL into ledger.db on its own; beside somebody who reads it cannot, and must leave it to the last one. */
Test(ledger_open, closing_beside_a_reader_loses_nothing)
{
    struct ledger *ledger;
    sqlite3 *reader = NULL;
    int64_t generation;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger); /* a group without a row flushes nothing, and the next is flushed all the same */
    commit(ledger);
    cr_assert_eq(sqlite3_open_v2(fixture_file, &reader, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM certificate", NULL, NULL, NULL),
                 SQLITE_OK);
    begin(ledger);
    generation = fixture_generation(ledger, "other", 7);
    cr_assert_gt(fixture_issued(ledger, generation, "late", 2), 0);
    commit(ledger);
    begin(ledger);
    cr_assert_gt(fixture_issued(ledger, generation, "later", 3), 0);
    commit(ledger);
    ledger_close(ledger);
    cr_assert_eq(access(fixture_wal, F_OK), 0);
    cr_assert_eq(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 3);
    ledger_close(ledger);
    cr_assert_eq(sqlite3_close(reader), SQLITE_OK);
    cr_assert_neq(access(fixture_wal, F_OK), 0);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 3);
    ledger_close(ledger);
}

Test(ledger_open, a_change_under_the_reading_is_noticed)
{
    struct ledger *reader;
    struct ledger *writer;
    struct ledger_certificate got;

    fixture_ledger();
    reader = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(reader), 1);
    pause_ms(50); /* a file's time moves in steps of some milliseconds */
    writer = fixture_open(LEDGER_WRITE);
    begin(writer);
    fixture_issued(writer, 1, "second", 2);
    commit(writer);
    cr_assert_eq(fixture_certificates(reader), 1, "only the WAL was written: all is as it was");
    ledger_close(writer);
    cr_assert_eq(fixture_certificates(reader), -1);
    fixture_expect_fault("changed by another process");
    cr_assert_eq(ledger_find_certificate(reader, "ca", &got, fixture_faults), -1);
    fixture_expect_fault("changed by another process");
    ledger_close(reader);
}

/* The test's folder becomes one that cannot be written to, also for root; 0 when that cannot be had, with the reason. */
static int make_read_only(const char **why)
{
    if (geteuid() != 0) {
        *why = "";
        return chmod(fixture_folder, 0500) == 0;
    }
#ifdef __linux__
    /* In a mount namespace of this test's process; it ends with it. */
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(fixture_folder, fixture_folder, "none", MS_BIND, NULL) != 0 ||
        mount("none", fixture_folder, "none", MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) {
        *why = "root writes everywhere, and this machine allows no mount namespace";
        return 0;
    }
    return 1;
#else
    *why = "root writes everywhere";
    return 0;
#endif
}

static void make_writable(void)
{
    if (geteuid() != 0) {
        chmod(fixture_folder, 0700);
    }
#ifdef __linux__
    else {
        umount(fixture_folder);
    }
#endif
}

/* Skips the test where it cannot be had, and never takes a writable folder for a read-only one. */
static void want_read_only(void)
{
    const char *why = "";
    char probe[128];

    if (!make_read_only(&why)) {
        cr_skip_test("%s", why);
    }
    snprintf(probe, sizeof(probe), "%s/probe", fixture_folder);
    cr_assert_lt(open(probe, O_CREAT | O_WRONLY | O_CLOEXEC, 0600), 0, "the folder can be written to");
}

Test(ledger_open, a_read_only_folder_is_read)
{
    struct ledger *ledger;

    fixture_ledger();
    want_read_only();
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 1);
    ledger_close(ledger);
    make_writable();
}

Test(ledger_open, a_read_only_folder_is_not_written)
{
    fixture_ledger();
    want_read_only();
    expect_refused(LEDGER_WRITE, "for writing");
    make_writable();
}

Test(ledger_open, a_read_only_folder_gets_no_ledger)
{
    want_read_only();
    expect_refused(LEDGER_WRITE, "cannot make the ledger");
    make_writable();
    cr_assert_eq(fixture_names(), 0);
}

Test(ledger_open, a_read_only_folder_with_a_wal_is_read)
{
    struct ledger *ledger;

    fixture_ledger();
    fixture_killed(die_in_a_group);
    want_read_only();
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_close(ledger);
    make_writable();
}

/* ---- what is no ledger ----------------------------------------------------------------------------------------------- */

static void write_file(const char *text, size_t length)
{
    int file = open(fixture_file, O_CREAT | O_TRUNC | O_WRONLY, 0600);

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, length), (ssize_t)length);
    close(file);
}

Test(ledger_open, other_files_are_refused)
{
    char text[20000];

    memset(text, 'x', sizeof(text));
    write_file(text, sizeof(text));
    expect_refused_both("is no SQLite database");
    write_file(text, 50);
    expect_refused_both("is no SQLite database");
    write_file("", 0);
    expect_refused_both("is empty");
    cr_assert_eq(unlink(fixture_file), 0);
    fixture_sql("CREATE TABLE t (a)");
    expect_refused_both("of another program");
    fixture_sql("PRAGMA application_id = 42; PRAGMA user_version = 1");
    expect_refused_both("of another program");
    cr_assert_eq(unlink(fixture_file), 0);
    cr_assert_eq(mkdir(fixture_file, 0700), 0);
    expect_refused_both("is a folder");
    cr_assert_eq(rmdir(fixture_file), 0);
    cr_assert_eq(mkfifo(fixture_file, 0600), 0);
    expect_refused_both("is not a regular file");
}

Test(ledger_open, links_are_not_followed)
{
    char elsewhere[128];

    fixture_ledger();
    snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", fixture_folder);
    cr_assert_eq(rename(fixture_file, elsewhere), 0);
    cr_assert_eq(symlink("elsewhere", fixture_file), 0);
    expect_refused_both("symbolic link");
    cr_assert_eq(unlink(elsewhere), 0);
    expect_refused_both("symbolic link");
    cr_assert_not(exists(elsewhere), "nothing is made at a link's end");
}

Test(ledger_open, a_newer_schema_is_refused)
{
    fixture_ledger();
    fixture_sql("PRAGMA user_version = 4");
    expect_refused_both("schema version 4, and this program knows versions up to 3");
    fixture_sql("PRAGMA user_version = -1");
    expect_refused_both("is not a ledger");
}

/* ---- damage ---------------------------------------------------------------------------------------------------------- */

/* Many rows, so that every table has pages of its own. */
static void large_ledger(void)
{
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    for (uint64_t i = 0; i < 500; i++) {
        char name[32];
        int64_t id;

        snprintf(name, sizeof(name), "n%03llu", (unsigned long long)i);
        id = fixture_issued(ledger, 1, name, 100 + i);
        cr_assert_eq(fixture_output(ledger, id, name, name), 0);
    }
    commit(ledger);
    ledger_close(ledger);
}

Test(ledger_open, a_truncated_file_is_refused)
{
    struct stat status;

    large_ledger();
    cr_assert_eq(stat(fixture_file, &status), 0);
    cr_assert_eq(truncate(fixture_file, status.st_size / 2 / 4096 * 4096), 0);
    expect_refused_both("is damaged");
    cr_assert_eq(truncate(fixture_file, 200), 0);
    expect_refused_both("ledger");
}

/* Each page in turn is filled with rubbish: opening or reading complains in one sentence, or the page was not needed. */
Test(ledger_open, damaged_pages_are_told)
{
    struct stat status;
    unsigned char *whole;
    size_t length;
    size_t told = 0;

    large_ledger();
    cr_assert_eq(stat(fixture_file, &status), 0);
    whole = content(fixture_file, &length);
    for (size_t page = 1; page < length / 4096; page++) {
        struct ledger *ledger;

        memset(whole + page * 4096, 0xa5, 4096);
        write_file((const char *)whole, length);
        /* The pages before stay as they are: damage heaps up, so the first reading told of is the earliest page's. */
        ledger = ledger_open_waiting(fixture_folder, page % 2 == 0 ? LEDGER_READ : LEDGER_WRITE,
                                     (struct patience){.most_ms = 50}, fixture_faults);
        if (ledger != NULL && (fixture_certificates(ledger) == -1 || fixture_outputs(ledger) == -1)) {
            fixture_expect_fault("is damaged");
            told++;
        } else if (ledger == NULL) {
            fixture_expect_fault("is damaged");
            told++;
        }
        ledger_close(ledger);
    }
    cr_assert_gt(told, length / 4096 / 2);
    free(whole);
}

/* Rows that no ledger would write: each is one sentence with table and row. */
Test(ledger_open, rows_that_do_not_fit_are_told)
{
    static const struct {
        const char *sql, *fault, *undo;
    } cases[] = {
        {"UPDATE certificate SET name = printf('%.*c', 256, 'n')",
         "table certificate, rowid 1: name is too long", NULL},
        {"UPDATE certificate SET name = CAST(x'6100' AS TEXT)",
         "table certificate, rowid 1: name holds a control character", NULL},
        {"UPDATE certificate SET name = CAST(x'c0af' AS TEXT)",
         "table certificate, rowid 1: name is not UTF-8", NULL},
        {"UPDATE certificate SET name = 'ca', manifest = printf('%.*c', 1024, 'n')",
         "table certificate, rowid 1: manifest is too long", NULL},
        {"UPDATE certificate SET manifest = '', serial = zeroblob(21)",
         "table certificate, rowid 1: serial is too long", NULL},
        {"UPDATE certificate SET serial = x'01', spki = x'01'",
         "table certificate, rowid 1: spki is too short", NULL},
        {"UPDATE certificate SET spki = zeroblob(3000000)", "table certificate, rowid 1: spki is too long",
         NULL},
        {"UPDATE certificate SET spki = zeroblob(17000000)", "table certificate", NULL},
        {"UPDATE certificate SET spki = zeroblob(32), facets = zeroblob(47)",
         "table certificate, rowid 1: facets is too short", NULL},
        {"UPDATE certificate SET facets = zeroblob(48), authority = 2",
         "table certificate, rowid 1: authority is out of range", NULL},
        {"UPDATE certificate SET authority = 1, generation = -1",
         "table certificate, rowid 1: generation is out of range", NULL},
        {"UPDATE certificate SET generation = 1, id = -3", "table certificate, rowid -3: id is out of range",
         NULL},
        {"UPDATE certificate SET id = 1; UPDATE certificate_der SET der = zeroblob(1048577)",
         "table certificate_der, rowid 1: der is too long", NULL},
        {"UPDATE certificate_der SET der = x''", "table certificate_der, rowid 1: der is too short", NULL},
        {"DELETE FROM certificate_der", "table certificate_der, rowid 1: is missing", NULL},
    };
    struct ledger *ledger;

    fixture_ledger();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_sql(cases[i].sql);
        ledger = fixture_open(i % 2 == 0 ? LEDGER_READ : LEDGER_WRITE);
        cr_assert_eq(fixture_certificates(ledger), -1, "%s", cases[i].sql);
        fixture_expect_fault(cases[i].fault);
        ledger_close(ledger);
    }
}

Test(ledger_open, outputs_that_do_not_fit_are_told)
{
    static const struct {
        const char *sql, *fault;
    } cases[] = {
        {"UPDATE output SET path = '../../etc/passwd'", "table output, \"../../etc/passwd\": path"},
        {"UPDATE output SET path = '/etc/passwd'", "table output, \"/etc/passwd\": path begins with a slash"},
        {"UPDATE output SET path = char(10)", "table output, \"\\x0A\": path holds a control character"},
        {"UPDATE output SET path = printf('%.*c', 5000, 'p')", "path is too long"},
        {"UPDATE output SET path = 'p', kind = -1", "table output, \"p\": kind is out of range"},
        {"UPDATE output SET kind = 5000000000", "table output, \"p\": kind is out of range"},
        {"UPDATE output SET kind = 1, inputs = x''", "table output, \"p\": inputs is too short"},
        {"UPDATE output SET inputs = zeroblob(32), certificate = -1",
         "table output, \"p\": certificate is out of range"},
    };
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    cr_assert_eq(fixture_output(ledger, 1, "ca", "ca.crt"), 0);
    commit(ledger);
    ledger_close(ledger);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_sql(cases[i].sql);
        ledger = fixture_open(LEDGER_READ);
        cr_assert_eq(fixture_outputs(ledger), -1, "%s", cases[i].sql);
        fixture_expect_fault(cases[i].fault);
        ledger_close(ledger);
    }
}

/* A schema that has the names of ours and something else behind them. */
Test(ledger_open, an_enemys_schema_does_nothing)
{
    struct ledger *ledger;

    fixture_ledger();
    fixture_sql("CREATE TRIGGER spy AFTER INSERT ON memo BEGIN DELETE FROM certificate_der; END");
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    cr_assert_eq(ledger_put_memo(ledger, "k", slice_of_text("v"), fixture_faults), 0, "%s", fixture_fault());
    commit(ledger);
    cr_assert_eq(fixture_certificates(ledger), 1, "the trigger did not fire");
    ledger_close(ledger);
    fixture_sql("ALTER TABLE certificate RENAME TO hidden; CREATE VIEW certificate AS SELECT * FROM hidden");
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), -1, "a view is no table");
    fixture_expect_fault("is damaged");
    ledger_close(ledger);
    fixture_sql("DROP VIEW certificate");
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(fixture_certificates(ledger), -1);
    fixture_expect_fault("is damaged: cannot prepare a statement: no such table: certificate");
    ledger_close(ledger);
}

/* ---- a full disk ----------------------------------------------------------------------------------------------------- */

/* A limit on the size of files stands in for the disk; the WAL hits it. */
Test(ledger_open, a_group_that_does_not_fit_on_the_disk_is_not_there)
{
    struct ledger *ledger;
    struct rlimit limit;
    struct rlimit before;
    struct bytes value = BYTES_EMPTY;
    unsigned char block[65536];
    int result = 0;

    fixture_ledger();
    memset(block, 'b', sizeof(block));
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "small", 2);
    commit(ledger);
    limit = before;
    limit.rlim_cur = 600000;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    begin(ledger);
    for (int i = 0; i < 400 && result == 0; i++) {
        char key[16];

        snprintf(key, sizeof(key), "key-%d", i);
        result = ledger_put_memo(ledger, key, (struct slice){block, sizeof(block)}, fixture_faults);
    }
    cr_assert_eq(result, -1, "it went through");
    cr_assert_eq(faults_errors(fixture_faults), 1);
    /* SQLite has dropped the group of its own; a row put now would be committed alone. */
    cr_assert_eq(ledger_put_memo(ledger, "late", slice_of_text("v"), fixture_faults), -1);
    cr_assert_not_null(strstr(fixture_fault(), "rolled back after an earlier failure"), "%s",
                       fixture_fault());
    cr_assert_eq(ledger_commit(ledger, fixture_faults), -1);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_assert_eq(ledger_get_memo(ledger, "key-0", &value, fixture_faults), 0, "nothing of it is there");
    cr_assert_eq(ledger_get_memo(ledger, "late", &value, fixture_faults), 0);
    cr_assert_eq(fixture_certificates(ledger), 2);
    /* With room again, it goes on. */
    begin(ledger);
    cr_assert_eq(ledger_put_memo(ledger, "key-0", slice_of_text("v"), fixture_faults), 0);
    commit(ledger);
    ledger_close(ledger);
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(ledger_get_memo(ledger, "key-0", &value, fixture_faults), 1);
    bytes_free(&value);
    ledger_close(ledger);
}
