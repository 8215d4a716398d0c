/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leftovers: the temporary files of runs that were killed, in every folder a manifest writes to.
 */
#ifndef MTLSKIT_ISSUING_LEFTOVERS_H
#define MTLSKIT_ISSUING_LEFTOVERS_H

#include "base/attributes.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "manifest/manifest.h"

/** Sweep (publisher_sweep) the PKI directory and each folder below it that an output of @p manifest lies in. */
int leftovers_sweep(struct publisher *publisher, const struct manifest *manifest, struct faults *faults)
    MUST_USE;

#endif
