/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of a row, and the folders they are in, kept as hashes until all rows are known. */
#include "manifest/fleet_claim.h"

#include <string.h>

#include "manifest/fleet_row.h"
#include "manifest/output_name.h"

int fleets_claim(struct fleets *fleets, const char *path)
{
    const struct taker taker = fleets->collecting_for;
    const char *slash = path;
    size_t stem = output_name_stem(path, strlen(path));

    if (!fleets->collecting) {
        return 0;
    }
    if (taken_add(&fleets->paths, taken_hash(fleets->seed, path, strlen(path)), taker) != 0 ||
        (stem > 0 && taken_add(&fleets->stems, taken_hash(fleets->seed, path, stem), taker) != 0)) {
        return -1;
    }
    while ((slash = strchr(slash, '/')) != NULL) {
        size_t length = (size_t)(slash - path);
        uint64_t hash = taken_hash(fleets->seed, path, length);

        /* one after the other in one folder is the common case */
        if ((fleets->folders.count == 0 || fleets->folders.rows[fleets->folders.count - 1].hash != hash) &&
            taken_add(&fleets->folders, hash, taker) != 0) {
            return -1;
        }
        stem = output_name_stem(path, length);
        if (stem > 0 && taken_add(&fleets->stems, taken_hash(fleets->seed, path, stem), taker) != 0) {
            return -1;
        }
        slash++;
    }
    return 0;
}
