/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temporary files, from their name to the disk, one by one. What is done with many of them is the publisher's.
 */
#ifndef MTLSKIT_BASE_TEMPORARY_H
#define MTLSKIT_BASE_TEMPORARY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** PUBLISHER_PREFIX, 16 hexadecimal digits, "-" and a decimal number. */
struct temporary_name {
    char text[56];
};

struct temporary_name temporary_name(uint64_t tag, uint64_t number);

/**
 * Create a file of a fresh name in @p folder, open for writing, of @p mode less the umask. *number is tried first and is
 * the number of the file's name afterwards. Gives a descriptor that the caller closes, or -1 with errno.
 */
int temporary_create(int folder, uint64_t tag, uint64_t *number, mode_t mode) MUST_USE;

/**
 * Make a folder of a fresh name in @p folder for temporaries, open to nobody else (0700); *number as above. What is written into it is in nobody's
 * way: two threads that change names in one folder wait for each other. Gives a descriptor that the caller closes, or -1 with errno.
 */
int temporary_create_folder(int folder, uint64_t tag, uint64_t *number) MUST_USE;

/** Write all of @p content. -1 with errno. */
int temporary_write(int file, struct slice content) MUST_USE;

/** Give the file its @p mode whatever the umask was; *had: it was made with it. -1 with errno. */
int temporary_set_mode(int file, mode_t mode, bool *had) MUST_USE;

/** fsync(2), again when a signal comes in between. -1 with errno. */
int temporary_flush(int file) MUST_USE;

/** Close @p *file and set it to -1. What a network file system kept back until now is told here: -1 with errno. */
int temporary_close(int *file) MUST_USE;

/**
 * Rename @p name in @p from to @p leaf in @p to, where nothing is: never over something. Either may be AT_FDCWD. Where neither such a call nor
 * second names are to be had, it is looked first, and who else writes there is to be locked out. -1 with errno, EEXIST when something is there.
 */
int temporary_place(int from, const char *name, int to, const char *leaf) MUST_USE;

/**
 * Remove the regular files in @p folder whose names begin with PUBLISHER_PREFIX, and the folders of such a name with the same in them; what else
 * is in those stays, and they with it, as do those that may not be entered or removed. The descriptor is taken over and closed. -1 with errno.
 */
int temporary_sweep(int folder) MUST_USE;

#endif
