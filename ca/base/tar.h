/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tar archive being written (POSIX.1-2001, pax interchange format): regular files alone, owned by root, in the order of adding. It
 * is written here, not by a library, because those that do it load a dozen others into the process that holds CA keys.
 */
#ifndef MTLSKIT_BASE_TAR_H
#define MTLSKIT_BASE_TAR_H

#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Largest file: what the eleven octal digits of a header hold. */
#define TAR_FILE_MAX ((UINT64_C(1) << 33) - 1)

/** Starts as all zeros but for the descriptor. What is buffered is wiped when it is freed. */
struct tar {
    int file; /**< open for writing; borrowed */
    struct bytes buffer;
};

/**
 * Add a file: @p path (relative, at most 1,023 bytes), permission bits of @p mode, @p modified in seconds since 1970 (before: 1970). -1
 * with errno.
 */
int tar_add(struct tar *tar, const char *path, struct slice content, mode_t mode, int64_t modified) MUST_USE;
/** The end of the archive, all of it given to the descriptor. -1 with errno. */
int tar_end(struct tar *tar) MUST_USE;
void tar_free(struct tar *tar);

#endif
