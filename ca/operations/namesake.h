/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namesakes: names that differ only in case. A manifest refuses two of them, for there are file systems that have one file for both; what is
 * made by hand is held to the same.
 */
#ifndef MTLSKIT_OPERATIONS_NAMESAKE_H
#define MTLSKIT_OPERATIONS_NAMESAKE_H

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/directory.h"

/** Refuse @p name, a new one, where a certificate stands whose name differs from it only in case. -1 with a fault. */
int namesake_check(const struct directory *directory, const char *name, struct faults *faults) MUST_USE;

#endif
