/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audit: whether a PKI directory's ledger still says what was done. The log must be one unbroken chain, what it tells of must be there and
 * what is there be told of, every certificate must be the one its row describes, and no list may know of a log that went further.
 *
 * Whoever can write the ledger can write it anew with a chain that holds; what cannot be made up without an authority's key is the
 * head of the log beside each of its CRLs.
 */
#ifndef MTLSKIT_OPERATIONS_AUDIT_H
#define MTLSKIT_OPERATIONS_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "ledger/ledger.h"

/** Something an audit found; all borrowed for the call. */
struct audit_finding {
    const char *id;      /**< such as "log-hash"; never changes its meaning */
    bool problem;        /**< does not hold; else a note */
    const char *subject; /**< what it is about: "event 7", a name, a file */
    const char *text;    /**< reads on after the subject: "is missing" */
};

/** Told while the audit goes on; non-zero ends it with -1. */
struct audit_observer {
    void *state;
    int (*event)(void *state, const struct ledger_event *event); /**< every event; may be NULL */
    int (*found)(void *state, const struct audit_finding *finding);
};

struct audit_totals {
    size_t events, certificates, orphans, revocations, lists, heads;
    size_t problems;
    int64_t head; /**< number and hash of the last event */
    struct digest hash;
};

/**
 * Audit @p directory (open, with a ledger). Everything found is told; 0 also when something does not hold. -1 with a fault: the ledger
 * cannot be read.
 */
int audit_run(const struct context *context, const struct directory *directory,
              const struct audit_observer *observer, struct audit_totals *totals, struct faults *faults)
    MUST_USE;

#endif
