/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules on names: subject, issuer (RFC 5280 sections 4.1.2.4 and 4.1.2.6, appendix A) and alternative names (section 4.2.1.6).
 */
#include <string.h>

#include "base/utf8.h"
#include "x509/asn1_string.h"
#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/lint_case.h"
#include "x509/name.h"
#include "x509/name_constraints.h"

/* ---- distinguished names ----------------------------------------------------------------------------------------- */

/** One attribute of a name. */
struct attribute {
    struct slice type;
    struct der_item value;
};

/* Whether any attribute of the subject is @p wrong; its type is said. */
static bool any_attribute(const struct lint_case *c, bool (*wrong)(const struct attribute *attribute),
                          struct lint_detail *detail)
{
    struct slice rest = c->subject;
    struct der_item name;
    struct der_item set;

    if (der_expect(&rest, DER_SEQUENCE, &name) != 0) {
        return false;
    }
    while (der_read(&name.content, &set) == 1) {
        struct der_item pair;
        struct der_item type;
        struct attribute one;

        while (der_read(&set.content, &pair) == 1 && der_expect(&pair.content, DER_OID, &type) == 0 &&
               der_read(&pair.content, &one.value) == 1) {
            one.type = type.content;
            if (wrong(&one)) {
                const char *word = name_type_short(one.type);

                if (word != NULL) {
                    lint_say(detail, "%s", word);
                } else {
                    lint_say_oid(detail, one.type);
                }
                return true;
            }
        }
    }
    return false;
}

/* id-at 2.5.4.n; 0 for other types. */
static unsigned directory_type(const struct attribute *attribute)
{
    const struct slice type = attribute->type;

    return type.length == 3 && type.data[0] == 0x55 && type.data[1] == 0x04 ? type.data[2] : 0;
}

#define AT_CN     3
#define AT_SERIAL 5
#define AT_C      6
#define AT_L      7
#define AT_ST     8
#define AT_O      10
#define AT_OU     11

static bool is_email(const struct attribute *attribute)
{
    static const unsigned char email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01};

    return attribute->type.length == sizeof(email) && memcmp(attribute->type.data, email, sizeof(email)) == 0;
}

static bool old_string(const struct attribute *attribute)
{
    unsigned char tag = attribute->value.tag;

    return tag == DER_TELETEX_STRING || tag == DER_UNIVERSAL_STRING || tag == DER_BMP_STRING;
}

static bool wrong_country(const struct attribute *attribute)
{
    return directory_type(attribute) == AT_C &&
           (attribute->value.tag != DER_PRINTABLE_STRING || attribute->value.content.length != 2);
}

static bool over_bound(const struct attribute *attribute)
{
    static const struct {
        unsigned type;
        size_t most;
    } bounds[] = {{AT_CN, 64}, {AT_SERIAL, 64}, {AT_L, 128}, {AT_ST, 128}, {AT_O, 64}, {AT_OU, 64}};
    unsigned type = directory_type(attribute);
    struct slice rest = attribute->value.content;
    size_t most = is_email(attribute) ? 255 : 0;
    size_t count = 0;

    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        most = bounds[i].type == type ? bounds[i].most : most;
    }
    if (most == 0 || rest.length <= most) {
        return false;
    }
    if (attribute->value.tag == DER_UTF8_STRING) {
        for (size_t taken = utf8_take(rest, NULL); taken != 0 && count <= most;
             taken = utf8_take(rest, NULL)) {
            rest = (struct slice){rest.data + taken, rest.length - taken};
            count += 1;
        }
        return count > most;
    }
    count = rest.length / (attribute->value.tag == DER_BMP_STRING         ? 2
                           : attribute->value.tag == DER_UNIVERSAL_STRING ? 4
                                                                          : 1);
    return count > most;
}

static bool empty_value(const struct attribute *attribute)
{
    return attribute->value.content.length == 0;
}

static bool wrong_characters(const struct attribute *attribute)
{
    struct slice text = attribute->value.content;

    if (attribute->value.tag == DER_UTF8_STRING) {
        return !utf8_is_valid(text);
    }
    for (size_t i = 0; i < text.length; i++) {
        if ((attribute->value.tag == DER_PRINTABLE_STRING && !asn1_string_is_printable(text.data[i])) ||
            (attribute->value.tag == DER_IA5_STRING && text.data[i] > 0x7f) ||
            (text.data[i] == 0 && !old_string(attribute))) {
            return true;
        }
    }
    return false;
}

static bool blanks_around(const struct attribute *attribute)
{
    struct slice text = attribute->value.content;

    return text.length != 0 && attribute->value.tag != DER_BMP_STRING &&
           (text.data[0] == ' ' || text.data[text.length - 1] == ' ');
}

static bool subject_old_string(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, old_string, detail);
}

static bool subject_country(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, wrong_country, detail);
}

static bool subject_bounds(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, over_bound, detail);
}

static bool subject_empty_value(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, empty_value, detail);
}

static bool subject_characters(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, wrong_characters, detail);
}

static bool subject_blanks(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, blanks_around, detail);
}

static bool subject_email(const struct lint_case *c, struct lint_detail *detail)
{
    return any_attribute(c, is_email, detail);
}

static bool issuer_empty(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return name_is_empty(c->issuer);
}

static bool ca_subject_empty(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && name_is_empty(c->subject);
}

/* ---- alternative names ------------------------------------------------------------------------------------------- */

static bool nameless(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !c->ca && name_is_empty(c->subject) && c->known[LINT_SAN] == NULL;
}

static bool names_not_critical(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return name_is_empty(c->subject) && c->known[LINT_SAN] != NULL && !c->known[LINT_SAN]->critical;
}

static bool names_critical(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return !name_is_empty(c->subject) && c->known[LINT_SAN] != NULL && c->known[LINT_SAN]->critical;
}

static bool names_empty(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->known[LINT_SAN] != NULL && c->malformed != c->known[LINT_SAN] && c->san.length == 0;
}

/* Addresses and wildcards in dns names have rules of their own. */
static bool wrong_dns(const struct der_item *name)
{
    unsigned char address[HOST_ADDRESS_MAX];

    return name->tag == DER_CONTEXT(GENERAL_NAME_DNS) &&
           (name->content.length == 0 || (memchr(name->content.data, '*', name->content.length) == NULL &&
                                          host_complaint(name->content, HOST_PLAIN) != NULL &&
                                          host_parse_address(name->content, address) == 0));
}

static bool wrong_ip(const struct der_item *name)
{
    return name->tag == DER_CONTEXT(GENERAL_NAME_IP) && name->content.length != 4 &&
           name->content.length != 16;
}

static bool is_ascii_text(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f) {
            return false;
        }
    }
    return text.length != 0;
}

static bool wrong_email(const struct der_item *name)
{
    const unsigned char *at;

    if (name->tag != DER_CONTEXT(GENERAL_NAME_EMAIL)) {
        return false;
    }
    at = name->content.length == 0 ? NULL : memchr(name->content.data, '@', name->content.length);
    return !is_ascii_text(name->content) || at == NULL || at == name->content.data ||
           at == name->content.data + name->content.length - 1;
}

static bool wrong_uri(const struct der_item *name)
{
    const unsigned char *colon;

    if (name->tag != DER_CONTEXT(GENERAL_NAME_URI)) {
        return false;
    }
    colon = name->content.length == 0 ? NULL : memchr(name->content.data, ':', name->content.length);
    return !is_ascii_text(name->content) || colon == NULL || colon == name->content.data ||
           colon == name->content.data + name->content.length - 1;
}

static bool names_dns(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, wrong_dns, detail);
}

static bool names_ip(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, wrong_ip, detail);
}

static bool names_email(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, wrong_email, detail);
}

static bool names_uri(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, wrong_uri, detail);
}

/* ---- name constraints of the authorities above --------------------------------------------------------------------- */

static int tell_breach(void *state, const struct name_breach *breach)
{
    struct lint_detail *detail = state;

    if (detail != NULL && name_breach_text(breach, detail->text) != 0) {
        detail->failed = true;
    }
    return 1;
}

static bool constraints_broken(const struct lint_case *c, struct lint_detail *detail)
{
    bool broken = false;

    if (c->ca && c->self_issued) {
        return false;
    }
    for (const struct lint_case *above = c->above; above != NULL && !broken; above = above->above) {
        struct bytes permitted = BYTES_EMPTY;
        struct bytes excluded = BYTES_EMPTY;

        if (above->known[LINT_NAME_CONSTRAINTS] != NULL &&
            name_constraints_read(above->known[LINT_NAME_CONSTRAINTS]->value, &permitted, &excluded) == 0) {
            const struct name_constraints constraints = {slice_of(&permitted), slice_of(&excluded)};

            broken =
                name_constraints_check(&constraints, c->subject, c->san, c->leaf, tell_breach, detail) == 1;
        }
        bytes_free(&permitted);
        bytes_free(&excluded);
    }
    return broken;
}

static const struct lint_rule rules[] = {
    {"rfc5280-issuer-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.4",
     "the issuer's name is empty", "the authority's subject", issuer_empty},
    {"rfc5280-ca-subject", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.6",
     "the authority's subject is empty", "a subject, with a CN", ca_subject_empty},
    {"rfc5280-nameless", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.1.2.6",
     "there is neither a subject nor an alternative name", "one of them", nameless},
    {"rfc5280-string-type", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 4.1.2.4",
     "the subject has a string of an old type", "UTF8String or PrintableString", subject_old_string},
    {"rfc5280-country", LINT_ERROR, LINT_RFC5280, "RFC 5280 appendix A.1, X520countryName",
     "the country is not a PrintableString of two letters", "a code of ISO 3166, such as US",
     subject_country},
    {"rfc5280-name-length", LINT_ERROR, LINT_RFC5280, "RFC 5280 appendix A.1, upper bounds",
     "a value of the subject is too long", "64 characters in CN, O, OU and serialNumber, 128 in L and ST",
     subject_bounds},
    {"rfc5280-name-empty-value", LINT_ERROR, LINT_RFC5280, "RFC 5280 appendix A.1, DirectoryString",
     "a value of the subject is empty", "leave the attribute out", subject_empty_value},
    {"rfc5280-name-characters", LINT_ERROR, LINT_RFC5280, "X.680 section 41, RFC 5280 section 4.1.2.4",
     "a value of the subject has a character its string type lacks", "UTF8String", subject_characters},
    {"rfc5280-name-blanks", LINT_WARNING, LINT_RFC5280, "RFC 5280 section 7.1",
     "a value of the subject begins or ends with a blank, which comparisons fold and people overlook",
     "without blanks around it", subject_blanks},
    {"rfc5280-email-in-subject", LINT_NOTICE, LINT_RFC5280, "RFC 5280 section 4.1.2.6",
     "the subject has an e-mail address, a place left over from earlier days", "an email name in the SAN",
     subject_email},
    {"rfc5280-san-critical", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6",
     "the subject is empty and the alternative names are not critical", "critical", names_not_critical},
    {"rfc5280-san-not-critical", LINT_NOTICE, LINT_RFC5280, "RFC 5280 section 4.2.1.6",
     "the alternative names are critical beside a subject", "not critical", names_critical},
    {"rfc5280-san-empty", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6",
     "the alternative names are there and empty", "a name, or no alternative names", names_empty},
    {"rfc5280-san-dns", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6, RFC 1034 section 3.5",
     "a dns name is no host name", "letters, digits, hyphens and dots, no dot at the end, A-labels (xn--)",
     names_dns},
    {"rfc5280-san-ip", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6", "an ip name is not an address",
     "4 octets, or 16", names_ip},
    {"rfc5280-san-email", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6",
     "an email name is not local@domain in ASCII", "local@domain", names_email},
    {"rfc5280-san-uri", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.6", "a uri name is none",
     "scheme:..., in ASCII", names_uri},
    {"rfc5280-name-constraints", LINT_ERROR, LINT_RFC5280, "RFC 5280 section 4.2.1.10",
     "a name of it lies outside of what an authority above may certify",
     "a name inside, or wider name constraints", constraints_broken},
};

const struct lint_family lint_subjects = {rules, sizeof(rules) / sizeof(rules[0])};
