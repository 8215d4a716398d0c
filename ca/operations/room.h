/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room: what is made by hand is written over nothing.
 */
#ifndef MTLSKIT_OPERATIONS_ROOM_H
#define MTLSKIT_OPERATIONS_ROOM_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "manifest/manifest.h"

/** Whether none of @p entry's outputs that are bits of @p outputs is there, but what a run that was cut off left. -1 with a fault. */
int room_check(const struct directory *directory, const struct context *context, const struct entry *entry,
               uint64_t outputs, struct faults *faults) MUST_USE;

#endif
