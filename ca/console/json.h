/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON documents as all commands print them: jansson, two blanks of indentation, keys in the order they were set, "schema" first.
 */
#ifndef MTLSKIT_CONSOLE_JSON_H
#define MTLSKIT_CONSOLE_JSON_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "console/terminal.h"

/** A new object whose "schema" is @p schema ("mtlskit.plan/1"); NULL when memory is out. */
json_t *json_document(const char *schema);
/** Set @p key; @p value is taken also on failure. Failures stick to nothing: returns -1. */
int json_put(json_t *object, const char *key, json_t *value) MUST_USE;
/** Append @p item, which is taken also on failure, to @p list. -1: either is NULL, or memory is out. */
int json_append(json_t *list, json_t *item) MUST_USE;
/** The same for a list in the making: on failure *list is freed, and NULL from then on. */
void json_add(json_t **list, json_t *item);
/** A string from bytes that may hold anything: broken UTF-8 and controls are escaped as in base/fault.h. */
json_t *json_text(struct slice text);
/** The same with control characters escaped as well, for what is shown to people, too. */
json_t *json_printable(struct slice text);
/** The text in @p text when @p status is 0, else NULL; @p text is freed. */
json_t *json_made(struct bytes *text, int status);
/** RFC 3339 text of an instant; lower-case hex of octets. */
json_t *json_instant(instant value);
json_t *json_hex(struct slice octets);
/** Print with a newline to standard output, and free. -1 when memory is out or @p document is NULL. */
int json_print(struct terminal *terminal, json_t *document) MUST_USE;

#endif
