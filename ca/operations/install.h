/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that was made elsewhere for a key of the PKI directory, taken in: the way back from an offline root.
 */
#ifndef MTLSKIT_OPERATIONS_INSTALL_H
#define MTLSKIT_OPERATIONS_INSTALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

/** All borrowed; NULL where nothing was said. */
struct install_order {
    const char *name;         /**< the key is NAME.key */
    const char *file;         /**< PEM or DER: the certificate, and those above it in any order */
    const char *const *chain; /**< further files of those above it */
    size_t chain_count;
    const char *key_passphrase; /**< SPEC; NULL: prompt, where the key is locked */
};

/** What came of it. Begins as all zeros. */
struct install_report {
    bool authority;
    bool known;         /**< the ledger had this very certificate already: only files were written */
    struct bytes chain; /**< subjects, a line each, from the certificate to the last one known above it */
    bool whole;         /**< the last one is a root */
    bool stale;         /**< NAME.trust.pem is there, and of another certificate: nothing better was known */
};
void install_report_free(struct install_report *report);

typedef void (*install_written_fn)(void *state, const char *path);

/**
 * Take it in: it stands in the ledger as an adopted one from then on. An authority signs; another certificate belongs to a generation of its
 * issuer, which is elsewhere, and a newer one, also for another key, takes its place. Written: NAME.crt; for an authority whose chain is known up to its root, NAME.trust.pem. Refused before anything is
 * written: no certificate for NAME.key, one that has ended, a fixture, an issuer's signature that is wrong, a name that means something else.
 */
int install_run(const struct context *context, const char *directory, const struct install_order *order,
                struct install_report *report, install_written_fn written, void *state, struct faults *faults)
    MUST_USE;

#endif
