/* SPDX-License-Identifier: Apache-2.0 */
/* Sampling: a new kind begins anew. */
#include "issuing/sampling.h"

/** One in so many is taken. */
#define SAMPLE_EVERY 100

bool sampling_takes(struct sampling *sampling, const struct entry *entry)
{
    const struct bundle_target *target = entry->bundle_count > 0 ? entry->bundles[0].target : NULL;

    if (!entry_is_of_fleet(entry) || entry->bundle_count == 0) {
        return true;
    }
    if (sampling->issuer != entry->issuer || sampling->profile != entry->profile ||
        sampling->key != entry->key || sampling->bundle_count != entry->bundle_count ||
        sampling->target != target) {
        *sampling =
            (struct sampling){entry->issuer, entry->profile, entry->key, entry->bundle_count, target, 0};
    }
    return sampling->count++ % SAMPLE_EVERY == 0;
}
