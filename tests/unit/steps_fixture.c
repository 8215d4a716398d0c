/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of steps/ share. */
#include "steps_fixture.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "scratch.h"
#include "steps/carrying.h"
#include "steps/recovery.h"
#include "told.h"

#define CA "basicConstraints=critical,CA:TRUE"

struct steps_fixture steps_fixture;

static void make_identity(const struct foreign *leaf, struct identity *identity)
{
    identity->key = leaf->key;
    cr_assert_eq(certificate_list_add(&identity->chain, foreign_der(leaf)), 0);
    cr_assert_eq(certificate_list_add(&identity->chain, foreign_der(steps_fixture.intermediate)), 0);
    cr_assert_eq(certificate_list_add(&identity->chain, foreign_der(steps_fixture.root)), 0);
    cr_assert_eq(bytes_append_text(&identity->name, "me"), 0);
}

/** Its key is the leaf's. */
static void drop_identity(struct identity *identity)
{
    certificate_list_free(&identity->chain);
    bytes_free(&identity->name);
}

void steps_fixture_start(void)
{
    struct steps_fixture *all = &steps_fixture;
    struct store_setting setting = {.writing = true};
    char place[96];

    memset(all, 0, sizeof(*all));
    scratch_start();
    double_start(STEPS_ABILITIES);
    all->context = foreign_context();
    all->faults = faults_new();
    all->root = foreign_make(&(struct recipe){.name = "root", .extensions = CA});
    all->intermediate =
        foreign_make(&(struct recipe){.name = "intermediate", .extensions = CA, .issuer = all->root});
    all->client = foreign_make(&(struct recipe){.name = "client", .issuer = all->intermediate});
    all->other = foreign_make(&(struct recipe){.name = "other", .issuer = all->intermediate});
    all->server_ca = foreign_make(&(struct recipe){.name = "server CA", .extensions = CA});
    all->client_ca = foreign_make(&(struct recipe){.name = "client CA", .extensions = CA});
    make_identity(all->client, &all->identity);
    make_identity(all->other, &all->second);
    setting.context = all->context;
    all->store = store_open(&store_double, &setting, "", all->faults);
    (void)snprintf(place, sizeof(place), "%s/state/journal", scratch_folder);
    all->journal = journal_open(all->context, place, true, all->faults);
    cr_assert_not_null(all->journal, "%s", steps_fixture_told());
    all->run = (struct run){.context = all->context,
                            .store = all->store,
                            .journal = all->journal,
                            .command = "install",
                            .faults = all->faults};
}

void steps_fixture_stop(void)
{
    struct steps_fixture *all = &steps_fixture;
    struct foreign *made[] = {all->root,  all->intermediate, all->client,
                              all->other, all->server_ca,    all->client_ca};

    steps_fixture_forget();
    journal_records_free(&all->records);
    journal_close(all->journal);
    store_close(all->store);
    drop_identity(&all->identity);
    drop_identity(&all->second);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        foreign_free(made[i]);
    }
    faults_free(all->faults);
    context_free(all->context);
    double_stop();
    scratch_stop();
}

const char *steps_fixture_told(void)
{
    static char text[4000];
    struct bytes all = BYTES_EMPTY;

    (void)snprintf(text, sizeof(text), "%s", told(steps_fixture.faults, &all));
    bytes_free(&all);
    faults_free(steps_fixture.faults);
    steps_fixture.faults = faults_new();
    steps_fixture.run.faults = steps_fixture.faults;
    return text;
}

void steps_fixture_want(const struct identity *identity)
{
    const struct wanted_manner manner = {.label = NULL};

    cr_assert_eq(wanted_add_identity(steps_fixture.context, &steps_fixture.wanted, identity, &manner,
                                     steps_fixture.faults),
                 0);
}

void steps_fixture_want_trust(const struct foreign *anchor, enum scope scope)
{
    cr_assert_eq(wanted_add_anchor(steps_fixture.context, &steps_fixture.wanted, foreign_der(anchor), scope,
                                   NULL, true, false, steps_fixture.faults),
                 0);
}

void steps_fixture_forget(void)
{
    wanted_free(&steps_fixture.wanted);
}

int steps_fixture_install(bool insecure_for_any)
{
    struct steps_fixture *all = &steps_fixture;
    const struct decision_rules rules = {.insecure_for_any = insecure_for_any};
    const struct carrying carrying = {.open = false};
    struct decision decision = {NULL, 0, 0};
    struct journal_entry *entry = NULL;
    int status = journal_read(all->journal, &all->records, all->faults);

    if (status == 0) {
        status = decide(&all->run, &all->wanted, &all->records, &rules, &decision);
    }
    if (status == 0) {
        status = carry_out(&all->run, &decision, &carrying, &entry);
    }
    cr_assert_null(entry);
    decision_free(&decision);
    return status;
}

int steps_fixture_recover(void)
{
    struct steps_fixture *all = &steps_fixture;
    size_t count = 0;
    int status = journal_read(all->journal, &all->records, all->faults);

    return status == 0 ? recover_store(&all->run, &all->records, &count) : -1;
}

size_t steps_fixture_records(void)
{
    cr_assert_eq(journal_read(steps_fixture.journal, &steps_fixture.records, steps_fixture.faults), 0);
    return steps_fixture.records.count;
}

struct item steps_certificate(const struct foreign *whose)
{
    return (struct item){.kind = ITEM_CERTIFICATE, .certificate = foreign_der(whose)};
}

struct item steps_key(const struct foreign *whose)
{
    return (struct item){.kind = ITEM_KEY, .certificate = foreign_der(whose), .key = whose->key};
}

struct item steps_trust(const struct foreign *whose, enum scope scope)
{
    return (struct item){.kind = ITEM_TRUST, .certificate = foreign_der(whose), .scope = scope};
}
