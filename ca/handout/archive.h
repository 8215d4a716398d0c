/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive: a handout as one tar.
 */
#ifndef MTLSKIT_HANDOUT_ARCHIVE_H
#define MTLSKIT_HANDOUT_ARCHIVE_H

#include "handout/handout_sink.h"

#include "base/context.h"

/**
 * A sink that writes a tar at @p path (borrowed). It has mode 0600 and is there whole and durable, or not at all; one that is there is
 * replaced. NULL when memory is out.
 */
struct handout_sink *archive_new(const struct context *context, const char *path);

#endif
