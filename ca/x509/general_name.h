/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GeneralNames (RFC 5280 section 4.2.1.6): subject alternative names as "kind:value" text, to DER and back, and
 * the forms name constraints take (section 4.2.1.10).
 *
 *     dns:localhost  dns:*.example.com  ip:127.0.0.1  ip:::1  email:a@example.com  uri:https://example.com/x
 *     upn:user@example.com  rid:1.2.3.4  dirname:CN=...,O=...  other:1.2.3.4;utf8:text  other:1.2.3.4;der:0c0141
 *
 * Names here are ASCII; internationalised host names are turned to A-labels before they come (manifest/hostname.h).
 */
#ifndef MTLSKIT_X509_GENERAL_NAME_H
#define MTLSKIT_X509_GENERAL_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

enum general_name_kind {
    GENERAL_NAME_OTHER = 0, /* the numbers are the CHOICE's tags */
    GENERAL_NAME_EMAIL = 1,
    GENERAL_NAME_DNS = 2,
    GENERAL_NAME_DIRNAME = 4,
    GENERAL_NAME_URI = 6,
    GENERAL_NAME_IP = 7,
    GENERAL_NAME_RID = 8,
    GENERAL_NAME_UPN = 32 /* an otherName of type 1.3.6.1.4.1.311.20.2.3; told apart for profiles */
};

/** Kind by its word ("dns", "ip", "email", "uri", "upn", "rid", "dirname", "other"); -1 unknown. */
int general_name_kind_parse(const char *word, enum general_name_kind *kind) MUST_USE;
const char *general_name_kind_word(enum general_name_kind kind);

/**
 * Check "kind:value" and append the DER of one GeneralName.
 * dns: LDH labels (underscore taken), at most 253 characters, no trailing dot, the last label not of digits alone, a wildcard
 * only as the whole left-most label with at least two labels behind it; ip: an address, never a prefix or a zone; email:
 * `local@domain` in ASCII; uri: with a scheme, and a host where the scheme has one; upn: UTF-8 with an @.
 * *why: a static phrase that says what is wrong and reads on after the quoted text: "is not an IP address". *kind may be NULL; an
 * other: of the UPN's type is GENERAL_NAME_UPN. On -1 @p der is as it was.
 */
int general_name_parse(const char *text, enum general_name_kind *kind, struct bytes *der, const char **why)
    MUST_USE;
/**
 * The same for the base of a name constraint: dns:example.com (and below), dns:.example.com, ip:10.0.0.0/8 (no bits set behind
 * the prefix), email: a domain, .domain or mailbox, uri: a host or .domain, dirname:RDNs. Other kinds constrain nothing and are
 * refused.
 */
int general_name_parse_constraint(const char *text, enum general_name_kind *kind, struct bytes *der,
                                  const char **why) MUST_USE;
/**
 * Append the "kind:value" text of one GeneralName in DER. Malformed or unknown ones become "other:#hex". In dns, email and uri
 * spaces, control characters, quotation marks, backslashes and octets outside ASCII (in dns and email commas, too) come as a
 * backslash and two hexadecimal digits. Names that general_name_parse made are given back by it from this text.
 */
int general_name_format(struct slice der, struct bytes *text) MUST_USE;
/** The same for a constraint's base (an IP there has address and mask). */
int general_name_format_constraint(struct slice der, struct bytes *text) MUST_USE;
/** Kind of a GeneralName in DER. -1: malformed, or an x400Address or ediPartyName. */
int general_name_kind_of(struct slice der, enum general_name_kind *kind) MUST_USE;

#endif
