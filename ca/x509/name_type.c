/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute types by a table: names, object identifier, string type, upper bound. */
#include "x509/name_type.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/name.h"

/* ub-name of RFC 5280, and the bound of types that have none. */
#define BOUND_MAX 32768
/* Longer words are near to none of the table's. */
#define WORD_MAX 40

struct type {
    const char *name; /* as it is written out */
    const char *long_name;
    const char *alias;  /* met elsewhere; may be NULL */
    const char *octets; /* DER content of the OID */
    size_t length;
    unsigned char string; /* identifier octet of the string type */
    size_t bound;         /* characters */
};

#define OID(octets)  (octets), sizeof(octets) - 1
#define X520(last)   OID("\x55\x04" last)                             /* 2.5.4 */
#define PKCS9(last)  OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09" last)     /* 1.2.840.113549.1.9 */
#define COSINE(last) OID("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01" last) /* 0.9.2342.19200300.100.1 (RFC 4524) */
#define EV(last)     OID("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01" last) /* 1.3.6.1.4.1.311.60.2.1 */

static const struct type types[] = {
    {"CN", "commonName", NULL, X520("\x03"), DER_UTF8_STRING, 64},
    {"SN", "surname", NULL, X520("\x04"), DER_UTF8_STRING, BOUND_MAX},
    {"serialNumber", "serialNumber", NULL, X520("\x05"), DER_PRINTABLE_STRING, 64},
    {"C", "countryName", NULL, X520("\x06"), DER_PRINTABLE_STRING, 2},
    {"L", "localityName", NULL, X520("\x07"), DER_UTF8_STRING, 128},
    {"ST", "stateOrProvinceName", NULL, X520("\x08"), DER_UTF8_STRING, 128},
    {"STREET", "streetAddress", NULL, X520("\x09"), DER_UTF8_STRING, BOUND_MAX},
    {"O", "organizationName", NULL, X520("\x0a"), DER_UTF8_STRING, 64},
    {"OU", "organizationalUnitName", NULL, X520("\x0b"), DER_UTF8_STRING, 64},
    {"title", "title", NULL, X520("\x0c"), DER_UTF8_STRING, 64},
    {"description", "description", NULL, X520("\x0d"), DER_UTF8_STRING, BOUND_MAX},
    {"businessCategory", "businessCategory", NULL, X520("\x0f"), DER_UTF8_STRING, BOUND_MAX},
    {"postalCode", "postalCode", NULL, X520("\x11"), DER_UTF8_STRING, BOUND_MAX},
    {"name", "name", NULL, X520("\x29"), DER_UTF8_STRING, BOUND_MAX},
    {"GN", "givenName", NULL, X520("\x2a"), DER_UTF8_STRING, BOUND_MAX},
    {"initials", "initials", NULL, X520("\x2b"), DER_UTF8_STRING, BOUND_MAX},
    {"generationQualifier", "generationQualifier", NULL, X520("\x2c"), DER_UTF8_STRING, BOUND_MAX},
    {"dnQualifier", "dnQualifier", NULL, X520("\x2e"), DER_PRINTABLE_STRING, BOUND_MAX},
    {"pseudonym", "pseudonym", NULL, X520("\x41"), DER_UTF8_STRING, 128},
    {"organizationIdentifier", "organizationIdentifier", NULL, X520("\x61"), DER_UTF8_STRING, BOUND_MAX},
    {"emailAddress", "emailAddress", "E", PKCS9("\x01"), DER_IA5_STRING, 255},
    {"unstructuredName", "unstructuredName", NULL, PKCS9("\x02"), DER_UTF8_STRING, 255},
    {"UID", "userId", NULL, COSINE("\x01"), DER_UTF8_STRING, 256},
    {"DC", "domainComponent", NULL, COSINE("\x19"), DER_IA5_STRING, BOUND_MAX},
    {"jurisdictionL", "jurisdictionLocalityName", NULL, EV("\x01"), DER_UTF8_STRING, 128},
    {"jurisdictionST", "jurisdictionStateOrProvinceName", NULL, EV("\x02"), DER_UTF8_STRING, 128},
    {"jurisdictionC", "jurisdictionCountryName", NULL, EV("\x03"), DER_PRINTABLE_STRING, 2},
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static const struct type *find(struct slice octets)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (types[i].length == octets.length && memcmp(types[i].octets, octets.data, octets.length) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

int name_type_parse(const char *text, struct oid *type)
{
    for (size_t i = 0; i < TYPES; i++) {
        if (strcasecmp(text, types[i].name) == 0 || strcasecmp(text, types[i].long_name) == 0 ||
            (types[i].alias != NULL && strcasecmp(text, types[i].alias) == 0)) {
            memcpy(type->octets, types[i].octets, types[i].length);
            type->length = types[i].length;
            return 0;
        }
    }
    /* RFC 2253 let a prefix stand before a dotted type. */
    return oid_parse(strncasecmp(text, "OID.", 4) == 0 ? text + 4 : text, type);
}

const char *name_type_short(struct slice type)
{
    const struct type *found = find(type);

    return found == NULL ? NULL : found->name;
}

unsigned char name_type_string(struct slice type)
{
    const struct type *found = find(type);

    return found == NULL ? DER_UTF8_STRING : found->string;
}

/* ---- nearest ----------------------------------------------------------------------------------------------------- */

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t smallest(size_t one, size_t other, size_t third)
{
    size_t least = one < other ? one : other;

    return least < third ? least : third;
}

/* How many letters have to be added, dropped or replaced to make one word of the other; both at most WORD_MAX long. */
static size_t distance(const char *one, const char *other)
{
    size_t row[WORD_MAX + 1];
    size_t width = strlen(other);

    for (size_t j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (size_t i = 1; one[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t above = row[j];

            row[j] = smallest(above + 1, row[j - 1] + 1,
                              diagonal + (lower(one[i - 1]) == lower(other[j - 1]) ? 0 : 1));
            diagonal = above;
        }
    }
    return row[width];
}

/* How far @p text is from @p word; SIZE_MAX: not near. The beginning of a long word is near: "organization". */
static size_t farness(const char *text, const char *word)
{
    size_t length = strlen(text);
    size_t letters = distance(text, word);

    if (letters <= 2 && letters * 2 <= length) {
        return letters;
    }
    return length >= 3 && strncasecmp(text, word, length) == 0 ? 3 : SIZE_MAX;
}

const char *name_type_nearest(const char *text)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX;

    if (strlen(text) > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < TYPES; i++) {
        size_t far = farness(text, types[i].name);
        size_t far_long = farness(text, types[i].long_name);

        far = far_long < far ? far_long : far;
        if (far < least) {
            least = far;
            nearest = types[i].name;
        }
    }
    return nearest;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Characters without control characters among them, counted. */
static enum name_type_complaint check_characters(struct slice value, size_t *count)
{
    *count = 0;
    while (value.length > 0) {
        uint32_t character;
        size_t length = utf8_take(value, &character);

        if (length == 0) {
            return NAME_TYPE_NO_UTF8;
        }
        if (utf8_is_control(character)) {
            return NAME_TYPE_CONTROL;
        }
        value.data += length;
        value.length -= length;
        *count += 1;
    }
    return NAME_TYPE_FINE;
}

static enum name_type_complaint check_set(unsigned char string, struct slice value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (string == DER_PRINTABLE_STRING && !asn1_string_is_printable(value.data[i])) {
            return NAME_TYPE_NO_PRINTABLE;
        }
        if (string == DER_IA5_STRING && value.data[i] > 0x7f) {
            return NAME_TYPE_NO_ASCII;
        }
    }
    return NAME_TYPE_FINE;
}

/* ISO 3166-1 writes its codes in upper case, and readers compare them so. */
static enum name_type_complaint check_country(struct slice value)
{
    bool upper = true;

    if (value.length != 2) {
        return NAME_TYPE_NO_COUNTRY;
    }
    for (size_t i = 0; i < 2; i++) {
        unsigned char letter = lower((char)value.data[i]);

        if (letter < 'a' || letter > 'z') {
            return NAME_TYPE_NO_COUNTRY;
        }
        upper = upper && letter != value.data[i];
    }
    return upper ? NAME_TYPE_FINE : NAME_TYPE_COUNTRY_CASE;
}

enum name_type_complaint name_type_check(struct slice type, struct slice value)
{
    const struct type *found = find(type);
    enum name_type_complaint complaint;
    size_t count;

    if (value.length == 0) {
        return NAME_TYPE_EMPTY;
    }
    complaint = check_characters(value, &count);
    if (complaint != NAME_TYPE_FINE) {
        return complaint;
    }
    if (found == NULL) {
        return count > BOUND_MAX ? NAME_TYPE_LONG : NAME_TYPE_FINE;
    }
    if (found->string == DER_PRINTABLE_STRING && found->bound == 2) {
        return check_country(value);
    }
    if (count > found->bound) {
        return NAME_TYPE_LONG;
    }
    return check_set(found->string, value);
}
