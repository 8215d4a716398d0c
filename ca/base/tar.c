/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar: a header of 512 bytes, the content, zeros up to the next 512. A path that does not fit into its header has a pax header before
 * it: a small file of its own that says it.
 */
#include "base/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 512
/** An archive ends at a multiple of this. */
#define RECORD 10240
/** What is gathered before it is written. */
#define GATHERED (64u * 1024)

/** Fields of a header: where they begin and how long they are. */
#define NAME_LENGTH     100
#define MODE_AT         100
#define OWNER_AT        108
#define GROUP_AT        116
#define SIZE_AT         124
#define MODIFIED_AT     136
#define CHECKSUM_AT     148
#define TYPE_AT         156
#define MAGIC_AT        257
#define NUMBER_LENGTH   8
#define SIZE_LENGTH     12
#define CHECKSUM_LENGTH 8

#define TYPE_FILE       '0'
#define TYPE_PAX        'x'

static int drain(struct tar *tar)
{
    size_t written = 0;

    while (written < tar->buffer.length) {
        ssize_t count = write(tar->file, tar->buffer.data + written, tar->buffer.length - written);

        if (count < 0 && errno != EINTR) {
            return -1;
        }
        written += count > 0 ? (size_t)count : 0;
    }
    bytes_clear(&tar->buffer);
    return 0;
}

static int put(struct tar *tar, const void *data, size_t length)
{
    if (bytes_append(&tar->buffer, data, length) != 0) {
        errno = ENOMEM;
        return -1;
    }
    return tar->buffer.length >= GATHERED ? drain(tar) : 0;
}

/** Octal digits and a NUL, as many as fit. */
static void put_number(unsigned char *field, size_t length, uint64_t number)
{
    size_t i = length - 1;

    field[i] = 0;
    while (i > 0) {
        field[--i] = (unsigned char)('0' + (number & 7));
        number >>= 3;
    }
}

/** A header, its content and the zeros behind it. */
static int put_member(struct tar *tar, const char *path, char type, struct slice content, mode_t mode,
                      int64_t modified)
{
    static const unsigned char zeros[BLOCK] = {0};
    unsigned char header[BLOCK] = {0};
    size_t length = strlen(path), rest = content.length % BLOCK, i;
    unsigned sum = 0;

    memcpy(header, path, length < NAME_LENGTH ? length : NAME_LENGTH);
    put_number(header + MODE_AT, NUMBER_LENGTH, mode & 07777u);
    put_number(header + OWNER_AT, NUMBER_LENGTH, 0);
    put_number(header + GROUP_AT, NUMBER_LENGTH, 0);
    put_number(header + SIZE_AT, SIZE_LENGTH, content.length);
    put_number(header + MODIFIED_AT, SIZE_LENGTH, modified > 0 ? (uint64_t)modified : 0);
    header[TYPE_AT] = (unsigned char)type;
    memcpy(header + MAGIC_AT, "ustar\00000", 8);
    /* the sum is taken with blanks in its own place */
    memset(header + CHECKSUM_AT, ' ', CHECKSUM_LENGTH);
    for (i = 0; i < BLOCK; i++) {
        sum += header[i];
    }
    put_number(header + CHECKSUM_AT, CHECKSUM_LENGTH - 1, sum);
    if (put(tar, header, BLOCK) != 0 || put(tar, content.data, content.length) != 0) {
        return -1;
    }
    return rest > 0 ? put(tar, zeros, BLOCK - rest) : 0;
}

/** "LENGTH path=PATH\n", LENGTH counting all of it. */
static int put_long_path(struct tar *tar, const char *path)
{
    char record[1200];
    size_t rest = strlen(" path=\n") + strlen(path), length = rest + 1, before;
    int written;

    do {
        before = length;
        length = rest + (size_t)snprintf(NULL, 0, "%zu", before);
    } while (length != before);
    written = snprintf(record, sizeof(record), "%zu path=%s\n", length, path);
    if (written < 0 || (size_t)written != length || length >= sizeof(record)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return put_member(tar, "PaxHeader", TYPE_PAX, (struct slice){(const unsigned char *)record, length}, 0600,
                      0);
}

int tar_add(struct tar *tar, const char *path, struct slice content, mode_t mode, int64_t modified)
{
    if (content.length > TAR_FILE_MAX) {
        errno = EFBIG;
        return -1;
    }
    if (strlen(path) > NAME_LENGTH && put_long_path(tar, path) != 0) {
        return -1;
    }
    return put_member(tar, path, TYPE_FILE, content, mode, modified);
}

int tar_end(struct tar *tar)
{
    static const unsigned char zeros[2 * BLOCK] = {0};
    off_t length;

    /* two blocks of zeros, and more of them to the end of a record */
    if (put(tar, zeros, sizeof(zeros)) != 0 || drain(tar) != 0) {
        return -1;
    }
    length = lseek(tar->file, 0, SEEK_CUR);
    for (; length > 0 && length % RECORD != 0; length += BLOCK) {
        if (put(tar, zeros, BLOCK) != 0) {
            return -1;
        }
    }
    return drain(tar);
}

void tar_free(struct tar *tar)
{
    bytes_free(&tar->buffer);
}
