/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BMPString as PKCS#12 uses it (RFC 7292 appendix B.1): UTF-16, big-endian. Characters outside the Basic Multilingual Plane
 * are written as surrogate pairs, which is what every writer in use does. Read back by x509/asn1_string.h.
 */
#ifndef MTLSKIT_X509_BMP_H
#define MTLSKIT_X509_BMP_H

#include "base/attributes.h"
#include "base/bytes.h"

/** Append @p utf8 as UTF-16, big-endian, without a terminator; -1 when it is not UTF-8 or memory is out. */
int bmp_from_utf8(struct slice utf8, struct bytes *bmp) MUST_USE;
#endif
