/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the journal is kept: for root /var/lib/mtlskit (macOS: /var/db/mtlskit), for others $XDG_STATE_HOME/mtlskit or
 * ~/.local/state/mtlskit (macOS: ~/Library/Application Support/mtlskit).
 */
#ifndef MTLSKIT_JOURNAL_PLACE_H
#define MTLSKIT_JOURNAL_PLACE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Names another folder (absolute), for tests. */
#define JOURNAL_PLACE_VARIABLE "MTLSKIT_STATE"

/** Append the folder's path. -1 with a fault: no HOME, a path that is not absolute, or no memory. */
int journal_place(struct bytes *path, struct faults *faults) MUST_USE;

#endif
