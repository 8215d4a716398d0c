/* SPDX-License-Identifier: Apache-2.0 */
/* -d, --directory DIR: the PKI directory that a command works in. */
#ifndef MTLSKIT_COMMAND_DIRECTORY_OPTION_H
#define MTLSKIT_COMMAND_DIRECTORY_OPTION_H

#include "console/options.h"

/** What the option "directory" (must be in the table) was given, or "pki". */
const char *directory_option(const struct options *options);

#endif
