/* SPDX-License-Identifier: Apache-2.0 */
/* A single file: a group of one, in the folder that its path leads to. */
#include "base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file_stamp.h"
#include "base/folder.h"
#include "base/output_folder.h"
#include "base/publisher.h"

/* Opens the folder that @p path leads to, as the system finds it; *leaf: what follows, @p shown: what is before it. -1 with a fault. */
static int open_folder(const char *path, const char **leaf, struct bytes *shown, struct faults *faults)
{
    int directory = folder_open_named(path, leaf);

    if (directory == -1) {
        fault_system(faults, errno, path, output_folder_hint(errno), "its folder cannot be opened");
    } else if (bytes_append(shown, path, (size_t)(*leaf - path)) != 0) {
        fault_memory(faults);
        close(directory);
        directory = -1;
    }
    return directory;
}

int output_file_check(const char *path, struct faults *faults)
{
    const char *leaf = NULL;
    const char *why = NULL;
    struct bytes shown = BYTES_EMPTY;
    struct file_stamp stamp;
    int directory = open_folder(path, &leaf, &shown, faults);
    int status = -1;

    if (directory == -1) {
        goto out;
    }
    if (faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        fault_system(faults, errno, path, output_folder_hint(errno), "its folder cannot be written to");
    } else if (leaf[0] == '\0') {
        status = 0;
    } else if (output_folder_check_name(leaf, faults) == 0) {
        status = file_stamp_read(directory, leaf, &stamp, &why) == -1 ? -1 : 0;
    }
    if (why != NULL && status != 0) {
        const struct place place = {.file = path};

        fault_error(faults, &place, NULL, OUTPUT_FOLDER_IN_THE_WAY, "%s", why);
    }
out:
    if (directory != -1) {
        close(directory);
    }
    bytes_free(&shown);
    return status;
}

int output_file_publish(const struct context *context, const char *path, struct slice content, mode_t mode,
                        struct faults *faults)
{
    const char *leaf = NULL;
    struct bytes shown = BYTES_EMPTY;
    struct publisher *publisher = NULL;
    int directory = open_folder(path, &leaf, &shown, faults);
    int status = -1;

    if (directory == -1) {
        goto out;
    }
    publisher = publisher_new(context, directory, bytes_text(&shown));
    if (publisher == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (publisher_add(publisher, leaf, content, mode, faults) != 0) {
        goto out;
    }
    status = publisher_commit(publisher, faults);
out:
    publisher_free(publisher);
    if (directory != -1) {
        close(directory);
    }
    bytes_free(&shown);
    return status;
}
