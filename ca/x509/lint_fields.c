/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules of RFC 5280 section 4.1: version, serial number, algorithms, validity, key.
 */
#include <string.h>

#include "x509/instant.h"
#include "x509/lint_case.h"
#include "x509/lint_key.h"

/** Octets of a serial number with 64 random bits in it. */
#define SERIAL_RANDOM  8
#define SERIAL_LONGEST 20
/** 1950-01-01 and 2050-01-01: between them a time is a UTCTime. */
#define YEAR_1950 (-INT64_C(631152000))
#define YEAR_2050 INT64_C(2524608000)

static bool not_der(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !der_is_well_formed(c->whole);
}

static bool extensions_without_v3(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "version %d", c->version);
    return c->extensions_there && c->version != 3;
}

static bool old_version(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "version %d", c->version);
    return c->version != 3 && !c->extensions_there;
}

static bool has_unique_ids(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->unique_ids;
}

static bool serial_not_positive(const struct lint_case *c, struct lint_detail *detail)
{
    bool negative = c->serial.length != 0 && (c->serial.data[0] & 0x80) != 0;

    for (size_t i = 0; i < c->serial.length; i++) {
        if (c->serial.data[i] != 0) {
            lint_say(detail, "%s", negative ? "it is negative" : "");
            return negative;
        }
    }
    lint_say(detail, "it is zero");
    return true;
}

static bool serial_long(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "%zu octets", c->serial.length);
    return c->serial.length > SERIAL_LONGEST;
}

static bool serial_guessable(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "%zu octets", c->serial.length);
    return !c->self_issued && c->serial.length < SERIAL_RANDOM;
}

static bool algorithms_differ(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !slice_equal(c->inner_algorithm, c->outer_algorithm);
}

static bool wrong_parameters(const struct lint_case *c, struct lint_detail *detail)
{
    struct slice type;
    struct slice parameters;
    bool null;

    if (lint_algorithm_split(c->outer_algorithm, &type, &parameters) != 0) {
        return false;
    }
    null = parameters.length == 2 && parameters.data[0] == DER_NULL;
    lint_say(detail, "algorithm ");
    lint_say_oid(detail, type);
    return (c->parameters == LINT_PARAMETERS_NULL && !null) ||
           (c->parameters == LINT_PARAMETERS_ABSENT && parameters.length != 0);
}

static bool time_form(const struct lint_case *c, struct lint_detail *detail)
{
    lint_say(detail, "%s", !c->time_read[0] ? "notBefore" : "notAfter");
    return !c->time_read[0] || !c->time_read[1];
}

static bool time_type(const struct lint_case *c, struct lint_detail *detail)
{
    for (size_t i = 0; i < 2; i++) {
        if (c->time_read[i] && c->time[i].tag == DER_GENERALIZED_TIME && c->at[i] >= YEAR_1950 &&
            c->at[i] < YEAR_2050) {
            lint_say(detail, "%s", i == 0 ? "notBefore" : "notAfter");
            return true;
        }
    }
    return false;
}

static bool upside_down(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->time_read[0] && c->time_read[1] && c->at[1] < c->at[0];
}

static bool key_broken(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->key.malformed;
}

static bool explicit_curve(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->key.malformed && c->key.curve == LINT_CURVE_EXPLICIT;
}

static bool no_extensions(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->extensions_there && c->extension_count == 0;
}

static const struct lint_rule rules[] = {
    {"rfc5280-der", LINT_ERROR, LINT_RFC5280, "X.690 section 10, RFC 5280 section 4.1",
     "some value in it is not DER", "every value in DER's one form; readers differ in what else they take",
     not_der},
    {"rfc5280-extensions-version", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.1",
     "it has extensions and is not of version 3", "version 3", extensions_without_v3},
    {"rfc5280-version", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 4.1.2.1",
     "it is older than version 3 and has no extensions: nothing says whether it is an authority, or its "
     "names",
     "version 3, with extensions", old_version},
    {"rfc5280-unique-ids", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.8",
     "it has an issuer's or subject's unique identifier", "leave it out", has_unique_ids},
    {"rfc5280-serial-positive", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.2",
     "the serial number is not positive", "a serial number above zero", serial_not_positive},
    {"rfc5280-serial-length", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.2",
     "the serial number is too long", "20 octets at most", serial_long},
    {"rfc5280-serial-random", LINT_NOTICE, LINT_RFC5280, "CA/Browser Forum Baseline Requirements section 7.1",
     "the serial number is short: it can be guessed, or comes twice", "64 random bits or more",
     serial_guessable},
    {"rfc5280-algorithms-equal", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.1.2",
     "the signature algorithm inside the signed part is another than the one outside",
     "the same in both places", algorithms_differ},
    {"rfc5280-algorithm-parameters", LINT_ERROR, LINT_RFC5280,
     "RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3",
     "the signature algorithm's parameters are wrong",
     "NULL with RSA and PKCS #1, absent with ECDSA and EdDSA", wrong_parameters},
    {"rfc5280-time-form", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.5",
     "a time is not written as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ", "seconds, no fraction, and Z", time_form},
    {"rfc5280-time-type", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.5",
     "a time before 2050 is a GeneralizedTime", "UTCTime through 2049, GeneralizedTime from 2050", time_type},
    {"rfc5280-validity-order", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.5",
     "it ends before it begins", "notAfter later than notBefore", upside_down},
    {"rfc5280-key", LINT_ERROR, LINT_RFC5280, "RFC 3279 section 2.3, RFC 5480 section 2, RFC 8410 section 4",
     "the public key cannot be read", "a key in the form of its algorithm", key_broken},
    {"rfc5480-named-curve", LINT_ERROR, LINT_RFC5280, "RFC 5480 section 2.1.1",
     "the curve's parameters are written out: OpenSSL and others refuse that",
     "a curve by name, such as P-256", explicit_curve},
    {"rfc5280-extensions-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1",
     "the list of extensions is there and empty", "leave it out, or have one at least", no_extensions},
};

const struct lint_family lint_fields = {rules, sizeof(rules) / sizeof(rules[0])};
