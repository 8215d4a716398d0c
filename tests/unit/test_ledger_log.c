/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's log: what writes events, how they are chained, clocks, and ledgers that are older than it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger_directory.h"
#include "ledger/ledger_schema.h"
#include "ledger_fixture.h"
#include "schema_1.h"

TestSuite(ledger_log, .init = fixture_start, .fini = fixture_stop);

static void begin(struct ledger *ledger)
{
    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void commit(struct ledger *ledger)
{
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void put(struct ledger *ledger, const char *detail)
{
    struct ledger_event event = {.what = LEDGER_EVENT_INSTALLED};

    snprintf(event.detail, sizeof(event.detail), "%s", detail);
    cr_assert_eq(ledger_put_event(ledger, &event, fixture_faults), 0, "%s", fixture_fault());
}

/* Walks the chain and writes "number what certificate detail|" for each event. */
struct walk {
    struct digester *digester;
    struct digest hash;
    int64_t number;
    instant when;
    char text[2000];
};

static int step(void *state, const struct ledger_event *event)
{
    struct walk *walk = state;
    struct digest hash;
    size_t length = strlen(walk->text);

    cr_assert_eq(event->number, walk->number + 1);
    cr_assert_geq(event->when, walk->when);
    cr_assert_eq(ledger_event_hash(walk->digester, &walk->hash, event, &hash), 0);
    cr_assert(digest_equal(&hash, &event->hash), "event %lld does not follow", (long long)event->number);
    walk->hash = hash;
    walk->number = event->number;
    walk->when = event->when;
    snprintf(walk->text + length, sizeof(walk->text) - length, "%s %lld %s %s|",
             ledger_event_name(event->what), (long long)event->certificate, event->who, event->detail);
    return 0;
}

static void expect_log(struct ledger *ledger, const char *text)
{
    struct walk walk = {.digester = digester_new(fixture_context), .when = INT64_MIN};
    struct digest hash;
    int64_t number;

    cr_assert_eq(ledger_each_event(ledger, 0, step, &walk, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_str_eq(walk.text, text);
    cr_assert_eq(ledger_head(ledger, &number, &hash, fixture_faults), 0);
    cr_assert_eq(number, walk.number);
    cr_assert(digest_equal(&hash, &walk.hash));
    digester_free(walk.digester);
}

/* The octets of @p text, without its end. */
static void write_text(unsigned char *at, const char *text)
{
    while (*text != '\0') {
        *at++ = (unsigned char)*text++;
    }
}

Test(ledger_log, what_changes_trust_is_logged_with_it)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    int64_t generation;

    expect_log(ledger, "");
    begin(ledger);
    generation = fixture_generation(ledger, "ca", 1);
    fixture_issued(ledger, generation, "ca", 1);
    fixture_generation(ledger, "ca", 1); /* as it was */
    fixture_issued(ledger, generation, "leaf", 2);
    fixture_issued(ledger, generation, "leaf", 3);
    cr_assert_eq(ledger_retire(ledger, "leaf", fixture_faults), 0);
    cr_assert_eq(ledger_retire(ledger, "nobody", fixture_faults), 0);
    commit(ledger);
    begin(ledger);
    fixture_issued(ledger, generation, "undone", 4);
    ledger_rollback(ledger);
    begin(ledger);
    fixture_intent(ledger, generation, "intended", 5);
    put(ledger, "again");
    commit(ledger);
    expect_log(ledger, "generation 0 tester ca|issued 1 tester ca|issued 2 tester leaf|issued 3 tester leaf|"
                       "pruned 3 tester leaf|installed 0 tester again|");
    ledger_close(ledger);
}

/* The encoding is told in ledger.h; a value worked out with sha256sum keeps it as it is. */
Test(ledger_log, the_hash_is_what_the_header_says)
{
    struct digester *digester = digester_new(fixture_context);
    struct ledger_event event = {.number = 1,
                                 .when = 1000000,
                                 .who = "tester",
                                 .what = LEDGER_EVENT_ISSUED,
                                 .certificate = 7,
                                 .detail = "leaf"};
    struct digest previous = {{0}};
    struct digest hash;
    unsigned char encoded[32 + 4 * 8 + 8 + 6 + 8 + 4 + 8 + 8 + 32] = {0};
    struct digest expected;

    memset(event.content.octets, 9, DIGEST_LENGTH);
    encoded[32 + 7] = 1;
    encoded[32 + 8 + 5] = 0x0f;
    encoded[32 + 8 + 6] = 0x42;
    encoded[32 + 8 + 7] = 0x40; /* 1000000 */
    encoded[32 + 16 + 7] = 1;
    encoded[32 + 24 + 7] = 7;
    encoded[64 + 7] = 6;
    write_text(encoded + 72, "tester");
    encoded[78 + 7] = 4;
    write_text(encoded + 86, "leaf");
    encoded[98 + 7] = 32; /* behind an empty field for the request */
    memset(encoded + 106, 9, 32);
    cr_assert_eq(digest_of(fixture_context, (struct slice){encoded, sizeof(encoded)}, &expected), 0);
    cr_assert_eq(ledger_event_hash(digester, &previous, &event, &hash), 0);
    cr_assert(digest_equal(&hash, &expected));
    digester_free(digester);
}

Test(ledger_log, nobody_writes_without_a_name)
{
    struct ledger *ledger = ledger_open(fixture_folder, LEDGER_WRITE, fixture_faults);
    struct ledger_generation generation = {.name = "ca"};
    char who[300];

    cr_assert_not_null(ledger);
    memset(who, 'w', sizeof(who));
    who[256] = '\0';
    cr_assert_eq(ledger_attribute(ledger, fixture_context, "", fixture_faults), -1);
    fixture_expect_fault("is named by 1 to 255 bytes");
    cr_assert_eq(ledger_attribute(ledger, fixture_context, who, fixture_faults), -1);
    fixture_expect_fault("is named by 1 to 255 bytes");
    begin(ledger);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), -1);
    fixture_expect_fault("nobody is named for it");
    ledger_close(ledger);
}

Test(ledger_log, other_programs_cannot_change_events_by_accident)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    sqlite3 *database = NULL;

    begin(ledger);
    put(ledger, "one");
    commit(ledger);
    ledger_close(ledger);
    cr_assert_eq(sqlite3_open(fixture_file, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, "UPDATE event SET who = 'x'", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    cr_assert_eq(sqlite3_exec(database, "DELETE FROM event", NULL, NULL, NULL), SQLITE_CONSTRAINT);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

Test(ledger_log, time_does_not_go_back)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);

    begin(ledger);
    put(ledger, "one");
    fixture_now -= 60;
    put(ledger, "a little back");
    cr_assert_eq(faults_count(fixture_faults), 0, "clocks are corrected");
    fixture_now -= 1;
    put(ledger, "far back");
    put(ledger, "still");
    cr_assert_eq(faults_warnings(fixture_faults), 1, "it is said once");
    cr_assert_not_null(strstr(fixture_fault(), "the clock stands before the last event"));
    fixture_now = INT64_MIN;
    put(ledger, "no sum overflows");
    commit(ledger);
    fixture_now = 2000000;
    begin(ledger);
    put(ledger, "on");
    commit(ledger);
    /* expect_log looks at the times */
    expect_log(ledger, "installed 0 tester one|installed 0 tester a little back|installed 0 tester far back|"
                       "installed 0 tester still|installed 0 tester no sum overflows|installed 0 tester on|");
    ledger_close(ledger);
}

Test(ledger_log, two_writers_make_one_chain)
{
    struct ledger *one = fixture_open(LEDGER_WRITE);
    struct ledger *other = fixture_open(LEDGER_WRITE);

    for (int i = 0; i < 3; i++) {
        begin(one);
        put(one, "one");
        put(one, "one");
        commit(one);
        begin(other);
        put(other, "other");
        commit(other);
    }
    ledger_close(other);
    expect_log(one, "installed 0 tester one|installed 0 tester one|installed 0 tester other|"
                    "installed 0 tester one|installed 0 tester one|installed 0 tester other|"
                    "installed 0 tester one|installed 0 tester one|installed 0 tester other|");
    ledger_close(one);
}

#define WRITERS      8
#define ROWS         200
#define ROWS_AT_ONCE 10

/* One of many processes: its rows, in groups. */
static int write_rows(int writer)
{
    struct ledger *ledger = ledger_open(fixture_folder, LEDGER_WRITE, fixture_faults);
    int status = ledger == NULL || ledger_attribute(ledger, fixture_context, "writer", fixture_faults) != 0;

    for (int row = 0; row < ROWS && status == 0; row += ROWS_AT_ONCE) {
        status = ledger_begin(ledger, fixture_faults);
        for (int i = row; i < row + ROWS_AT_ONCE && status == 0; i++) {
            char name[32];

            snprintf(name, sizeof(name), "w%d-%d", writer, i);
            fixture_issued(ledger, 1, name, UINT64_C(1000) * ((uint64_t)writer + 1) + (uint64_t)i);
        }
        status = status == 0 ? ledger_commit(ledger, fixture_faults) : status;
    }
    ledger_close(ledger);
    if (status != 0) {
        fprintf(stderr, "%s\n", fixture_fault());
    }
    return status == 0 ? 0 : 1;
}

static int follow(void *state, const struct ledger_event *event)
{
    struct walk *walk = state;

    walk->text[0] = '\0';
    return step(walk, event);
}

Test(ledger_log, eight_processes_write_one_log)
{
    struct walk walk = {.digester = digester_new(fixture_context), .when = INT64_MIN};
    pid_t writers[WRITERS];
    struct ledger *ledger;

    fixture_ledger();
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        cr_assert_geq(writers[i], 0);
        if (writers[i] == 0) {
            _exit(write_rows(i));
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;

        cr_assert_eq(waitpid(writers[i], &status, 0), writers[i]);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "writer %d: status %d", i, status);
    }
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 1 + WRITERS * ROWS);
    cr_assert_eq(ledger_each_event(ledger, 0, follow, &walk, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(walk.number, 2 + WRITERS * ROWS, "the generation, its certificate, and all rows");
    digester_free(walk.digester);
    ledger_close(ledger);
}

/* ---- older ledgers ----------------------------------------------------------------------------------------------------- */

static void make_old(void)
{
    sqlite3 *database = NULL;
    char *message = NULL;

    cr_assert_eq(sqlite3_open(fixture_file, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, "PRAGMA journal_mode = WAL;" SCHEMA_1, NULL, NULL, &message),
                 SQLITE_OK, "%s", message);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

static int version_of_file(void)
{
    unsigned char head[100];
    int file = open(fixture_file, O_RDONLY);

    cr_assert_eq(read(file, head, sizeof(head)), (ssize_t)sizeof(head));
    close(file);
    return head[63];
}

/* What the indexes are made by says the same as the state. */
static void expect_consistent(void)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    cr_assert_eq(sqlite3_open(fixture_file, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(database,
                                    "SELECT count(*) FROM certificate WHERE (state = 2) <> (replaced = 1)",
                                    -1, &statement, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_assert_eq(sqlite3_column_int(statement, 0), 0);
    cr_assert_eq(sqlite3_finalize(statement), SQLITE_OK);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

static void expect_migrated(struct ledger *ledger)
{
    struct ledger_certificate row;

    cr_assert_eq(fixture_certificates(ledger), 2);
    cr_assert_eq(fixture_outputs(ledger), 1);
    cr_assert_eq(ledger_find_certificate(ledger, "ca", &row, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_eq(row.id, 2);
    ledger_certificate_free(&row);
    cr_assert_eq(ledger_find_intent(ledger, "late", &row, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_eq(row.id, 4);
    ledger_certificate_free(&row);
    cr_assert_eq(ledger_get_certificate(ledger, 1, &row, fixture_faults), 1);
    cr_assert_eq(row.state, LEDGER_REPLACED);
    ledger_certificate_free(&row);
}

Test(ledger_log, an_older_ledger_is_migrated)
{
    struct ledger *ledger;

    make_old();
    ledger = fixture_open(LEDGER_READ_MIGRATED);
    expect_migrated(ledger);
    cr_assert_eq(ledger_begin(ledger, fixture_faults), -1, "it is for reading");
    fixture_expect_fault("for reading only");
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), LEDGER_SCHEMA_VERSION);
    ledger = fixture_open(LEDGER_READ);
    expect_migrated(ledger);
    ledger_close(ledger);
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    cr_assert_eq(ledger_put_issued(ledger, 4, slice_of_text("4"), 10, 30, fixture_faults), 0, "%s",
                 fixture_fault());
    fixture_issued(ledger, 2, "ca", 9);
    commit(ledger);
    expect_log(ledger, "migrated 4 tester certificates up to id 4 are older than the log|"
                       "migrated 0 tester the schema, from version 1 to 3|"
                       "issued 4 tester late|issued 5 tester ca|");
    ledger_close(ledger);
    expect_consistent();
}

/* Reading an older ledger is reading a copy: nothing happens to the file, nor beside it, and nothing that happens to it later is seen. */
Test(ledger_log, an_older_ledger_is_read)
{
    struct stat before;
    struct stat after;
    struct ledger *ledger;
    struct ledger *writer;

    make_old();
    cr_assert_eq(stat(fixture_file, &before), 0);
    ledger = fixture_open(LEDGER_READ);
    expect_migrated(ledger);
    cr_assert_eq(ledger_check_storage(ledger, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_begin(ledger, fixture_faults), -1, "it is for reading");
    fixture_expect_fault("for reading only");
    cr_assert_eq(fixture_names(), 1);
    cr_assert_eq(stat(fixture_file, &after), 0);
    cr_assert_arr_eq(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
    cr_assert_eq(version_of_file(), 1);
    writer = fixture_open(LEDGER_WRITE);
    begin(writer);
    fixture_issued(writer, 2, "ca", 9);
    commit(writer);
    ledger_close(writer);
    expect_migrated(ledger);
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), LEDGER_SCHEMA_VERSION);
}

/* A copy that cannot be brought up to date is refused. */
Test(ledger_log, an_older_ledger_that_is_damaged_is_not_read)
{
    make_old();
    fixture_sql("CREATE TABLE authority (x)");
    cr_assert_null(ledger_open(fixture_folder, LEDGER_READ, fixture_faults));
    fixture_expect_fault("cannot bring a copy up to date to read it");
    cr_assert_eq(version_of_file(), 1);
}

static void write_old_and_die(void)
{
    sqlite3 *database = NULL;

    (void)sqlite3_open(fixture_file, &database);
    (void)sqlite3_exec(database,
                       "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                       "INSERT INTO memo VALUES ('late', x'01')",
                       NULL, NULL, NULL);
}

/* What a killed writer left in its WAL is in the copy. */
Test(ledger_log, an_older_ledger_with_a_wal_is_read)
{
    struct bytes value = BYTES_EMPTY;
    struct ledger *ledger;

    make_old();
    fixture_killed(write_old_and_die);
    cr_assert_eq(access(fixture_wal, F_OK), 0);
    ledger = fixture_open(LEDGER_READ);
    expect_migrated(ledger);
    cr_expect_eq(ledger_get_memo(ledger, "late", &value, fixture_faults), 1, "%s", fixture_fault());
    bytes_free(&value);
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), 1);
}

/* Nothing of a migration is there that was cut short: by a table it stumbles over, or by a kill in the middle of it. */
Test(ledger_log, a_migration_is_whole_or_not_at_all)
{
    struct ledger *ledger;

    make_old();
    fixture_sql("CREATE TABLE authority (x)");
    ledger = ledger_open(fixture_folder, LEDGER_WRITE, fixture_faults);
    cr_assert_null(ledger);
    fixture_expect_fault("cannot bring the schema up to date");
    cr_assert_eq(version_of_file(), 1);
    fixture_sql("DROP TABLE authority; SELECT replaced FROM (SELECT 1 AS replaced)");
    ledger = fixture_open(LEDGER_WRITE);
    expect_migrated(ledger);
    ledger_close(ledger);
}

static void migrate_half(void)
{
    sqlite3 *database = NULL;

    /* what the program does, up to the commit */
    (void)sqlite3_open(fixture_file, &database);
    (void)sqlite3_exec(database,
                       "BEGIN IMMEDIATE; ALTER TABLE certificate ADD COLUMN request BLOB;"
                       "DROP INDEX certificate_issued; PRAGMA user_version = 2;"
                       "PRAGMA cache_size = 1; INSERT INTO memo VALUES ('x', zeroblob(3000000))",
                       NULL, NULL, NULL);
}

Test(ledger_log, a_killed_migration_leaves_the_old_ledger)
{
    struct ledger *ledger;

    make_old();
    fixture_killed(migrate_half);
    cr_assert_eq(version_of_file(), 1);
    ledger = fixture_open(LEDGER_WRITE);
    expect_migrated(ledger);
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), LEDGER_SCHEMA_VERSION);
}

/* A ledger as schema version 2 left it: an authority whose key is in a token, and one before it. */
static void make_version_2(void)
{
    sqlite3 *database = NULL;

    make_old();
    cr_assert_eq(sqlite3_open(fixture_file, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, ledger_schema_steps[1], NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database,
                              "PRAGMA user_version = 2;"
                              "INSERT INTO authority VALUES ('ca', 'pkcs11:object=ca', 'env:PIN', '')",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

Test(ledger_log, keys_of_version_2_are_kept_with_their_generation)
{
    struct ledger_authority kept;
    struct ledger *ledger;

    make_version_2();
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(ledger_find_kept_key(ledger, 2, &kept, fixture_faults), 1, "%s", fixture_fault());
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), 2);
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(ledger_find_kept_key(ledger, 2, &kept, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_str_eq(kept.name, "ca");
    cr_assert_str_eq(kept.key, "pkcs11:object=ca");
    cr_assert_str_eq(kept.passphrase, "env:PIN");
    /* the one before was not noted in time */
    cr_assert_eq(ledger_find_kept_key(ledger, 1, &kept, fixture_faults), 0);
    ledger_close(ledger);
    cr_assert_eq(version_of_file(), LEDGER_SCHEMA_VERSION);
    expect_consistent();
}

/* The log tells of a migration once: with the next event, in a group that is kept. */
Test(ledger_log, a_migration_of_version_2_is_an_event)
{
    struct ledger *ledger;

    make_version_2();
    fixture_sql("DELETE FROM memo");
    ledger = fixture_open(LEDGER_READ_MIGRATED);
    ledger_close(ledger);
    ledger = fixture_open(LEDGER_WRITE);
    expect_log(ledger, "");
    begin(ledger);
    fixture_issued(ledger, 2, "ca", 9);
    ledger_rollback(ledger);
    expect_log(ledger, "");
    for (unsigned char serial = 9; serial < 11; serial++) {
        begin(ledger);
        fixture_issued(ledger, 2, "ca", serial);
        commit(ledger);
    }
    expect_log(ledger,
               "migrated 0 tester the schema, from version 2 to 3|issued 5 tester ca|issued 6 tester ca|");
    ledger_close(ledger);
}
