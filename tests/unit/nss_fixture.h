/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of NSS in a test's own folder, and the identities and anchors that go into them. */
#ifndef MTLSKIT_TESTS_NSS_FIXTURE_H
#define MTLSKIT_TESTS_NSS_FIXTURE_H

#include "base/fault.h"
#include "foreign.h"
#include "store/store.h"

struct nss_fixture {
    struct context *context;
    struct faults *faults;
    struct foreign *authority; /* CN=Authority */
    struct foreign *server;    /* CN=server, for localhost and 127.0.0.1, issued by authority */
    struct foreign *client;    /* CN=client, issued by authority */
    char folder[128];          /* of the database */
    char place[160];           /* "sql:" and the folder */
};
extern struct nss_fixture nss_fixture;

/** With @p key for server and client, as struct recipe has it. */
void nss_fixture_start(const char *key);
void nss_fixture_stop(void);

/** Open the place for writing; it must succeed. */
struct store *nss_fixture_open(void);
/** Close; a reference that NSS still has is a failure. */
void nss_fixture_close(struct store *store);
/** What is there; no fault may be told. */
enum presence nss_fixture_look(struct store *store, const struct item *item);
/** Put it; look before and afterwards. */
void nss_fixture_put(struct store *store, const struct item *item);
/** Certificate and key of @p whose, named @p label. */
void nss_fixture_put_identity(struct store *store, const struct foreign *whose, const char *label);
/** The flags of @p nickname as certutil shows them ("C,,"); "" when it is not there. Static. */
const char *nss_fixture_flags(const char *nickname);
/** How many private keys certutil finds. */
size_t nss_fixture_keys(void);
/** The faults so far as one text (static), and none any more. */
const char *nss_fixture_told(void);

#endif
