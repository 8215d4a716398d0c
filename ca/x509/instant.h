/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants and durations: RFC 3339 times, ASN.1 times as RFC 5280 section 4.1.2.5 wants them, and durations such as
 * "1y6mo" or "90d". All arithmetic is done here, in the proleptic Gregorian calendar and UTC; the C library's time
 * zone is never asked. Years 0000 to 9999.
 */
#ifndef MTLSKIT_X509_INSTANT_H
#define MTLSKIT_X509_INSTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"

/** 9999-12-31T23:59:59Z, which RFC 5280 reserves for "no well-defined expiration". */
#define INSTANT_MAX INT64_C(253402300799)
/** 0000-01-01T00:00:00Z */
#define INSTANT_MIN INT64_C(-62167219200)

/** A duration as written: months are counted by calendar, the rest in seconds. Both at least 0. */
struct duration {
    int64_t months;
    int64_t seconds;
};

/** An instant taken apart, in UTC: year 0 to 9999, month and day from 1. */
struct instant_fields {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
};

/** Take @p value apart; -1 when it is outside INSTANT_MIN to INSTANT_MAX. */
int instant_split(instant value, struct instant_fields *fields) MUST_USE;

/**
 * Parse RFC 3339 ("2030-01-31T12:00:00Z", offsets allowed, fractions cut off) or a date alone (midnight UTC). A leap second
 * (:60) is refused: certificates cannot hold one. On -1 *why is a static phrase that reads on after the quoted text:
 * "names a day its month does not have".
 */
int instant_parse(const char *text, instant *value, const char **why) MUST_USE;
/** Append RFC 3339 in UTC with Z. */
int instant_format(instant value, struct bytes *text) MUST_USE;
/**
 * Parse the content octets of an ASN.1 UTCTime (tag 0x17) or GeneralizedTime (tag 0x18), in the one form RFC 5280 section
 * 4.1.2.5 leaves of each: with seconds, without a fraction, in Z. -1 for anything else.
 */
int instant_parse_asn1(unsigned char tag, struct slice content, instant *value) MUST_USE;

/**
 * Parse sums of N followed by s, min, h, d, w, mo or y ("90d", "1y6mo", "1h30min"), in any order and each unit once; at most
 * 10,000 years. Zero is refused unless @p zero. On -1 *why is a static phrase as instant_parse gives it.
 */
int duration_parse(const char *text, bool zero, struct duration *duration, const char **why) MUST_USE;
/** Append the shortest such sum in y, mo, d, h, min and s; "0s" for none. duration_parse gives the same duration back. */
int duration_format(const struct duration *duration, struct bytes *text) MUST_USE;
/** @p from + @p duration: months first (the day of month clipped to the month's length), then seconds; clipped to INSTANT_MAX. */
instant instant_add(instant from, const struct duration *duration);
/** @p from - @p duration, likewise; clipped to INSTANT_MIN. */
instant instant_subtract(instant from, const struct duration *duration);

#endif
