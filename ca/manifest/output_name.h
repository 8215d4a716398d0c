/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of outputs, which are paths below the PKI directory. They are ASCII and told apart without regard to case: file systems that
 * fold case or normalise Unicode agree on no more than that.
 */
#ifndef MTLSKIT_MANIFEST_OUTPUT_NAME_H
#define MTLSKIT_MANIFEST_OUTPUT_NAME_H

#include <stddef.h>

/** Longest name of an entry, so that NAME.trust.pem fits into a file name of 255 bytes. */
#define ENTRY_NAME_MAX 200

/** Why @p path cannot be the path of an output, reading on after it ("has a slash"), or NULL. */
const char *output_name_fault(const char *path);
/** Why @p name cannot be the name of an entry, whose files are called NAME.crt and so on, or NULL. */
const char *output_name_entry_fault(const char *name);
/** How long NAME is when the first @p length bytes of @p path are NAME.crt or another of an entry's own files; else 0. */
size_t output_name_stem(const char *path, size_t length);

#endif
