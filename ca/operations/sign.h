/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign: certificates for keys that are elsewhere, from certification requests (RFC 2986). What a request asks for is held against the
 * profile; nothing is signed when any of it is refused.
 */
#ifndef MTLSKIT_OPERATIONS_SIGN_H
#define MTLSKIT_OPERATIONS_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "operations/act.h"

/** Most requests of one act. */
#define SIGN_MAX 100000

/** All borrowed; NULL where nothing was said. */
struct sign_order {
    const char *const *requests; /**< files: PEM or DER */
    size_t count;
    const char *issuer; /**< NULL: the only authority there is */
    const char *profile;
    const char *const *profiles; /**< folders */
    size_t profile_count;
    const char *name;         /**< for one request; NULL: its file's name without the ending */
    const char *subject;      /**< in place of the request's, for one request */
    const char *const *names; /**< in place of the request's, "kind:value", for one request */
    size_t name_count;
    const char *validity;
    const char *issuer_passphrase;
    bool ignore_usages; /**< extended key usages asked for and not given are no reason to refuse */
    bool ledger_only;   /**< no NAME.crt in the PKI directory */
};

/** Told of every certificate, once all are on disk and in the ledger; @p chain: PEM of it and its intermediates. */
typedef int (*signed_fn)(void *state, const struct ledger_certificate *certificate, struct slice chain);

/**
 * Sign. A request that was signed under its name before is not signed again: its certificate is told of as if it had just been made,
 * so that an act that was cut off can be repeated. @p told may be NULL.
 */
int sign_run(const struct context *context, const char *directory, const struct sign_order *order,
             const struct act_observer *observer, signed_fn told, void *state, struct faults *faults)
    MUST_USE;

#endif
