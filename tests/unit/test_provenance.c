/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a ledger is that of one fixture, of that seed and time, or of none, and whoever comes with something else is told why not. */
#include <criterion/criterion.h>

#include <string.h>

#include "base/seed.h"
#include "issuing/fixture_context.h"
#include "issuing/provenance.h"
#include "ledger/ledger_directory.h"
#include "ledger_fixture.h"

#define SEED "the tests of provenance"

static struct fixture_context of_seed, of_another, of_later;

static void making(struct fixture_context *context, const char *seed, const char *now)
{
    struct fixture fixture = {0};

    cr_assert_eq(fixture_set(&fixture, seed, "--insecure-seed", now, "--now", fixture_faults), 0);
    cr_assert_eq(fixture_context_set(context, fixture_context, &fixture, fixture_faults), 0);
    fixture_free(&fixture);
}

static void set_up(void)
{
    fixture_start();
    making(&of_seed, SEED, NULL);
    making(&of_another, SEED ", another", NULL);
    making(&of_later, SEED, "2025-01-31");
}

static void tear_down(void)
{
    fixture_context_free(&of_later);
    fixture_context_free(&of_another);
    fixture_context_free(&of_seed);
    fixture_stop();
}

TestSuite(provenance, .init = set_up, .fini = tear_down);

static void put(struct ledger *ledger, const struct context *context)
{
    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0);
    cr_assert_eq(provenance_put(context, ledger, fixture_faults), 0);
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0);
}

static void takes(struct ledger *ledger, const struct context *context)
{
    cr_assert_eq(provenance_check(context, ledger, "out", fixture_faults), 0, "%s", fixture_fault());
}

static void refuses(struct ledger *ledger, const struct context *context, const char *why)
{
    struct faults *faults = faults_new();

    cr_assert_eq(provenance_check(context, ledger, "out", faults), -1);
    cr_assert_eq(faults_errors(faults), 1);
    cr_assert(strncmp(faults_text(faults, 0), "out: ", 5) == 0 && strstr(faults_text(faults, 0), why) != NULL,
              "no \"%s\" in \"%s\"", why, faults_text(faults, 0));
    faults_free(faults);
}

Test(provenance, a_new_ledger_takes_any)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);

    takes(ledger, fixture_context);
    takes(ledger, of_seed.context);
    put(ledger, fixture_context);
    cr_assert_eq(provenance_is_fixture(ledger, fixture_faults), 0);
    takes(ledger, of_seed.context);
    ledger_close(ledger);
}

Test(provenance, a_fixture_takes_its_own_seed_and_time)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);

    put(ledger, of_seed.context);
    cr_assert_eq(provenance_is_fixture(ledger, fixture_faults), 1);
    takes(ledger, of_seed.context);
    refuses(ledger, of_another.context, "this fixture was made from another seed");
    refuses(ledger, of_later.context, "this fixture was made at another time");
    refuses(ledger, fixture_context, "this PKI is a fixture, made from a seed");
    ledger_close(ledger);
}

Test(provenance, what_no_seed_made_takes_none)
{
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    takes(ledger, fixture_context);
    refuses(ledger, of_seed.context, "its authorities were not made from a seed");
    ledger_close(ledger);
}

/* A memo that was cut short is no time of the same seed, and nothing else either. */
Test(provenance, a_broken_memo_is_of_another)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);

    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0);
    cr_assert_eq(ledger_put_memo(ledger, "fixture", slice_of_text("x"), fixture_faults), 0);
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0);
    refuses(ledger, of_seed.context, "this fixture was made from another seed");
    refuses(ledger, fixture_context, "this PKI is a fixture, made from a seed");
    ledger_close(ledger);
}
