/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attribute types of names: which string type each is written as and which values it takes (RFC 5280 appendix A). Inside
 * this room; others use name.h.
 */
#ifndef MTLSKIT_X509_NAME_TYPE_H
#define MTLSKIT_X509_NAME_TYPE_H

#include "base/attributes.h"
#include "base/bytes.h"

/** What is wrong with a value. */
enum name_type_complaint {
    NAME_TYPE_FINE,
    NAME_TYPE_EMPTY,
    NAME_TYPE_NO_UTF8,
    NAME_TYPE_CONTROL,      /**< a control character */
    NAME_TYPE_LONG,         /**< more characters than the upper bound */
    NAME_TYPE_NO_PRINTABLE, /**< outside PrintableString's set */
    NAME_TYPE_NO_ASCII,     /**< outside IA5String's */
    NAME_TYPE_NO_COUNTRY,   /**< not two letters */
    NAME_TYPE_COUNTRY_CASE  /**< two letters, but not in upper case */
};
#define NAME_TYPE_COMPLAINTS (NAME_TYPE_COUNTRY_CASE + 1)

/** Identifier octet of the string type that values of @p type (DER content octets) are written as. */
unsigned char name_type_string(struct slice type) MUST_USE;
/** Look at a value, in UTF-8, of @p type. */
enum name_type_complaint name_type_check(struct slice type, struct slice value) MUST_USE;

#endif
