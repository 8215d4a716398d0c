/* SPDX-License-Identifier: Apache-2.0 */
/* Folders: openat(2) with O_NOFOLLOW for every part. */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

#define PART_MAX_BYTES 255
/* Folders in folders that are removed together. */
#define DEPTH_MAX 512

static int open_part(int parent, const char *part)
{
    int folder;

    do {
        folder = openat(parent, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    } while (folder == -1 && errno == EINTR);
    return folder;
}

/* What is in the way at @p part: systems differ in the errno of a link that was not followed. */
static const char *obstacle(int parent, const char *part)
{
    struct stat status;

    if (fstatat(parent, part, &status, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(status.st_mode)) {
        return NULL;
    }
    return S_ISLNK(status.st_mode) ? "is reached through a symbolic link"
                                   : "is to be in a folder, where a file is in its way";
}

int folder_open(int parent, const char *name, size_t length, bool *made, const char **why)
{
    char part[PART_MAX_BYTES + 1];
    int folder;

    *why = NULL;
    if (made != NULL) {
        *made = false;
    }
    if (length > PART_MAX_BYTES) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, name, length);
    part[length] = '\0';
    folder = open_part(parent, part);
    if (folder == -1 && errno == ENOENT && made != NULL) {
        if (mkdirat(parent, part, 0755) == 0) {
            *made = true;
        } else if (errno != EEXIST) {
            return -1;
        }
        folder = open_part(parent, part);
    }
    if (folder == -1 && errno != ENOENT) {
        int error = errno;

        *why = obstacle(parent, part);
        errno = error;
    }
    return folder;
}

int folder_open_parent(int directory, const char *path, const char **leaf, const char **why)
{
    const char *slash = strchr(path, '/');
    int folder;

    *why = NULL;
    *leaf = path;
    folder = open_part(directory, ".");
    while (folder != -1 && slash != NULL) {
        int parent = folder;
        int error;

        folder = folder_open(parent, *leaf, (size_t)(slash - *leaf), NULL, why);
        error = errno;
        close(parent);
        errno = error;
        *leaf = slash + 1;
        slash = strchr(*leaf, '/');
    }
    return folder;
}

int folder_open_named(const char *path, const char **leaf)
{
    const char *slash = strrchr(path, '/');
    struct bytes folder = BYTES_EMPTY;
    int file = -1;

    *leaf = slash != NULL ? slash + 1 : path;
    if (slash != NULL && bytes_append(&folder, path, (size_t)(slash - path) + 1) != 0) {
        errno = ENOMEM;
    } else {
        file = open(slash != NULL ? bytes_text(&folder) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    bytes_free(&folder);
    return file;
}

static int remove_below(int parent, const char *name, unsigned depth);

/* Remove all that is in @p folder, which is closed. Some systems pass over a name while others are removed: hence the rounds. */
static int remove_content(int folder, unsigned depth)
{
    DIR *list = fdopendir(folder);
    const struct dirent *item;
    bool removed = true;
    int status = 0;
    int error;

    if (list == NULL) {
        error = errno;
        close(folder);
        errno = error;
        return -1;
    }
    while (status == 0 && removed) {
        removed = false;
        while (status == 0 && (errno = 0, item = readdir(list)) != NULL) {
            if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0) {
                status = remove_below(folder, item->d_name, depth);
                removed = true;
            }
        }
        if (status == 0 && errno != 0) {
            status = -1;
        }
        rewinddir(list);
    }
    error = errno;
    closedir(list);
    errno = error;
    return status;
}

static int remove_below(int parent, const char *name, unsigned depth)
{
    struct stat status;
    int folder;

    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? 0 : -1;
    }
    if (!S_ISDIR(status.st_mode)) {
        return unlinkat(parent, name, 0) == 0 || errno == ENOENT ? 0 : -1;
    }
    if (depth == DEPTH_MAX) {
        errno = ELOOP;
        return -1;
    }
    folder = open_part(parent, name);
    if (folder == -1 || remove_content(folder, depth + 1) != 0) {
        return -1;
    }
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
}

int folder_remove(int parent, const char *name)
{
    return remove_below(parent, name, 0);
}

int folder_flush(int folder)
{
    int status;

    do {
        status = fsync(folder);
    } while (status != 0 && errno == EINTR);
    return status != 0 && errno != EINVAL && errno != ENOTSUP ? -1 : 0;
}

int folder_flush_device(int folder)
{
#if defined(__linux__)
    int status;

    do {
        status = syncfs(folder);
    } while (status != 0 && errno == EINTR);
    return status;
#elif defined(F_FULLFSYNC)
    /* A file system of the network has no drive to speak to: fsync is all it offers. */
    return fcntl(folder, F_FULLFSYNC) == -1 ? folder_flush(folder) : 0;
#else
    return folder_flush(folder);
#endif
}
