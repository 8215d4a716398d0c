/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal digits read; writing them is bytes_append_hex. */
#ifndef MTLSKIT_BASE_HEX_H
#define MTLSKIT_BASE_HEX_H

#include "base/attributes.h"

/** The octet that the two hexadecimal digits at @p digits stand for, upper or lower case; -1 when they are not two. */
int hex_octet(const char *digits) MUST_USE;

#endif
