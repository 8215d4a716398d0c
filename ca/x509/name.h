/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Distinguished names (RFC 5280 section 4.1.2.4, RFC 4514): built attribute by attribute, kept as DER of the Name.
 * String types: PrintableString for C, serialNumber and dnQualifier; IA5String for emailAddress and DC; UTF8String
 * for everything else. Upper bounds of RFC 5280 appendix A are enforced.
 */
#ifndef MTLSKIT_X509_NAME_H
#define MTLSKIT_X509_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "x509/oid.h"

/** One attribute: type and value in UTF-8. */
struct name_attribute {
    struct oid type;
    char *value;     /**< owned, NUL-terminated UTF-8 */
    bool joins_last; /**< belongs to the same RDN as the attribute before it (multi-valued RDN) */
};

/** A name under construction. Starts as all zeros. */
struct name {
    struct name_attribute *attributes;
    size_t count;
};

/** Attributes a name may have. */
#define NAME_ATTRIBUTES_MAX 64

/**
 * Attribute type by short or long name (C, ST, L, O, OU, CN, emailAddress, serialNumber, DC, UID, title, GN, SN, initials, ...,
 * case-insensitive), or dotted OID with or without "OID." before it. -1: unknown.
 */
int name_type_parse(const char *text, struct oid *type) MUST_USE;
/** Short name of a type ("CN"), or NULL when it has none. */
const char *name_type_short(struct slice type);
/** The short name of the known type nearest to a mistyped @p text ("CN" for "comonName"), or NULL when none is near. */
const char *name_type_nearest(const char *text);

/**
 * Append an attribute; the value is checked (UTF-8, not empty, upper bound, C two letters, character set of its string type).
 * Two attributes of one RDN have different types. -1 with *why a static phrase that reads on after the quoted value:
 * "is a country code in lower case; write it in upper case, such as US".
 */
int name_add(struct name *name, const struct oid *type, const char *value, bool joins_last, const char **why)
    MUST_USE;
/**
 * Parse an RFC 4514 string. Its RDNs come last-first, as that document says, so the attributes of @p name are in the reverse
 * order. Spaces around separators are taken, the empty text is the empty name; a quoted value (RFC 1779) and the slash form of
 * openssl's tools are refused. @p name is replaced; on -1 it is as it was, and *why is a static phrase that reads on after the
 * quoted text.
 */
int name_parse(const char *text, struct name *name, const char **why) MUST_USE;
/** The value of the first attribute of @p type, or NULL. */
const char *name_find(const struct name *name, const struct oid *type);
/** Append DER of the Name (an empty name is an empty SEQUENCE). Multi-valued RDNs are sorted as DER's SET OF wants. */
int name_encode(const struct name *name, struct bytes *der) MUST_USE;
void name_free(struct name *name);

/**
 * Append the RFC 4514 text of DER @p der (the whole Name); unknown types dotted with `#hex` values. Last RDN
 * first. Control characters come out as hex pairs. A value that is no string, or not a valid one of its type, comes as `#hex`.
 * -1: malformed (nothing was appended) or no memory.
 */
int name_format(struct slice der, struct bytes *text) MUST_USE;
/** Append the CN (last one) of DER @p der as UTF-8: 1 found, 0 none, -1 malformed (a NUL in it, too) or no memory. */
int name_common_name(struct slice der, struct bytes *text) MUST_USE;
/** Whether DER @p der is the empty Name. */
bool name_is_empty(struct slice der);

#endif
