/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the revocation list of a key stands: what the ledger has of it, against the files that are there.
 */
#ifndef MTLSKIT_APPLY_LIST_LOOK_H
#define MTLSKIT_APPLY_LIST_LOOK_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "plan/step.h"

/** Where lists are looked at; borrowed. */
struct list_place {
    const struct context *context;
    int directory; /**< open */
    struct ledger *ledger;
};

/**
 * Fill in @p crl for the list of @p generation, whose files are STEM.crl and STEM.crl.pem; all zeros stay where none was made. A head beside
 * them that is missing tells of somebody who took it away, which audit has to find, so that no list is made for its sake; that of a fixture vouches
 * for nothing, and is one of its files like any other.
 */
int list_look(const struct list_place *place, const char *stem, int64_t generation, struct plan_crl *crl,
              struct faults *faults) MUST_USE;

#endif
