/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A description (command/description.h) told to people: aligned rows, colour where it warns.
 */
#ifndef MTLSKIT_COMMAND_INSPECT_TEXT_H
#define MTLSKIT_COMMAND_INSPECT_TEXT_H

#include <jansson.h>

#include "base/context.h"
#include "console/terminal.h"

/** Print one object that was found in @p file. With -v also what few ask for. */
void inspect_text_print(struct terminal *terminal, const struct context *context, const char *file,
                        const json_t *object);

#endif
