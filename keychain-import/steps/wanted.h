/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted in a store, as items in the order they are put: identities (intermediates, the leaf's certificate, its key), and
 * anchors. Nothing here has looked into the store.
 */
#ifndef MTLSKIT_STEPS_WANTED_H
#define MTLSKIT_STEPS_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "identity/identity.h"
#include "store/item.h"
#include "store/store.h"

struct wanted_item {
    struct item item;    /**< borrowed from the identities and anchors it was made of */
    struct digest owner; /**< SHA-256 of the leaf or anchor for whose sake it is wanted */
    struct bytes shown;  /**< the certificate's subject, as text */
    bool labelled;       /**< item.label was asked for, and is not just the identity's own name */
};
/** Starts as all zeros; wanted_free. */
struct wanted {
    struct wanted_item *items;
    size_t count;
};
void wanted_free(struct wanted *wanted);

/** How an identity is to be there. All borrowed; starts as all zeros. */
struct wanted_manner {
    const char *label; /**< NULL: the identity's own name */
    enum extractable extractable;
    const char *const *programs;
    size_t program_count;
};

/**
 * Add an identity (borrowed): the intermediates of its chain, its certificate, its key. A root at the chain's end is left out: that it
 * came along makes nobody trust it, and nobody needs it.
 */
int wanted_add_identity(const struct context *context, struct wanted *wanted, const struct identity *identity,
                        const struct wanted_manner *manner, struct faults *faults) MUST_USE;
/**
 * Add an anchor (DER, borrowed) for @p scope and @p host (NULL: every one). @p apart: the store keeps certificate and trust as two
 * items (STORE_TRUST_APART). The same anchor twice is one; for another scope or host it is a fault, which both scopes are not with
 * @p insecure_for_any.
 */
int wanted_add_anchor(const struct context *context, struct wanted *wanted, struct slice certificate,
                      enum scope scope, const char *host, bool apart, bool insecure_for_any,
                      struct faults *faults) MUST_USE;

/** Append the subject of a certificate as people read it; one without is told by its serial number. */
int wanted_subject(struct slice certificate, struct bytes *text) MUST_USE;

#endif
