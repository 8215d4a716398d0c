/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASN.1 values written as text, in the mini-language of OpenSSL's ASN1_generate_nconf(3): "UTF8String:text", "BOOLEAN:TRUE",
 * "EXPLICIT:0,INTEGER:5", "FORMAT:HEX,OCTETSTRING:0A0B". SEQUENCE and SET name a section of a configuration file there; there is
 * no such file here, so they are refused: such values are given as DER.
 */
#ifndef MTLSKIT_X509_ASN1_TEXT_H
#define MTLSKIT_X509_ASN1_TEXT_H

#include "base/attributes.h"
#include "base/bytes.h"

/** Longest text taken, in bytes. */
#define ASN1_TEXT_MAX 4096

/** Append the DER of @p text. -1 with *why a static phrase that reads on after the quoted text, or NULL when memory is out. */
int asn1_text_encode(const char *text, struct bytes *der, const char **why) MUST_USE;

#endif
