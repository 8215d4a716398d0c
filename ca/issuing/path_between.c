/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from a folder to a file.
 */
#include "issuing/path_between.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/** The way between two absolute paths without links. */
static int way_between(const char *from, const char *to, struct bytes *way)
{
    size_t common = 0;
    size_t i;

    for (i = 0; from[i] == to[i] && from[i] != 0; i++) {
        if (from[i] == '/') {
            common = i + 1;
        }
    }
    if (from[i] == 0 && to[i] == '/') {
        return bytes_append_text(way, to + i + 1);
    }
    for (i = common; from[i] != 0; i++) {
        if ((i == common || from[i] == '/') && bytes_append_text(way, "../") != 0) {
            return -1;
        }
    }
    return bytes_append_text(way, to + common);
}

/** The absolute path of a folder that may not be there yet: its parent's, and its name. */
static int folder_resolve(const char *folder, struct bytes *resolved, struct faults *faults)
{
    char found[PATH_MAX];
    struct bytes parent = BYTES_EMPTY;
    size_t length = strlen(folder);
    size_t last;
    int status = -1;

    if (realpath(folder, found) != NULL) {
        return bytes_append_text(resolved, found);
    }
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    for (last = length; last > 0 && folder[last - 1] != '/'; last--) {
    }
    if (bytes_append(&parent, folder, last) != 0 || (last == 0 && bytes_append_text(&parent, ".") != 0)) {
        goto out;
    }
    if (realpath(bytes_text(&parent), found) == NULL) {
        fault_system(faults, errno, folder, "make its parent first", "the PKI directory cannot be made");
        goto out;
    }
    if (bytes_append_text(resolved, strcmp(found, "/") == 0 ? "" : found) == 0 &&
        bytes_append_byte(resolved, '/') == 0 && bytes_append(resolved, folder + last, length - last) == 0) {
        status = 0;
    }
out:
    bytes_free(&parent);
    return status;
}

int path_between(const char *folder, const char *file, struct bytes *way, struct faults *faults)
{
    char to[PATH_MAX];
    struct bytes from = BYTES_EMPTY;
    int status = -1;

    if (strcmp(file, "-") == 0) {
        status = bytes_append_text(way, "-");
        goto out;
    }
    if (realpath(file, to) == NULL) {
        fault_system(faults, errno, file, NULL, "the manifest cannot be found again");
        goto out;
    }
    if (folder_resolve(folder, &from, faults) != 0 || way_between(bytes_text(&from), to, way) != 0) {
        goto out;
    }
    if (way->length > PATH_BETWEEN_MAX) {
        fault_error(faults, NULL, NULL,
                    "give the manifest a short id:", "the path to the manifest is too long");
        goto out;
    }
    status = 0;
out:
    bytes_free(&from);
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return status;
}
