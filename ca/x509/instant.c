/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants and durations. Days are counted by the proleptic Gregorian calendar from years that begin in March, so that the
 * leap day is a year's last day and the lengths of the months before it follow one straight line.
 */
#include "x509/instant.h"

#include <stdint.h>
#include <string.h>

#define SECONDS_PER_DAY INT64_C(86400)
/* Days from 0000-03-01 to 1970-01-01. */
#define DAYS_TO_EPOCH INT64_C(719468)
/* Days of 400 years, after which the calendar repeats itself. */
#define DAYS_PER_ERA INT64_C(146097)
/* 10,000 years of 365.2425 days, and the twelfth of such a year. */
#define DURATION_SECONDS_MAX INT64_C(315569520000)
#define SECONDS_PER_MONTH    INT64_C(2629746)

#define TAG_UTC_TIME         0x17
#define TAG_GENERALIZED_TIME 0x18

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* The instant of valid fields. */
static instant instant_join(const struct instant_fields *fields)
{
    /* A year from March: January and February belong to the year before. +400 keeps it positive for year 0. */
    int64_t year = (int64_t)fields->year + 400 - (fields->month <= 2 ? 1 : 0);
    int64_t month = (fields->month + 9) % 12;
    int64_t of_era = year % 400;
    int64_t day_of_year = (153 * month + 2) / 5 + fields->day - 1;
    int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    int64_t days = (year / 400 - 1) * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;

    return days * SECONDS_PER_DAY + fields->hour * 3600 + fields->minute * 60 + fields->second;
}

int instant_split(instant value, struct instant_fields *fields)
{
    int64_t second;
    int64_t day;
    int64_t of_era; /* year within 400, from March */
    int64_t day_of_year;
    int64_t month; /* from March */

    if (value < INSTANT_MIN || value > INSTANT_MAX) {
        return -1;
    }
    second = (value - INSTANT_MIN) % SECONDS_PER_DAY;
    /* Days from -0400-03-01: 0000-01-01 is 60 days before 0000-03-01, where an era begins. */
    day = (value - INSTANT_MIN) / SECONDS_PER_DAY + DAYS_PER_ERA - 60;
    fields->year = (int)(day / DAYS_PER_ERA * 400 - 400);
    day %= DAYS_PER_ERA;
    of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day_of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    fields->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    fields->month = (int)(month < 10 ? month + 3 : month - 9);
    fields->year += (int)of_era + (fields->month <= 2 ? 1 : 0);
    fields->hour = (int)(second / 3600);
    fields->minute = (int)(second / 60 % 60);
    fields->second = (int)(second % 60);
    return 0;
}

/* Exactly @p count decimal digits at *at, which moves behind them. The text may end early: a NUL is no digit. */
static int read_digits(const char **at, int count, int *value)
{
    int sum = 0;

    for (int i = 0; i < count; i++) {
        char c = (*at)[i];

        if (c < '0' || c > '9') {
            return -1;
        }
        sum = sum * 10 + (c - '0');
    }
    *at += count;
    *value = sum;
    return 0;
}

/* What is wrong with fields that were read, or NULL. */
static const char *fields_complaint(const struct instant_fields *fields)
{
    if (fields->month < 1 || fields->month > 12) {
        return "names a month that is not 01 to 12";
    }
    if (fields->day < 1 || fields->day > days_in_month(fields->year, fields->month)) {
        return "names a day its month does not have";
    }
    if (fields->hour > 23) {
        return "names an hour that is not 00 to 23";
    }
    if (fields->minute > 59) {
        return "names a minute that is not 00 to 59";
    }
    if (fields->second == 60) {
        return "names a leap second, which a certificate cannot hold; write :59";
    }
    if (fields->second > 59) {
        return "names a second that is not 00 to 59";
    }
    return NULL;
}

/* "YYYY-MM-DD". */
static int read_date(const char **at, struct instant_fields *fields)
{
    if (read_digits(at, 4, &fields->year) != 0 || *(*at)++ != '-' ||
        read_digits(at, 2, &fields->month) != 0 || *(*at)++ != '-' || read_digits(at, 2, &fields->day) != 0) {
        return -1;
    }
    return 0;
}

/* "HH:MM:SS" and a fraction, which is dropped. */
static int read_clock(const char **at, struct instant_fields *fields)
{
    if (read_digits(at, 2, &fields->hour) != 0 || *(*at)++ != ':' ||
        read_digits(at, 2, &fields->minute) != 0 || *(*at)++ != ':' ||
        read_digits(at, 2, &fields->second) != 0) {
        return -1;
    }
    if (**at == '.') {
        int digit;

        *at += 1;
        if (read_digits(at, 1, &digit) != 0) {
            return -1;
        }
        while (**at >= '0' && **at <= '9') {
            *at += 1;
        }
    }
    return 0;
}

/* "Z" or "+HH:MM": *seconds is what local time is ahead of UTC. */
static int read_offset(const char **at, int64_t *seconds, const char **why)
{
    char sign = **at;
    int hours;
    int minutes;

    *seconds = 0;
    if (sign == '\0') {
        *why = "lacks its offset from UTC; end it with Z or an offset such as +02:00";
        return -1;
    }
    *at += 1;
    if (sign == 'Z' || sign == 'z') {
        return 0;
    }
    if ((sign != '+' && sign != '-') || read_digits(at, 2, &hours) != 0 || *(*at)++ != ':' ||
        read_digits(at, 2, &minutes) != 0 || hours > 23 || minutes > 59) {
        *why = "has no valid offset from UTC; end it with Z or an offset such as +02:00";
        return -1;
    }
    *seconds = (sign == '-' ? -1 : 1) * ((int64_t)hours * 3600 + (int64_t)minutes * 60);
    return 0;
}

int instant_parse(const char *text, instant *value, const char **why)
{
    struct instant_fields fields = {0};
    const char *at = text;
    int64_t ahead = 0;
    const char *complaint;
    instant result;

    if (read_date(&at, &fields) != 0) {
        *why = "is not a time; write it as 2030-01-31 or 2030-01-31T12:00:00Z";
        return -1;
    }
    if (*at == ' ') {
        *why = "has a space between date and time; write T there, as in 2030-01-31T12:00:00Z";
        return -1;
    }
    if (*at == 'T' || *at == 't') {
        at += 1;
        if (read_clock(&at, &fields) != 0) {
            *why = "has no valid time of day; write it as 2030-01-31T12:00:00Z";
            return -1;
        }
        if (read_offset(&at, &ahead, why) != 0) {
            return -1;
        }
    }
    if (*at != '\0') {
        *why = "has something behind its end; write it as 2030-01-31 or 2030-01-31T12:00:00Z";
        return -1;
    }
    complaint = fields_complaint(&fields);
    if (complaint != NULL) {
        *why = complaint;
        return -1;
    }
    result = instant_join(&fields) - ahead;
    if (result < INSTANT_MIN || result > INSTANT_MAX) {
        *why = "is outside the years 0000 to 9999 in UTC";
        return -1;
    }
    *value = result;
    return 0;
}

int instant_format(instant value, struct bytes *text)
{
    struct instant_fields fields;

    if (instant_split(value, &fields) != 0) {
        return -1;
    }
    return bytes_printf(text, "%04d-%02d-%02dT%02d:%02d:%02dZ", fields.year, fields.month, fields.day,
                        fields.hour, fields.minute, fields.second);
}

int instant_parse_asn1(unsigned char tag, struct slice content, instant *value)
{
    struct instant_fields fields;
    char text[16] = "";
    const char *at = text;
    size_t year_digits = tag == TAG_UTC_TIME ? 2 : 4;

    if ((tag != TAG_UTC_TIME && tag != TAG_GENERALIZED_TIME) || content.length != year_digits + 11) {
        return -1;
    }
    memcpy(text, content.data, content.length);
    if (read_digits(&at, (int)year_digits, &fields.year) != 0 || read_digits(&at, 2, &fields.month) != 0 ||
        read_digits(&at, 2, &fields.day) != 0 || read_digits(&at, 2, &fields.hour) != 0 ||
        read_digits(&at, 2, &fields.minute) != 0 || read_digits(&at, 2, &fields.second) != 0 || *at != 'Z') {
        return -1;
    }
    if (tag == TAG_UTC_TIME) {
        fields.year += fields.year >= 50 ? 1900 : 2000;
    }
    if (fields_complaint(&fields) != NULL) {
        return -1;
    }
    *value = instant_join(&fields);
    return 0;
}

/* A unit of durations: so many months, or so many seconds. */
struct duration_unit {
    const char *word;
    int64_t months;
    int64_t seconds;
};

static const struct duration_unit duration_units[] = {
    {"y", 12, 0},   {"mo", 1, 0}, {"w", 0, 7 * SECONDS_PER_DAY}, {"d", 0, SECONDS_PER_DAY}, {"h", 0, 3600},
    {"min", 0, 60}, {"s", 0, 1},
};
#define DURATION_UNITS (sizeof(duration_units) / sizeof(duration_units[0]))

/* The unit at *at, which moves behind it: its index, or -1 with *why. */
static int read_unit(const char **at, const char **why)
{
    size_t length = 0;

    while ((*at)[length] >= 'a' && (*at)[length] <= 'z') {
        length += 1;
    }
    for (size_t i = 0; i < DURATION_UNITS; i++) {
        if (strlen(duration_units[i].word) == length && memcmp(duration_units[i].word, *at, length) == 0) {
            *at += length;
            return (int)i;
        }
    }
    if (**at == '\0') {
        *why = "lacks a unit; write s, min, h, d, w, mo or y behind the number, as in 90d";
    } else if (length == 1 && **at == 'm') {
        *why = "has the unit m, which could be minutes or months; use min or mo";
    } else if (**at == '.' || **at == ',') {
        *why = "has a fraction; write whole numbers, as in 1h30min";
    } else {
        *why = "has an unknown unit; the units are s, min, h, d, w, mo and y";
    }
    return -1;
}

/* The number at *at, which moves behind it; whatever is beyond the limit of a duration is a complaint. */
static int read_count(const char **at, int64_t *count, const char **why)
{
    int64_t sum = 0;

    if (**at == '-' || **at == '+') {
        *why = "has a sign; a duration has none";
        return -1;
    }
    if (**at < '0' || **at > '9') {
        *why = "is not a duration; write one such as 90d, 12h or 1y6mo";
        return -1;
    }
    while (**at >= '0' && **at <= '9') {
        sum = sum * 10 + (**at - '0');
        if (sum > DURATION_SECONDS_MAX) {
            *why = "is longer than 10000 years";
            return -1;
        }
        *at += 1;
    }
    *count = sum;
    return 0;
}

int duration_parse(const char *text, bool zero, struct duration *duration, const char **why)
{
    struct duration sum = {0, 0};
    const char *at = text;
    unsigned int seen = 0;

    do {
        int64_t count = 0;
        int64_t size;
        int unit;

        if (read_count(&at, &count, why) != 0) {
            return -1;
        }
        unit = read_unit(&at, why);
        if (unit < 0) {
            return -1;
        }
        if ((seen & (1u << unit)) != 0) {
            *why = "has a unit twice";
            return -1;
        }
        seen |= 1u << unit;
        size = duration_units[unit].months * SECONDS_PER_MONTH + duration_units[unit].seconds;
        if (count > (DURATION_SECONDS_MAX - sum.months * SECONDS_PER_MONTH - sum.seconds) / size) {
            *why = "is longer than 10000 years";
            return -1;
        }
        sum.months += count * duration_units[unit].months;
        sum.seconds += count * duration_units[unit].seconds;
    } while (*at != '\0');
    if (!zero && sum.months == 0 && sum.seconds == 0) {
        *why = "is zero; a duration must be longer";
        return -1;
    }
    *duration = sum;
    return 0;
}

static int format_part(int64_t count, const char *unit, struct bytes *text)
{
    return count == 0 ? 0 : bytes_printf(text, "%lld%s", (long long)count, unit);
}

int duration_format(const struct duration *duration, struct bytes *text)
{
    int64_t months = duration->months;
    int64_t seconds = duration->seconds;

    if (months < 0 || seconds < 0) {
        return -1;
    }
    if (months == 0 && seconds == 0) {
        return bytes_append_text(text, "0s");
    }
    if (format_part(months / 12, "y", text) != 0 || format_part(months % 12, "mo", text) != 0 ||
        format_part(seconds / SECONDS_PER_DAY, "d", text) != 0 ||
        format_part(seconds / 3600 % 24, "h", text) != 0 ||
        format_part(seconds / 60 % 60, "min", text) != 0 || format_part(seconds % 60, "s", text) != 0) {
        return -1;
    }
    return 0;
}

static int64_t clip(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* @p from moved by calendar months, then by seconds. Both counts are far from overflow once clipped. */
static instant instant_move(instant from, int64_t months, int64_t seconds)
{
    const int64_t range = INSTANT_MAX - INSTANT_MIN;
    instant result = clip(from, INSTANT_MIN, INSTANT_MAX);
    struct instant_fields fields;

    if (months != 0 && instant_split(result, &fields) == 0) {
        int64_t month = (int64_t)fields.year * 12 + fields.month - 1 + clip(months, -240000, 240000);
        int length;

        if (month < 0) {
            return INSTANT_MIN;
        }
        if (month >= INT64_C(10000) * 12) {
            return INSTANT_MAX;
        }
        fields.year = (int)(month / 12);
        fields.month = (int)(month % 12) + 1;
        length = days_in_month(fields.year, fields.month);
        if (fields.day > length) {
            fields.day = length;
        }
        result = instant_join(&fields);
    }
    return clip(result + clip(seconds, -range, range), INSTANT_MIN, INSTANT_MAX);
}

instant instant_add(instant from, const struct duration *duration)
{
    return instant_move(from, duration->months, duration->seconds);
}

instant instant_subtract(instant from, const struct duration *duration)
{
    return instant_move(from, -duration->months, -duration->seconds);
}
