/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: bounded reading. Writing is the publisher's (base/publisher.h).
 */
#ifndef MTLSKIT_BASE_FILE_H
#define MTLSKIT_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Limits for what is read, in bytes. */
#define FILE_LIMIT_CERTIFICATES (16u * 1024 * 1024)
#define FILE_LIMIT_KEY          (1024u * 1024)
#define FILE_LIMIT_PASSPHRASE   (4u * 1024)

/**
 * Read a whole file (regular, pipe or "-" for standard input) into @p content.
 * @param directory open directory that a relative @p path starts from, or AT_FDCWD
 * @param limit     more bytes than this is a fault
 * @param content   replaced; empty when -1 is returned
 * Links are followed. Reading a pipe waits for its writer, as the user who named it wants it; in an open @p directory, where names are ours,
 * anything but a regular file is refused at once.
 * -1 with a fault naming @p path when it is missing, a folder, a socket, unreadable or too large.
 */
int file_read(int directory, const char *path, size_t limit, struct bytes *content, struct faults *faults)
    MUST_USE;
/** The same of a path that another file names: the hint for one that is missing says where such paths start. */
int file_read_named(const char *path, size_t limit, struct bytes *content, struct faults *faults) MUST_USE;

/**
 * Join @p base and @p path: @p path itself when it is absolute or @p base is NULL or "", else base/path.
 * -1 when memory is out. @p joined is replaced.
 */
int file_join(const char *base, const char *path, struct bytes *joined) MUST_USE;

/**
 * Whether @p name may be the path of an output below the PKI directory: relative, no empty, "." or ".." part, no part
 * beginning with the publisher's temporary prefix, no control character (utf8_is_control), no backslash, valid UTF-8, parts
 * of at most 255 bytes and 1,023 in all. *why is NULL then. Otherwise it is a static phrase that goes on after the name, as in
 * `"../x" has a part ".."`.
 */
bool file_name_is_safe(const char *name, const char **why);

#endif
