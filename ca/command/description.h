/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate, a key, a request, a CRL or a P12 says, as a tree of JSON: what `inspect --json` prints, and what it is told from
 * for people. No private part of a key is in it. All texts are printable: control characters of foreign names are escaped.
 */
#ifndef MTLSKIT_COMMAND_DESCRIPTION_H
#define MTLSKIT_COMMAND_DESCRIPTION_H

#include "command/description_part.h"
#include "command/input.h"

/** Describe one object: a tree the caller owns, whose "type" says what it is; NULL with a fault. */
json_t *description_of(const struct description *description, const struct input_object *object);

#endif
