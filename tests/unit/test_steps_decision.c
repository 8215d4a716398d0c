/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided, by what a store has and can. */
#include <string.h>

#include <criterion/criterion.h>

#include "steps_fixture.h"

#define ALL steps_fixture

static struct decision decision;

static void stop(void)
{
    decision_free(&decision);
    steps_fixture_stop();
}

TestSuite(steps_decision, .init = steps_fixture_start, .fini = stop, .timeout = 60);

static int decide_with(const struct decision_rules *rules)
{
    cr_assert_eq(journal_read(ALL.journal, &ALL.records, ALL.faults), 0);
    return decide(&ALL.run, &ALL.wanted, &ALL.records, rules, &decision);
}

static int decide_plainly(void)
{
    const struct decision_rules rules = {.insecure_for_any = false};

    return decide_with(&rules);
}

static void expect_step(size_t index, enum step_act act, enum item_kind kind, const char *shown)
{
    cr_assert_lt(index, decision.count);
    cr_assert_eq(decision.steps[index].act, act, "step %zu: %s", index,
                 step_act_word(decision.steps[index].act));
    cr_assert_eq(decision.steps[index].item.kind, kind, "step %zu", index);
    cr_assert_str_eq(decision.steps[index].shown, shown);
}

static void expect_refused(const char *why)
{
    const char *text;

    cr_assert_eq(decide_plainly(), -1);
    text = steps_fixture_told();
    cr_assert_not_null(strstr(text, why), "told: %s", text);
    cr_assert_eq(decision.count, 0);
}

Test(steps_decision, all_is_put_in_order_and_the_root_of_a_chain_stays_out)
{
    steps_fixture_want(&ALL.identity);
    steps_fixture_want_trust(ALL.server_ca, SCOPE_SERVER);
    cr_assert_eq(decide_plainly(), 0, "%s", steps_fixture_told());
    cr_assert_eq(decision.count, 5);
    cr_assert_eq(decision.changes, 5);
    expect_step(0, STEP_PUT, ITEM_CERTIFICATE, "CN=intermediate");
    expect_step(1, STEP_PUT, ITEM_CERTIFICATE, "CN=client");
    expect_step(2, STEP_PUT, ITEM_KEY, "CN=client");
    expect_step(3, STEP_PUT, ITEM_CERTIFICATE, "CN=server CA");
    expect_step(4, STEP_PUT, ITEM_TRUST, "CN=server CA");
    cr_assert_str_eq(decision.steps[2].item.label, "me");
    cr_assert_null(decision.steps[0].item.label);
    cr_assert_eq(double_count(), 0, "deciding changes nothing");
}

Test(steps_decision, what_is_there_is_kept)
{
    struct item items[] = {steps_certificate(ALL.intermediate), steps_certificate(ALL.client),
                           steps_key(ALL.client)};

    for (size_t i = 0; i < 3; i++) {
        double_set(&items[i]);
    }
    steps_fixture_want(&ALL.identity);
    cr_assert_eq(decide_plainly(), 0);
    cr_assert_eq(decision.changes, 0);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(decision.steps[i].act, STEP_KEEP);
    }
}

Test(steps_decision, another_certificate_of_the_same_number_is_a_conflict)
{
    struct foreign *twin =
        foreign_make(&(struct recipe){.name = "client",
                                      .issuer = ALL.intermediate,
                                      .serial = ASN1_INTEGER_get(X509_get0_serialNumber(ALL.client->x509))});
    struct item item = steps_certificate(twin);

    double_set(&item);
    steps_fixture_want(&ALL.identity);
    expect_refused("double: certificate of CN=client: another certificate has its serial number");
    foreign_free(twin);
}

Test(steps_decision, one_scope_is_not_added_to_the_other)
{
    const struct decision_rules insecure = {.insecure_for_any = true};
    struct item there = steps_trust(ALL.client_ca, SCOPE_CLIENT);

    double_set(&there);
    steps_fixture_want_trust(ALL.client_ca, SCOPE_SERVER);
    expect_refused("CN=client CA is trusted for client; trusted for both it could impersonate every site");
    cr_assert_eq(decide_with(&insecure), 0);
    expect_step(1, STEP_REPLACE, ITEM_TRUST, "CN=client CA");
    cr_assert_eq(decision.steps[1].item.scope, SCOPE_ANY);
    cr_assert_str_eq(bytes_text(&decision.steps[1].before), "2,");
}

Test(steps_decision, both_scopes_in_one_run_are_refused_but_by_name)
{
    struct slice der = foreign_der(ALL.client_ca);

    steps_fixture_want_trust(ALL.client_ca, SCOPE_CLIENT);
    cr_assert_eq(
        wanted_add_anchor(ALL.context, &ALL.wanted, der, SCOPE_SERVER, NULL, true, false, ALL.faults), -1);
    cr_assert_not_null(strstr(steps_fixture_told(), "is to be trusted twice, for client and for server"));
    cr_assert_eq(wanted_add_anchor(ALL.context, &ALL.wanted, der, SCOPE_SERVER, NULL, true, true, ALL.faults),
                 0);
    expect_refused("could impersonate every site");
    cr_assert_eq(ALL.wanted.count, 2);
    cr_assert_eq(ALL.wanted.items[1].item.scope, SCOPE_ANY);
}

Test(steps_decision, trust_of_another_host_is_not_widened)
{
    struct item there = steps_trust(ALL.server_ca, SCOPE_SERVER);

    there.host = "one.example";
    double_set(&there);
    steps_fixture_want_trust(ALL.server_ca, SCOPE_SERVER);
    expect_refused("it is trusted for server");
}

Test(steps_decision, what_a_store_cannot_enforce_is_refused)
{
    static const struct {
        enum store_ability lacks;
        const char *why;
    } cases[] = {
        {STORE_IDENTITIES, "takes no identities"},
        {STORE_UNEXTRACTABLE, "cannot keep a key from being read back"},
        {STORE_PROGRAMS, "does not know which program uses a key"},
        {STORE_ANCHORS, "takes no anchors"},
        {STORE_SCOPE_SERVER, "for servers alone"},
        {STORE_SCOPE_CLIENT, "for clients alone"},
        {STORE_HOSTS, "for one host alone"},
    };
    const char *const programs[] = {"/usr/bin/curl"};
    const struct wanted_manner manner = {
        .extractable = EXTRACTABLE_NO, .programs = programs, .program_count = 1};
    const struct store_setting setting = {.context = ALL.context};

    cr_assert_eq(wanted_add_identity(ALL.context, &ALL.wanted, &ALL.identity, &manner, ALL.faults), 0);
    steps_fixture_want_trust(ALL.client_ca, SCOPE_CLIENT);
    cr_assert_eq(wanted_add_anchor(ALL.context, &ALL.wanted, foreign_der(ALL.server_ca), SCOPE_SERVER,
                                   "one.example", true, false, ALL.faults),
                 0);
    cr_assert_eq(decide_plainly(), 0, "%s", steps_fixture_told());
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        store_close(ALL.store);
        double_machine->abilities = STEPS_ABILITIES & ~(unsigned)cases[i].lacks;
        ALL.store = store_open(&store_double, &setting, "", ALL.faults);
        ALL.run.store = ALL.store;
        expect_refused(cases[i].why);
    }
}

Test(steps_decision, all_complaints_come_in_one_run)
{
    struct item there = steps_trust(ALL.client_ca, SCOPE_CLIENT);
    const char *text;

    double_set(&there);
    there = steps_trust(ALL.server_ca, SCOPE_ANY);
    double_set(&there);
    steps_fixture_want_trust(ALL.client_ca, SCOPE_SERVER);
    steps_fixture_want_trust(ALL.server_ca, SCOPE_SERVER);
    cr_assert_eq(decide_plainly(), -1);
    text = steps_fixture_told();
    cr_assert_not_null(strstr(text, "client CA"), "%s", text);
    cr_assert_not_null(strstr(text, "server CA"), "%s", text);
}

Test(steps_decision, an_intermediate_of_two_identities_is_put_once)
{
    steps_fixture_want(&ALL.identity);
    steps_fixture_want(&ALL.second);
    cr_assert_eq(decide_plainly(), 0);
    cr_assert_eq(decision.count, 6);
    expect_step(0, STEP_PUT, ITEM_CERTIFICATE, "CN=intermediate");
    expect_step(3, STEP_JOIN, ITEM_CERTIFICATE, "CN=intermediate");
}

Test(steps_decision, holding_refuses_a_key_that_is_not_ours)
{
    const struct decision_rules holding = {.holding = true};
    struct item there = steps_key(ALL.client);

    double_set(&there);
    steps_fixture_want(&ALL.identity);
    cr_assert_eq(decide_with(&holding), -1);
    cr_assert_not_null(strstr(steps_fixture_told(), "it is there already, and not by keychain-import"));
    cr_assert_eq(decide_plainly(), 0, "install keeps it");
}

/** Decide on the identity, asked for as @p label; it and all of its chain are there as "one". */
static const char *told_of_label(const char *label)
{
    const struct wanted_manner manner = {.label = label};

    steps_fixture_forget();
    cr_assert_eq(wanted_add_identity(ALL.context, &ALL.wanted, &ALL.identity, &manner, ALL.faults), 0);
    for (size_t i = 0; i < ALL.wanted.count && double_count() < ALL.wanted.count; i++) {
        double_set(&ALL.wanted.items[i].item);
    }
    cr_assert_eq(decide_plainly(), 0);
    cr_assert_eq(decision.changes, 0);
    return steps_fixture_told();
}

Test(steps_decision, a_label_that_is_not_used_is_told)
{
    const char *told;

    cr_assert_str_eq(told_of_label("one"), "");
    told = told_of_label("two");
    cr_assert_not_null(strstr(told, "CN=client is there under the label \"one\", which stays: \"two\" is not "
                                    "used (remove it first, to have it under another)"),
                       "told: %s", told);
    cr_assert_null(strstr(told_of_label(NULL), "is not used"), "nobody asked for the identity's own name");
}
