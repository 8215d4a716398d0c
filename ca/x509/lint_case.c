/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate taken apart for lint: the outer shape must be a certificate's, everything inside is read as far as it can be.
 */
#include "x509/lint_case.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/instant.h"
#include "x509/lint_key.h"
#include "x509/oid.h"

/* ---- what a rule says -------------------------------------------------------------------------------------------- */

void lint_say(struct lint_detail *detail, const char *format, ...)
{
    char text[256];
    va_list values;
    int length;

    if (detail == NULL) {
        return;
    }
    va_start(values, format);
    length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (length < 0 || bytes_append_text(detail->text, text) != 0) {
        detail->failed = true;
    }
}

void lint_say_oid(struct lint_detail *detail, struct slice type)
{
    struct bytes dotted = BYTES_EMPTY;

    if (detail == NULL) {
        return;
    }
    if (oid_format(type, &dotted) == 0) {
        lint_say(detail, "%s", bytes_text(&dotted));
    } else {
        lint_say(detail, "an extension whose identifier is broken");
    }
    bytes_free(&dotted);
}

bool lint_any_name(const struct lint_case *c, bool (*wrong)(const struct der_item *name),
                   struct lint_detail *detail)
{
    struct slice rest = c->san;
    struct der_item item;

    for (size_t number = 1; der_read(&rest, &item) == 1; number++) {
        if (wrong(&item)) {
            lint_say(detail, "name %zu", number);
            return true;
        }
    }
    return false;
}

bool lint_looks_like_host(struct slice text)
{
    unsigned char address[HOST_ADDRESS_MAX];

    if (text.length == 0 || text.length > 253) {
        return false;
    }
    return host_parse_address(text, address) != 0 ||
           (memchr(text.data, '.', text.length) != NULL && host_complaint(text, HOST_WILDCARD) == NULL);
}

/* ---- extensions -------------------------------------------------------------------------------------------------- */

static enum lint_extension_kind extension_kind(struct slice type)
{
    static const unsigned char numbers[] = {
        [LINT_SKI] = 14,
        [LINT_KEY_USAGE] = 15,
        [LINT_SAN] = 17,
        [LINT_BASIC_CONSTRAINTS] = 19,
        [LINT_NAME_CONSTRAINTS] = 30,
        [LINT_CRL_POINTS] = 31,
        [LINT_POLICIES] = 32,
        [LINT_AKI] = 35,
        [LINT_POLICY_CONSTRAINTS] = 36,
        [LINT_EXTENDED_KEY_USAGE] = 37,
        [LINT_FRESHEST_CRL] = 46,
        [LINT_INHIBIT_ANY_POLICY] = 54,
        [LINT_ISSUER_ALT_NAME] = 18,
        [LINT_POLICY_MAPPINGS] = 33,
        [LINT_SUBJECT_DIRECTORY] = 9,
    };

    /* id-ce 2.5.29.n, id-pe 1.3.6.1.5.5.7.1.n */
    if (type.length == 3 && type.data[0] == 0x55 && type.data[1] == 0x1d) {
        for (size_t i = 0; i < sizeof(numbers); i++) {
            if (numbers[i] == type.data[2]) {
                return (enum lint_extension_kind)i;
            }
        }
    } else if (type.length == 8 && memcmp(type.data, "\x2b\x06\x01\x05\x05\x07\x01", 7) == 0) {
        return type.data[7] == 1 ? LINT_AIA : type.data[7] == 11 ? LINT_SIA : LINT_UNKNOWN;
    }
    return LINT_UNKNOWN;
}

/* One value of type @p tag and nothing behind it. */
static int only(struct slice value, unsigned char tag, struct slice *content)
{
    struct der_item item;

    if (der_expect(&value, tag, &item) != 0 || value.length != 0) {
        return -1;
    }
    *content = item.content;
    return 0;
}

static int read_basic_constraints(struct slice value, struct lint_case *c)
{
    struct slice rest;
    struct der_item item;

    if (only(value, DER_SEQUENCE, &rest) != 0) {
        return -1;
    }
    if (rest.length != 0 && rest.data[0] == DER_BOOLEAN) {
        if (der_expect(&rest, DER_BOOLEAN, &item) != 0 || item.content.length != 1) {
            return -1;
        }
        c->ca = item.content.data[0] != 0;
        c->ca_written = true;
    }
    if (rest.length != 0) {
        if (der_expect(&rest, DER_INTEGER, &item) != 0 || rest.length != 0 || item.content.length == 0 ||
            item.content.length > 4 || (item.content.data[0] & 0x80) != 0) {
            return -1;
        }
        c->has_path_length = true;
        for (size_t i = 0; i < item.content.length; i++) {
            c->path_length = c->path_length << 8 | item.content.data[i];
        }
    }
    return 0;
}

static int read_key_usage(struct slice value, struct lint_case *c)
{
    struct slice bits;

    if (only(value, DER_BIT_STRING, &bits) != 0 || bits.length == 0 || bits.data[0] > 7) {
        return -1;
    }
    for (size_t bit = 0; 1 + bit / 8 < bits.length; bit++) {
        if ((bits.data[1 + bit / 8] & (0x80u >> bit % 8)) != 0) {
            c->key_usage_any = true;
            c->key_usage |= bit < 32 ? UINT32_C(1) << bit : 0;
        }
    }
    return 0;
}

static int read_authority_key_identifier(struct slice value, struct lint_case *c)
{
    struct slice rest;
    struct der_item item;
    bool issuer = false;
    bool serial = false;
    int status;

    if (only(value, DER_SEQUENCE, &rest) != 0) {
        return -1;
    }
    while ((status = der_read(&rest, &item)) == 1) {
        if (item.tag == DER_CONTEXT(0)) {
            c->aki = item.content;
        }
        issuer |= item.tag == DER_CONTEXT_CONSTRUCTED(1);
        serial |= item.tag == DER_CONTEXT(2);
    }
    c->aki_pair = issuer && serial;
    c->aki_half_pair = issuer != serial;
    return status;
}

static int read_extended_key_usage(struct slice value, struct lint_case *c)
{
    static const unsigned char purpose[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03};
    static const unsigned char any[] = {0x55, 0x1d, 0x25, 0x00};
    struct slice rest;
    struct der_item item;
    int status;

    if (only(value, DER_SEQUENCE, &c->eku) != 0) {
        return -1;
    }
    rest = c->eku;
    while ((status = der_read(&rest, &item)) == 1) {
        if (item.tag != DER_OID || !der_is_well_formed(item.whole)) {
            return -1;
        }
        if (item.content.length == sizeof(any) && memcmp(item.content.data, any, sizeof(any)) == 0) {
            c->usages |= LINT_EKU_ANY;
        } else if (item.content.length == sizeof(purpose) + 1 &&
                   memcmp(item.content.data, purpose, sizeof(purpose)) == 0 &&
                   (item.content.data[7] == 1 || item.content.data[7] == 2)) {
            c->usages |= item.content.data[7] == 1 ? LINT_EKU_SERVER : LINT_EKU_CLIENT;
        } else {
            c->usages |= LINT_EKU_OTHER;
        }
    }
    return status;
}

static int read_names(struct slice value, struct lint_case *c)
{
    struct slice rest;
    struct der_item item;
    int status;

    if (only(value, DER_SEQUENCE, &c->san) != 0) {
        return -1;
    }
    rest = c->san;
    while ((status = der_read(&rest, &item)) == 1) {
        c->hosts |= item.tag == DER_CONTEXT(GENERAL_NAME_DNS) || item.tag == DER_CONTEXT(GENERAL_NAME_IP);
    }
    return status;
}

/* The content of a known extension; -1 when it is not what its type asks for. */
static int read_known(enum lint_extension_kind kind, struct slice value, struct lint_case *c)
{
    struct slice content;

    switch (kind) {
    case LINT_SKI:
        return only(value, DER_OCTET_STRING, &c->ski);
    case LINT_KEY_USAGE:
        return read_key_usage(value, c);
    case LINT_SAN:
        return read_names(value, c);
    case LINT_BASIC_CONSTRAINTS:
        return read_basic_constraints(value, c);
    case LINT_AKI:
        return read_authority_key_identifier(value, c);
    case LINT_EXTENDED_KEY_USAGE:
        return read_extended_key_usage(value, c);
    case LINT_INHIBIT_ANY_POLICY:
        return only(value, DER_INTEGER, &content);
    default:
        return only(value, DER_SEQUENCE, &content);
    }
}

static int read_extension(struct slice *rest, struct lint_extension *extension)
{
    struct der_item outer;
    struct der_item item;

    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 || der_expect(&outer.content, DER_OID, &item) != 0) {
        return -1;
    }
    extension->type = item.content;
    if (outer.content.length != 0 && outer.content.data[0] == DER_BOOLEAN) {
        if (der_expect(&outer.content, DER_BOOLEAN, &item) != 0 || item.content.length != 1) {
            return -1;
        }
        extension->critical = item.content.data[0] != 0;
        extension->critical_written = true;
    }
    if (der_expect(&outer.content, DER_OCTET_STRING, &item) != 0 || outer.content.length != 0) {
        return -1;
    }
    extension->value = item.content;
    return 0;
}

static int read_extensions(struct slice rest, struct lint_case *c)
{
    while (rest.length != 0) {
        struct lint_extension *extension = &c->extensions[c->extension_count];
        enum lint_extension_kind kind;

        if (c->extension_count == LINT_EXTENSIONS_MAX) {
            c->overflow = true;
            return 0;
        }
        if (read_extension(&rest, extension) != 0) {
            return -1;
        }
        for (size_t i = 0; i < c->extension_count && c->duplicate == NULL; i++) {
            if (slice_equal(c->extensions[i].type, extension->type)) {
                c->duplicate = extension;
            }
        }
        c->extension_count += 1;
        kind = extension_kind(extension->type);
        if (kind != LINT_UNKNOWN && c->known[kind] == NULL) {
            c->known[kind] = extension;
            if (read_known(kind, extension->value, c) != 0 && c->malformed == NULL) {
                c->malformed = extension;
            }
        }
    }
    return 0;
}

/* ---- the certificate --------------------------------------------------------------------------------------------- */

/* A time also in the forms RFC 5280 does not want: its rules are for telling. */
static void read_time(struct der_item item, size_t which, struct lint_case *c)
{
    c->time[which] = item;
    c->time_read[which] = instant_parse_asn1(item.tag, item.content, &c->at[which]) == 0;
}

static int read_tail(struct slice rest, struct lint_case *c)
{
    struct der_item item;
    struct slice extensions;

    while (rest.length != 0) {
        if (der_read(&rest, &item) != 1) {
            return -1;
        }
        if (item.tag == DER_CONTEXT_CONSTRUCTED(3)) {
            c->extensions_there = true;
            if (only(item.content, DER_SEQUENCE, &extensions) != 0 || read_extensions(extensions, c) != 0) {
                return -1;
            }
        } else if (item.tag == DER_CONTEXT(1) || item.tag == DER_CONTEXT(2)) {
            c->unique_ids = true;
        } else {
            return -1;
        }
    }
    return 0;
}

static int read_version(struct slice *rest, struct lint_case *c)
{
    struct der_item item;
    struct slice number;

    c->version = 1;
    if (rest->length == 0 || rest->data[0] != DER_CONTEXT_CONSTRUCTED(0)) {
        return 0;
    }
    if (der_expect(rest, DER_CONTEXT_CONSTRUCTED(0), &item) != 0 ||
        only(item.content, DER_INTEGER, &number) != 0 || number.length != 1) {
        return -1;
    }
    c->version = number.data[0] + 1;
    return 0;
}

static int read_tbs(struct slice rest, struct lint_case *c)
{
    struct der_item item;
    struct der_item from;
    struct der_item until;

    if (read_version(&rest, c) != 0 || der_expect(&rest, DER_INTEGER, &item) != 0) {
        return -1;
    }
    c->serial = item.content;
    if (der_expect(&rest, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    c->inner_algorithm = item.whole;
    if (der_expect(&rest, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    c->issuer = item.whole;
    if (der_expect(&rest, DER_SEQUENCE, &item) != 0 || der_read(&item.content, &from) != 1 ||
        der_read(&item.content, &until) != 1) {
        return -1;
    }
    read_time(from, 0, c);
    read_time(until, 1, c);
    if (der_expect(&rest, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    c->subject = item.whole;
    if (der_expect(&rest, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    c->spki = item.whole;
    return read_tail(rest, c);
}

static void conclude(struct lint_case *c)
{
    unsigned tls = LINT_EKU_SERVER | LINT_EKU_CLIENT | LINT_EKU_ANY;
    bool limited = c->known[LINT_EXTENDED_KEY_USAGE] != NULL;

    c->self_issued = slice_equal(c->issuer, c->subject);
    c->self_signed =
        c->self_issued && (c->aki.length == 0 || c->ski.length == 0 || slice_equal(c->aki, c->ski));
    /* before version 3 nothing tells an authority; who signed itself may be one */
    c->leaf = !c->ca && (c->version >= 3 || !c->self_issued);
    if (c->leaf && (!limited || (c->usages & tls) != 0)) {
        c->server = limited ? (c->usages & LINT_EKU_SERVER) != 0 : c->hosts;
        c->client = !limited || (c->usages & (LINT_EKU_CLIENT | LINT_EKU_ANY)) != 0;
    }
}

int lint_case_read(struct slice der, struct lint_case *c)
{
    struct slice rest = der;
    struct der_item outer;
    struct der_item tbs;
    struct der_item item;

    memset(c, 0, sizeof(*c));
    c->whole = der;
    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 || rest.length != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &tbs) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    c->outer_algorithm = item.whole;
    if (der_expect(&outer.content, DER_BIT_STRING, &item) != 0 || outer.content.length != 0 ||
        read_tbs(tbs.content, c) != 0) {
        return -1;
    }
    lint_key_read(c);
    lint_algorithm_read(c);
    conclude(c);
    return 0;
}
