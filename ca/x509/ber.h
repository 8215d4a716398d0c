/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER (ITU-T X.690 section 8) made definite: RFC 7292 section 4.1 lets a P12 be BER, and NSS and Bouncy Castle write it
 * with indefinite lengths and strings in pieces. Everything above reads DER alone (x509/der.h), so such values come through here
 * first, one layer at a time.
 */
#ifndef MTLSKIT_X509_BER_H
#define MTLSKIT_X509_BER_H

#include "base/attributes.h"
#include "base/bytes.h"

/**
 * Rewrite the value at the front of *rest with definite, minimal lengths and advance. An OCTET STRING in pieces becomes one; what
 * lies inside an OCTET STRING, the order of a SET and primitive contents stay as they are. The output is appended to @p der
 * and never longer than what was read, but for one octet of length a level.
 * -1: malformed, a tag of several octets, nested deeper than DER_DEPTH_MAX, or memory is out.
 */
int ber_read(struct slice *rest, struct bytes *der) MUST_USE;

/**
 * Append the content of a string value of DER that ber_read gave: @p tag itself when it is primitive, and the OCTET STRINGs in it one
 * after the other when it is constructed, as an implicitly tagged [n] OCTET STRING in pieces comes out. -1: malformed or no memory.
 */
int ber_append_string(unsigned char tag, struct slice content, struct bytes *string) MUST_USE;

#endif
