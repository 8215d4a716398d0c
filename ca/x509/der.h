/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (ITU-T X.690): a writer that builds values forward, with constructed values opened and closed, and a reader that
 * walks foreign bytes without trusting a length in them.
 *
 * The writer's failures stick: every call after one does nothing, der_finish tells. So a value is written as a plain
 * row of calls with one check at the end.
 */
#ifndef MTLSKIT_X509_DER_H
#define MTLSKIT_X509_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"

/** Identifier octets. */
#define DER_BOOLEAN          0x01
#define DER_INTEGER          0x02
#define DER_BIT_STRING       0x03
#define DER_OCTET_STRING     0x04
#define DER_NULL             0x05
#define DER_OID              0x06
#define DER_ENUMERATED       0x0a
#define DER_UTF8_STRING      0x0c
#define DER_NUMERIC_STRING   0x12
#define DER_PRINTABLE_STRING 0x13
#define DER_TELETEX_STRING   0x14
#define DER_IA5_STRING       0x16
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_VISIBLE_STRING   0x1a
#define DER_UNIVERSAL_STRING 0x1c
#define DER_BMP_STRING       0x1e
#define DER_SEQUENCE         0x30
#define DER_SET              0x31
/** [n] IMPLICIT of a primitive type, and [n] of a constructed one (or EXPLICIT); n at most 30. */
#define DER_CONTEXT(n)             (0x80 | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/** How deep constructed values may nest in the writer. */
#define DER_DEPTH_MAX 16

/** The writer. Set up by der_start; the fields are der.c's own business. */
struct der {
    struct bytes *out;
    size_t open[DER_DEPTH_MAX]; /* where each open value's content begins */
    size_t depth;
    bool failed;
};

/** Start writing, appending to @p out (borrowed; may hold bytes already). */
void der_start(struct der *der, struct bytes *out);
/** Open a constructed value (or an OCTET STRING that wraps DER; for BIT STRING use der_begin_bits). */
void der_begin(struct der *der, unsigned char tag);
/** Open a BIT STRING with no unused bits that wraps DER. */
void der_begin_bits(struct der *der);
void der_end(struct der *der);
/** A primitive value with @p content as it is. */
void der_value(struct der *der, unsigned char tag, struct slice content);
/** Bytes that are DER already. */
void der_raw(struct der *der, struct slice encoded);
void der_boolean(struct der *der, bool value);
void der_null(struct der *der);
void der_number(struct der *der, uint64_t value);
/** A non-negative INTEGER from big-endian octets: leading zeros dropped, a zero octet put before a set top bit. */
void der_unsigned(struct der *der, struct slice magnitude);
/** Named bits (KeyUsage): bit 0 is the first; trailing zero bits are dropped as DER wants. */
void der_named_bits(struct der *der, unsigned char tag, uint32_t bits);
/** Time of RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 and before 1950. */
void der_time(struct der *der, instant value);
/** GeneralizedTime, whatever the year: where a format has no UTCTime (invalidityDate, RFC 5280 section 5.3.2). */
void der_generalized_time(struct der *der, instant value);
/** 0 when all went well and every value is closed, else -1. */
int der_finish(struct der *der) MUST_USE;

/** One value read: its tag and where content and whole value lie. */
struct der_item {
    unsigned char tag;
    struct slice content;
    struct slice whole; /* header and content */
};

/**
 * Read the value at the front of *rest and advance. Definite lengths in minimal form only, single-octet tags only.
 * 1 read, 0 *rest was empty, -1 malformed.
 */
int der_read(struct slice *rest, struct der_item *item) MUST_USE;
/** Read a value that must have tag @p tag: 0, or -1. */
int der_expect(struct slice *rest, unsigned char tag, struct der_item *item) MUST_USE;
/**
 * Whether @p encoded is exactly one well-formed DER value, contents of constructed ones included, nested at most 32 deep.
 * Of universal types the form (constructed or primitive) is checked, and the content of BOOLEAN, INTEGER, ENUMERATED,
 * BIT STRING, NULL and OBJECT IDENTIFIER.
 */
bool der_is_well_formed(struct slice encoded);

#endif
