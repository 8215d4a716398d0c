/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The string types of ASN.1 as they are met in certificates, turned to UTF-8: UTF8String, PrintableString, IA5String,
 * NumericString, VisibleString, TeletexString, BMPString and UniversalString.
 */
#ifndef MTLSKIT_X509_ASN1_STRING_H
#define MTLSKIT_X509_ASN1_STRING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Whether @p character is in PrintableString's set: letters, digits, space and '()+,-./:=? (X.680, section 41.4). */
bool asn1_string_is_printable(unsigned char character);

/**
 * Append the text of a string value with identifier octet @p tag and @p content. TeletexString is read as ISO 8859-1, as
 * everybody wrote it; BMPString may hold surrogate pairs. A NUL is a character.
 * -1 when @p tag is no string type above, the content is not of that type, or memory is out; @p text is as it was.
 */
int asn1_string_to_utf8(unsigned char tag, struct slice content, struct bytes *text) MUST_USE;

#endif
