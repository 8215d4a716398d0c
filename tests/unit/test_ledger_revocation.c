/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations and CRLs in the ledger. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/ledger_directory.h"
#include "ledger_fixture.h"

TestSuite(ledger_revocation, .init = fixture_start, .fini = fixture_stop);

static struct ledger *start(void)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);

    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(fixture_generation(ledger, "ca", 1), 1);
    cr_assert_eq(fixture_issued(ledger, 1, "ca", 1), 1);
    return ledger;
}

static int revoke(struct ledger *ledger, int64_t id, int reason)
{
    struct ledger_revocation revocation = {
        .certificate = id, .revoked = 1767225600, .reason = reason, .invalidity = LEDGER_NEVER};
    int result = ledger_put_revocation(ledger, &revocation, NULL, fixture_faults);

    cr_assert(result != 0 || revocation.generation == 1);
    ledger_revocation_free(&revocation);
    return result;
}

/* The serials as a text. */
static int collect(void *state, const struct ledger_revocation *revocation)
{
    char *text = state;

    cr_assert_eq(revocation->serial.length, 8);
    snprintf(text + strlen(text), 100, "%d ", revocation->serial.data[7]);
    return 0;
}

static void expect_listed(struct ledger *ledger, bool all, const char *expected)
{
    char text[500] = "";

    cr_assert_eq(ledger_each_revocation(ledger, 1, all, collect, text, fixture_faults), 0, "%s",
                 fixture_fault());
    cr_assert_str_eq(text, expected);
}

static struct ledger_crl crl_at(instant when)
{
    return (struct ledger_crl){.generation = 1, .this_update = when, .next_update = when + 100};
}

static void make_crl(struct ledger *ledger, instant when)
{
    struct ledger_crl crl = crl_at(when);

    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), 0, "%s", fixture_fault());
    crl.entries = 3;
    crl.content.octets[0] = 1;
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), 0, "%s", fixture_fault());
}

Test(ledger_revocation, is_kept_and_found)
{
    struct ledger *ledger = start();
    struct ledger_revocation revocation = {
        .certificate = fixture_issued(ledger, 1, "leaf", 7), .revoked = 5, .reason = 1, .invalidity = 4};
    int64_t intent = fixture_intent(ledger, 1, "late", 8);

    cr_assert_eq(ledger_put_revocation(ledger, &revocation, "lost on a train", fixture_faults), 0, "%s",
                 fixture_fault());
    ledger_revocation_free(&revocation);
    cr_assert_eq(ledger_find_revocation(ledger, 2, &revocation, fixture_faults), 1);
    cr_assert(revocation.generation == 1 && revocation.revoked == 5 && revocation.reason == 1 &&
              revocation.invalidity == 4 && revocation.not_after == 20 && revocation.serial.data[7] == 7);
    ledger_revocation_free(&revocation);
    cr_assert_eq(ledger_find_revocation(ledger, 1, &revocation, fixture_faults), 0);
    cr_assert_eq(revoke(ledger, 77, 0), -1);
    fixture_expect_fault("there is no certificate with id 77");
    /* somebody may have one that was begun */
    cr_assert_eq(revoke(ledger, intent, 0), 0, "%s", fixture_fault());
    expect_listed(ledger, true, "7 8 ");
    for (int reason = -1; reason < 13; reason++) {
        if (ledger_reason_name(reason) == NULL) {
            cr_assert_eq(revoke(ledger, 1, reason), -1);
            fixture_expect_fault("is no reason");
        }
    }
    cr_assert_null(ledger_reason_name(7));
    cr_assert_str_eq(ledger_reason_name(10), "aACompromise");
    ledger_close(ledger);
}

Test(ledger_revocation, is_for_good_but_for_a_hold)
{
    struct ledger *ledger = start();
    int64_t leaf = fixture_issued(ledger, 1, "leaf", 7);

    cr_assert_eq(ledger_remove_revocation(ledger, leaf, fixture_faults), -1);
    fixture_expect_fault("\"leaf\" is not revoked");
    cr_assert_eq(revoke(ledger, leaf, LEDGER_REASON_HOLD), 0, "%s", fixture_fault());
    cr_assert_eq(revoke(ledger, leaf, LEDGER_REASON_HOLD), -1);
    fixture_expect_fault("\"leaf\" was revoked already, at 2026-01-01T00:00:00Z for certificateHold");
    expect_listed(ledger, false, "7 ");
    cr_assert_eq(ledger_remove_revocation(ledger, leaf, fixture_faults), 0, "%s", fixture_fault());
    expect_listed(ledger, true, "");
    cr_assert_eq(revoke(ledger, leaf, LEDGER_REASON_HOLD), 0, "%s", fixture_fault());
    cr_assert_eq(revoke(ledger, leaf, 1), 0, "a hold becomes a revocation: %s", fixture_fault());
    cr_assert_eq(ledger_remove_revocation(ledger, leaf, fixture_faults), -1);
    fixture_expect_fault("revoked for good");
    cr_assert_eq(revoke(ledger, leaf, 4), -1);
    fixture_expect_fault("for keyCompromise");
    ledger_close(ledger);
}

Test(ledger_revocation, a_replaced_certificate_can_be_revoked)
{
    struct ledger *ledger = start();
    int64_t old = fixture_issued(ledger, 1, "leaf", 9);

    fixture_issued(ledger, 1, "leaf", 3);
    cr_assert_eq(revoke(ledger, old, 4), 0, "%s", fixture_fault());
    cr_assert_eq(revoke(ledger, 3, 4), 0, "%s", fixture_fault());
    expect_listed(ledger, false, "3 9 "); /* in order of serial, not of time */
    ledger_close(ledger);
}

/* RFC 5280, section 3.3: an entry goes only after one CRL issued past its certificate's end has held it. */
Test(ledger_revocation, an_expired_entry_stands_on_one_more_crl)
{
    struct ledger *ledger = start();

    cr_assert_eq(revoke(ledger, fixture_issued(ledger, 1, "one", 2), 1), 0);
    make_crl(ledger, 15);
    expect_listed(ledger, false, "2 ");
    make_crl(ledger, 20); /* its last second */
    expect_listed(ledger, false, "2 ");
    make_crl(ledger, 21);
    expect_listed(ledger, false, "");
    expect_listed(ledger, true, "2 ");
    /* revoked after its end: it has still to be told once */
    cr_assert_eq(revoke(ledger, fixture_issued(ledger, 1, "two", 3), 1), 0);
    expect_listed(ledger, false, "3 ");
    make_crl(ledger, 30);
    expect_listed(ledger, false, "");
    ledger_close(ledger);
}

/* A clock that was ahead saw certificates end that go on. */
Test(ledger_revocation, an_entry_comes_back_with_the_clock)
{
    struct ledger *ledger = start();
    struct ledger_crl crl = crl_at(10);

    cr_assert_eq(revoke(ledger, fixture_issued(ledger, 1, "one", 2), 1), 0);
    make_crl(ledger, 5);
    make_crl(ledger, 5000);
    expect_listed(ledger, false, "");
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), -1);
    fixture_expect_fault("the clock stands before");
    expect_listed(ledger, false, "");
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, true, fixture_faults), 0, "%s", fixture_fault());
    expect_listed(ledger, false, "2 ");
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), 0, "%s", fixture_fault());
    expect_listed(ledger, false, "2 ");
    /* what has ended by that time, too, has been told past its end */
    make_crl(ledger, 6000);
    expect_listed(ledger, false, "");
    crl = crl_at(5500);
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, true, fixture_faults), 0, "%s", fixture_fault());
    expect_listed(ledger, false, "");
    ledger_close(ledger);
}

/* A revocation that comes between the taking of the number and the completion may not be on the CRL. */
Test(ledger_revocation, what_came_after_the_number_is_not_counted_as_told)
{
    struct ledger *ledger = start();
    struct ledger_crl crl = crl_at(50);

    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(revoke(ledger, fixture_issued(ledger, 1, "one", 2), 1), 0);
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), 0, "%s", fixture_fault());
    expect_listed(ledger, false, "2 ");
    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 1);
    make_crl(ledger, 50);
    expect_listed(ledger, false, "");
    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 0);
    ledger_close(ledger);
}

Test(ledger_revocation, crl_numbers_grow)
{
    struct ledger *ledger = start();
    struct ledger_crl crl = crl_at(50);
    struct ledger_crl last;

    cr_assert_eq(ledger_last_crl(ledger, 1, &last, fixture_faults), 0);
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), -1);
    fixture_expect_fault("CRL number 0 was never taken");
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(crl.number, 1);
    cr_assert_eq(ledger_last_crl(ledger, 1, &last, fixture_faults), 0, "it is not complete");
    crl.number = 1;
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), -1);
    fixture_expect_fault("CRL number 1 is not above 1");
    crl.number = 40;
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), 0, "%s", fixture_fault());
    crl.entries = 2;
    memset(crl.content.octets, 5, DIGEST_LENGTH);
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_put_crl(ledger, &crl, fixture_faults), -1);
    fixture_expect_fault("CRL number 40 is complete already");
    cr_assert_eq(ledger_last_crl(ledger, 1, &last, fixture_faults), 1);
    cr_assert(last.number == 40 && last.entries == 2 && last.complete && last.this_update == 50 &&
              last.next_update == 150 && digest_equal(&last.content, &crl.content));
    crl = crl_at(49);
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), -1);
    fixture_expect_fault("the clock stands before CRL number 40");
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, true, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(crl.number, 41);
    crl.generation = 9;
    crl.number = 0;
    cr_assert_eq(ledger_put_crl_intent(ledger, &crl, false, fixture_faults), -1);
    fixture_expect_fault("generation 9, which is not there");
    ledger_close(ledger);
}

Test(ledger_revocation, a_crl_is_due_after_a_change)
{
    struct ledger *ledger = start();
    int64_t leaf = fixture_issued(ledger, 1, "leaf", 7);

    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 0);
    cr_assert_eq(revoke(ledger, leaf, LEDGER_REASON_HOLD), 0);
    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 1);
    make_crl(ledger, 5);
    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 0);
    cr_assert_eq(ledger_remove_revocation(ledger, leaf, fixture_faults), 0);
    cr_assert_eq(ledger_crl_is_due(ledger, 1, fixture_faults), 1, "a lifted hold is news as well");
    ledger_close(ledger);
}

static int count(void *state, const struct ledger_revocation *revocation)
{
    (void)revocation;
    ++*(int *)state;
    return 0;
}

static double seconds(clock_t from)
{
    return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/* Ten times as many take about ten times as long: measured in processor time, with room for a busy machine. */
Test(ledger_revocation, many_are_read_in_linear_time)
{
    struct ledger *ledger = start();
    double taken[2] = {0};
    int rows[2] = {0};

    for (int round = 0; round < 2; round++) {
        for (int i = round == 0 ? 0 : 500; i < (round == 0 ? 500 : 5000); i++) {
            char name[32];

            snprintf(name, sizeof(name), "n%d", i);
            cr_assert_eq(revoke(ledger, fixture_issued(ledger, 1, name, 1000 + (uint64_t)i), 1), 0, "%s",
                         fixture_fault());
        }
        for (int repeat = 0; repeat < 20; repeat++) {
            clock_t from = clock();

            cr_assert_eq(ledger_each_revocation(ledger, 1, false, count, &rows[round], fixture_faults), 0);
            taken[round] += seconds(from);
        }
    }
    cr_assert(rows[0] == 20 * 500 && rows[1] == 20 * 5000);
    cr_assert_lt(taken[1], taken[0] * 40 + 0.05, "500: %f s, 5000: %f s", taken[0], taken[1]);
    ledger_close(ledger);
}

Test(ledger_revocation, rows_that_do_not_fit_are_told)
{
    static const struct {
        const char *sql, *fault;
    } cases[] = {
        {"UPDATE revocation SET reason = 7", "reason is none that RFC 5280 knows"},
        {"UPDATE revocation SET reason = 11", "table revocation, rowid 1: reason is out of range"},
        {"UPDATE revocation SET reason = 1, serial = zeroblob(21)", "serial is too long"},
        {"UPDATE crl SET number = -1", "table crl, rowid 1: number is out of range"},
        {"UPDATE crl SET number = 1, content = x'00'", "table crl, rowid 1: content is too short"},
        {"DROP TRIGGER event_is_not_changed; UPDATE event SET what = 99", "what is out of range"},
        {"UPDATE event SET what = 1, who = printf('%.*c', 256, 'n')", "who is too long"},
        {"UPDATE event SET who = 'x', hash = x'00'", "hash is too short"},
    };
    struct ledger *ledger = start();

    cr_assert_eq(revoke(ledger, 1, 1), 0);
    make_crl(ledger, 5);
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0);
    ledger_close(ledger);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ledger_revocation revocation;
        struct ledger_crl crl;
        struct digest hash;
        int64_t number;
        int found;

        fixture_sql(cases[i].sql);
        ledger = fixture_open(LEDGER_READ);
        found = ledger_find_revocation(ledger, 1, &revocation, fixture_faults);
        ledger_revocation_free(&revocation);
        if (found >= 0) {
            found = ledger_last_crl(ledger, 1, &crl, fixture_faults);
        }
        if (found >= 0) {
            found = ledger_each_event(ledger, 1, NULL, NULL, fixture_faults);
        }
        if (found >= 0) {
            found = ledger_head(ledger, &number, &hash, fixture_faults);
        }
        cr_assert_eq(found, -1, "%s", cases[i].sql);
        fixture_expect_fault(cases[i].fault);
        ledger_close(ledger);
        if (strncmp(cases[i].sql, "UPDATE revocation SET reason = 1,", 33) == 0) {
            fixture_sql("UPDATE revocation SET serial = x'01'");
        } else if (strstr(cases[i].sql, "content") != NULL) {
            fixture_sql("UPDATE crl SET content = NULL");
        }
    }
}

Test(ledger_revocation, authorities_are_remembered)
{
    struct ledger *ledger = start();
    struct ledger_authority authority = {.name = "ca", .key = "", .passphrase = "pass:secret"};
    struct ledger_authority found;

    cr_assert_eq(ledger_find_authority(ledger, "ca", &found, fixture_faults), 0);
    cr_assert_eq(ledger_put_authority(ledger, &authority, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_find_authority(ledger, "ca", &found, fixture_faults), 1);
    cr_assert_str_eq(found.passphrase, "prompt", "a secret is not kept");
    snprintf(authority.passphrase, sizeof(authority.passphrase), "env:CA");
    snprintf(authority.next_update, sizeof(authority.next_update), "30d");
    cr_assert_eq(ledger_put_authority(ledger, &authority, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(ledger_find_authority(ledger, "ca", &found, fixture_faults), 1);
    cr_assert_str_eq(found.passphrase, "env:CA");
    cr_assert_str_eq(found.next_update, "30d");
    ledger_close(ledger);
}
