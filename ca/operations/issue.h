/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issue: one identity by hand - key, certificate, perhaps a bundle - under an authority of the PKI directory.
 */
#ifndef MTLSKIT_OPERATIONS_ISSUE_H
#define MTLSKIT_OPERATIONS_ISSUE_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "operations/act.h"
#include "operations/order.h"

/**
 * Issue what the one item of @p order says in the PKI directory @p directory. order->issuer NULL: the only authority there is.
 * Refused: a name the ledger has already, files in the way that no run of ours left.
 * @param issuer_passphrase SPEC for the issuer's key, NULL: as recorded
 * @param made              filled with the certificate's row; the caller frees it (ledger_certificate_free)
 */
int issue_run(const struct context *context, const char *directory, const struct order *order,
              const char *issuer_passphrase, const struct act_observer *observer,
              struct ledger_certificate *made, struct faults *faults) MUST_USE;

/** What became of the rows of a table. */
struct issue_count {
    size_t rows, made;
    size_t standing;   /**< issued by an earlier run, and left alone */
    size_t handed_out; /**< files */
};
/**
 * The same for every row of order->each. All rows are checked before anything is made. Rows whose names were issued by hand already are
 * left alone, so that the same command goes on where it was interrupted. -1 with faults, one of which says how far it came when it was
 * stopped.
 * @param out  NULL, or where the outputs of all rows go, too, when all is done (handout/handout.h)
 * @param told called for each certificate made, when it is on disk; may be NULL
 */
int issue_each(const struct context *context, const char *directory, const struct order *order,
               const char *issuer_passphrase, const char *out, const struct act_observer *observer,
               int (*told)(void *state, const struct ledger_certificate *made), void *state,
               struct issue_count *count, struct faults *faults) MUST_USE;

#endif
