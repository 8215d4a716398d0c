/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of steps/ share: a store in memory, a journal in a folder of the test's own, two identities of one intermediate, and anchors.
 */
#ifndef MTLSKIT_TESTS_STEPS_FIXTURE_H
#define MTLSKIT_TESTS_STEPS_FIXTURE_H

#include <stdbool.h>

#include "foreign.h"
#include "identity/identity.h"
#include "journal/journal.h"
#include "steps/decision.h"
#include "steps/run.h"
#include "steps/wanted.h"
#include "store_double.h"

/** All that the double can do. */
#define STEPS_ABILITIES                                                                                      \
    (STORE_IDENTITIES | STORE_ANCHORS | STORE_SCOPE_SERVER | STORE_SCOPE_CLIENT | STORE_HOSTS |              \
     STORE_UNEXTRACTABLE | STORE_PROGRAMS | STORE_TRUST_APART | STORE_SIGNS)

struct steps_fixture {
    struct context *context;
    struct faults *faults;
    struct foreign *root, *intermediate, *client, *other, *server_ca, *client_ca;
    struct identity identity, second; /**< client and other, each with the intermediate and the root */
    struct store *store;
    struct journal *journal;
    struct run run;
    struct journal_records records;
    struct wanted wanted;
};
extern struct steps_fixture steps_fixture;

void steps_fixture_start(void);
void steps_fixture_stop(void);
/** The faults so far, as text; they are forgotten. */
const char *steps_fixture_told(void);

/** Want an identity, or an anchor for a scope; what was wanted before stays. */
void steps_fixture_want(const struct identity *identity);
void steps_fixture_want_trust(const struct foreign *anchor, enum scope scope);
/** Want nothing any more. */
void steps_fixture_forget(void);

/** Decide and carry out what is wanted, as install does. */
int steps_fixture_install(bool insecure_for_any);
/** Recover all, as recover does. */
int steps_fixture_recover(void);
/** How many records the journal has. */
size_t steps_fixture_records(void);

/** Items of a certificate. */
struct item steps_certificate(const struct foreign *whose);
struct item steps_key(const struct foreign *whose);
struct item steps_trust(const struct foreign *whose, enum scope scope);

#endif
