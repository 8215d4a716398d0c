/* SPDX-License-Identifier: Apache-2.0 */
/* A file is opened without following links before its permissions are touched. */
#include "apply/exposure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_stamp.h"
#include "base/folder.h"
#include "ledger/ledger_directory.h"

/** Permissions of others than a file's owner. */
#define MODE_OTHERS (S_IRWXG | S_IRWXO)

/** Takes the permissions of @p file away. @p before, @p after: what it was and is. -1 with errno. */
static int close_to_others(int file, struct stat *before, struct stat *after)
{
    if (fstat(file, before) != 0) {
        return -1;
    }
    if (!S_ISREG(before->st_mode)) {
        errno = EINVAL;
        return -1;
    }
    return fchmod(file, before->st_mode & S_IRWXU) == 0 && fsync(file) == 0 ? fstat(file, after) : -1;
}

/** What was recorded of the file holds for it again, when only its permissions had changed. */
static int record(struct ledger *ledger, const char *path, const struct stat *before,
                  const struct stat *after, struct faults *faults)
{
    struct ledger_output row = {0};
    struct file_stamp stamp;
    int found = ledger_find_output(ledger, path, &row, faults);

    file_stamp_of(before, &stamp);
    if (found == 1 && row.stamp.size == stamp.size && row.stamp.mtime_ns == stamp.mtime_ns &&
        row.stamp.inode == stamp.inode) {
        file_stamp_of(after, &row.stamp);
        found = ledger_put_output(ledger, &row, faults);
    }
    ledger_output_free(&row);
    return found < 0 ? -1 : 0;
}

int exposure_end_file(int directory, struct ledger *ledger, const char *path, struct faults *faults)
{
    const char *leaf = path;
    const char *why = NULL;
    struct stat before;
    struct stat after;
    int folder = folder_open_parent(directory, path, &leaf, &why);
    int file = folder < 0 ? -1 : openat(folder, leaf, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int status = -1;

    if (file < 0 || close_to_others(file, &before, &after) != 0) {
        fault_system(faults, errno, path, "chmod go= it, as its owner",
                     "is readable by others, and its permissions cannot be changed");
    } else if ((after.st_mode & MODE_OTHERS) != 0) {
        fault_warning(faults, NULL, path, "keep the PKI directory on a file system that keeps permissions",
                      "is readable by others, and stays so: the file system keeps no permissions");
        status = 0;
    } else {
        status = record(ledger, path, &before, &after, faults);
    }
    if (file >= 0) {
        close(file);
    }
    if (folder >= 0) {
        close(folder);
    }
    return status;
}

int exposure_end(int directory, struct ledger *ledger, const struct plan_step *step, struct faults *faults)
{
    size_t count = entry_output_count(step->entry);
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    for (size_t i = 0; i < count && i < 64 && status == 0; i++) {
        struct output output;

        if ((step->exposed & (UINT64_C(1) << i)) == 0) {
            continue;
        }
        bytes_clear(&path);
        if (entry_output_at(step->entry, i, &output, &path) != 0) {
            fault_memory(faults);
            status = -1;
        } else {
            status = exposure_end_file(directory, ledger, bytes_text(&path), faults);
        }
    }
    bytes_free(&path);
    return status;
}
