/* SPDX-License-Identifier: Apache-2.0 */
/* Sampling: a new kind begins anew. */
#include "issuing/sampling.h"

/** One in so many is taken. */
#define SAMPLE_EVERY 100

/** The targets of the bundles as one number, which others than the same in the same order hardly have. */
static uint64_t targets_of(const struct entry *entry)
{
    uint64_t targets = entry->bundle_count;

    for (size_t i = 0; i < entry->bundle_count; i++) {
        targets = targets * UINT64_C(6364136223846793005) + (uint64_t)(uintptr_t)entry->bundles[i].target;
    }
    return targets;
}

bool sampling_takes(struct sampling *sampling, const struct entry *entry)
{
    uint64_t targets = targets_of(entry);

    if (!entry_is_of_fleet(entry) || entry->bundle_count == 0) {
        return true;
    }
    if (sampling->issuer != entry->issuer || sampling->profile != entry->profile ||
        sampling->key != entry->key || sampling->targets != targets) {
        *sampling = (struct sampling){entry->issuer, entry->profile, entry->key, targets, 0};
    }
    return sampling->count++ % SAMPLE_EVERY == 0;
}
