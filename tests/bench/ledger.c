/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger costs. Writing: groups as apply makes them, 1,000 intents (one commit), then 1,000 completions with 1,000
 * events and 2,000 outputs (one commit); beside it, in the same run and in turns, SQLite alone with the same bytes in tables without index,
 * reference or check. Reading: opening a ledger of 1,000 certificates and 2,000 outputs, going through all of both, closing.
 *
 *     bench_ledger [FOLDER [GROUPS]]      FOLDER: where to make the databases; the file system matters
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "ledger/ledger_directory.h"

#define CERTIFICATES 1000
#define OUTPUTS      2 /* of each */
#define DER_LENGTH   560
#define ROUNDS_MAX   1000

static char folder[4096];
static char manifest[] = "8d3f1f0e6a1b4c55";

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_ledger: %s\n", what);
    exit(1);
}

static void need(int result, const struct faults *faults)
{
    if (result != 0) {
        die(faults_count(faults) > 0 ? faults_text(faults, 0) : "failed");
    }
}

static void need_sqlite(int code, sqlite3 *database)
{
    if (code != SQLITE_OK && code != SQLITE_DONE) {
        die(sqlite3_errmsg(database));
    }
}

static double milliseconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        die("no clock");
    }
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double processor_milliseconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0) {
        die("no clock");
    }
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *one, const void *other)
{
    double difference = *(const double *)one - *(const double *)other;

    return difference < 0 ? -1 : difference > 0;
}

struct series {
    double values[ROUNDS_MAX];
    size_t count;
};

static void take(struct series *series, double value)
{
    if (series->count < ROUNDS_MAX) {
        series->values[series->count++] = value;
    }
}

static double median(struct series *series)
{
    qsort(series->values, series->count, sizeof(series->values[0]), compare);
    return series->values[series->count / 2];
}

/* xorshift64; that the numbers differ is all that is wanted of them. */
static uint64_t next_number(void)
{
    static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (unsigned char)(next_number() >> 32);
    }
}

/* One group of certificates and what belongs to it. */
struct load {
    struct ledger_certificate certificates[CERTIFICATES];
    struct ledger_output outputs[CERTIFICATES * OUTPUTS];
    unsigned char ders[CERTIFICATES][DER_LENGTH];
};

static void prepare(struct load *load, size_t group, int64_t generation)
{
    static const char *const endings[OUTPUTS] = {"crt", "key"};
    unsigned char serial[16];

    for (size_t i = 0; i < CERTIFICATES; i++) {
        struct ledger_certificate *certificate = &load->certificates[i];

        ledger_certificate_free(certificate);
        memset(certificate, 0, sizeof(*certificate));
        certificate->generation = generation;
        certificate->created = 1700000000;
        certificate->not_before = 1700000000;
        certificate->not_after = 1800000000 + (instant)group;
        (void)snprintf(certificate->name, sizeof(certificate->name), "client-%06zu",
                       group * CERTIFICATES + i);
        (void)snprintf(certificate->manifest, sizeof(certificate->manifest), "%s", manifest);
        /* as they are given out: time in front, randomness behind */
        fill(serial, sizeof(serial));
        serial[0] = (unsigned char)(group >> 16);
        serial[1] = (unsigned char)(group >> 8);
        serial[2] = (unsigned char)group;
        fill(certificate->spki.octets, DIGEST_LENGTH);
        fill((unsigned char *)&certificate->facets, sizeof(certificate->facets));
        fill(load->ders[i], DER_LENGTH);
        if (bytes_append(&certificate->serial, serial, sizeof(serial)) != 0) {
            die("memory is out");
        }
        for (size_t j = 0; j < OUTPUTS; j++) {
            struct ledger_output *output = &load->outputs[i * OUTPUTS + j];
            char path[300];

            ledger_output_free(output);
            memset(output, 0, sizeof(*output));
            (void)snprintf(path, sizeof(path), "%s.%s", certificate->name, endings[j]);
            (void)snprintf(output->name, sizeof(output->name), "%s", certificate->name);
            output->path = strdup(path);
            output->kind = (int)j;
            fill(output->content.octets, DIGEST_LENGTH);
            fill(output->inputs.octets, DIGEST_LENGTH);
            output->stamp =
                (struct file_stamp){1000, (int64_t)(next_number() >> 4), (int64_t)(next_number() >> 4),
                                    (int64_t)(next_number() >> 40)};
            if (output->path == NULL) {
                die("memory is out");
            }
        }
    }
}

/* ---- the ledger ------------------------------------------------------------------------------------------------------ */

static void write_ledger(struct ledger *ledger, struct load *load, struct series *rows, struct series *whole,
                         struct faults *faults)
{
    double start = milliseconds();
    double processor = processor_milliseconds();

    need(ledger_begin(ledger, faults), faults);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        need(ledger_put_intent(ledger, &load->certificates[i], faults), faults);
    }
    need(ledger_commit(ledger, faults), faults);
    need(ledger_begin(ledger, faults), faults);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        int64_t id = load->certificates[i].id;

        need(ledger_put_issued(ledger, id, (struct slice){load->ders[i], DER_LENGTH},
                               load->certificates[i].not_before, load->certificates[i].not_after, faults),
             faults);
        for (size_t j = 0; j < OUTPUTS; j++) {
            load->outputs[i * OUTPUTS + j].certificate = id;
            need(ledger_put_output(ledger, &load->outputs[i * OUTPUTS + j], faults), faults);
        }
    }
    need(ledger_commit(ledger, faults), faults);
    take(whole, milliseconds() - start);
    take(rows, processor_milliseconds() - processor);
}

/* ---- SQLite alone ---------------------------------------------------------------------------------------------------- */

struct raw {
    sqlite3 *database;
    sqlite3_stmt *certificate, *der, *output;
};

static sqlite3_stmt *statement_of(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    need_sqlite(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), database);
    return statement;
}

static void open_raw(struct raw *raw)
{
    char path[4200];

    (void)snprintf(path, sizeof(path), "%s/raw.db", folder);
    need_sqlite(sqlite3_open(path, &raw->database), raw->database);
    need_sqlite(
        sqlite3_exec(raw->database,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "CREATE TABLE certificate (fixed BLOB, name TEXT, manifest TEXT, serial BLOB);"
                     "CREATE TABLE der (der BLOB); CREATE TABLE output (fixed BLOB, path TEXT, name TEXT)",
                     NULL, NULL, NULL),
        raw->database);
    raw->certificate = statement_of(raw->database, "INSERT INTO certificate VALUES (?, ?, ?, ?)");
    raw->der = statement_of(raw->database, "INSERT INTO der VALUES (?)");
    raw->output = statement_of(raw->database, "INSERT INTO output VALUES (?, ?, ?)");
}

static void put_raw(struct raw *raw, sqlite3_stmt *statement)
{
    need_sqlite(sqlite3_step(statement), raw->database);
    need_sqlite(sqlite3_reset(statement), raw->database);
}

static void commit_raw(struct raw *raw)
{
    need_sqlite(sqlite3_exec(raw->database, "COMMIT", NULL, NULL, NULL), raw->database);
}

static void write_raw(struct raw *raw, const struct load *load, struct series *rows, struct series *whole)
{
    /* spki, facets and the numbers of a certificate; two digests and the numbers of an output */
    static const unsigned char fixed[120];
    double start = milliseconds();
    double processor = processor_milliseconds();

    need_sqlite(sqlite3_exec(raw->database, "BEGIN IMMEDIATE", NULL, NULL, NULL), raw->database);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        const struct ledger_certificate *certificate = &load->certificates[i];

        (void)sqlite3_bind_blob(raw->certificate, 1, fixed, 108, SQLITE_STATIC);
        (void)sqlite3_bind_text(raw->certificate, 2, certificate->name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(raw->certificate, 3, certificate->manifest, -1, SQLITE_STATIC);
        (void)sqlite3_bind_blob(raw->certificate, 4, certificate->serial.data,
                                (int)certificate->serial.length, SQLITE_STATIC);
        put_raw(raw, raw->certificate);
    }
    commit_raw(raw);
    need_sqlite(sqlite3_exec(raw->database, "BEGIN IMMEDIATE", NULL, NULL, NULL), raw->database);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        (void)sqlite3_bind_blob(raw->der, 1, load->ders[i], DER_LENGTH, SQLITE_STATIC);
        put_raw(raw, raw->der);
        for (size_t j = 0; j < OUTPUTS; j++) {
            const struct ledger_output *output = &load->outputs[i * OUTPUTS + j];

            (void)sqlite3_bind_blob(raw->output, 1, fixed, 100, SQLITE_STATIC);
            (void)sqlite3_bind_text(raw->output, 2, output->path, -1, SQLITE_STATIC);
            (void)sqlite3_bind_text(raw->output, 3, output->name, -1, SQLITE_STATIC);
            put_raw(raw, raw->output);
        }
    }
    commit_raw(raw);
    take(whole, milliseconds() - start);
    take(rows, processor_milliseconds() - processor);
}

static void close_raw(struct raw *raw)
{
    (void)sqlite3_finalize(raw->certificate);
    (void)sqlite3_finalize(raw->der);
    (void)sqlite3_finalize(raw->output);
    need_sqlite(sqlite3_close(raw->database), raw->database);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int see_certificate(void *state, const struct ledger_certificate *certificate)
{
    *(size_t *)state += certificate->serial.length > 0;
    return 0;
}

static int see_output(void *state, const struct ledger_output *output)
{
    *(size_t *)state += output->path[0] != '\0';
    return 0;
}

/* For writing: events are attributed and timed. */
static struct ledger *open_to_write(const struct context *context, struct faults *faults)
{
    struct ledger *ledger = ledger_open(folder, LEDGER_WRITE, faults);

    need(ledger == NULL, faults);
    need(ledger_attribute(ledger, context, "bench", faults), faults);
    return ledger;
}

static double read_all(enum ledger_mode mode, size_t certificates, struct faults *faults)
{
    double start = milliseconds();
    struct ledger *ledger = ledger_open(folder, mode, faults);
    size_t seen = 0;

    need(ledger == NULL, faults);
    need(ledger_each_certificate(ledger, NULL, false, see_certificate, &seen, faults), faults);
    need(ledger_each_output(ledger, NULL, see_output, &seen, faults), faults);
    ledger_close(ledger);
    if (seen != certificates * (1 + OUTPUTS)) {
        die("not all was read");
    }
    return milliseconds() - start;
}

static void show_reading(const char *what, enum ledger_mode mode, size_t certificates, struct faults *faults)
{
    struct series series = {.count = 0};

    for (int round = 0; round < 50; round++) {
        take(&series, read_all(mode, certificates, faults));
    }
    printf("%-58s %8.2f ms\n", what, median(&series));
}

/* How the last tenth of the groups compares with the first: before medians are taken, for that sorts. */
static void show_growth(const struct series *whole)
{
    struct series first = {.count = 0};
    struct series last = {.count = 0};
    size_t tenth = whole->count / 10;

    if (tenth == 0) {
        return;
    }
    for (size_t i = 0; i < tenth; i++) {
        take(&first, whole->values[i]);
        take(&last, whole->values[whole->count - tenth + i]);
    }
    printf("%-58s %8.2f\n", "rate of the last tenth of the groups / of the first",
           median(&first) / median(&last));
}

/* Questions as list, show and revoke ask them, of the whole ledger: opened, asked, closed. */
static void show_questions(const struct ledger_certificate *one, struct faults *faults)
{
    const struct {
        const char *what;
        struct ledger_filter filter;
    } questions[] = {
        {"list: the first 50", {.limit = 50}},
        {"list: the first 50 that expire soon",
         {.expiring = true, .expiring_before = 1900000000, .limit = 50}},
        {"list: all that expired by now", {.expiring = true, .expiring_before = 1750000000}},
        {"list: the first 50 of an issuer", {.issuer = "client-ca", .limit = 50}},
        {"list: revoked ones", {.revoked = true}},
    };
    size_t seen = 0;

    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        double start = milliseconds();
        struct ledger *ledger = ledger_open(folder, LEDGER_READ, faults);

        need(ledger == NULL, faults);
        need(ledger_each_certificate(ledger, &questions[i].filter, false, see_certificate, &seen, faults),
             faults);
        ledger_close(ledger);
        printf("%-58s %8.2f ms\n", questions[i].what, milliseconds() - start);
    }
    for (int by_name = 0; by_name < 2; by_name++) {
        double start = milliseconds();
        struct ledger *ledger = ledger_open(folder, LEDGER_READ, faults);

        need(ledger == NULL, faults);
        need(by_name ? ledger_each_of_name(ledger, one->name, true, see_certificate, &seen, faults)
                     : ledger_each_of_serial(ledger, slice_of(&one->serial), true, see_certificate, &seen,
                                             faults),
             faults);
        ledger_close(ledger);
        printf("%-58s %8.2f ms\n", by_name ? "show: by name" : "show: by serial", milliseconds() - start);
    }
}

static void show_writing(const char *what, struct series *rows, struct series *whole)
{
    double all = CERTIFICATES * (3 + OUTPUTS); /* intents, completions, events, outputs */

    printf("%-24s %8.2f ms of processor %8.2f ms %10.0f rows/s\n", what, median(rows), median(whole),
           all / median(whole) * 1e3);
}

static void clean(void)
{
    static const char *const names[] = {"ledger.db", "raw.db"};
    char path[4200];

    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    static struct series rows[2];
    static struct series whole[2];
    struct load *load = calloc(1, sizeof(*load));
    struct faults *faults = faults_new();
    struct context *context = context_new(NULL);
    struct ledger_generation generation = {.name = "client-ca", .created = 1};
    struct ledger *ledger;
    struct raw raw = {NULL, NULL, NULL, NULL};
    long groups = argc > 2 ? strtol(argv[2], NULL, 10) : 20;
    double first;

    if (load == NULL || faults == NULL || context == NULL || groups < 1 || groups > ROUNDS_MAX) {
        die("usage: bench_ledger [FOLDER [GROUPS]]");
    }
    (void)snprintf(folder, sizeof(folder), "%s/bench-ledger-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    if (mkdtemp(folder) == NULL) {
        die("cannot make a folder");
    }
    first = milliseconds();
    ledger = open_to_write(context, faults);
    first = milliseconds() - first;
    open_raw(&raw);
    need(ledger_begin(ledger, faults), faults);
    need(ledger_put_generation(ledger, &generation, faults), faults);
    need(ledger_commit(ledger, faults), faults);
    printf("SQLite %s; %ld groups of %d certificates with %d outputs each; medians\n", sqlite3_libversion(),
           groups, CERTIFICATES, OUTPUTS);
    printf("%-58s %8.2f ms\n", "making a new ledger", first);
    for (long group = 0; group < groups; group++) {
        prepare(load, (size_t)group, generation.id);
        write_ledger(ledger, load, &rows[0], &whole[0], faults);
        write_raw(&raw, load, &rows[1], &whole[1]);
        if (group == 0) {
            ledger_close(ledger);
            show_reading("open, read 1,000 certificates and 2,000 outputs, close", LEDGER_READ, CERTIFICATES,
                         faults);
            show_reading("the same, opened for writing", LEDGER_WRITE, CERTIFICATES, faults);
            ledger = open_to_write(context, faults);
        }
    }
    show_growth(&whole[0]);
    show_writing("a group in the ledger", &rows[0], &whole[0]);
    show_writing("the same bytes, raw", &rows[1], &whole[1]);
    printf("%-24s %8.2f  %18s %8.2f\n", "ledger / raw", median(&rows[0]) / median(&rows[1]), "",
           median(&whole[0]) / median(&whole[1]));
    ledger_close(ledger);
    close_raw(&raw);
    first = read_all(LEDGER_READ, (size_t)groups * CERTIFICATES, faults);
    printf("open, read all %ld certificates and %ld outputs, close %14.2f ms\n", groups * CERTIFICATES,
           groups * CERTIFICATES * OUTPUTS, first);
    show_questions(&load->certificates[CERTIFICATES / 2], faults);
    for (size_t i = 0; i < CERTIFICATES; i++) {
        ledger_certificate_free(&load->certificates[i]);
    }
    for (size_t i = 0; i < (size_t)CERTIFICATES * OUTPUTS; i++) {
        ledger_output_free(&load->outputs[i]);
    }
    free(load);
    faults_free(faults);
    context_free(context);
    clean();
    return 0;
}
