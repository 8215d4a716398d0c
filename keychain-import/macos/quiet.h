/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quiet: while it lasts, keychains put no question on the screen, but answer that they would have to. Put back as it was, whatever happened. It
 * is a switch of the whole process; two quiets of one process may lie inside each other, not beside.
 */
#ifndef MTLSKIT_MACOS_QUIET_H
#define MTLSKIT_MACOS_QUIET_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"

struct quiet {
    bool changed; /* prompts were allowed before */
};

/** -1 with a fault: it is as it was. */
int quiet_begin(struct quiet *quiet, const char *store, struct faults *faults) MUST_USE;
/** Put back what quiet_begin found; where that fails twice, a warning says so. */
void quiet_end(struct quiet *quiet, const char *store, struct faults *faults);

#endif
