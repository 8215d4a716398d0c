/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of outputs: complaints about what is in it, removing, sweeping. */
#include "base/output_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/file_stamp.h"
#include "base/folder.h"
#include "base/temporary.h"

/* ---- complaints -------------------------------------------------------------------------------------------------- */

/* "out/server.crt"; "out" for "", the directory itself; @p path alone when memory is out. */
static const char *shown_name(const struct output_folder *folder, const char *path, struct bytes *name)
{
    if (path[0] == '\0') {
        return folder->shown[0] == '\0' ? "." : folder->shown;
    }
    return file_join(folder->shown, path, name) == 0 ? bytes_text(name) : path;
}

const char *output_folder_hint(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "make room and run again";
    case EACCES:
    case EPERM:
        return "run as a user who may write there, or change the folder's mode or owner";
    case EROFS:
        return "choose another directory";
    default:
        return NULL;
    }
}

void output_folder_complain_system(const struct output_folder *folder, const char *path, int error,
                                   const char *what, struct faults *faults)
{
    struct bytes name = BYTES_EMPTY;

    fault_system(faults, error, shown_name(folder, path, &name), output_folder_hint(error), "%s", what);
    bytes_free(&name);
}

void output_folder_complain(const struct output_folder *folder, const char *path, const char *hint,
                            const char *why, struct faults *faults)
{
    struct bytes name = BYTES_EMPTY;
    const struct place place = {.file = shown_name(folder, path, &name)};

    fault_error(faults, &place, NULL, hint, "%s", why);
    bytes_free(&name);
}

int output_folder_check_name(const char *path, struct faults *faults)
{
    const char *why;

    if (!file_name_is_safe(path, &why)) {
        fault_error(faults, NULL, NULL, NULL, "\"%s\" cannot be the name of an output: it %s", path, why);
        return -1;
    }
    return 0;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

int output_folder_remove(const struct output_folder *folder, const char *path, struct faults *faults)
{
    struct file_stamp stamp;
    const char *why = NULL;
    const char *leaf;
    int parent = -1;
    int status = -1;
    int there;

    if (output_folder_check_name(path, faults) != 0) {
        goto out;
    }
    there = file_stamp_read(folder->directory, path, &stamp, &why);
    if (there == -1) {
        output_folder_complain(folder, path, OUTPUT_FOLDER_IN_THE_WAY, why, faults);
        goto out;
    }
    if (there == 1) {
        parent = folder_open_parent(folder->directory, path, &leaf, &why);
        if (parent == -1 || (unlinkat(parent, leaf, 0) != 0 && errno != ENOENT) ||
            folder_flush(parent) != 0) {
            output_folder_complain_system(folder, path, errno, "cannot be removed", faults);
            goto out;
        }
    }
    status = 0;
out:
    if (parent != -1) {
        close(parent);
    }
    return status;
}

/* An open descriptor of @p path below the directory; -1 with errno, ENOENT when it is missing. */
static int open_for_sweep(const struct output_folder *folder, const char *path, const char **why)
{
    const char *leaf;
    int parent = folder_open_parent(folder->directory, path, &leaf, why);
    int file = parent;

    if (parent != -1 && leaf[0] != '\0') {
        int error;

        file = folder_open(parent, leaf, strlen(leaf), NULL, why);
        error = errno;
        close(parent);
        errno = error;
    }
    return file;
}

int output_folder_sweep(const struct output_folder *folder, const char *path, struct faults *faults)
{
    const char *why = NULL;
    int file;

    if (path[0] != '\0' && output_folder_check_name(path, faults) != 0) {
        return -1;
    }
    file = open_for_sweep(folder, path, &why);
    if (file == -1 && why != NULL) {
        output_folder_complain(folder, path, OUTPUT_FOLDER_IN_THE_WAY, why, faults);
        return -1;
    }
    if (file == -1 && errno == ENOENT) {
        return 0;
    }
    if (file == -1 || temporary_sweep(file) != 0) {
        output_folder_complain_system(folder, path, errno, "cannot be cleared of temporary files", faults);
        return -1;
    }
    return 0;
}
