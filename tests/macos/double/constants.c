/* SPDX-License-Identifier: Apache-2.0 */
/* The constants of the Security framework: each a text that says its own name. */
#include "object.h"

#define MARK 0xa11fe001

#define CALL(result, name, ...)
#define CONSTANT(what, name)                                                                                 \
    static struct object object_##name = {.mark = MARK,                                                      \
                                          .type = TYPE_TEXT,                                                 \
                                          .references = 1,                                                   \
                                          .immortal = true,                                                  \
                                          .bytes = (const unsigned char *)#name,                             \
                                          .length = sizeof(#name) - 1};                                      \
    const what name = (what)&object_##name;
#include "security_calls.h"
