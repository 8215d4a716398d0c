/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refusal: why the helper does not do what it was asked for, as it goes over the wire.
 */
#ifndef MTLSKIT_TOKEN_REFUSAL_H
#define MTLSKIT_TOKEN_REFUSAL_H

#include "base/attributes.h"
#include "token/wire.h"

/** Starts as all zeros. */
struct refusal {
    enum wire_refusal code;
    char sentence[512];
};

/** Set it; -1, so that it can be returned. Too long a sentence is cut. */
int refuse(struct refusal *refusal, enum wire_refusal code, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
