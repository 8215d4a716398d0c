/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quoting: texts written into a document so that nothing in them is YAML. What is written so, manifest/document.h reads as it was.
 */
#ifndef MTLSKIT_MANIFEST_QUOTING_H
#define MTLSKIT_MANIFEST_QUOTING_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Append @p text as a double-quoted scalar (YAML 1.2 section 7.3.1). -1 when memory is out. */
int quoting_append(struct bytes *yaml, const char *text) MUST_USE;
/** Append @p count texts as a flow sequence, each quoted. */
int quoting_append_list(struct bytes *yaml, const char *const *texts, size_t count) MUST_USE;

#endif
