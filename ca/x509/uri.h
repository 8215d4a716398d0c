/* SPDX-License-Identifier: Apache-2.0 */
/* URIs as names in certificates have them (RFC 3986; RFC 5280 section 4.2.1.6). */
#ifndef MTLSKIT_X509_URI_H
#define MTLSKIT_X509_URI_H

#include "base/attributes.h"

/**
 * What is wrong with @p text as a URI: NULL, or a static phrase that reads on after the quoted text. Taken is a scheme with
 * something behind it, in RFC 3986's characters; where // follows the scheme, a host or an IP address does as well.
 */
const char *uri_complaint(const char *text) MUST_USE;

#endif
