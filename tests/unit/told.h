/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a list of faults tells, as one text to compare: a line each, warnings with "warning: " before them.
 */
#ifndef MTLSKIT_TESTS_TOLD_H
#define MTLSKIT_TESTS_TOLD_H

#include "base/bytes.h"
#include "base/fault.h"

/** Replace @p text by all of @p faults. Gives its text, owned by @p text. */
const char *told(const struct faults *faults, struct bytes *text);

#endif
