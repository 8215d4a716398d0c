/* SPDX-License-Identifier: Apache-2.0 */
/* Listing and finding certificates in the ledger. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ledger_fixture.h"

TestSuite(ledger_list, .init = fixture_start, .fini = fixture_stop);

static char listed[2000];
static int64_t last;

static int note(void *state, const struct ledger_certificate *certificate)
{
    size_t length = strlen(listed);

    (void)state;
    snprintf(listed + length, sizeof(listed) - length, "%s%lld ", certificate->name,
             (long long)certificate->id);
    last = certificate->id;
    return 0;
}

/* The whole list, and the same by pages of each size. */
static void expect_list(struct ledger *ledger, struct ledger_filter filter, const char *expected)
{
    listed[0] = '\0';
    cr_assert_eq(ledger_each_certificate(ledger, &filter, true, note, NULL, fixture_faults), 0, "%s",
                 fixture_fault());
    cr_assert_str_eq(listed, expected);
    for (size_t size = 1; size < 4; size++) {
        char before[2000];

        listed[0] = '\0';
        filter.limit = size;
        filter.after = 0;
        do {
            memcpy(before, listed, sizeof(before));
            cr_assert_eq(ledger_each_certificate(ledger, &filter, false, note, NULL, fixture_faults), 0, "%s",
                         fixture_fault());
            filter.after = last;
        } while (strcmp(before, listed) != 0);
        cr_assert_str_eq(listed, expected, "by pages of %zu", size);
    }
}

static int64_t put(struct ledger *ledger, int64_t generation, const char *name, uint64_t serial, instant end,
                   const char *manifest)
{
    struct ledger_certificate row = {.generation = generation, .not_before = 10, .not_after = end};

    snprintf(row.name, sizeof(row.name), "%s", name);
    snprintf(row.manifest, sizeof(row.manifest), "%s", manifest);
    for (int shift = 56; shift >= 0; shift -= 8) {
        cr_assert_eq(bytes_append_byte(&row.serial, (unsigned char)(serial >> shift)), 0);
    }
    cr_assert_eq(ledger_put_intent(ledger, &row, fixture_faults), 0, "%s", fixture_fault());
    ledger_certificate_free(&row);
    cr_assert_eq(ledger_put_issued(ledger, row.id, slice_of_text("der"), 10, end, fixture_faults), 0, "%s",
                 fixture_fault());
    return row.id;
}

static void revoke(struct ledger *ledger, int64_t id)
{
    struct ledger_revocation revocation = {.certificate = id, .invalidity = LEDGER_NEVER};

    cr_assert_eq(ledger_put_revocation(ledger, &revocation, NULL, fixture_faults), 0, "%s", fixture_fault());
    ledger_revocation_free(&revocation);
}

/* Two authorities, one of them with two keys. */
static struct ledger *start(void)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    int64_t old;
    int64_t new;
    int64_t other;

    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
    old = fixture_generation(ledger, "ca", 1);
    cr_assert_eq(put(ledger, old, "d", 40, 400, "m"), 1);
    cr_assert_eq(put(ledger, old, "b", 30, 100, "m"), 2);
    new = fixture_generation(ledger, "ca", 2);
    other = fixture_generation(ledger, "other", 1);
    cr_assert_eq(put(ledger, other, "c", 20, 300, "m"), 3);
    cr_assert_eq(put(ledger, new, "b", 10, 200, ""), 4);
    cr_assert_eq(put(ledger, new, "a", 5, 100, "m"), 5);
    cr_assert_eq(fixture_intent(ledger, new, "e", 6), 6);
    cr_assert_eq(put(ledger, new, "f", 30, 100, "n"), 7);
    revoke(ledger, 2);
    revoke(ledger, 1);
    return ledger;
}

Test(ledger_list, by_every_filter)
{
    struct ledger *ledger = start();

    expect_list(ledger, (struct ledger_filter){0}, "a5 b4 c3 d1 f7 ");
    expect_list(ledger, (struct ledger_filter){.any_state = true}, "d1 b2 c3 b4 a5 e6 f7 ");
    expect_list(ledger, (struct ledger_filter){.revoked = true}, "d1 b2 ");
    expect_list(ledger, (struct ledger_filter){.expiring = true, .expiring_before = 300}, "a5 f7 b4 ");
    expect_list(ledger, (struct ledger_filter){.expiring = true, .expiring_before = 100}, "");
    expect_list(ledger, (struct ledger_filter){.issuer = "ca"}, "d1 a5 b4 f7 ");
    expect_list(ledger, (struct ledger_filter){.issuer = "ca", .any_state = true}, "b2 d1 a5 e6 b4 f7 ");
    expect_list(ledger, (struct ledger_filter){.issuer = "nobody"}, "");
    expect_list(ledger, (struct ledger_filter){.generation = 3}, "c3 ");
    expect_list(ledger, (struct ledger_filter){.generation = 3, .issuer = "ca"}, "");
    expect_list(ledger, (struct ledger_filter){.manifest = ""}, "b4 ");
    expect_list(ledger, (struct ledger_filter){.manifest = "m"}, "a5 c3 d1 ");
    expect_list(ledger, (struct ledger_filter){.issuer = "ca", .expiring = true, .expiring_before = 300},
                "a5 f7 b4 ");
    expect_list(ledger, (struct ledger_filter){.any_state = true, .expiring = true, .expiring_before = 101},
                "b2 a5 e6 f7 ");
    expect_list(ledger, (struct ledger_filter){.revoked = true, .issuer = "other"}, "");
    ledger_close(ledger);
}

Test(ledger_list, a_page_after_nothing_is_a_fault)
{
    struct ledger *ledger = start();
    struct ledger_filter filter = {.after = 99};

    cr_assert_eq(ledger_each_certificate(ledger, &filter, false, note, NULL, fixture_faults), -1);
    fixture_expect_fault("there is no certificate with id 99");
    ledger_close(ledger);
}

Test(ledger_list, by_serial_and_by_name)
{
    static const unsigned char serial[8] = {0, 0, 0, 0, 0, 0, 0, 30};
    struct ledger *ledger = start();

    listed[0] = '\0';
    cr_assert_eq(ledger_each_of_serial(ledger, (struct slice){serial, 8}, true, note, NULL, fixture_faults),
                 0);
    cr_assert_str_eq(listed, "f7 b2 ");
    cr_assert_eq(ledger_each_of_serial(ledger, (struct slice){serial, 7}, true, note, NULL, fixture_faults),
                 0);
    cr_assert_str_eq(listed, "f7 b2 ");
    listed[0] = '\0';
    cr_assert_eq(ledger_each_of_name(ledger, "b", true, note, NULL, fixture_faults), 0, "%s",
                 fixture_fault());
    cr_assert_eq(ledger_each_of_name(ledger, "e", true, note, NULL, fixture_faults), 0);
    cr_assert_eq(ledger_each_of_name(ledger, "x", true, note, NULL, fixture_faults), 0);
    cr_assert_str_eq(listed, "b4 b2 e6 ");
    ledger_close(ledger);
}

Test(ledger_list, a_row_without_its_der)
{
    static const unsigned char serial[8] = {0, 0, 0, 0, 0, 0, 0, 30};
    struct ledger *ledger = start();
    struct ledger_certificate row;
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(ledger_get_der(ledger, 4, &der, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_gt(der.length, 0);
    bytes_clear(&der);
    cr_assert_eq(ledger_get_der(ledger, 6, &der, fixture_faults), 0, "an intended one has none");
    cr_assert_eq(ledger_get_der(ledger, 99, &der, fixture_faults), 0);
    cr_assert_eq(ledger_get_row(ledger, 99, &row, fixture_faults), 0);

    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0, "%s", fixture_fault());
    ledger_close(ledger);
    fixture_sql("DELETE FROM certificate_der WHERE id IN (2, 4)");
    ledger = fixture_open(LEDGER_READ);
    cr_assert_eq(ledger_get_der(ledger, 4, &der, fixture_faults), 0);
    cr_assert_eq(ledger_get_row(ledger, 4, &row, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_str_eq(row.name, "b");
    cr_assert_eq(row.der.length, 0);
    ledger_certificate_free(&row);
    listed[0] = '\0';
    cr_assert_eq(ledger_each_of_serial(ledger, (struct slice){serial, 8}, false, note, NULL, fixture_faults),
                 0);
    cr_assert_eq(ledger_each_of_name(ledger, "b", false, note, NULL, fixture_faults), 0);
    cr_assert_str_eq(listed, "f7 b2 b4 b2 ");
    cr_assert_eq(ledger_get_certificate(ledger, 4, &row, fixture_faults), -1);
    fixture_expect_fault("is missing, though the certificate was issued");
    bytes_free(&der);
    ledger_close(ledger);
}

static int generation(void *state, const struct ledger_generation *row)
{
    char *text = state;

    snprintf(text + strlen(text), 50, "%.20s%lld%s ", row->name, (long long)row->id, row->current ? "!" : "");
    return 0;
}

Test(ledger_list, generations)
{
    struct ledger *ledger = start();
    char text[200] = "";

    cr_assert_eq(ledger_each_generation(ledger, "ca", generation, text, fixture_faults), 0);
    cr_assert_eq(ledger_each_generation(ledger, NULL, generation, text, fixture_faults), 0);
    cr_assert_str_eq(text, "ca1 ca2! ca1 ca2! other3! ");
    ledger_close(ledger);
}
