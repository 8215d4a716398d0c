/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host names and IP addresses as names in certificates have them (RFC 5280 section 4.2.1.6, RFC 1034 section 3.5, RFC 9525
 * section 6.3). Host names are ASCII.
 */
#ifndef MTLSKIT_X509_HOST_H
#define MTLSKIT_X509_HOST_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** What a host name may be besides labels. */
enum host_form {
    HOST_PLAIN,    /**< labels alone */
    HOST_WILDCARD, /**< "*" may be the whole left-most label, with two labels or more behind it */
    HOST_DOMAIN    /**< a dot may stand before the first label */
};

#define HOST_ADDRESS_MAX 16

/**
 * What is wrong with the host name @p host: NULL, or a static phrase that reads on after the quoted text. Taken are labels of 1 to
 * 63 letters, digits, hyphens (not at an end) and underscores, 253 octets in all, the last label not all digits.
 */
const char *host_complaint(struct slice host, enum host_form form) MUST_USE;

/** Octets of the IPv4 or IPv6 address @p text: 4, 16, or 0 when it is none. */
size_t host_parse_address(struct slice text, unsigned char octets[HOST_ADDRESS_MAX]) MUST_USE;

/** Append an address of 4 or 16 octets (RFC 5952 for IPv6). -1: another length, or no memory. */
int host_format_address(struct slice octets, struct bytes *text) MUST_USE;

#endif
