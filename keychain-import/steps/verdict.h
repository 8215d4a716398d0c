/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts: whether a certificate is good as a server's or client's by what a store trusts. The store judges itself where it can; else it is
 * judged here, by the anchors it has.
 */
#ifndef MTLSKIT_STEPS_VERDICT_H
#define MTLSKIT_STEPS_VERDICT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "store/store.h"
#include "x509/certificate_list.h"

/** One certificate of a store. */
struct shelf_item {
    struct bytes certificate; /**< DER */
    struct bytes label;       /**< empty: none */
    struct bytes host;        /**< empty: none */
    bool has_key, extractable;
    enum scope scope;
};
/** All certificates of a store, as they were when it was walked. Starts as all zeros; shelf_free. */
struct shelf {
    struct shelf_item *items;
    size_t count;
};
void shelf_free(struct shelf *shelf);
/** Read them all; @p shelf is replaced. */
int shelf_read(struct store *store, struct shelf *shelf, struct faults *faults) MUST_USE;

/** Whether the certificate's usages allow @p policy (SCOPE_SERVER or SCOPE_CLIENT), as far as it says any. */
bool verdict_matches(struct slice certificate, enum scope policy);
/**
 * Judge @p question. @p shelf: what is in the store, whose certificates help to find the chain. *by_store: the store judged itself.
 * @p verdict is replaced. -1 with a fault: the question could not be asked.
 */
int verdict_find(const struct context *context, struct store *store, const struct shelf *shelf,
                 const struct store_question *question, struct store_verdict *verdict, bool *by_store,
                 struct faults *faults) MUST_USE;

#endif
