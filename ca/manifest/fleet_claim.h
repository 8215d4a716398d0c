/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet's rows claim of the folder: the one thing that readers of single entries tell fleets.
 */
#ifndef MTLSKIT_MANIFEST_FLEET_CLAIM_H
#define MTLSKIT_MANIFEST_FLEET_CLAIM_H

#include "base/attributes.h"

struct fleets;

/** A row that is being checked has an output at @p path. */
int fleets_claim(struct fleets *fleets, const char *path) MUST_USE;

#endif
