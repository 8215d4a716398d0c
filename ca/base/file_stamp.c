/* SPDX-License-Identifier: Apache-2.0 */
/* Stamps: one fstatat for a file of the directory itself; folders on the way are opened without following links. */
#include "base/file_stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

#define NANOSECONDS INT64_C(1000000000)

/* struct stat's times have other names on macOS. */
#ifdef __APPLE__
#define MODIFIED(status) (status)->st_mtimespec
#define CHANGED(status)  (status)->st_ctimespec
#else
#define MODIFIED(status) (status)->st_mtim
#define CHANGED(status)  (status)->st_ctim
#endif

/* Year 1678 to 2262 in nanoseconds; a file dated beyond gets its seconds' low bits, which still tell one from another. */
static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)((uint64_t)time.tv_sec * (uint64_t)NANOSECONDS + (uint64_t)time.tv_nsec);
}

void file_stamp_of(const struct stat *status, struct file_stamp *stamp)
{
    stamp->size = (int64_t)status->st_size;
    stamp->mtime_ns = nanoseconds(MODIFIED(status));
    stamp->ctime_ns = nanoseconds(CHANGED(status));
    stamp->inode = (int64_t)status->st_ino;
}

int file_stamp_read(int directory, const char *path, struct file_stamp *stamp, const char **why)
{
    mode_t mode;

    return file_stamp_read_mode(directory, path, stamp, &mode, why);
}

int file_stamp_read_mode(int directory, const char *path, struct file_stamp *stamp, mode_t *mode,
                         const char **why)
{
    const char *leaf = path;
    struct stat status;
    int folder = directory;
    int result = -1;

    *why = NULL;
    if (strchr(path, '/') != NULL) {
        folder = folder_open_parent(directory, path, &leaf, why);
    }
    if (folder == -1 || fstatat(folder, leaf, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        result = errno == ENOENT ? 0 : -1;
        if (result == -1 && *why == NULL) {
            *why = errno == EACCES ? "is in a folder that may not be entered" : "cannot be looked at";
        }
        goto out;
    }
    if (!S_ISREG(status.st_mode)) {
        *why = S_ISLNK(status.st_mode)   ? "is a symbolic link"
               : S_ISDIR(status.st_mode) ? "is a folder"
                                         : "is not a regular file";
        goto out;
    }
    file_stamp_of(&status, stamp);
    *mode = status.st_mode & 07777;
    result = 1;
out:
    if (folder != -1 && folder != directory) {
        close(folder);
    }
    return result;
}
