/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities made by OpenSSL alone, so that what is tested does not vouch for itself; also the broken kinds that the tree's
 * own writers refuse. A failure here fails the test.
 */
#ifndef MTLSKIT_TESTS_FOREIGN_H
#define MTLSKIT_TESTS_FOREIGN_H

#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/context.h"
#include "x509/key.h"

/** 2030-01-01T00:00:00Z: what the clock of foreign_context says. */
#define FOREIGN_NOW INT64_C(1893456000)

/** What to make; all zeros is a self-signed P-256 certificate without CN or extensions. */
struct recipe {
    const char *key;  /**< "ec-p256", "rsa-2048", "ed25519" as in x509/key.h; "rsa-1024"; NULL: ec-p256 */
    const char *name; /**< CN; NULL: empty subject */
    const char
        *extensions;    /**< "basicConstraints=critical,CA:TRUE; extendedKeyUsage=serverAuth"; NULL: none */
    const char *digest; /**< NULL: SHA256 (none for EdDSA) */
    long from, until;   /**< days from FOREIGN_NOW; both 0: -1 and 90 */
    int version;        /**< 0: 3 */
    long serial;        /**< 0: another one each time */
    const struct foreign *issuer;   /**< NULL: itself */
    const struct foreign *same_key; /**< whose key to take; NULL: a fresh one */
};

struct foreign {
    struct key *key;
    X509 *x509;
    struct bytes der;
};

/** A context over the default library context with a clock that stands still. */
struct context *foreign_context(void);
struct foreign *foreign_make(const struct recipe *recipe);
void foreign_free(struct foreign *foreign);
struct slice foreign_der(const struct foreign *foreign);

#endif
