/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sweep of what killed runs left. A folder that the manifest names twice in a row is swept once: most manifests have one.
 */
#include "issuing/leftovers.h"

#include <string.h>

static int sweep_beside(struct publisher *publisher, const char *path, struct bytes *last,
                        struct faults *faults)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    struct slice folder = {(const unsigned char *)path, slash != NULL ? (size_t)(slash - path) : 0};

    if (slash == NULL || slice_equal(slice_of(last), folder)) {
        return 0;
    }
    bytes_clear(last);
    if (bytes_append(last, folder.data, folder.length) != 0) {
        fault_memory(faults);
        return -1;
    }
    return publisher_sweep(publisher, bytes_text(last), faults);
}

int leftovers_sweep(struct publisher *publisher, const struct manifest *manifest, struct faults *faults)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    struct bytes last = BYTES_EMPTY;
    const struct entry *entry;
    int status = publisher_sweep(publisher, "", faults);
    size_t i;

    /* only these paths may have folders in them; the others are made of the entry's name */
    while (status == 0 && (entry = manifest_next(&cursor)) != NULL) {
        status = sweep_beside(publisher, entry->k8s_secret_file, &last, faults);
        for (i = 0; i < entry->bundle_count && status == 0; i++) {
            status = sweep_beside(publisher, entry->bundles[i].file, &last, faults);
        }
        for (i = 0; i < entry->install_count && status == 0; i++) {
            status = sweep_beside(publisher, entry->installs[i].file, &last, faults);
        }
    }
    if (status == 0 && cursor.failed) {
        fault_memory(faults);
        status = -1;
    }
    bytes_free(&last);
    return status;
}
