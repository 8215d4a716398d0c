/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sampling: which entries of fleets have their bundles opened when they are made. Opening takes as long as making; the MAC of the others is held
 * against their bytes.
 */
#ifndef MTLSKIT_ISSUING_SAMPLING_H
#define MTLSKIT_ISSUING_SAMPLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/manifest.h"

/** What was made alike, and how many so far. Starts as all zeros. */
struct sampling {
    const struct entry *issuer;
    const struct profile *profile;
    enum key_algorithm key;
    uint64_t targets; /**< of the bundles, in their order */
    size_t count;
};

/**
 * Whether all of @p entry's bundles are to be opened: always, but of a fleet the first of those that are made alike in a row - by one issuer, of
 * one profile, kind of key and targets - and then one in a hundred.
 */
bool sampling_takes(struct sampling *sampling, const struct entry *entry);

#endif
