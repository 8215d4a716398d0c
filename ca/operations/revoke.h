/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revoke: say in the ledger that certificates are no longer good, or that a hold has ended. Readers learn of it from the next CRL.
 */
#ifndef MTLSKIT_OPERATIONS_REVOKE_H
#define MTLSKIT_OPERATIONS_REVOKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "operations/lists.h"
#include "x509/crl.h"

/** All borrowed; NULL where nothing was said. */
struct revoke_order {
    const char *const *references; /**< names, serials, files: reference_find */
    size_t count;
    enum crl_reason reason;
    const instant *date;       /**< NULL: now; never in the future */
    const instant *invalidity; /**< since when the key is thought to be lost */
    bool release;              /**< lift holds instead */
    bool lists;                /**< write the issuers' lists as well */
    struct lists_order list;   /**< how; its names and generations are not looked at */
};

/**
 * A certificate that was revoked, or released; @p issuer: name of the authority whose list it goes to, where @p listed: an ephemeral
 * authority makes none any more.
 */
typedef int (*revoked_fn)(void *state, const struct ledger_certificate *certificate,
                          const struct ledger_revocation *revocation, const char *issuer, bool listed);

/**
 * Revoke all or none. Refused, with all complaints, before anything is written: what the ledger does not have, roots (no list of
 * theirs is asked about themselves), what is revoked already, a release of what is not on hold; with lists, keys that cannot be used.
 */
int revoke_run(const struct context *context, const char *directory, const struct revoke_order *order,
               revoked_fn told, lists_fn listed, void *state, struct faults *faults) MUST_USE;

#endif
