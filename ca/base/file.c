/* SPDX-License-Identifier: Apache-2.0 */
/* Files: bounded reading, joining, and which names may become files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/publisher.h"
#include "base/utf8.h"

/* Pipes and devices do not tell their size: they are read in steps of this. */
#define READ_STEP 16384
/* A file that a user names is taken for one of fewer octets first. */
#define READ_SMALL 4096

/* Longest path and longest part of it; the smaller of what Linux and macOS take. */
#define NAME_MAX_BYTES 1023
#define PART_MAX_BYTES 255

/* What a user names may be a pipe, which is waited for; in a folder of ours a pipe is not ours, and nobody would write to it. */
static int open_to_read(int directory, const char *path)
{
    int wait = directory == AT_FDCWD ? 0 : O_NONBLOCK;
    int file;

    do {
        file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | wait);
    } while (file == -1 && errno == EINTR);
    return file;
}

/*
 * Read to the end of @p file, which has @p expected octets by what the system says of it, SIZE_MAX when it says nothing: a short
 * piece that reaches that far is the last. 0; 1 when there is more than @p limit; -1 with errno.
 */
static int read_all(int file, size_t limit, size_t expected, struct bytes *content)
{
    size_t step = expected < limit ? expected + 1 : READ_STEP;

    limit = limit == SIZE_MAX ? limit - 1 : limit;
    for (;;) {
        /* One octet beyond the limit tells a file of exactly this length from a longer one. */
        size_t most = limit - content->length + 1;
        size_t room = step < most ? step : most;
        ssize_t got;

        if (bytes_reserve(content, room) != 0) {
            errno = ENOMEM;
            return -1;
        }
        got = read(file, content->data + content->length, room);
        if (got == -1 && errno == EINTR) {
            continue;
        }
        if (got == -1) {
            return -1;
        }
        if (got == 0) {
            content->data[content->length] = '\0';
            return 0;
        }
        content->length += (size_t)got;
        content->data[content->length] = '\0';
        if (content->length > limit) {
            return 1;
        }
        if ((size_t)got < room && content->length >= expected) {
            return 0;
        }
        step = READ_STEP;
    }
}

/*
 * Read a file of few octets in one piece, without asking what it is: what has places to read from, as pipes and terminals do not, and
 * gives less than it is asked for has no more. False, with nothing read: whatever else it may be.
 */
static bool read_small(int file, size_t limit, struct bytes *content)
{
    size_t room = READ_SMALL < limit ? READ_SMALL : limit;
    ssize_t got = bytes_reserve(content, room) == 0 ? pread(file, content->data, room, 0) : -1;

    if (got <= 0 || (size_t)got == room) {
        return false;
    }
    content->length = (size_t)got;
    content->data[content->length] = '\0';
    return true;
}

static const char *hint_for(int error, bool named, int directory, const char *path)
{
    if (error == ENOENT && directory == AT_FDCWD && path[0] != '/') {
        return named ? "a relative path starts from the folder of the file that names it"
                     : "a relative path starts from the working directory";
    }
    if (error == EACCES || error == EPERM) {
        return "run as a user who may read it, or change its mode or owner";
    }
    return NULL;
}

static int read_file(int directory, const char *path, bool named, size_t limit, struct bytes *content,
                     struct faults *faults)
{
    bool standard = strcmp(path, "-") == 0;
    const char *shown = standard ? "standard input" : path;
    const struct place place = {.file = shown};
    struct stat status;
    int result = -1;
    int file;

    bytes_clear(content);
    file = standard ? STDIN_FILENO : open_to_read(directory, path);
    /* what is in /dev may be a descriptor that was read from before */
    if (file != -1 && !standard && directory == AT_FDCWD && strncmp(path, "/dev/", 5) != 0 &&
        read_small(file, limit, content)) {
        result = 0;
        goto out;
    }
    if (file == -1 || fstat(file, &status) != 0) {
        fault_system(faults, errno, shown, hint_for(errno, named, directory, path), "cannot be read");
        goto out;
    }
    if (S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) {
        fault_error(faults, &place, NULL, "name a file", "cannot be read: it is %s",
                    S_ISDIR(status.st_mode) ? "a folder" : "a device");
        goto out;
    }
    if (!S_ISREG(status.st_mode) && directory != AT_FDCWD && !standard) {
        fault_error(faults, &place, NULL, "move it away", "cannot be read: it is %s",
                    S_ISFIFO(status.st_mode) ? "a pipe" : "not a regular file");
        goto out;
    }
    result = 1;
    if (!S_ISREG(status.st_mode) || status.st_size < 0 || (uintmax_t)status.st_size <= limit) {
        size_t expected = S_ISREG(status.st_mode) && status.st_size >= 0 ? (size_t)status.st_size : SIZE_MAX;

        result = read_all(file, limit, expected, content);
    }
    if (result == -1) {
        fault_system(faults, errno, shown, NULL, "cannot be read");
    } else if (result == 1) {
        fault_error(faults, &place, NULL, NULL, "is larger than the %zu bytes that are taken here", limit);
        result = -1;
    }
out:
    if (result != 0) {
        bytes_clear(content);
    }
    if (file != -1 && !standard) {
        close(file);
    }
    return result;
}

int file_read(int directory, const char *path, size_t limit, struct bytes *content, struct faults *faults)
{
    return read_file(directory, path, false, limit, content, faults);
}

int file_read_named(const char *path, size_t limit, struct bytes *content, struct faults *faults)
{
    return read_file(AT_FDCWD, path, true, limit, content, faults);
}

int file_join(const char *base, const char *path, struct bytes *joined)
{
    struct bytes made = BYTES_EMPTY;
    int status = -1;

    if (path[0] != '/' && base != NULL && base[0] != '\0') {
        if (bytes_append_text(&made, base) != 0) {
            goto out;
        }
        if (base[strlen(base) - 1] != '/' && bytes_append_byte(&made, '/') != 0) {
            goto out;
        }
    }
    if (bytes_append_text(&made, path) != 0) {
        goto out;
    }
    bytes_move(joined, &made);
    status = 0;
out:
    bytes_free(&made);
    return status;
}

/* What is wrong with one part of a path, or NULL. */
static const char *complaint_about_part(const char *part, size_t length)
{
    if (length == 0) {
        return "has an empty part";
    }
    if (length == 1 && part[0] == '.') {
        return "has a part \".\"";
    }
    if (length == 2 && part[0] == '.' && part[1] == '.') {
        return "has a part \"..\"";
    }
    if (length > PART_MAX_BYTES) {
        return "has a part of more than 255 bytes";
    }
    if (strncmp(part, PUBLISHER_PREFIX, sizeof(PUBLISHER_PREFIX) - 1) == 0) {
        return "has a part that begins with \"" PUBLISHER_PREFIX "\", as only temporary files do";
    }
    return NULL;
}

static const char *complaint_about_characters(const char *name)
{
    struct slice rest = slice_of_text(name);

    while (rest.length != 0) {
        uint32_t point = 0;
        size_t length;

        /* nearly all there ever is */
        if (rest.data[0] >= ' ' && rest.data[0] <= '~' && rest.data[0] != '\\') {
            rest.data++;
            rest.length--;
            continue;
        }
        length = utf8_take(rest, &point);
        if (length == 0) {
            return "is not UTF-8";
        }
        if (utf8_is_control(point)) {
            return "has a control character";
        }
        if (point == '\\') {
            return "has a backslash";
        }
        rest.data += length;
        rest.length -= length;
    }
    return NULL;
}

bool file_name_is_safe(const char *name, const char **why)
{
    const char *part = name;

    *why = NULL;
    if (name[0] == '\0') {
        *why = "is empty";
    } else if (name[0] == '/') {
        *why = "begins with a slash";
    } else if (strlen(name) > NAME_MAX_BYTES) {
        *why = "has more than 1023 bytes";
    } else {
        *why = complaint_about_characters(name);
    }
    while (*why == NULL) {
        size_t length = strcspn(part, "/");

        *why = complaint_about_part(part, length);
        if (part[length] == '\0') {
            break;
        }
        part += length + 1;
    }
    return *why == NULL;
}
