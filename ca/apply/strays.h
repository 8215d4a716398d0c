/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strays: files for their owner alone that others were given permissions on, and that are no output of an entry of the manifest: keys an
 * authority had before, keys that a certificate was asked for elsewhere, and what was issued by hand or has left the manifest. What another
 * manifest has is looked after by that one.
 */
#ifndef MTLSKIT_APPLY_STRAYS_H
#define MTLSKIT_APPLY_STRAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"

/** One of them. Owned by the list. */
struct stray {
    char *path;     /**< below the PKI directory */
    bool authority; /**< an authority's key */
};

/** Starts as all zeros; strays_free. */
struct strays {
    struct stray *items;
    size_t count;
};
void strays_free(struct strays *strays);

/** Find them all in @p directory (a descriptor). @p manifest_id: the owner of what @p manifest made. */
int strays_find(struct strays *strays, int directory, struct ledger *ledger, const struct manifest *manifest,
                const char *manifest_id, struct faults *faults) MUST_USE;

#endif
