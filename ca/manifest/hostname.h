/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internationalised host names (RFC 5890 to 5893, UTS 46 non-transitional) to A-labels. The only user of libidn2.
 */
#ifndef MTLSKIT_MANIFEST_HOSTNAME_H
#define MTLSKIT_MANIFEST_HOSTNAME_H

#include "base/attributes.h"
#include "base/bytes.h"

/** Append the A-label form of @p name (ASCII names are lower-cased nowhere and pass unchanged; a leading "*." or "." is kept). *why: static phrase. */
int hostname_to_ascii(const char *name, struct bytes *ascii, const char **why) MUST_USE;
/** Turn the host in a "dns:", "email:" or "uri:" SAN text to A-labels; other kinds pass unchanged. Appended. */
int hostname_in_san_to_ascii(const char *san, struct bytes *ascii, const char **why) MUST_USE;

#endif
