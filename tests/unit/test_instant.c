/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants against the C library's calendar and OpenSSL's ASN.1 times; durations by what they must give.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>
#include <openssl/asn1.h>

#include "x509/instant.h"

static instant parsed(const char *text)
{
    instant value = INSTANT_MIN - 1;
    const char *why = "nothing";

    cr_assert_eq(instant_parse(text, &value, &why), 0, "%s: %s", text, why);
    return value;
}

static void assert_formats(instant value, const char *expected)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(instant_format(value, &text), 0);
    cr_assert_str_eq(bytes_text(&text), expected);
    bytes_free(&text);
}

/* Goal: the calendar is the one the C library knows, over all years, at every time of day. */
Test(instant, calendar_agrees_with_libc)
{
    const int64_t step = 86400 * 3 + 12347;

    for (int64_t value = INSTANT_MIN; value <= INSTANT_MAX; value += step) {
        time_t when = (time_t)value;
        struct tm tm;
        struct instant_fields fields;

        cr_assert_not_null(gmtime_r(&when, &tm));
        cr_assert_eq(instant_split(value, &fields), 0);
        cr_assert(fields.year == tm.tm_year + 1900 && fields.month == tm.tm_mon + 1 &&
                      fields.day == tm.tm_mday && fields.hour == tm.tm_hour && fields.minute == tm.tm_min &&
                      fields.second == tm.tm_sec,
                  "%lld: %d-%d-%d %d:%d:%d", (long long)value, fields.year, fields.month, fields.day,
                  fields.hour, fields.minute, fields.second);
    }
}

/* Goal: what is formatted is parsed as the same instant. */
Test(instant, format_and_parse_are_inverse)
{
    const int64_t step = 86400 * 17 + 54321;
    struct bytes text = BYTES_EMPTY;

    for (int64_t value = INSTANT_MIN; value <= INSTANT_MAX; value += step) {
        bytes_clear(&text);
        cr_assert_eq(instant_format(value, &text), 0);
        cr_assert_eq(parsed(bytes_text(&text)), value, "%s", bytes_text(&text));
    }
    bytes_free(&text);
}

Test(instant, limits)
{
    struct instant_fields fields;
    struct bytes text = BYTES_EMPTY;

    assert_formats(0, "1970-01-01T00:00:00Z");
    assert_formats(INSTANT_MAX, "9999-12-31T23:59:59Z");
    assert_formats(INSTANT_MIN, "0000-01-01T00:00:00Z");
    cr_assert_eq(instant_format(INSTANT_MAX + 1, &text), -1);
    cr_assert_eq(instant_format(INSTANT_MIN - 1, &text), -1);
    cr_assert_eq(instant_split(INT64_MAX, &fields), -1);
    cr_assert_eq(instant_split(INT64_MIN, &fields), -1);
    cr_assert_eq(text.length, 0);
    bytes_free(&text);
}

Test(instant, rfc3339_is_parsed)
{
    static const struct {
        const char *text;
        instant value;
    } cases[] = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T02:00:00+02:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T00:00:01.999999999999Z", 1},
        {"1970-01-01T00:00:01.0908Z", 1},
        {"1970-01-01T23:59:59+23:59", 59},
        {"1969-12-31T23:59:59Z", -1},
        {"2000-02-29", 951782400},
        {"2038-01-19T03:14:08Z", INT64_C(2147483648)},
        {"9999-12-31T23:59:59Z", INSTANT_MAX},
        {"0000-01-01", INSTANT_MIN},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(parsed(cases[i].text), cases[i].value, "%s", cases[i].text);
    }
}

/* Goal: each month has as many days as the C library says, no more. */
Test(instant, days_of_months)
{
    for (int year = 1899; year <= 2001; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 28; day <= 32; day++) {
                struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
                const char *why = NULL;
                char text[64];
                instant value;
                bool exists;

                (void)timegm(&tm); /* a day too many moves on to the next month */
                exists = tm.tm_mon == month - 1;
                (void)snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
                cr_assert_eq(instant_parse(text, &value, &why) == 0, exists, "%s", text);
            }
        }
    }
}

Test(instant, wrong_times_are_refused_and_say_why)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "is not a time"},
        {"tomorrow", "is not a time"},
        {"2030", "is not a time"},
        {"2030-1-31", "is not a time"},
        {"2030-01", "is not a time"},
        {"2030/01/31", "is not a time"},
        {"-030-01-31", "is not a time"},
        {"2030-01-31 12:00:00Z", "a space between"},
        {"2030-01-31T12:00Z", "time of day"},
        {"2030-01-31T12:00:00.Z", "time of day"},
        {"2030-01-31T12:00:00.5:Z", "no valid offset"},
        {"2030-01-31T12:00:00./Z", "time of day"},
        {"2030-01-31T12:00:0:Z", "time of day"},
        {"2030-01-31T", "time of day"},
        {"2030-01-31T12:00:00", "lacks its offset"},
        {"2030-01-31T12:00:00+2", "no valid offset"},
        {"2030-01-31T12:00:00+0200", "no valid offset"},
        {"2030-01-31T12:00:00+24:00", "no valid offset"},
        {"2030-01-31T12:00:00+02:60", "no valid offset"},
        {"2030-01-31T12:00:00CET", "no valid offset"},
        {"2030-01-31T12:00:00ZZ", "behind its end"},
        {"2030-01-31x", "behind its end"},
        {"2030-00-31", "a month"},
        {"2030-13-31", "a month"},
        {"2030-01-00", "a day"},
        {"2030-01-32", "a day"},
        {"2030-04-31", "a day"},
        {"2023-02-29", "a day"},
        {"2023-02-30", "a day"},
        {"1900-02-29", "a day"},
        {"2030-01-31T24:00:00Z", "an hour"},
        {"2030-01-31T12:60:00Z", "a minute"},
        {"2016-12-31T23:59:60Z", "a leap second"},
        {"2030-01-31T12:00:61Z", "a second"},
        {"0000-01-01T00:00:00+00:01", "outside the years"},
        {"9999-12-31T23:59:59-00:01", "outside the years"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        instant value = 4711;
        const char *why = NULL;

        cr_assert_eq(instant_parse(cases[i].text, &value, &why), -1, "%s", cases[i].text);
        cr_assert_not_null(why);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
        cr_assert_eq(value, 4711);
    }
}

/* Goal: the two ASN.1 forms mean what OpenSSL reads in them. */
Test(instant, asn1_times_agree_with_openssl)
{
    static const struct {
        unsigned char tag;
        const char *text;
    } cases[] = {
        {V_ASN1_UTCTIME, "700101000000Z"},           {V_ASN1_UTCTIME, "500101000000Z"},
        {V_ASN1_UTCTIME, "491231235959Z"},           {V_ASN1_UTCTIME, "000229121314Z"},
        {V_ASN1_GENERALIZEDTIME, "20500101000000Z"}, {V_ASN1_GENERALIZEDTIME, "99991231235959Z"},
        {V_ASN1_GENERALIZEDTIME, "19491231235959Z"}, {V_ASN1_GENERALIZEDTIME, "00010101000000Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ASN1_TIME *theirs = ASN1_TIME_new();
        struct instant_fields fields;
        struct tm tm;
        instant value;

        cr_assert_not_null(theirs);
        cr_assert_eq(ASN1_TIME_set_string(theirs, cases[i].text), 1);
        cr_assert_eq(ASN1_STRING_type(theirs), cases[i].tag);
        cr_assert_eq(ASN1_TIME_to_tm(theirs, &tm), 1);
        cr_assert_eq(instant_parse_asn1(cases[i].tag, slice_of_text(cases[i].text), &value), 0, "%s",
                     cases[i].text);
        cr_assert_eq(instant_split(value, &fields), 0);
        cr_assert(fields.year == tm.tm_year + 1900 && fields.month == tm.tm_mon + 1 &&
                      fields.day == tm.tm_mday && fields.hour == tm.tm_hour && fields.minute == tm.tm_min &&
                      fields.second == tm.tm_sec,
                  "%s", cases[i].text);
        ASN1_TIME_free(theirs);
    }
}

Test(instant, other_asn1_times_are_refused)
{
    static const struct {
        unsigned char tag;
        const char *text;
    } cases[] = {
        {0x17, ""},
        {0x17, "7001010000Z"},
        {0x17, "700101000000"},
        {0x17, "7001010000000"},
        {0x17, "700101000000+0000"},
        {0x17, "701301000000Z"},
        {0x17, "700230000000Z"},
        {0x17, "700101240000Z"},
        {0x17, "700101000060Z"},
        {0x17, "70010100000xZ"},
        {0x17, "20500101000000Z"},
        {0x18, "700101000000Z"},
        {0x18, "20500101000000.5Z"},
        {0x18, "205001010000Z"},
        {0x18, "20500101000000+"},
        {0x04, "700101000000Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        instant value = 4711;

        cr_assert_eq(instant_parse_asn1(cases[i].tag, slice_of_text(cases[i].text), &value), -1, "%s",
                     cases[i].text);
        cr_assert_eq(value, 4711);
    }
}

Test(duration, sums_are_parsed)
{
    static const struct {
        const char *text;
        int64_t months;
        int64_t seconds;
    } cases[] = {
        {"90d", 0, INT64_C(90) * 86400},
        {"12h", 0, 43200},
        {"30min", 0, 1800},
        {"6mo", 6, 0},
        {"1y", 12, 0},
        {"2w", 0, INT64_C(14) * 86400},
        {"45s", 0, 45},
        {"1y6mo", 18, 0},
        {"6mo1y", 18, 0},
        {"1h30min", 0, 5400},
        {"007d", 0, 604800},
        {"1y1mo1w1d1h1min1s", 13, 694861},
        {"10000y", 120000, 0},
        {"0y1s", 0, 1},
        {"315569520000s", 0, INT64_C(315569520000)},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct duration duration = {-1, -1};
        const char *why = "nothing";

        cr_assert_eq(duration_parse(cases[i].text, false, &duration, &why), 0, "%s: %s", cases[i].text, why);
        cr_assert_eq(duration.months, cases[i].months, "%s", cases[i].text);
        cr_assert_eq(duration.seconds, cases[i].seconds, "%s", cases[i].text);
    }
}

Test(duration, wrong_ones_are_refused_and_say_why)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "is not a duration"},
        {"d", "is not a duration"},
        {"forever", "is not a duration"},
        {" 90d", "is not a duration"},
        {"1y 6mo", "is not a duration"},
        {"90", "lacks a unit"},
        {"1y6", "lacks a unit"},
        {"5m", "use min or mo"},
        {"5m3s", "use min or mo"},
        {"1.5d", "a fraction"},
        {"1,5d", "a fraction"},
        {"1d:5h", "is not a duration"},
        {"1:d", "unknown unit"},
        {"90D", "unknown unit"},
        {"90days", "unknown unit"},
        {"90 d", "unknown unit"},
        {"-1d", "a sign"},
        {"1d+1h", "a sign"},
        {"1d2d", "a unit twice"},
        {"1mo1y1mo", "a unit twice"},
        {"10001y", "10000 years"},
        {"10000y1s", "10000 years"},
        {"315569520001s", "10000 years"},
        {"3652426d", "10000 years"},
        {"99999999999999999999999999y", "10000 years"},
        {"9223372036854775807mo", "10000 years"},
        {"0d", "is zero"},
        {"0y0s", "is zero"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct duration duration = {-1, -1};
        const char *why = NULL;

        cr_assert_eq(duration_parse(cases[i].text, false, &duration, &why), -1, "%s", cases[i].text);
        cr_assert_not_null(why);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
        cr_assert_eq(duration.months, -1);
    }
}

Test(duration, zero_where_it_is_taken)
{
    struct duration duration = {-1, -1};
    const char *why = "nothing";

    cr_assert_eq(duration_parse("0d", true, &duration, &why), 0, "%s", why);
    cr_assert(duration.months == 0 && duration.seconds == 0);
}

Test(duration, format_gives_the_same_duration)
{
    static const struct {
        const char *text;
        const char *formatted;
    } cases[] = {
        {"90d", "90d"},       {"2w", "14d"},      {"18mo", "1y6mo"},
        {"90min", "1h30min"}, {"86401s", "1d1s"}, {"1y1mo1w1d1h1min1s", "1y1mo8d1h1min1s"},
        {"0s", "0s"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bytes text = BYTES_EMPTY;
        struct duration one;
        struct duration other;
        const char *why = "nothing";

        cr_assert_eq(duration_parse(cases[i].text, true, &one, &why), 0, "%s", why);
        cr_assert_eq(duration_format(&one, &text), 0);
        cr_assert_str_eq(bytes_text(&text), cases[i].formatted);
        cr_assert_eq(duration_parse(bytes_text(&text), true, &other, &why), 0, "%s", why);
        cr_assert(one.months == other.months && one.seconds == other.seconds);
        bytes_free(&text);
    }
}

Test(duration, negative_ones_have_no_text)
{
    const struct duration backwards[] = {{-1, 0}, {0, -1}};
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(duration_format(&backwards[0], &text), -1);
    cr_assert_eq(duration_format(&backwards[1], &text), -1);
    cr_assert_eq(text.length, 0);
    bytes_free(&text);
}

Test(duration, calendar_arithmetic)
{
    static const struct {
        const char *from;
        const char *duration;
        const char *sum;
        const char *difference;
    } cases[] = {
        {"2023-01-31T01:02:03Z", "1mo", "2023-02-28T01:02:03Z", "2022-12-31T01:02:03Z"},
        {"2024-01-31T01:02:03Z", "1mo", "2024-02-29T01:02:03Z", "2023-12-31T01:02:03Z"},
        {"2024-02-29T00:00:00Z", "1y", "2025-02-28T00:00:00Z", "2023-02-28T00:00:00Z"},
        {"2024-02-29T00:00:00Z", "4y", "2028-02-29T00:00:00Z", "2020-02-29T00:00:00Z"},
        {"2024-12-31T00:00:00Z", "2mo", "2025-02-28T00:00:00Z", "2024-10-31T00:00:00Z"},
        {"2024-12-31T23:59:59Z", "1s", "2025-01-01T00:00:00Z", "2024-12-31T23:59:58Z"},
        {"2023-01-31T00:00:00Z", "1mo1d", "2023-03-01T00:00:00Z", "2022-12-30T00:00:00Z"},
        {"2024-03-01T00:00:00Z", "825d", "2026-06-04T00:00:00Z", "2021-11-27T00:00:00Z"},
        {"9999-06-01T00:00:00Z", "1y", "9999-12-31T23:59:59Z", "9998-06-01T00:00:00Z"},
        {"9999-06-01T00:00:00Z", "365d", "9999-12-31T23:59:59Z", "9998-06-01T00:00:00Z"},
        {"0000-02-15T00:00:00Z", "1mo", "0000-03-15T00:00:00Z", "0000-01-15T00:00:00Z"},
        {"9999-11-15T00:00:00Z", "1mo", "9999-12-15T00:00:00Z", "9999-10-15T00:00:00Z"},
        {"0000-06-01T00:00:00Z", "1y", "0001-06-01T00:00:00Z", "0000-01-01T00:00:00Z"},
        {"0000-06-01T00:00:00Z", "366d", "0001-06-02T00:00:00Z", "0000-01-01T00:00:00Z"},
        {"5000-01-01T00:00:00Z", "10000y", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        instant from = parsed(cases[i].from);
        struct duration duration;
        const char *why = "nothing";

        cr_assert_eq(duration_parse(cases[i].duration, false, &duration, &why), 0, "%s", why);
        assert_formats(instant_add(from, &duration), cases[i].sum);
        assert_formats(instant_subtract(from, &duration), cases[i].difference);
    }
}

/* Goal: values no parser would give do not overflow (the undefined-behaviour sanitizer watches). */
Test(duration, extreme_values_are_clipped)
{
    const struct duration most = {INT64_MAX, INT64_MAX};
    const struct duration none = {0, 0};

    cr_assert_eq(instant_add(0, &most), INSTANT_MAX);
    cr_assert_eq(instant_subtract(0, &most), INSTANT_MIN);
    cr_assert_eq(instant_add(INT64_MAX, &none), INSTANT_MAX);
    cr_assert_eq(instant_add(INT64_MIN, &none), INSTANT_MIN);
    cr_assert_eq(instant_subtract(INT64_MIN, &most), INSTANT_MIN);
}
