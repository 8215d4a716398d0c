/* SPDX-License-Identifier: Apache-2.0 */
/* What the NSS store tells of what is in it: lists, verdicts, and how a program names an identity. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "nss_fixture.h"
#include "scratch.h"

#define FIXTURE nss_fixture
#define FAULTS  nss_fixture.faults

static void start(void)
{
    nss_fixture_start("ec-p256");
}

TestSuite(store_nss_verdict, .init = start, .fini = nss_fixture_stop);

static void put_anchor(struct store *store, const struct foreign *whose, enum scope scope)
{
    struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(whose)};

    nss_fixture_put(store, &item);
    item.kind = ITEM_TRUST;
    item.scope = scope;
    nss_fixture_put(store, &item);
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

/** What the store says of @p whose: "" for good, else the reason; to be freed. */
static char *verdict(struct store *store, const struct foreign *whose, enum scope policy, const char *host,
                     const struct foreign *between)
{
    const struct slice chain[] = {between != NULL ? foreign_der(between) : (struct slice){NULL, 0}};
    const struct store_question question = {.certificate = foreign_der(whose),
                                            .chain = chain,
                                            .chain_count = between != NULL ? 1 : 0,
                                            .policy = policy,
                                            .host = host};
    struct store_verdict answer = {.good = false};
    char *text;

    cr_assert_eq(store_judge(store, &question, &answer, FAULTS), 1, "%s", nss_fixture_told());
    cr_assert_eq(answer.good, answer.reason.length == 0);
    text = strdup(bytes_text(&answer.reason));
    bytes_free(&answer.reason);
    return text;
}

static void expect(struct store *store, const struct foreign *whose, enum scope policy, const char *host,
                   const char *reason)
{
    char *text = verdict(store, whose, policy, host, NULL);

    cr_assert(*reason == '\0' ? *text == '\0' : strstr(text, reason) != NULL, "\"%s\", not \"%s\"", text,
              reason);
    free(text);
}

Test(store_nss_verdict, follows_scope_purpose_and_host)
{
    struct store *store = nss_fixture_open();

    expect(store, FIXTURE.server, SCOPE_SERVER, NULL, "the database is not there");
    put_anchor(store, FIXTURE.authority, SCOPE_SERVER);
    expect(store, FIXTURE.server, SCOPE_SERVER, NULL, "");
    expect(store, FIXTURE.server, SCOPE_SERVER, "localhost", "");
    expect(store, FIXTURE.server, SCOPE_SERVER, "127.0.0.1", "");
    expect(store, FIXTURE.server, SCOPE_SERVER, "example.com", "it is not for the host \"example.com\"");
    expect(store, FIXTURE.server, SCOPE_CLIENT, NULL, "not ");
    expect(store, FIXTURE.client, SCOPE_SERVER, NULL, "not ");
    /* an anchor for servers checks no clients */
    expect(store, FIXTURE.client, SCOPE_CLIENT, NULL, "not ");
    nss_fixture_close(store);
}

Test(store_nss_verdict, an_anchor_for_clients_checks_clients_alone)
{
    struct store *store = nss_fixture_open();

    put_anchor(store, FIXTURE.authority, SCOPE_CLIENT);
    expect(store, FIXTURE.client, SCOPE_CLIENT, NULL, "");
    expect(store, FIXTURE.server, SCOPE_SERVER, NULL, "not ");
    nss_fixture_close(store);
}

Test(store_nss_verdict, dates_are_held_against_the_contexts_clock)
{
    struct foreign *old = foreign_make(&(struct recipe){.name = "old",
                                                        .from = -20,
                                                        .until = -10,
                                                        .issuer = FIXTURE.authority,
                                                        .extensions = "extendedKeyUsage=serverAuth"});
    struct store *store = nss_fixture_open();

    put_anchor(store, FIXTURE.authority, SCOPE_SERVER);
    expect(store, old, SCOPE_SERVER, NULL, "expired");
    nss_fixture_close(store);
    foreign_free(old);
}

Test(store_nss_verdict, takes_the_intermediates_that_come_along)
{
    struct foreign *between =
        foreign_make(&(struct recipe){.name = "Issuing",
                                      .issuer = FIXTURE.authority,
                                      .extensions = "basicConstraints=critical,CA:TRUE; "
                                                    "keyUsage=critical,keyCertSign"});
    struct foreign *leaf = foreign_make(
        &(struct recipe){.name = "deep", .issuer = between, .extensions = "extendedKeyUsage=serverAuth"});
    struct store *store = nss_fixture_open();
    char *text;

    put_anchor(store, FIXTURE.authority, SCOPE_SERVER);
    expect(store, leaf, SCOPE_SERVER, NULL, "issuer");
    text = verdict(store, leaf, SCOPE_SERVER, NULL, between);
    cr_assert_str_eq(text, "");
    free(text);
    nss_fixture_close(store);
    foreign_free(leaf);
    foreign_free(between);
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

struct seen {
    struct store *store;
    struct bytes text;
    int until;
};

static int see(void *state, const struct store_entry *entry)
{
    struct seen *seen = state;
    const struct item again = {.kind = ITEM_CERTIFICATE, .certificate = entry->certificate};

    /* the store can be asked while it lists */
    cr_assert_eq(nss_fixture_look(seen->store, &again), PRESENCE_PRESENT);
    cr_assert_eq(bytes_printf(&seen->text, "%s key=%d extractable=%d %s\n", entry->label, entry->has_key,
                              entry->extractable, scope_word(entry->scope)),
                 0);
    return --seen->until == 0 ? 7 : 0;
}

Test(store_nss_verdict, lists_all_there_is)
{
    struct store *store = nss_fixture_open();
    struct seen seen = {.store = store};

    cr_assert_eq(store_each(store, see, &seen, FAULTS), 0);
    cr_assert_eq(seen.text.length, 0);
    put_anchor(store, FIXTURE.authority, SCOPE_ANY);
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    cr_assert_eq(store_each(store, see, &seen, FAULTS), 0);
    cr_assert(strstr(bytes_text(&seen.text), "Authority key=0 extractable=0 any\n") != NULL);
    cr_assert(strstr(bytes_text(&seen.text), "me key=1 extractable=1 none\n") != NULL);
    cr_assert_eq(seen.text.length,
                 strlen("Authority key=0 extractable=0 any\nme key=1 extractable=1 none\n"));
    seen.until = 1;
    cr_assert_eq(store_each(store, see, &seen, FAULTS), 7);
    bytes_free(&seen.text);
    nss_fixture_close(store);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

Test(store_nss_verdict, an_identity_is_named_by_place_and_nickname)
{
    struct store *store = nss_fixture_open();
    const struct item item = {.kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client)};
    struct bytes reference = BYTES_EMPTY;
    struct bytes wanted = BYTES_EMPTY;

    cr_assert_neq(store_reference(store, &item, &reference, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "the certificate is not there") != NULL);
    nss_fixture_put_identity(store, FIXTURE.client, "Ann's key #1?");
    cr_assert_eq(store_reference(store, &item, &reference, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert_eq(bytes_printf(&wanted, "nss:sql:%s?nickname=Ann%%27s%%20key%%20%%231%%3F", FIXTURE.folder),
                 0);
    cr_assert_str_eq(bytes_text(&reference), bytes_text(&wanted));
    bytes_free(&reference);
    bytes_free(&wanted);
    nss_fixture_close(store);
}
