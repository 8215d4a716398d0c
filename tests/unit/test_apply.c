/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply under a clock of the test's own: what renews, what only warns, what is refused; and when the quick answer of a run with
 * nothing to do holds. What the files are like, tests/cli shows.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/apply.h"
#include "apply/note.h"
#include "base/file.h"
#include "issuing/fixture_context.h"
#include "issuing/settled.h"
#include "scratch.h"
#include "told.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/crl.h"

#define DAY   INT64_C(86400)
#define START INT64_C(1893456000) /* 2030-01-01T00:00:00Z */

static struct context *context;
static instant now;
static char manifest_file[96];
static char out[96];
static struct plan_totals totals;
static struct bytes text;

static instant clock_now(void *state)
{
    return *(const instant *)state;
}

static void set_up(void)
{
    scratch_start();
    (void)snprintf(manifest_file, sizeof(manifest_file), "%s/pki.yaml", scratch_folder);
    (void)snprintf(out, sizeof(out), "%s/out", scratch_folder);
    context = context_new(NULL);
    now = START;
    context_set_clock(context, clock_now, &now);
}

static void tear_down(void)
{
    bytes_free(&text);
    context_free(context);
    scratch_stop();
}

TestSuite(apply, .init = set_up, .fini = tear_down, .timeout = 60);

#define MANIFEST(authority, leaf)                                                                            \
    "mtlskit: 1\n"                                                                                           \
    "authorities:\n"                                                                                         \
    "  ca: {subject: {CN: CA}, " authority "}\n"                                                             \
    "certificates:\n"                                                                                        \
    "  leaf: {issuer: ca, profile: client, subject: {CN: leaf}, " leaf "}\n"

/* What the quick answer left for the run after it. */
static struct directory place = DIRECTORY_EMPTY;

/* One run, like the command's, watched by @p observer. What it says is in text, the plan's counts in totals. */
static int run_watched(const char *manifest, const char *replace, const struct apply_observer *observer)
{
    const struct apply_options options = {
        .directory = out, .replace = &replace, .replace_count = replace != NULL ? 1 : 0};
    const struct fixture random = {0};
    struct faults *faults = faults_new();
    struct fixture_context making = {0};
    struct manifest *read;
    struct digest inputs;
    int status;

    scratch_write("pki.yaml", manifest, 0644);
    memset(&totals, 0, sizeof(totals));
    cr_assert_eq(settled_inputs(context, out, manifest_file, &random, &inputs, faults), 0, "%s",
                 told(faults, &text));
    read = manifest_read(context, manifest_file, NULL, faults);
    cr_assert_not_null(read, "%s", told(faults, &text));
    cr_assert_eq(fixture_context_set(&making, context, manifest_fixture(read), faults), 0);
    status =
        apply_run(making.context, read, manifest_file, &inputs, &place, &options, observer, &totals, faults);
    (void)told(faults, &text);
    manifest_free(read);
    fixture_context_free(&making);
    faults_free(faults);
    return status;
}

static int run(const char *manifest, const char *replace)
{
    return run_watched(manifest, replace, &(struct apply_observer){0});
}

static void run_well(const char *manifest)
{
    cr_assert_eq(run(manifest, NULL), 0, "%s", bytes_text(&text));
}

static void expect_said(const char *part)
{
    cr_assert_not_null(strstr(bytes_text(&text), part), "\"%s\" is not in: %s", part, bytes_text(&text));
}

static void expect_silence(void)
{
    cr_assert_str_eq(bytes_text(&text), "");
}

/* Dates of the first certificate in a file of the PKI directory. */
static void dates(const char *name, instant *not_before, instant *not_after)
{
    struct faults *faults = faults_new();
    struct bytes content = BYTES_EMPTY;
    struct certificate_list list = {0};
    struct certificate_view view;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", out, name);
    cr_assert_eq(file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, faults), 0);
    cr_assert_eq(certificate_list_read(slice_of(&content), path, &list, faults), 0);
    cr_assert_eq(certificate_view_read(slice_of(&list.items[0]), &view), 0);
    *not_before = view.not_before;
    *not_after = view.not_after;
    certificate_list_free(&list);
    bytes_free(&content);
    faults_free(faults);
}

static instant end_of(const char *name)
{
    instant from = 0;
    instant until = 0;

    dates(name, &from, &until);
    return until;
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

Test(apply, a_leaf_renews_when_a_third_is_left)
{
    const char *manifest = MANIFEST("validity: 1000d", "validity: 90d");
    instant first;

    run_well(manifest);
    cr_assert_eq(totals.counts[PLAN_CREATE], 2);
    first = end_of("leaf.crt");
    now = START + 59 * DAY;
    run_well(manifest);
    cr_assert(!totals.work);
    now = START + 61 * DAY;
    run_well(manifest);
    cr_assert_eq(totals.counts[PLAN_RENEW], 1);
    cr_assert_eq(totals.counts[PLAN_UNCHANGED], 1);
    cr_assert_eq(end_of("leaf.crt"), first + 61 * DAY);
    run_well(manifest);
    cr_assert(!totals.work);
}

Test(apply, renew_before_goes_before_the_third)
{
    const char *manifest = MANIFEST("validity: 1000d", "validity: 90d, renew_before: 10d");

    run_well(manifest);
    now = START + 79 * DAY;
    run_well(manifest);
    cr_assert(!totals.work);
    now = START + 81 * DAY;
    run_well(manifest);
    cr_assert_eq(totals.counts[PLAN_RENEW], 1);
}

Test(apply, an_expired_leaf_is_renewed)
{
    const char *manifest = MANIFEST("validity: 1000d", "validity: 90d");

    run_well(manifest);
    now = START + 400 * DAY;
    run_well(manifest);
    cr_assert_eq(totals.counts[PLAN_RENEW], 1);
    cr_assert_gt(end_of("leaf.crt"), now);
}

Test(apply, an_authority_warns_and_stays)
{
    const char *manifest = MANIFEST("validity: 100d", "validity: 30d");
    instant end;

    run_well(manifest);
    expect_silence();
    end = end_of("ca.crt");
    now = START + 95 * DAY;
    run_well(manifest);
    expect_said("the authority expires at 2030-04-11");
    expect_said("--replace-authority ca");
    cr_assert_eq(end_of("ca.crt"), end);
}

Test(apply, an_expired_authority_signs_nothing)
{
    const char *manifest = MANIFEST("validity: 10d", "validity: 5d");
    instant before;

    run_well(manifest);
    before = end_of("leaf.crt");
    now = START + 20 * DAY;
    cr_assert_eq(run(MANIFEST("validity: 10d", "validity: 5d, san: [dns:new.example]"), NULL), -1);
    expect_said("ca");
    expect_said("expired");
    expect_said("--replace-authority ca");
    cr_assert_eq(end_of("leaf.crt"), before);
    cr_assert_eq(run(manifest, "ca"), 0, "%s", bytes_text(&text));
    cr_assert_eq(totals.counts[PLAN_REPLACE], 1);
    cr_assert_gt(end_of("ca.crt"), now);
    cr_assert_gt(end_of("leaf.crt"), now);
}

Test(apply, a_duration_beyond_the_issuer_is_cut_and_said_once)
{
    run_well(MANIFEST("validity: 100d", "validity: 365d}\n  other: {issuer: ca, profile: client, "
                                        "subject: {CN: other}, validity: 365d"));
    expect_said("outlives its issuer ca and is cut to 2030-04-11");
    cr_assert_null(strstr(strstr(bytes_text(&text), "outlives") + 1, "outlives"));
    cr_assert_eq(end_of("leaf.crt"), end_of("ca.crt"));
    cr_assert_eq(end_of("other.crt"), end_of("ca.crt"));
}

Test(apply, an_explicit_end_beyond_the_issuer_is_refused)
{
    cr_assert_eq(run(MANIFEST("validity: 100d", "validity: {until: 2031-01-01T00:00:00Z}"), NULL), -1);
    expect_said("leaf");
    cr_assert_null(strstr(bytes_text(&text), "warning"));
}

Test(apply, fixed_windows_are_kept_to_the_second_and_never_renewed)
{
    const char *manifest = MANIFEST("validity: {from: 2019-01-01T00:00:00Z, until: 2060-06-01T12:00:00Z}",
                                    "validity: {from: 2020-02-29T01:02:03Z, until: 2021-03-04T05:06:07Z}");
    instant from;
    instant until;

    run_well(manifest);
    dates("leaf.crt", &from, &until);
    cr_assert_eq(from, INT64_C(1582938123));
    cr_assert_eq(until, INT64_C(1614834367));
    cr_assert_eq(end_of("ca.crt"), INT64_C(2853316800));
    now = START + 400 * DAY;
    run_well(manifest);
    cr_assert(!totals.work);
}

Test(apply, a_clock_that_goes_back_does_nothing)
{
    const char *manifest = MANIFEST("validity: 1000d", "validity: 90d");
    instant end;

    run_well(manifest);
    end = end_of("leaf.crt");
    now = START - 400 * DAY;
    run_well(manifest);
    cr_assert(!totals.work);
    cr_assert_eq(end_of("leaf.crt"), end);
}

/* ---- the quick answer -------------------------------------------------------------------------------------------- */

static int ask_settled(void)
{
    const struct fixture random = {0};
    struct faults *faults = faults_new();
    struct digest inputs;
    size_t entries = 0;
    bool fixture = true;
    int answer;

    cr_assert_eq(settled_inputs(context, out, manifest_file, &random, &inputs, faults), 0);
    answer = note_holds(context, out, manifest_file, &inputs, &place, &entries, &fixture);
    cr_assert(answer == 0 || (entries == 2 && !fixture));
    faults_free(faults);
    return answer;
}

static int settled(void)
{
    int answer = ask_settled();

    directory_close(&place);
    return answer;
}

#define PLAIN MANIFEST("validity: 1000d", "validity: 90d")

Test(apply, settled_after_a_run)
{
    run_well(PLAIN);
    cr_assert_eq(settled(), 1);
}

/* The run after the question has its lock and its ledger, and writes all the same. */
Test(apply, goes_on_from_the_question)
{
    static const char manifest[] = MANIFEST("validity: 1000d", "validity: 60d");
    const struct ledger *asked;

    run_well(PLAIN);
    scratch_write("pki.yaml", manifest, 0644);
    cr_assert_eq(ask_settled(), 0);
    asked = place.ledger;
    cr_assert_not_null(asked);
    cr_assert_eq(place.use, DIRECTORY_WRITE);
    run_well(manifest);
    cr_assert_eq(totals.counts[PLAN_REISSUE], 1);
    cr_assert_null(place.ledger);
    cr_assert_eq(place.folder, -1);
    cr_assert_eq(settled(), 1);
}

Test(apply, not_settled_before_a_run)
{
    scratch_write("pki.yaml", PLAIN, 0644);
    cr_assert_eq(settled(), 0);
}

Test(apply, a_touched_file_is_not_settled)
{
    struct timespec times[2] = {{1, 0}, {1, 0}};

    run_well(PLAIN);
    cr_assert_eq(utimensat(scratch_directory, "out/leaf.crt", times, 0), 0);
    cr_assert_eq(settled(), 0);
}

Test(apply, a_missing_file_is_not_settled)
{
    run_well(PLAIN);
    cr_assert_eq(unlinkat(scratch_directory, "out/leaf.key", 0), 0);
    cr_assert_eq(settled(), 0);
}

Test(apply, a_changed_manifest_is_not_settled)
{
    run_well(PLAIN);
    scratch_write("pki.yaml", PLAIN "# a remark\n", 0644);
    cr_assert_eq(settled(), 0);
}

Test(apply, a_due_date_that_passes_is_not_settled)
{
    run_well(PLAIN);
    now = START + 59 * DAY;
    cr_assert_eq(settled(), 1);
    now = START + 61 * DAY;
    cr_assert_eq(settled(), 0);
}

Test(apply, an_authority_that_gets_old_is_not_settled)
{
    const char *manifest = MANIFEST("validity: 100d", "validity: {from: 2029-12-01T00:00:00Z, "
                                                      "until: 2030-04-01T00:00:00Z}");

    run_well(manifest);
    now = START + 85 * DAY;
    cr_assert_eq(settled(), 1);
    now = START + 95 * DAY;
    cr_assert_eq(settled(), 0);
}

Test(apply, what_warns_at_each_run_is_not_settled)
{
    run_well(MANIFEST("validity: 100d", "validity: 3d"));
    now = START + 95 * DAY;
    run_well(MANIFEST("validity: 100d", "validity: 3d, san: [dns:new.example]"));
    cr_assert(totals.work);
    expect_said("the authority expires");
    cr_assert_eq(settled(), 0);
}

/* ---- revocation lists -------------------------------------------------------------------------------------------- */

#define LISTED(leaf)                                                                                         \
    MANIFEST("validity: 1000d, crl: {next_update: 30d}", "validity: {until: 2031-01-01}" leaf)

/* When the list in the PKI directory was made, and when the next comes at the latest. */
static struct crl_view list_now(struct bytes *der)
{
    struct faults *faults = faults_new();
    struct crl_view view;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/ca.crl", out);
    bytes_clear(der);
    cr_assert_eq(file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, der, faults), 0);
    cr_assert_eq(crl_view_read(slice_of(der), &view), 0);
    faults_free(faults);
    return view;
}

/* Goal: a list is made anew when two thirds of its time are over, and a run before that is as quick as any. */
Test(apply, a_list_is_made_again_in_time)
{
    struct bytes der = BYTES_EMPTY;

    run_well(LISTED(""));
    cr_assert_eq(totals.counts[PLAN_CRL], 1);
    cr_assert_eq(settled(), 1);
    now = START + 20 * DAY - 1;
    cr_assert_eq(settled(), 1);
    run_well(LISTED(""));
    cr_assert(!totals.work);
    cr_assert_eq(list_now(&der).this_update, START);
    now = START + 20 * DAY;
    cr_assert_eq(settled(), 0);
    run_well(LISTED(""));
    cr_assert_eq(totals.counts[PLAN_CRL], 1);
    cr_assert_eq(list_now(&der).this_update, START + 20 * DAY);
    cr_assert_eq(list_now(&der).next_update, START + 50 * DAY);
    cr_assert_eq(settled(), 1);
    now = START + 40 * DAY;
    cr_assert_eq(settled(), 0);
    bytes_free(&der);
}

Test(apply, a_list_that_was_touched_is_not_settled)
{
    run_well(LISTED(""));
    cr_assert_eq(settled(), 1);
    cr_assert_eq(unlinkat(scratch_directory, "out/ca.crl.pem", 0), 0);
    cr_assert_eq(settled(), 0);
    run_well(LISTED(""));
    cr_assert_eq(totals.counts[PLAN_CRL], 1);
    cr_assert_eq(settled(), 1);
}

/* Goal: the dates of a revocation are those that are written, else the run's; the reason is kept. */
Test(apply, a_revocation_has_its_dates)
{
    struct bytes der = BYTES_EMPTY;
    struct crl_entry entry;
    struct crl_view view;

    run_well(LISTED(""));
    now = START + DAY;
    run_well(LISTED(", revoked: {reason: superseded, invalidity_date: 2029-12-24}"));
    cr_assert_eq(totals.counts[PLAN_REVOKE], 1);
    cr_assert_eq(totals.counts[PLAN_CRL], 1);
    view = list_now(&der);
    cr_assert_eq(view.count, 1);
    cr_assert_eq(crl_entry_read(&view.entries, &entry), 1);
    cr_assert_eq(entry.revoked, START + DAY);
    cr_assert_eq(entry.reason, CRL_SUPERSEDED);
    cr_assert(entry.has_invalidity);
    cr_assert_eq(entry.invalidity, START - 8 * DAY);
    cr_assert_eq(settled(), 1);
    bytes_free(&der);
}

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

/* Says so from the n-th asking on. */
static bool stop_after(void *state)
{
    return atomic_fetch_sub((atomic_int *)state, 1) <= 0;
}

/* Stops the same run at each moment at which it asks. It says how far it came, and nothing else, and the next run finishes. */
static void stop_at_each_asking(const char *before, const char *replace, const char *manifest)
{
    int stopped = 0;
    int status = -1;

    for (int moment = 0; status != 0; moment++) {
        atomic_int left = moment;
        const struct apply_observer observer = {.state = &left, .stopping = stop_after};

        cr_assert_lt(moment, 100);
        (void)snprintf(out, sizeof(out), "%s/out%d", scratch_folder, moment);
        if (before != NULL) {
            run_well(before);
        }
        status = run_watched(manifest, replace, &observer);
        if (status != 0) {
            /* that, and no other line */
            cr_assert_eq(strncmp(bytes_text(&text), "interrupted: ", 13), 0, "at asking %d: %s", moment,
                         bytes_text(&text));
            cr_assert_eq(strchr(bytes_text(&text), '\n')[1], '\0', "at asking %d: %s", moment,
                         bytes_text(&text));
            stopped++;
        }
        run_well(manifest);
        run_well(manifest);
        cr_assert(!totals.work, "at asking %d", moment);
    }
    cr_assert_gt(stopped, 3);
}

#define CHAIN                                                                                                \
    "mtlskit: 1\n"                                                                                           \
    "authorities:\n"                                                                                         \
    "  root: {subject: {CN: Root}}\n"                                                                        \
    "  ca: {subject: {CN: CA}, issuer: root, crl: {next_update: 30d}}\n"                                     \
    "certificates:\n"                                                                                        \
    "  one: {issuer: ca, profile: client, subject: {CN: one}}\n"                                             \
    "  two: {issuer: ca, profile: client, subject: {CN: two}"

Test(apply, stopped_in_a_first_run)
{
    stop_at_each_asking(NULL, NULL, CHAIN "}\n");
}

Test(apply, stopped_while_an_authority_is_replaced)
{
    stop_at_each_asking(CHAIN "}\n", "root", CHAIN "}\n");
}

/* the certificate is made and revoked in one run */
Test(apply, stopped_before_a_fixture_is_revoked)
{
    stop_at_each_asking(NULL, NULL,
                        CHAIN ", revoked: {reason: keyCompromise}}\n"
                              "fixtures: {insecure_seed: the tests of runs that stop}\n");
}
