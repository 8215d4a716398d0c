/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that hold one anchor each: written, read back, walked over. For system/ alone.
 */
#ifndef MTLSKIT_SYSTEM_ANCHOR_FILE_H
#define MTLSKIT_SYSTEM_ANCHOR_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "system/layout.h"

/** One certificate in one file. Borrowed for the call. */
struct anchor_file {
    const char *path;         /**< in full */
    const char *name;         /**< its last part */
    struct slice certificate; /**< DER */
    bool alone;               /**< nothing else is in the file */
    bool ours;                /**< the administrator's folder, not what came with the system */
};
/** Not 0 ends the walk, which then answers that. */
typedef int (*anchor_file_fn)(void *state, const struct anchor_file *file);

/** Walk over the anchors of the administrator, then those of the vendor that count. What cannot be read is passed over, as the tools do. */
int anchor_files_each(const char *root, const struct layout *layout, anchor_file_fn each, void *state,
                      struct faults *faults) MUST_USE;
/** Append the name of our file for a certificate: "mtlskit-test-ca-0123456789abcdef.crt". */
int anchor_file_name(const struct context *context, const struct layout *layout, struct slice certificate,
                     struct bytes *name, struct faults *faults) MUST_USE;
/** Append what is to stand in it. */
int anchor_file_content(const struct context *context, const struct layout *layout, struct slice certificate,
                        struct bytes *content, struct faults *faults) MUST_USE;

#endif
