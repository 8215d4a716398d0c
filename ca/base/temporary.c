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

static int sweep_one(int folder, const char *name)
{
    struct stat status;

    if (strncmp(name, PUBLISHER_PREFIX, sizeof(PUBLISHER_PREFIX) - 1) != 0) {
        return 0;
    }
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? 0 : -1;
    }
    return S_ISREG(status.st_mode) && unlinkat(folder, name, 0) != 0 && errno != ENOENT ? -1 : 0;
}

int temporary_sweep(int folder)
{
    DIR *list = fdopendir(folder);
    const struct dirent *item;
    int status = 0;
    int error;

    if (list == NULL) {
        error = errno;
        close(folder);
        errno = error;
        return -1;
    }
    while (status == 0 && (errno = 0, item = readdir(list)) != NULL) {
        status = sweep_one(folder, item->d_name);
    }
    error = errno;
    closedir(list);
    errno = error;
    return error == 0 ? 0 : -1;
}
