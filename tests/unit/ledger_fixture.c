/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's tests' folder, rows and faults. */
#include "ledger_fixture.h"
#include "ledger/ledger_directory.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char fixture_folder[64];
char fixture_file[80];
char fixture_wal[96];
char fixture_shm[96];
struct faults *fixture_faults;
struct context *fixture_context;
instant fixture_now;

static instant now(void *state)
{
    return *(instant *)state;
}

void fixture_start(void)
{
    fixture_now = 1000000;
    fixture_context = context_new(NULL);
    cr_assert_not_null(fixture_context);
    context_set_clock(fixture_context, now, &fixture_now);
    snprintf(fixture_folder, sizeof(fixture_folder), "/tmp/mtlskit-ledger-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture_folder));
    snprintf(fixture_file, sizeof(fixture_file), "%s/ledger.db", fixture_folder);
    snprintf(fixture_wal, sizeof(fixture_wal), "%s-wal", fixture_file);
    snprintf(fixture_shm, sizeof(fixture_shm), "%s-shm", fixture_file);
    fixture_faults = faults_new();
    cr_assert_not_null(fixture_faults);
}

void fixture_stop(void)
{
    DIR *folder = opendir(fixture_folder);
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", fixture_folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove(path);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    rmdir(fixture_folder);
    context_free(fixture_context);
    faults_free(fixture_faults);
}

void fixture_attribute(struct ledger *ledger)
{
    cr_assert_eq(ledger_attribute(ledger, fixture_context, "tester", fixture_faults), 0, "%s",
                 fixture_fault());
}

struct ledger *fixture_open(enum ledger_mode mode)
{
    struct ledger *ledger = ledger_open(fixture_folder, mode, fixture_faults);

    cr_assert_not_null(ledger, "%s", fixture_fault());
    fixture_attribute(ledger);
    return ledger;
}

int64_t fixture_generation(struct ledger *ledger, const char *name, unsigned char key)
{
    struct ledger_generation generation = {.created = 1000 + key};

    snprintf(generation.name, sizeof(generation.name), "%s", name);
    memset(generation.spki.octets, key, DIGEST_LENGTH);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), 0, "%s", fixture_fault());
    return generation.id;
}

int64_t fixture_intent(struct ledger *ledger, int64_t generation, const char *name, uint64_t serial)
{
    struct ledger_certificate certificate = {.generation = generation, .created = 7};
    int result;

    snprintf(certificate.name, sizeof(certificate.name), "%s", name);
    snprintf(certificate.manifest, sizeof(certificate.manifest), "manifest-1");
    for (int shift = 56; shift >= 0; shift -= 8) {
        cr_assert_eq(bytes_append_byte(&certificate.serial, (unsigned char)(serial >> shift)), 0);
    }
    result = ledger_put_intent(ledger, &certificate, fixture_faults);
    ledger_certificate_free(&certificate);
    return result == 0 ? certificate.id : -1;
}

int64_t fixture_issued(struct ledger *ledger, int64_t generation, const char *name, uint64_t serial)
{
    int64_t id = fixture_intent(ledger, generation, name, serial);
    char der[300];

    snprintf(der, sizeof(der), "der of %s %llu", name, (unsigned long long)serial);
    cr_assert_gt(id, 0, "%s", fixture_fault());
    cr_assert_eq(ledger_put_issued(ledger, id, slice_of_text(der), 10, 20, fixture_faults), 0, "%s",
                 fixture_fault());
    return id;
}

int fixture_output(struct ledger *ledger, int64_t certificate, const char *name, const char *path)
{
    struct ledger_output output = {.certificate = certificate, .kind = 1};
    int result;

    snprintf(output.name, sizeof(output.name), "%s", name);
    output.path = strdup(path);
    cr_assert_not_null(output.path);
    result = ledger_put_output(ledger, &output, fixture_faults);
    ledger_output_free(&output);
    return result;
}

void fixture_ledger(void)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    int64_t generation;

    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
    generation = fixture_generation(ledger, "ca", 1);
    cr_assert_eq(generation, 1);
    fixture_issued(ledger, generation, "ca", 1);
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0, "%s", fixture_fault());
    ledger_close(ledger);
}

static int count_certificate(void *state, const struct ledger_certificate *certificate)
{
    cr_assert_eq(certificate->state, LEDGER_ISSUED);
    ++*(int *)state;
    return 0;
}

static int count_output(void *state, const struct ledger_output *output)
{
    cr_assert_not_null(output->path);
    ++*(int *)state;
    return 0;
}

int fixture_certificates(struct ledger *ledger)
{
    int count = 0;

    return ledger_each_certificate(ledger, NULL, true, count_certificate, &count, fixture_faults) == 0 ? count
                                                                                                       : -1;
}

int fixture_outputs(struct ledger *ledger)
{
    int count = 0;

    return ledger_each_output(ledger, NULL, count_output, &count, fixture_faults) == 0 ? count : -1;
}

const char *fixture_fault(void)
{
    size_t count = faults_count(fixture_faults);

    return count == 0 ? "" : faults_text(fixture_faults, count - 1);
}

void fixture_expect_fault(const char *part)
{
    cr_assert_eq(faults_errors(fixture_faults), 1, "%zu faults instead of one with \"%s\", the last: \"%s\"",
                 faults_errors(fixture_faults), part, fixture_fault());
    cr_assert_not_null(strstr(fixture_fault(), part), "\"%s\" is not in \"%s\"", part, fixture_fault());
    cr_assert_not_null(strstr(fixture_fault(), fixture_folder), "no place is in \"%s\"", fixture_fault());
    faults_free(fixture_faults);
    fixture_faults = faults_new();
    cr_assert_not_null(fixture_faults);
}

void fixture_sql(const char *sql)
{
    sqlite3 *database = NULL;
    char *message = NULL;

    cr_assert_eq(sqlite3_open(fixture_file, &database), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_exec(database, sql, NULL, NULL, &message), SQLITE_OK, "%s: %s", sql, message);
    cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

void fixture_killed(void (*child)(void))
{
    pid_t process = fork();
    int status = 0;

    cr_assert_geq(process, 0);
    if (process == 0) {
        child();
        kill(getpid(), SIGKILL);
        _exit(1);
    }
    cr_assert_eq(waitpid(process, &status, 0), process);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended with status %d", status);
}

size_t fixture_names(void)
{
    DIR *folder = opendir(fixture_folder);
    size_t count = 0;

    cr_assert_not_null(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count - 2; /* . and .. */
}
