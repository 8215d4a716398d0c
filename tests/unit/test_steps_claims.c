/* SPDX-License-Identifier: Apache-2.0 */
/* Who wants an item, and who takes it out: installs, holds, and runs that were killed, beside one another. */
#include <string.h>

#include <criterion/criterion.h>

#include "steps/allowance.h"
#include "steps/carrying.h"
#include "steps/holding.h"
#include "steps/removal.h"
#include "steps_fixture.h"

#define ALL steps_fixture

TestSuite(steps_claims, .init = steps_fixture_start, .fini = steps_fixture_stop, .timeout = 60);

static void install(const struct identity *identity)
{
    steps_fixture_forget();
    steps_fixture_want(identity);
    ALL.run.command = "install";
    cr_assert_eq(steps_fixture_install(false), 0, "%s", steps_fixture_told());
}

static struct journal_entry *hold(const struct identity *identity)
{
    struct journal_entry *entry = NULL;

    steps_fixture_forget();
    steps_fixture_want(identity);
    ALL.run.command = "hold";
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    cr_assert_eq(holding_begin(&ALL.run, &ALL.wanted, &ALL.records, &entry), 0, "%s", steps_fixture_told());
    cr_assert_not_null(entry);
    return entry;
}

static void let_go(struct journal_entry *entry)
{
    cr_assert_eq(holding_end(&ALL.run, entry), 0, "%s", steps_fixture_told());
}

/** Remove an identity, or an anchor. */
static int take_away(const struct foreign *leaf, const struct foreign *anchor)
{
    struct removal removal = {NULL, 0};
    int status;

    ALL.run.command = "remove";
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    status = leaf != NULL ? removal_add_identity(&ALL.run, &ALL.records, foreign_der(leaf), &removal)
                          : removal_add_anchor(&ALL.run, &ALL.records, foreign_der(anchor), &removal);
    if (status > 0) {
        cr_assert_eq(removal_perform(&ALL.run, &ALL.records, &removal), 0, "%s", steps_fixture_told());
    }
    removal_free(&removal);
    return status;
}

static void expect_there(const struct foreign *whose, bool certificate, bool key)
{
    struct item item = steps_certificate(whose);

    cr_assert_eq(double_has(&item), certificate, "the certificate is %sthere", certificate ? "not " : "");
    item = steps_key(whose);
    cr_assert_eq(double_has(&item), key, "the key is %sthere", key ? "not " : "");
}

Test(steps_claims, an_install_that_finds_all_done_keeps_no_record)
{
    install(&ALL.identity);
    cr_assert_eq(steps_fixture_records(), 1);
    install(&ALL.identity);
    cr_assert_eq(steps_fixture_records(), 1);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
    cr_assert_eq(take_away(ALL.client, NULL), 0, "there is nothing any more");
}

Test(steps_claims, an_intermediate_goes_with_the_last_identity)
{
    install(&ALL.identity);
    install(&ALL.second);
    cr_assert_eq(double_count(), 5);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    expect_there(ALL.client, false, false);
    expect_there(ALL.other, true, true);
    expect_there(ALL.intermediate, true, false);
    cr_assert_eq(take_away(ALL.other, NULL), 1);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, the_same_of_one_run_in_the_other_order)
{
    steps_fixture_want(&ALL.identity);
    steps_fixture_want(&ALL.second);
    cr_assert_eq(steps_fixture_install(false), 0);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    expect_there(ALL.intermediate, true, false);
    cr_assert_eq(take_away(ALL.other, NULL), 1);
    cr_assert_eq(double_count(), 0);
}

Test(steps_claims, what_others_put_stays)
{
    struct item item = steps_certificate(ALL.intermediate);

    double_set(&item);
    install(&ALL.identity);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    expect_there(ALL.intermediate, true, false);
    cr_assert_eq(double_count(), 1);
}

Test(steps_claims, the_last_holder_takes_out)
{
    struct journal_entry *first = hold(&ALL.identity);
    struct journal_entry *second = hold(&ALL.identity);

    let_go(first);
    expect_there(ALL.client, true, true);
    let_go(second);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, a_hold_leaves_what_is_installed)
{
    struct journal_entry *entry;

    install(&ALL.identity);
    entry = hold(&ALL.identity);
    let_go(entry);
    expect_there(ALL.client, true, true);
    cr_assert_eq(steps_fixture_records(), 1);
}

Test(steps_claims, what_is_installed_while_it_is_held_stays)
{
    struct journal_entry *entry = hold(&ALL.identity);

    install(&ALL.identity);
    let_go(entry);
    expect_there(ALL.client, true, true);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, what_is_removed_while_it_is_held_goes_with_the_hold)
{
    struct journal_entry *entry;

    install(&ALL.identity);
    entry = hold(&ALL.identity);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    cr_assert_not_null(strstr(steps_fixture_told(), "it is held by process"));
    expect_there(ALL.client, true, true);
    let_go(entry);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, recovery_leaves_what_a_living_hold_has)
{
    struct journal_entry *killed = hold(&ALL.identity);
    struct journal_entry *living = hold(&ALL.identity);

    /* closed without its end: as a kill leaves it */
    journal_keep(killed);
    cr_assert_eq(steps_fixture_recover(), 0, "%s", steps_fixture_told());
    expect_there(ALL.client, true, true);
    cr_assert_eq(steps_fixture_records(), 1);
    let_go(living);
    cr_assert_eq(double_count(), 0);
}

Test(steps_claims, a_killed_hold_is_recovered)
{
    journal_keep(hold(&ALL.identity));
    expect_there(ALL.client, true, true);
    cr_assert_eq(steps_fixture_recover(), 0);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, another_program_may_use_what_is_held_but_not_what_is_installed)
{
    const char *const curl[] = {"/usr/bin/curl"};
    const char *const wget[] = {"/usr/bin/wget"};
    struct wanted_manner manner = {.programs = curl, .program_count = 1};
    struct journal_entry *first = NULL;
    struct journal_entry *second = NULL;

    cr_assert_eq(wanted_add_identity(ALL.context, &ALL.wanted, &ALL.identity, &manner, ALL.faults), 0);
    cr_assert_eq(holding_begin(&ALL.run, &ALL.wanted, &ALL.records, &first), 0, "%s", steps_fixture_told());
    steps_fixture_forget();
    manner.programs = wget;
    cr_assert_eq(wanted_add_identity(ALL.context, &ALL.wanted, &ALL.identity, &manner, ALL.faults), 0);
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    cr_assert_eq(holding_begin(&ALL.run, &ALL.wanted, &ALL.records, &second), 0, "%s", steps_fixture_told());
    let_go(first);
    let_go(second);

    install(&ALL.identity);
    steps_fixture_forget();
    cr_assert_eq(wanted_add_identity(ALL.context, &ALL.wanted, &ALL.identity, &manner, ALL.faults), 0);
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    cr_assert_eq(holding_begin(&ALL.run, &ALL.wanted, &ALL.records, &first), -1);
    cr_assert_not_null(strstr(steps_fixture_told(), "/usr/bin/wget may not use it"));
    cr_assert_eq(steps_fixture_records(), 1, "the install's alone");

    /* as the complaint says: allow lets it */
    cr_assert_eq(allowance_add(&ALL.run, &ALL.records, foreign_der(ALL.client), wget[0]), 0);
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    cr_assert_eq(holding_begin(&ALL.run, &ALL.wanted, &ALL.records, &first), 0, "%s", steps_fixture_told());
    let_go(first);
    expect_there(ALL.client, true, true);
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, trust_goes_back_to_what_it_was_before_all_of_it)
{
    struct item before = steps_trust(ALL.client_ca, SCOPE_CLIENT);
    struct item certificate = steps_certificate(ALL.client_ca);
    struct item both = steps_trust(ALL.client_ca, SCOPE_ANY);

    double_set(&certificate);
    double_set(&before);
    steps_fixture_want_trust(ALL.client_ca, SCOPE_SERVER);
    cr_assert_eq(steps_fixture_install(true), 0, "%s", steps_fixture_told());
    cr_assert(double_has(&both));
    cr_assert_eq(steps_fixture_install(true), 0, "again: %s", steps_fixture_told());
    cr_assert_eq(take_away(NULL, ALL.client_ca), 1);
    cr_assert(double_has(&before));
    cr_assert(double_has(&certificate));
    cr_assert_eq(steps_fixture_records(), 0);
}

Test(steps_claims, a_run_that_is_undone_puts_back_the_trust_of_another)
{
    struct item client = steps_trust(ALL.client_ca, SCOPE_CLIENT);

    steps_fixture_want_trust(ALL.client_ca, SCOPE_CLIENT);
    cr_assert_eq(steps_fixture_install(false), 0);
    steps_fixture_forget();
    steps_fixture_want_trust(ALL.client_ca, SCOPE_SERVER);
    double_plan(3, DOUBLE_AFTER, true);
    cr_assert_eq(steps_fixture_install(true), -1);
    double_plan(0, DOUBLE_WELL, false);
    cr_assert_eq(steps_fixture_recover(), 0, "%s", steps_fixture_told());
    cr_assert(double_has(&client));
    cr_assert_eq(steps_fixture_records(), 1);
    cr_assert_eq(take_away(NULL, ALL.client_ca), 1);
    cr_assert_eq(double_count(), 0);
}

Test(steps_claims, an_anchor_of_somebody_else_can_be_untrusted)
{
    struct item trust = steps_trust(ALL.server_ca, SCOPE_SERVER);
    struct item certificate = steps_certificate(ALL.server_ca);

    double_set(&certificate);
    double_set(&trust);
    cr_assert_eq(take_away(NULL, ALL.server_ca), 1);
    cr_assert_not(double_has(&trust));
    cr_assert(double_has(&certificate), "only the trust was named");
    cr_assert_eq(take_away(NULL, ALL.server_ca), 0);
}

Test(steps_claims, a_label_that_two_have_is_an_error_that_lists_them)
{
    const struct name_sought me = {"me", NULL, {NULL, 0}};
    struct removal removal = {NULL, 0};
    const char *text;

    install(&ALL.identity);
    cr_assert_eq(removal_add_named(&ALL.run, &ALL.records, &me, &removal), 1);
    removal_free(&removal);
    install(&ALL.second);
    cr_assert_eq(removal_add_named(&ALL.run, &ALL.records, &me, &removal), -1);
    text = steps_fixture_told();
    cr_assert_not_null(strstr(text, "2 have the label \"me\""), "%s", text);
    cr_assert_not_null(strstr(text, "CN=client (") != NULL ? strstr(text, "CN=other (") : NULL, "%s", text);
    removal_free(&removal);
}

Test(steps_claims, a_removal_that_was_killed_before_it_was_decided_is_forgotten)
{
    struct claim claim = {.act = CLAIM_TAKE, .kind = ITEM_KEY};
    struct journal_entry *entry;
    size_t number;

    install(&ALL.identity);
    cr_assert_eq(bytes_append(&claim.certificate, ALL.client->der.data, ALL.client->der.length), 0);
    entry = journal_begin(ALL.journal, "double", "remove", ALL.faults);
    cr_assert_eq(journal_claim(entry, &claim, &number, ALL.faults), 0);
    journal_keep(entry);
    cr_assert_eq(steps_fixture_recover(), 0);
    expect_there(ALL.client, true, true);
    cr_assert_eq(steps_fixture_records(), 1);

    entry = journal_begin(ALL.journal, "double", "remove", ALL.faults);
    cr_assert_eq(journal_claim(entry, &claim, &number, ALL.faults), 0);
    cr_assert_eq(journal_decide(entry, ALL.faults), 0);
    journal_keep(entry);
    cr_assert_eq(steps_fixture_recover(), 0);
    expect_there(ALL.client, true, false);
    claim_free(&claim);
}

/** What --pending-trust is told. */
struct pardoning {
    size_t pending;
    int sealed;
};

static bool pardon_trust(void *state, const struct item *item)
{
    (void)state;
    return item->kind == ITEM_TRUST;
}

static int seal(void *state, const struct decision *decision)
{
    struct pardoning *pardoning = state;

    for (size_t i = 0; i < decision->count; i++) {
        pardoning->pending += decision->steps[i].pending ? 1 : 0;
    }
    return pardoning->sealed;
}

/** Install the identity and an anchor, whose trust the store does not take. */
static int install_pending(struct pardoning *pardoning)
{
    const struct carrying carrying = {.pardon = pardon_trust, .seal = seal, .state = pardoning};
    const struct decision_rules rules = {.holding = false};
    struct decision decision = {NULL, 0, 0};
    struct journal_entry *entry = NULL;
    int status;

    steps_fixture_forget();
    steps_fixture_want(&ALL.identity);
    steps_fixture_want_trust(ALL.server_ca, SCOPE_SERVER);
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    cr_assert_eq(decide(&ALL.run, &ALL.wanted, &ALL.records, &rules, &decision), 0);
    double_plan(5, DOUBLE_BEFORE, false);
    status = carry_out(&ALL.run, &decision, &carrying, &entry);
    double_plan(0, DOUBLE_WELL, false);
    decision_free(&decision);
    return status;
}

Test(steps_claims, trust_that_needs_a_person_is_pending_and_the_rest_stays)
{
    struct pardoning pardoning = {0, 0};

    cr_assert_eq(install_pending(&pardoning), 0);
    cr_assert_eq(faults_errors(ALL.faults), 0);
    cr_assert_not_null(strstr(steps_fixture_told(), "warning: the double fails"));
    cr_assert_eq(pardoning.pending, 1);
    expect_there(ALL.client, true, true);
    cr_assert_eq(double_count(), 4, "the anchor's certificate is there, too");
    /* the trust is nobody's: it is not taken away with the rest */
    cr_assert_eq(take_away(ALL.client, NULL), 1);
    cr_assert_eq(double_count(), 1);
}

Test(steps_claims, a_profile_that_cannot_be_written_undoes_all)
{
    struct pardoning pardoning = {0, -1};

    cr_assert_eq(install_pending(&pardoning), -1);
    cr_assert_eq(double_count(), 0);
    cr_assert_eq(steps_fixture_records(), 0);
}
