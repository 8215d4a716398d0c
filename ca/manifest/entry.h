/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry's memory. What an entry is and which outputs it has, manifest/manifest.h says.
 */
#ifndef MTLSKIT_MANIFEST_ENTRY_H
#define MTLSKIT_MANIFEST_ENTRY_H

#include "manifest/manifest.h"

/** An entry whose memory is its own, with how often it is kept. */
struct entry_hold {
    struct entry entry;
    size_t count;
};

/** Free what @p entry holds, not the entry itself. */
void entry_free(struct entry *entry);

#endif
