/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A single file at a path that the user named, as `-o FILE` does.
 */
#ifndef MTLSKIT_BASE_OUTPUT_FILE_H
#define MTLSKIT_BASE_OUTPUT_FILE_H

#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

/**
 * Whether a file can be published as @p path (output_file_publish), for whoever does much before: its folder is there and may be written to, and
 * nothing but a file is in its place. With a slash at its end @p path is the folder alone. -1 with a fault.
 */
int output_file_check(const char *path, struct faults *faults) MUST_USE;

/**
 * One file, whole and durable: for `-o FILE`. @p path may be absolute or relative to the working directory; its folder must
 * exist and is found as the system does it, links included; the file itself must not be a link.
 */
int output_file_publish(const struct context *context, const char *path, struct slice content, mode_t mode,
                        struct faults *faults) MUST_USE;

#endif
