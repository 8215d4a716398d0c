/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive: the outputs of a manifest in one tar, for handing them out.
 */
#ifndef MTLSKIT_APPLY_ARCHIVE_H
#define MTLSKIT_APPLY_ARCHIVE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/manifest.h"

/**
 * Write what lies in @p directory (open; -1: nothing does) of every entry of @p manifest, but no authority's key and no certificate that it calls revoked, to a tar at @p path: under the paths and
 * with the modes they have there. The tar has mode 0600 and is there whole and durable, or not at all; one that is there is replaced.
 * *files: how many are in it. -1 with a fault: a file is missing, say.
 */
int archive_write(const struct context *context, const struct manifest *manifest, int directory,
                  const char *path, size_t *files, struct faults *faults) MUST_USE;

#endif
