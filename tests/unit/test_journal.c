/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what is written is read back, whole lines count and nothing else, and a lock shows whose run lives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "foreign.h"
#include "journal/journal.h"
#include "journal/place.h"
#include "scratch.h"
#include "told.h"

static struct context *context;
static struct faults *faults;
static struct bytes text;
static char place[96];

static void start(void)
{
    scratch_start();
    context = foreign_context();
    faults = faults_new();
    (void)snprintf(place, sizeof(place), "%s/a/b/journal", scratch_folder);
}

static void stop(void)
{
    bytes_free(&text);
    faults_free(faults);
    context_free(context);
    scratch_stop();
}

TestSuite(journal, .init = start, .fini = stop, .timeout = 60);

static struct journal *open_it(void)
{
    struct journal *journal = journal_open(context, place, true, faults);

    cr_assert_not_null(journal, "%s", told(faults, &text));
    return journal;
}

static struct claim a_claim(enum claim_act act, enum item_kind kind, const char *certificate)
{
    const char *const programs[] = {"/usr/bin/curl", "/opt/a b"};
    struct claim claim = {.act = act, .kind = kind, .scope = kind == ITEM_TRUST ? SCOPE_CLIENT : SCOPE_NONE};

    cr_assert_eq(bytes_append_text(&claim.certificate, certificate), 0);
    cr_assert_eq(bytes_append(&claim.label, "\xff\x00label", 7), 0);
    cr_assert_eq(bytes_append_text(&claim.host, "host.example"), 0);
    cr_assert_eq(bytes_append(&claim.before, "\x01\x00\x02", 3), 0);
    cr_assert_eq(claim_programs(&claim, programs, 2), 0);
    memset(claim.owner.octets, 0xa5, DIGEST_LENGTH);
    return claim;
}

static size_t add(struct journal_entry *entry, enum claim_act act, enum item_kind kind,
                  const char *certificate)
{
    struct claim claim = a_claim(act, kind, certificate);
    size_t number = 99;

    cr_assert_eq(journal_claim(entry, &claim, &number, faults), 0, "%s", told(faults, &text));
    claim_free(&claim);
    return number;
}

static size_t read_all(struct journal *journal, struct journal_records *records)
{
    cr_assert_eq(journal_read(journal, records, faults), 0, "%s", told(faults, &text));
    return records->count;
}

Test(journal, what_is_written_is_read_back)
{
    struct journal_records records = {NULL, 0};
    struct journal *journal = open_it();
    struct journal_entry *entry = journal_begin(journal, "nss:sql:/db", "install", faults);
    struct claim expected = a_claim(CLAIM_JOIN, ITEM_TRUST, "two");
    const struct claim *claim;

    cr_assert_eq(add(entry, CLAIM_PUT, ITEM_CERTIFICATE, "one"), 0);
    cr_assert_eq(add(entry, CLAIM_JOIN, ITEM_TRUST, "two"), 1);
    cr_assert_eq(journal_state(entry, 0, CLAIM_DONE, faults), 0);
    cr_assert_eq(read_all(journal, &records), 1);
    cr_assert(records.items[0].alive && !records.items[0].ended && !record_is_unfinished(&records.items[0]));
    cr_assert_eq(journal_end(entry, faults), 0);
    journal_keep(entry);

    cr_assert_eq(read_all(journal, &records), 1);
    cr_assert(!records.items[0].alive && records.items[0].ended);
    cr_assert_str_eq(bytes_text(&records.items[0].store), "nss:sql:/db");
    cr_assert_str_eq(bytes_text(&records.items[0].command), "install");
    cr_assert_eq(records.items[0].pid, (long)getpid());
    cr_assert_eq(records.items[0].began, FOREIGN_NOW);
    cr_assert_eq(records.items[0].claim_count, 2);
    cr_assert_eq(records.items[0].claims[0].state, CLAIM_DONE);
    claim = &records.items[0].claims[1];
    cr_assert_eq(claim->state, CLAIM_BEGUN);
    cr_assert(claim_same(claim, &expected) && claim->act == CLAIM_JOIN && claim->scope == SCOPE_CLIENT);
    cr_assert(slice_equal(slice_of(&claim->label), slice_of(&expected.label)));
    cr_assert(slice_equal(slice_of(&claim->before), slice_of(&expected.before)));
    cr_assert(digest_equal(&claim->owner, &expected.owner));
    cr_assert_eq(claim->program_count, 2);
    cr_assert_str_eq(bytes_text(&claim->programs[1]), "/opt/a b");
    cr_assert_str_eq(claim_item(claim).host, "host.example");
    claim_free(&expected);
    journal_records_free(&records);
    journal_close(journal);
}

Test(journal, its_folder_and_files_are_its_owners_alone)
{
    struct journal *journal;
    struct stat status;

    (void)umask(0);
    journal = open_it();
    journal_keep(journal_begin(journal, "store", "install", faults));
    journal_close(journal);
    cr_assert_eq(stat(place, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0700);
    cr_assert_eq(scratch_names("a/b/journal", ""), 1);
    cr_assert_eq(chmod(place, 0710), 0);
    cr_assert_null(journal_open(context, place, true, faults));
    cr_assert_not_null(strstr(told(faults, &text), "the journal's folder is not yours alone"));
}

Test(journal, one_that_is_not_there_is_empty_and_is_not_made)
{
    struct journal_records records = {NULL, 0};
    struct journal *journal = journal_open(context, place, false, faults);

    cr_assert_not_null(journal);
    cr_assert_eq(read_all(journal, &records), 0);
    journal_close(journal);
    cr_assert_neq(access(place, F_OK), 0);
}

/** Everything a record can hold, cut off after each of its bytes: whole lines count, and nothing is made up. */
Test(journal, a_torn_record_is_read_up_to_its_last_whole_line)
{
    struct record record = {.pid = 1};
    struct record cut = {.pid = 0};
    struct bytes whole = BYTES_EMPTY;
    size_t lines = 0;

    cr_assert_eq(bytes_append_text(&record.store, "store"), 0);
    cr_assert_eq(bytes_append_text(&record.command, "install"), 0);
    cr_assert_eq(record_write_head(&record, &whole), 0);
    for (size_t i = 0; i < 3; i++) {
        struct claim claim = a_claim(CLAIM_PUT, ITEM_CERTIFICATE, i == 1 ? "one" : "other");

        cr_assert_eq(record_write_claim(&claim, i, &whole), 0);
        claim_free(&claim);
    }
    cr_assert_eq(record_write_end(&whole), 0);
    for (size_t length = 0; length <= whole.length; length++) {
        lines += length > 0 && whole.data[length - 1] == '\n' ? 1 : 0;
        if (lines == 0) {
            cr_assert_eq(record_read((struct slice){whole.data, length}, "record", &cut, faults), -1);
            continue;
        }
        cr_assert_eq(record_read((struct slice){whole.data, length}, "record", &cut, faults), 0);
        cr_assert_eq(cut.claim_count, lines < 4 ? lines - 1 : 3, "%zu bytes", length);
        cr_assert_eq(cut.ended, length == whole.length);
    }
    cr_assert_eq(lines, 5);
    record_free(&record);
    record_free(&cut);
    bytes_free(&whole);
}

Test(journal, what_follows_a_torn_line_is_a_line_of_its_own)
{
    struct journal_records records = {NULL, 0};
    struct journal *journal = open_it();
    struct journal_entry *entry = journal_begin(journal, "store", "install", faults);
    char path[200];
    FILE *file;

    (void)add(entry, CLAIM_PUT, ITEM_KEY, "one");
    (void)snprintf(path, sizeof(path), "%s/%s", place, journal_entry_file(entry));
    journal_keep(entry);
    file = fopen(path, "a");
    cr_assert_not_null(file);
    (void)fputs("{\"claim\":1,\"act\":", file);
    (void)fclose(file);

    cr_assert_eq(read_all(journal, &records), 1);
    entry = journal_resume(journal, &records.items[0], faults);
    cr_assert_not_null(entry);
    cr_assert_eq(add(entry, CLAIM_PUT, ITEM_KEY, "two"), 1);
    cr_assert_eq(journal_state(entry, 0, CLAIM_RELEASED, faults), 0);
    journal_keep(entry);
    cr_assert_eq(read_all(journal, &records), 1);
    cr_assert_eq(records.items[0].claim_count, 2);
    cr_assert_eq(records.items[0].claims[0].state, CLAIM_RELEASED);
    journal_records_free(&records);
    journal_close(journal);
}

Test(journal, one_that_lives_cannot_be_resumed_and_one_that_was_killed_can)
{
    struct journal_records records = {NULL, 0};
    struct journal *journal = open_it();
    struct journal_entry *entry;
    int ready[2];
    char byte;
    pid_t child;

    cr_assert_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        entry = journal_begin(journal, "store", "hold", faults);
        (void)!write(ready[1], "x", 1);
        (void)pause();
        _exit(entry != NULL ? 0 : 1);
    }
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(read_all(journal, &records), 1);
    cr_assert(records.items[0].alive);
    cr_assert_eq(records.items[0].pid, (long)child);
    cr_assert_null(journal_resume(journal, &records.items[0], faults));
    cr_assert_not_null(strstr(told(faults, &text), "the record is in use by process"));
    cr_assert_eq(kill(child, SIGKILL), 0);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert_eq(read_all(journal, &records), 1);
    cr_assert(record_is_unfinished(&records.items[0]));
    entry = journal_resume(journal, &records.items[0], faults);
    cr_assert_not_null(entry);
    cr_assert_eq(journal_drop(entry, faults), 0);
    cr_assert_eq(read_all(journal, &records), 0);
    journal_records_free(&records);
    journal_close(journal);
}

Test(journal, a_record_without_a_head_is_swept_by_who_has_the_lock)
{
    struct journal_records records = {NULL, 0};
    struct journal *journal = open_it();

    scratch_write("a/b/journal/0.record", "", 0600);
    scratch_write("a/b/journal/1.record", "{\"journal\":1,\"sto", 0600);
    scratch_write("a/b/journal/2.record", "nonsense\n", 0600);
    scratch_write("a/b/journal/other", "nonsense\n", 0600);
    cr_assert_eq(read_all(journal, &records), 0);
    cr_assert_eq(scratch_names("a/b/journal", ""), 4);
    cr_assert_eq(journal_lock(journal, 0, faults), 0);
    cr_assert_eq(read_all(journal, &records), 0);
    cr_assert_eq(scratch_names("a/b/journal", ""), 3,
                 "the lock, what is none of ours, and what is not understood");
    cr_assert_eq(faults_errors(faults), 0);
    cr_assert_not_null(strstr(told(faults, &text), "2.record is passed over"));
    journal_close(journal);
}

Test(journal, the_lock_keeps_others_out_and_names_who_has_it)
{
    struct journal *journal = open_it();
    struct journal *other = open_it();
    char who[64];

    cr_assert_eq(journal_lock(journal, 0, faults), 0);
    cr_assert_eq(journal_lock(other, 0, faults), -1);
    (void)snprintf(who, sizeof(who), "process %ld", (long)getpid());
    cr_assert_not_null(strstr(told(faults, &text), who), "%s", bytes_text(&text));
    journal_unlock(journal);
    cr_assert_eq(journal_lock(other, 0, faults), 0);
    journal_close(journal);
    journal_close(other);
}

static void expect_place(const char *expected)
{
    struct bytes path = BYTES_EMPTY;

    cr_assert_eq(journal_place(&path, faults), 0);
    cr_assert_str_eq(bytes_text(&path), expected);
    bytes_free(&path);
}

Test(journal, its_place)
{
    struct bytes path = BYTES_EMPTY;

    cr_assert_eq(setenv("HOME", "/home-of-mine", 1), 0);
    cr_assert_eq(setenv("XDG_STATE_HOME", "/state-of-mine", 1), 0);
    cr_assert_eq(unsetenv(JOURNAL_PLACE_VARIABLE), 0);
#ifdef __APPLE__
    expect_place(geteuid() == 0 ? "/var/db/mtlskit" : "/home-of-mine/Library/Application Support/mtlskit");
#else
    expect_place(geteuid() == 0 ? "/var/lib/mtlskit" : "/state-of-mine/mtlskit");
#endif
    cr_assert_eq(setenv(JOURNAL_PLACE_VARIABLE, "/elsewhere", 1), 0);
    expect_place("/elsewhere");
    cr_assert_eq(setenv(JOURNAL_PLACE_VARIABLE, "here", 1), 0);
    cr_assert_eq(journal_place(&path, faults), -1);
    bytes_free(&path);
}
