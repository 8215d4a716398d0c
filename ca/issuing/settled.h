/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settled: the quick answer for a run that has nothing to do. A run that left nothing open notes in the ledger what it was
 * given and when the first of its certificates falls due; as long as the manifest and the tables of its fleets have the same bytes,
 * no file was touched and that time has not come, the answer is known without reading the manifest's YAML and without a plan.
 */
#ifndef MTLSKIT_ISSUING_SETTLED_H
#define MTLSKIT_ISSUING_SETTLED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"

/**
 * What a run was given, as a hash: the manifest's content, its place as seen from the PKI directory, this program's version and its profiles, and
 * what was given besides to make it a fixture.
 */
int settled_inputs(const struct context *context, const char *directory, const char *manifest_path,
                   const struct fixture *given, struct digest *inputs, struct faults *faults) MUST_USE;
/** Note that the entries of @p manifest, whose id that is, and so its tables, are as @p inputs say, until @p due. Within a group of the ledger. */
int settled_put(const struct context *context, struct ledger *ledger, const struct digest *inputs,
                instant due, const struct manifest *manifest, const char *manifest_id, struct faults *faults)
    MUST_USE;
/** Whether that note would say something new: there is none, or another one of the same manifest. 1, 0, -1 with a fault. */
int settled_is_free(const struct context *context, struct ledger *ledger, const struct digest *inputs,
                    instant due, const struct manifest *manifest, const char *manifest_id,
                    struct faults *faults) MUST_USE;
/** Forget: a run begins to write. Within a group of the ledger. */
int settled_forget(struct ledger *ledger, struct faults *faults) MUST_USE;
/**
 * Whether the note in the ledger holds: 1 (with the number of entries), 0 no or not known, -1 fault. @p directory: open.
 * @p manifest_path: its tables lie where it does.
 */
int settled_holds(const struct context *context, struct ledger *ledger, int directory,
                  const char *manifest_path, const struct digest *inputs, size_t *entries,
                  struct faults *faults) MUST_USE;

#endif
