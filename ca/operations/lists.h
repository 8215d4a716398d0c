/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revocation lists of a PKI directory, written by hand: whose are due to be written, their keys looked at first, then one after
 * the other.
 */
#ifndef MTLSKIT_OPERATIONS_LISTS_H
#define MTLSKIT_OPERATIONS_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "ledger/ledger.h"
#include "x509/instant.h"

/** All borrowed; NULL where nothing was said. */
struct lists_order {
    const char *const
        *names; /**< authorities, each with its older generations; none: all whose key can be used */
    size_t count;
    const int64_t *generations; /**< instead: these alone */
    size_t generation_count;
    const struct duration *next_update; /**< in place of the authority's own */
    const char *issuer_passphrase;
    bool backwards;
};

/** A list that was written. */
struct lists_made {
    const char *name;
    bool current;
    const char *path; /**< of the CRL in DER, relative to the directory */
    const struct ledger_crl *crl;
};
/** Told of every list once it is on disk and in the ledger; non-zero ends it. */
typedef int (*lists_fn)(void *state, const struct lists_made *made);

/** Opaque. */
struct lists;
/**
 * Choose the lists and open their keys; nothing is written. @p directory is open to write, and borrowed. An authority that was named
 * must be able to sign; of all, those that cannot are a warning. Older generations are taken along when their key is still there and
 * their certificate has not ended. NULL with a fault.
 */
struct lists *lists_new(const struct context *context, const struct directory *directory,
                        const struct lists_order *order, struct faults *faults);
void lists_free(struct lists *lists);
/** Write them. */
int lists_write(struct lists *lists, lists_fn told, void *state, struct faults *faults) MUST_USE;

/** Open @p directory, lists_new, lists_write. */
int lists_run(const struct context *context, const char *directory, const struct lists_order *order,
              lists_fn told, void *state, struct faults *faults) MUST_USE;

#endif
