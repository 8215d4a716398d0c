/* SPDX-License-Identifier: Apache-2.0 */
/* Texts: what is told of a certificate or request one after the other, such as its names. */
#ifndef MTLSKIT_LIBRARY_TEXTS_H
#define MTLSKIT_LIBRARY_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Starts as all zeros. */
struct texts {
    struct bytes *items;
    size_t count;
};

/** Append a copy of @p text. -1: no memory. */
int texts_add(struct texts *texts, const char *text) MUST_USE;
/** Append the "kind:value" text of every name in @p names, GeneralName DERs; their kinds are added to @p kinds (may be NULL). */
int texts_add_names(struct texts *texts, struct slice names, uint32_t *kinds) MUST_USE;
/** NULL past the last. */
const char *texts_at(const struct texts *texts, size_t index);
void texts_free(struct texts *texts);

#endif
