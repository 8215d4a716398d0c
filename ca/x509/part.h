/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that certificates, certification requests and revocation lists are made of alike (RFC 5280, RFC 2986), read from a
 * stranger's DER. Nothing is allocated, no length is trusted; what is shown is borrowed from the bytes read.
 */
#ifndef MTLSKIT_X509_PART_H
#define MTLSKIT_X509_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/der.h"
#include "x509/oid.h"

/** SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING }. */
struct part_signed {
    struct der_item tbs;    /**< a SEQUENCE */
    struct slice algorithm; /**< whole */
    struct slice signature; /**< content of the BIT STRING, without the unused-bits octet */
};
/** @p der is one such value and nothing behind it: 0, or -1. */
int part_signed_read(struct slice der, struct part_signed *parts) MUST_USE;

/** One value of @p tag and nothing behind it; *content is what it holds. */
int part_only(struct slice value, unsigned char tag, struct slice *content) MUST_USE;
/** A SEQUENCE alone, whose values are all whole; *content is what it holds. */
int part_sequence(struct slice value, struct slice *content) MUST_USE;
/** AlgorithmIdentifier at the front of *rest: an OID and at most one further value. */
int part_algorithm(struct slice *rest, struct slice *whole) MUST_USE;
/** Name at the front of *rest: a SEQUENCE of SETs of AttributeTypeAndValue. The strings in it are not looked at. */
int part_name(struct slice *rest, struct slice *whole) MUST_USE;
/** UTCTime or GeneralizedTime at the front of *rest, in the forms of RFC 5280 section 4.1.2.5. */
int part_time(struct slice *rest, instant *value) MUST_USE;

struct part_extension {
    struct slice type; /**< OID content */
    bool critical;
    struct slice value; /**< what the OCTET STRING holds */
};
/** The next Extension of *rest: 1 read, 0 none left, -1 malformed. A critical FALSE written out is taken. */
int part_extension_read(struct slice *rest, struct part_extension *extension) MUST_USE;
/** The first of @p type in @p extensions, the content of a SEQUENCE OF: 1 found, 0 none, -1 malformed. */
int part_extension_find(struct slice extensions, const struct oid *type, struct part_extension *extension)
    MUST_USE;
/** The n of id-ce (2.5.29.n) for n below 64, or -1 for any other type. */
int part_extension_number(const struct part_extension *extension);

/** Values of extensions. *path_length is left alone when there is none; more than an int holds counts as INT_MAX. */
int part_basic_constraints(struct slice value, bool *ca, int *path_length) MUST_USE;
int part_key_usage(struct slice value, uint32_t *bits) MUST_USE;
/** keyIdentifier's octets; left alone when there is none. */
int part_authority_key_identifier(struct slice value, struct slice *identifier) MUST_USE;

#endif
