/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from a folder to a file, so that a manifest and its PKI directory know each other after both were moved.
 */
#ifndef MTLSKIT_ISSUING_PATH_BETWEEN_H
#define MTLSKIT_ISSUING_PATH_BETWEEN_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Longest way, in bytes. */
#define PATH_BETWEEN_MAX 1023

/**
 * Append the relative path from folder @p folder (which need not exist yet; its parent must) to file @p file, links
 * resolved: "../pki.yaml". "-" (standard input) stays "-".
 */
int path_between(const char *folder, const char *file, struct bytes *way, struct faults *faults) MUST_USE;

#endif
