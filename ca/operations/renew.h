/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renew: a certificate of the ledger again, with a new serial and validity; subject, names and extensions stay as they were.
 */
#ifndef MTLSKIT_OPERATIONS_RENEW_H
#define MTLSKIT_OPERATIONS_RENEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "operations/act.h"
#include "x509/instant.h"
#include "x509/key.h"

/** All borrowed; NULL where nothing was said. */
struct renew_order {
    const char *const *names; /**< names or serials (hexadecimal) */
    size_t count;
    bool expiring; /**< those that end within the next, too; names may then be none */
    struct duration within;
    const struct duration *validity; /**< from now; NULL: as long as before */
    bool new_key;
    const char *key_passphrase;  /**< SPEC of NAME.key, where it is locked or is to be */
    const enum key_kdf *key_kdf; /**< how the passphrase of a new key becomes one; NULL: as before */
    const char *issuer_passphrase;
};

/** Told of every certificate once it is on disk and in the ledger. */
typedef int (*renewed_fn)(void *state, const struct ledger_certificate *certificate);

/**
 * Renew. Refused, before anything is written: an authority, one that was replaced, a revoked one unless with a new key, a new key
 * where the key is elsewhere, a new key without a passphrase where the one before is locked. Bundles and Secrets that hold the old certificate are a warning: the next apply, or bundle, writes them.
 */
int renew_run(const struct context *context, const char *directory, const struct renew_order *order,
              const struct act_observer *observer, renewed_fn told, void *state, struct faults *faults)
    MUST_USE;

#endif
