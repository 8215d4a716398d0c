/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever fails, at whichever verb of the store: nothing is left, or what is left is told and recovery finishes it. Each test goes through
 * every verb of a run, and each verb fails before it did anything, after it did it, once, or from then on; or the process is killed there.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "steps/carrying.h"
#include "steps/holding.h"
#include "steps/removal.h"
#include "steps_fixture.h"

#define ALL steps_fixture

TestSuite(steps_failure, .init = steps_fixture_start, .fini = steps_fixture_stop, .timeout = 300);

/** No run of these tests has more verbs. */
#define VERBS_MAX 200

/** What was there before anything of ours: other people's items, and trust that ours changes. */
static void set_scene(void)
{
    struct item items[] = {steps_certificate(ALL.client_ca), steps_trust(ALL.client_ca, SCOPE_CLIENT),
                           steps_certificate(ALL.root)};

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        double_set(&items[i]);
    }
}

static void want_all(void)
{
    steps_fixture_want(&ALL.identity);
    steps_fixture_want_trust(ALL.server_ca, SCOPE_SERVER);
    steps_fixture_want_trust(ALL.client_ca, SCOPE_SERVER);
}

static int install(void)
{
    /* the client CA is trusted for clients already: this replaces trust */
    return steps_fixture_install(true);
}

/** Take away the identity and both anchors, as remove does. */
static int take_away(void)
{
    struct removal removal = {NULL, 0};
    int status = journal_read(ALL.journal, &ALL.records, ALL.faults);

    if (status == 0 &&
        (removal_add_identity(&ALL.run, &ALL.records, foreign_der(ALL.client), &removal) < 0 ||
         removal_add_anchor(&ALL.run, &ALL.records, foreign_der(ALL.server_ca), &removal) < 0 ||
         removal_add_anchor(&ALL.run, &ALL.records, foreign_der(ALL.client_ca), &removal) < 0)) {
        status = -1;
    }
    if (status == 0) {
        status = removal_perform(&ALL.run, &ALL.records, &removal);
    }
    removal_free(&removal);
    return status;
}

static void expect_content(const struct double_content *expected, const char *what, unsigned at)
{
    cr_assert_eq(memcmp(&double_machine->content, expected, sizeof(*expected)), 0,
                 "%s, verb %u: %zu items are there", what, at, double_count());
}

static void set_content(const struct double_content *content)
{
    double_machine->content = *content;
    double_machine->unsettled = false;
}

/* ---- install -------------------------------------------------------------------------------------------------------- */

/** A run whose verb number @p at fails; whether it did. */
static bool install_once(const struct double_content *before, const struct double_content *after, unsigned at,
                         enum double_failing failing, bool forever)
{
    bool failed;
    int status;

    set_content(before);
    double_plan(at, failing, forever);
    status = install();
    failed = double_failed();
    double_plan(0, DOUBLE_WELL, false);
    if (status == 0) {
        cr_assert_not(failed, "a failure of verb %u was not noticed", at);
        expect_content(after, "done", at);
        cr_assert_eq(take_away(), 0, "%s", steps_fixture_told());
        expect_content(before, "taken away", at);
    } else if (steps_fixture_records() == 0) {
        expect_content(before, "rolled back", at);
        cr_assert_not(double_machine->unsettled, "verb %u: what was rolled back still counts", at);
    } else {
        const char *text = steps_fixture_told();

        cr_assert_not_null(strstr(text, "recover"), "verb %u: a record is left, and nobody is told: %s", at,
                           text);
        cr_assert_eq(steps_fixture_recover(), 0, "%s", steps_fixture_told());
        expect_content(before, "recovered", at);
    }
    cr_assert_eq(steps_fixture_records(), 0);
    cr_assert_not(double_machine->unsettled);
    (void)steps_fixture_told();
    return failed;
}

Test(steps_failure, of_any_verb_of_an_install_leaves_nothing)
{
    struct double_content before;
    struct double_content after;
    unsigned failures = 0;

    set_scene();
    before = double_machine->content;
    want_all();
    cr_assert_eq(install(), 0, "%s", steps_fixture_told());
    after = double_machine->content;
    cr_assert_eq(double_count(), 3 + 5, "the client CA's trust is replaced");
    cr_assert_eq(double_machine->proved, 3);
    cr_assert_eq(take_away(), 0, "%s", steps_fixture_told());
    expect_content(&before, "taken away", 0);

    for (int mode = 0; mode < 4; mode++) {
        enum double_failing failing = mode % 2 == 0 ? DOUBLE_BEFORE : DOUBLE_AFTER;
        unsigned at = 1;

        while (at < VERBS_MAX && install_once(&before, &after, at, failing, mode >= 2)) {
            failures++;
            at++;
        }
        cr_assert_lt(at, VERBS_MAX);
    }
    cr_assert_geq(failures, 4 * 15, "only %u failures came", failures);
}

/** Do @p act in a child that is killed at verb number @p at; whether it was. */
static bool killed_at(int (*act)(void), unsigned at, enum double_failing failing)
{
    pid_t child;
    int status = 0;

    double_plan(at, failing, false);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        _exit(act() == 0 ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    double_plan(0, DOUBLE_WELL, false);
    if (WIFSIGNALED(status)) {
        cr_assert_eq(WTERMSIG(status), SIGKILL);
        return true;
    }
    cr_assert_eq(WEXITSTATUS(status), 0);
    return false;
}

Test(steps_failure, by_a_kill_at_any_verb_of_an_install_is_recovered)
{
    struct double_content before;

    set_scene();
    before = double_machine->content;
    want_all();
    for (int mode = 0; mode < 2; mode++) {
        unsigned at = 1;

        while (at < VERBS_MAX &&
               killed_at(install, at, mode == 0 ? DOUBLE_KILLED_BEFORE : DOUBLE_KILLED_AFTER)) {
            cr_assert_eq(steps_fixture_recover(), 0, "verb %u: %s", at, steps_fixture_told());
            expect_content(&before, "recovered", at);
            cr_assert_eq(steps_fixture_records(), 0);
            cr_assert_not(double_machine->unsettled);
            at++;
        }
        cr_assert_geq(at, 15);
        cr_assert_lt(at, VERBS_MAX);
        cr_assert_eq(take_away(), 0, "%s", steps_fixture_told());
        expect_content(&before, "taken away", at);
    }
}

/* ---- removal -------------------------------------------------------------------------------------------------------- */

static bool remove_once(const struct double_content *before, const struct double_content *after, unsigned at,
                        enum double_failing failing, bool forever)
{
    bool failed;
    int status;

    set_content(before);
    cr_assert_eq(install(), 0, "%s", steps_fixture_told());
    double_plan(at, failing, forever);
    status = take_away();
    failed = double_failed();
    double_plan(0, DOUBLE_WELL, false);
    cr_assert_eq(status != 0, failed, "verb %u", at);
    if (failed) {
        /* as long as nothing was touched, all is as it was, and the user asks again */
        if (memcmp(&double_machine->content, after, sizeof(*after)) == 0 && steps_fixture_records() == 1) {
            cr_assert_eq(take_away(), 0, "verb %u: %s", at, steps_fixture_told());
        }
        cr_assert_eq(steps_fixture_recover(), 0, "verb %u: %s", at, steps_fixture_told());
    }
    expect_content(before, "taken away", at);
    cr_assert_eq(steps_fixture_records(), 0, "verb %u", at);
    cr_assert_not(double_machine->unsettled);
    (void)steps_fixture_told();
    return failed;
}

Test(steps_failure, of_any_verb_of_a_removal_is_finished)
{
    struct double_content before;
    struct double_content after;

    set_scene();
    before = double_machine->content;
    want_all();
    cr_assert_eq(install(), 0);
    after = double_machine->content;
    cr_assert_eq(take_away(), 0);

    for (int mode = 0; mode < 4; mode++) {
        enum double_failing failing = mode % 2 == 0 ? DOUBLE_BEFORE : DOUBLE_AFTER;
        unsigned at = 1;

        while (at < VERBS_MAX && remove_once(&before, &after, at, failing, mode >= 2)) {
            at++;
        }
        cr_assert_geq(at, 8);
        cr_assert_lt(at, VERBS_MAX);
    }
}

Test(steps_failure, by_a_kill_at_any_verb_of_a_removal_is_finished)
{
    struct double_content before;
    struct double_content after;
    unsigned at = 1;

    set_scene();
    before = double_machine->content;
    want_all();
    cr_assert_eq(install(), 0);
    after = double_machine->content;
    while (at < VERBS_MAX && killed_at(take_away, at, DOUBLE_KILLED_AFTER)) {
        if (memcmp(&double_machine->content, &after, sizeof(after)) == 0) {
            /* it had only looked */
            cr_assert_eq(steps_fixture_records(), 1);
        } else {
            cr_assert_eq(steps_fixture_recover(), 0, "verb %u: %s", at, steps_fixture_told());
            expect_content(&before, "finished", at);
            cr_assert_eq(steps_fixture_records(), 0, "verb %u", at);
            cr_assert_eq(install(), 0, "%s", steps_fixture_told());
        }
        at++;
    }
    cr_assert_geq(at, 8);
    cr_assert_lt(at, VERBS_MAX);
    expect_content(&before, "taken away", at);
}

/* ---- interruption --------------------------------------------------------------------------------------------------- */

static unsigned patience;

static bool interrupted(void)
{
    return patience-- == 0;
}

Test(steps_failure, by_an_interruption_between_any_two_steps_leaves_nothing)
{
    struct double_content before;
    unsigned steps = 0;

    set_scene();
    before = double_machine->content;
    want_all();
    ALL.run.interrupted = interrupted;
    patience = 0;
    while (install() != 0) {
        cr_assert_not_null(strstr(steps_fixture_told(), "interrupted"));
        expect_content(&before, "interrupted", steps);
        cr_assert_eq(steps_fixture_records(), 0);
        patience = ++steps;
        cr_assert_lt(steps, VERBS_MAX);
    }
    cr_assert_eq(steps, 7, "six steps, and the end: %u", steps);
}

/* ---- hold ----------------------------------------------------------------------------------------------------------- */

static int begin_hold(struct journal_entry **entry)
{
    ALL.run.command = "hold";
    return journal_read(ALL.journal, &ALL.records, ALL.faults) == 0
               ? holding_begin(&ALL.run, &ALL.wanted, &ALL.records, entry)
               : -1;
}

Test(steps_failure, of_any_verb_of_a_hold_leaves_nothing)
{
    struct double_content before;
    bool failed = true;

    set_scene();
    before = double_machine->content;
    steps_fixture_want(&ALL.identity);
    for (unsigned at = 1; failed && at < VERBS_MAX; at++) {
        struct journal_entry *entry = NULL;
        int status;

        set_content(&before);
        double_plan(at, at % 2 == 0 ? DOUBLE_BEFORE : DOUBLE_AFTER, false);
        status = begin_hold(&entry);
        if (status == 0) {
            status = holding_end(&ALL.run, entry);
        }
        failed = double_failed();
        double_plan(0, DOUBLE_WELL, false);
        cr_assert_eq(status != 0, failed, "verb %u", at);
        if (steps_fixture_records() > 0) {
            cr_assert(failed);
            cr_assert_eq(steps_fixture_recover(), 0, "verb %u: %s", at, steps_fixture_told());
        }
        expect_content(&before, "held and let go", at);
        cr_assert_eq(steps_fixture_records(), 0);
        (void)steps_fixture_told();
        cr_assert(!failed || at < VERBS_MAX - 1);
    }
}
