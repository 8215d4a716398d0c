/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the macOS backend begin with: the double, an identity and an anchor, and a store. */
#ifndef MTLSKIT_TESTS_MAC_H
#define MTLSKIT_TESTS_MAC_H

#include "base/fault.h"
#include "double.h"
#include "foreign.h"
#include "store/store.h"

struct mac {
    struct context *context;
    struct faults *faults;
    struct foreign *ca, *leaf;
    struct bytes passphrase;
    struct store_setting setting;
    struct store *store;
    struct item certificate, key, trust;
};
extern struct mac mac;

/** All of it, the key of the identity on @p algorithm. */
void mac_start(const char *algorithm);
/** Everything freed; the double aborts when a reference is held. */
void mac_stop(void);
/** The double anew, with the same identity. */
void mac_restart(void);
/** Open @p place; a failure fails the test. */
void mac_open(const char *place);
void mac_close(void);
/** What the faults say, a line each. Owned by the fixture. */
const char *mac_told(void);
void mac_forget(void);

#endif
