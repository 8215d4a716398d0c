/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internationalised host names (RFC 5890 to 5893, UTS 46 non-transitional) to A-labels. The only user of libidn2.
 */
#ifndef MTLSKIT_MANIFEST_HOSTNAME_H
#define MTLSKIT_MANIFEST_HOSTNAME_H

#include "base/attributes.h"
#include "base/bytes.h"

/**
 * Append the A-label form of @p name. An ASCII name passes unchanged, whatever is in it; a leading "*." or "." is kept.
 * -1: *why is a static phrase that follows the name ("has a part longer than ..."); nothing was appended.
 */
int hostname_to_ascii(const char *name, struct bytes *ascii, const char **why) MUST_USE;
/**
 * The same for the host in a "dns:", "email:" or "uri:" name, as a SAN or a name constraint has it; other kinds pass unchanged. What is not
 * ASCII outside of the host passes unchanged too, and is refused where the name is encoded. Parts that are written as "xn--..." must be
 * what their translation gives (RFC 5891 section 5.4): readers refuse others, or show another name.
 */
int hostname_in_san_to_ascii(const char *san, struct bytes *ascii, const char **why) MUST_USE;

#endif
