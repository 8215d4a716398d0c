/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --out: where outputs are handed out from, one tar or folders (handout/handout.h).
 */
#ifndef MTLSKIT_COMMAND_OUT_OPTION_H
#define MTLSKIT_COMMAND_OUT_OPTION_H

#include <stdbool.h>

#include "console/command.h"

/** Whether what is given, if anything, names a tar or a folder; else a usage error. */
bool out_option_is_right(const struct invocation *invocation);

#endif
