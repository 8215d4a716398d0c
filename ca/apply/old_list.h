/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Old lists: the revocation lists of keys that an authority had before, which go on until the certificates of those keys end.
 */
#ifndef MTLSKIT_APPLY_OLD_LIST_H
#define MTLSKIT_APPLY_OLD_LIST_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/** One key before. The first three are borrowed, the rest is filled in. */
struct old_list {
    const struct context *context;
    struct ledger *ledger;
    const char *name;         /**< the authority's */
    int64_t generation;       /**< ledger's id */
    int64_t id;               /**< of the key's newest certificate, */
    struct bytes certificate; /**< and its DER */
};

/**
 * The first key of list->name, not the one it has now, whose number is greater than @p after, whose certificate has not ended and may sign
 * lists. 1, 0, -1. list->certificate is replaced.
 */
int old_list_next(struct old_list *list, int64_t after, struct faults *faults) MUST_USE;
void old_list_free(struct old_list *list);

#endif
