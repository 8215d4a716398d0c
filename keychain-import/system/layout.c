/* SPDX-License-Identifier: Apache-2.0 */
/* The two layouts there are. */
#include "system/layout.h"

#include <stddef.h>
#include <unistd.h>

static const struct layout layouts[] = {
    {
        .tool = "/usr/sbin/update-ca-certificates",
        .folder = "/usr/local/share/ca-certificates",
        .ending = ".crt",
        .marked = false,
        .vendor = "/usr/share/ca-certificates",
        .vendor_list = "/etc/ca-certificates.conf",
        .links = "/etc/ssl/certs",
        .hooks = "/etc/ca-certificates/update.d",
        .java_hook = "/etc/ca-certificates/update.d/jks-keystore",
    },
    {
        .tool = "/usr/bin/update-ca-trust",
        .folder = "/etc/pki/ca-trust/source",
        .ending = ".pem",
        .marked = true,
        .vendor = NULL,
        .vendor_list = NULL,
        .links = NULL,
        .hooks = NULL,
        .java_hook = NULL,
    },
};

int layout_path(const char *root, const char *path, struct bytes *joined)
{
    bytes_clear(joined);
    return (root != NULL && bytes_append_text(joined, root) != 0) || bytes_append_text(joined, path) != 0 ? -1
                                                                                                          : 0;
}

const struct layout *layout_find(const char *root)
{
    const struct layout *found = NULL;
    struct bytes path = BYTES_EMPTY;

    for (size_t i = 0; found == NULL && i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layout_path(root, layouts[i].tool, &path) == 0 && access(bytes_text(&path), X_OK) == 0) {
            found = &layouts[i];
        }
    }
    bytes_free(&path);
    return found;
}
