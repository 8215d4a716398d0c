/* SPDX-License-Identifier: Apache-2.0 */
/* fixtures.json: what the cases of a catalogue are, for programs that test against them. */
#ifndef MTLSKIT_COMMAND_FIXTURES_JSON_H
#define MTLSKIT_COMMAND_FIXTURES_JSON_H

#include <stdbool.h>

#include "base/context.h"
#include "console/json.h"
#include "fixtures/case.h"

/**
 * The document "mtlskit.fixtures/1", without cases yet.
 * @param at when verifiers should think it is; NULL: now
 */
json_t *fixtures_json(const char *seed, const instant *at);
/** Add one; what fails shows when the document is printed or written. */
void fixtures_json_add(json_t **document, const struct fixture_case *fixture);
/** Add one that cannot be made here, with the reason, to "left_out". */
void fixtures_json_leave_out(json_t **document, const struct fixture_case *fixture, const char *why);
/** Append the text of it as json_print prints it. -1: memory is out, or @p document is NULL. */
int fixtures_json_text(const json_t *document, struct bytes *text) MUST_USE;

#endif
