/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary files: created exclusively, so that nobody's file or link is ever written to. */
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/publisher.h"

/* How many names may be taken already. */
#define NAME_ATTEMPTS 1000

#define FOLDER_FLAGS  (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* All bits that chmod(2) sets. */
#define MODE_BITS 07777

struct temporary_name temporary_name(uint64_t tag, uint64_t number)
{
    struct temporary_name name;

    _Static_assert(sizeof(PUBLISHER_PREFIX) + 16 + 1 + 20 <= sizeof(name.text), "the longest name fits");
    snprintf(name.text, sizeof(name.text), PUBLISHER_PREFIX "%016" PRIx64 "-%" PRIu64, tag, number);
    return name;
}

int temporary_create(int folder, uint64_t tag, uint64_t *number, mode_t mode)
{
    for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
        int file =
            openat(folder, temporary_name(tag, *number).text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

        if (file != -1 || (errno != EEXIST && errno != EINTR)) {
            return file;
        }
        *number += 1;
    }
    return -1;
}

int temporary_create_folder(int folder, uint64_t tag, uint64_t *number)
{
    int status = -1;
    int made;
    int error;

    for (int attempt = 0; attempt < NAME_ATTEMPTS && status != 0; attempt++) {
        *number += attempt > 0 ? 1 : 0;
        status = mkdirat(folder, temporary_name(tag, *number).text, 0700);
        if (status != 0 && errno != EEXIST) {
            return -1;
        }
    }
    if (status != 0) {
        return -1;
    }
    made = openat(folder, temporary_name(tag, *number).text, FOLDER_FLAGS);
    if (made == -1) {
        error = errno;
        (void)unlinkat(folder, temporary_name(tag, *number).text, AT_REMOVEDIR);
        errno = error;
    }
    return made;
}

int temporary_write(int file, struct slice content)
{
    while (content.length != 0) {
        ssize_t written = write(file, content.data, content.length);

        if (written > 0) {
            content.data += written;
            content.length -= (size_t)written;
        } else if (written == 0 || errno != EINTR) {
            errno = written == 0 ? EIO : errno;
            return -1;
        }
    }
    return 0;
}

int temporary_set_mode(int file, mode_t mode, bool *had)
{
    struct stat status;

    if (fstat(file, &status) != 0) {
        return -1;
    }
    *had = (status.st_mode & MODE_BITS) == mode;
    return *had ? 0 : fchmod(file, mode);
}

int temporary_flush(int file)
{
    int status;

    do {
        status = fsync(file);
    } while (status != 0 && errno == EINTR);
    return status;
}

int temporary_close(int *file)
{
    int status = close(*file);

    *file = -1;
    return status != 0 && errno != EINTR ? -1 : 0;
}

/* The system's call for it. -1 with errno: EINVAL when there is none, here or on that file system, or none that we may use. */
static int rename_to_nothing(int from, const char *name, int to, const char *leaf)
{
    int status;

#if defined(RENAME_NOREPLACE)
    status = renameat2(from, name, to, leaf, RENAME_NOREPLACE);
#elif defined(__APPLE__)
    status = renameatx_np(from, name, to, leaf, RENAME_EXCL);
#else
    (void)from;
    (void)name;
    (void)to;
    (void)leaf;
    status = -1;
    errno = EINVAL;
#endif
    if (status != 0 && (errno == ENOSYS || errno == ENOTSUP || errno == EPERM)) {
        errno = EINVAL;
    }
    return status;
}

/* A second name, which refuses what exists as well, instead of the first. -1 with errno. */
static int link_instead(int from, const char *name, int to, const char *leaf)
{
    int error;

    if (linkat(from, name, to, leaf, 0) != 0) {
        return -1;
    }
    if (unlinkat(from, name, 0) != 0) {
        error = errno;
        (void)unlinkat(to, leaf, 0);
        errno = error;
        return -1;
    }
    return 0;
}

int temporary_place(int from, const char *name, int to, const char *leaf)
{
    struct stat status;

    if (rename_to_nothing(from, name, to, leaf) == 0) {
        return 0;
    }
    if (errno != EINVAL) {
        return -1;
    }
    if (link_instead(from, name, to, leaf) == 0) {
        return 0;
    }
    if (errno == EEXIST) {
        return -1;
    }
    /* nor does the file system know of second names */
    if (fstatat(to, leaf, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
    }
    return errno == ENOENT ? renameat(from, name, to, leaf) : -1;
}

/* ---- leftovers --------------------------------------------------------------------------------------------------- */

/* Removes one of our names, if that is one; @p enter: what to do with a folder; NULL: leave it. 1: it is gone; 0: it is to stay; -1 with errno. */
static int sweep_one(int folder, const char *name, int (*enter)(int folder, const char *name))
{
    struct stat status;
    int result = 0;

    if (strncmp(name, PUBLISHER_PREFIX, sizeof(PUBLISHER_PREFIX) - 1) != 0) {
        return 0;
    }
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        result = -1;
    } else if (S_ISREG(status.st_mode)) {
        result = unlinkat(folder, name, 0) == 0 ? 1 : -1;
    } else if (S_ISDIR(status.st_mode) && enter != NULL) {
        result = enter(folder, name);
    }
    return result == -1 && errno == ENOENT ? 0 : result;
}

static int sweep_once(DIR *list, int (*enter)(int folder, const char *name))
{
    const struct dirent *item;
    int removed = 0;
    int status = 0;

    rewinddir(list);
    while (status >= 0 && (errno = 0, item = readdir(list)) != NULL) {
        status = sweep_one(dirfd(list), item->d_name, enter);
        removed |= status;
    }
    return status < 0 || errno != 0 ? -1 : removed;
}

static int sweep(int folder, int (*enter)(int folder, const char *name))
{
    DIR *list = fdopendir(folder);
    int status;
    int error;

    if (list == NULL) {
        error = errno;
        close(folder);
        errno = error;
        return -1;
    }
    do {
        status = sweep_once(list, enter); /* some systems skip a name when one before it is removed */
    } while (status == 1);
    error = errno;
    closedir(list);
    errno = error;
    return status;
}

/* Whether what failed so is somebody else's, or a place that no temporaries are in. */
static bool is_not_ours(int error)
{
    return error == EACCES || error == EPERM || error == ELOOP || error == ENOTDIR || error == EBUSY ||
           error == ENOTEMPTY || error == EEXIST;
}

/* A folder for temporaries. 1: it is gone; 0: it stays, with what is not ours in it; -1 with errno. */
static int sweep_folder(int folder, const char *name)
{
    int inner = openat(folder, name, FOLDER_FLAGS);

    if (inner != -1 && sweep(inner, NULL) == 0 && unlinkat(folder, name, AT_REMOVEDIR) == 0) {
        return 1;
    }
    return is_not_ours(errno) ? 0 : -1;
}

int temporary_sweep(int folder)
{
    return sweep(folder, sweep_folder);
}
