/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates:
 *
 *   Certificate    ::= SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING }             RFC 5280 section 4.1
 *   TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo,
 *                                 [1] issuerUniqueID, [2] subjectUniqueID, [3] extensions }
 */
#include "x509/certificate.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"

/* ---- serials ----------------------------------------------------------------------------------------------------- */

#define SERIAL_PREFIX 3
#define SERIAL_RANDOM 16
/* Values of three octets whose first is 0x01 to 0x7f. */
#define PREFIX_FIRST  INT64_C(0x010000)
#define PREFIX_VALUES INT64_C(0x7f0000)

int serial_make(const struct context *context, struct serial *serial)
{
    int64_t seconds = context_now(context) % PREFIX_VALUES;
    int64_t prefix = PREFIX_FIRST + (seconds < 0 ? seconds + PREFIX_VALUES : seconds);

    serial->octets[0] = (unsigned char)(prefix >> 16 & 0xff);
    serial->octets[1] = (unsigned char)(prefix >> 8 & 0xff);
    serial->octets[2] = (unsigned char)(prefix & 0xff);
    serial->length = SERIAL_PREFIX + SERIAL_RANDOM;
    return context_random(context, serial->octets + SERIAL_PREFIX, SERIAL_RANDOM);
}

struct slice serial_slice(const struct serial *serial)
{
    return (struct slice){serial->octets, serial->length};
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static int write_tbs(const struct certificate_fields *fields, struct slice algorithm, struct bytes *tbs)
{
    struct der der;

    der_start(&der, tbs);
    der_begin(&der, DER_SEQUENCE);
    der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
    der_number(&der, 2); /* v3 */
    der_end(&der);
    der_unsigned(&der, fields->serial);
    der_raw(&der, algorithm);
    der_raw(&der, fields->issuer);
    der_begin(&der, DER_SEQUENCE);
    der_time(&der, fields->not_before);
    der_time(&der, fields->not_after);
    der_end(&der);
    der_raw(&der, fields->subject);
    der_raw(&der, fields->spki);
    if (fields->extensions.length != 0) {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(3));
        der_begin(&der, DER_SEQUENCE);
        der_raw(&der, fields->extensions);
        der_end(&der);
        der_end(&der);
    }
    der_end(&der);
    return der_finish(&der);
}

int certificate_sign(const struct certificate_fields *fields, struct signer *signer, struct bytes *der,
                     struct faults *faults)
{
    struct bytes tbs = BYTES_EMPTY;
    int status = -1;

    if (fields->not_before < INSTANT_MIN || fields->not_before > INSTANT_MAX ||
        fields->not_after < INSTANT_MIN || fields->not_after > INSTANT_MAX) {
        fault_error(faults, NULL, NULL, NULL, "the validity lies outside the years 0 to 9999");
        goto out;
    }
    if (bytes_reserve(&tbs, fields->issuer.length + fields->subject.length + fields->spki.length +
                                fields->extensions.length + 128) != 0 ||
        write_tbs(fields, signer_algorithm(signer), &tbs) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = signer_assemble(signer, slice_of(&tbs), der, faults);
out:
    bytes_free(&tbs);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

const struct oid *certificate_fixture_mark(void)
{
    /* 2.25.258089012375638105727047572139983230072 */
    static const struct oid mark = {{0x69, 0x83, 0x84, 0xaa, 0x91, 0xaf, 0xdc, 0xa4, 0xb2, 0x93,
                                     0x87, 0x9c, 0xa0, 0xb3, 0xbf, 0x8b, 0xdc, 0x8f, 0xa8, 0x78},
                                    20};

    return &mark;
}

/* A non-negative INTEGER; more than an int holds counts as INT_MAX. */
static int read_count(struct slice content, int *count)
{
    int64_t value = 0;

    if (content.length == 0 || (content.data[0] & 0x80) != 0) {
        return -1;
    }
    for (size_t i = 0; i < content.length; i++) {
        value = value << 8 | content.data[i];
        value = value > INT_MAX ? INT_MAX : value;
    }
    *count = (int)value;
    return 0;
}

/* BOOLEAN, whose FALSE some write out where DER leaves the default away. */
static int read_boolean(struct slice *rest, bool *value)
{
    struct der_item item;

    *value = false;
    if (rest->length == 0 || rest->data[0] != DER_BOOLEAN) {
        return 0;
    }
    if (der_expect(rest, DER_BOOLEAN, &item) != 0 || item.content.length != 1 ||
        (item.content.data[0] != 0 && item.content.data[0] != 0xff)) {
        return -1;
    }
    *value = item.content.data[0] != 0;
    return 0;
}

struct extension {
    struct slice type; /* OID content */
    bool critical;
    struct slice value; /* what the OCTET STRING holds */
};

/* The next Extension of *rest: 1 read, 0 none left, -1 malformed. */
static int read_extension(struct slice *rest, struct extension *extension)
{
    struct der_item outer;
    struct der_item item;

    if (rest->length == 0) {
        return 0;
    }
    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 || der_expect(&outer.content, DER_OID, &item) != 0) {
        return -1;
    }
    extension->type = item.content;
    if (!der_is_well_formed(item.whole) || read_boolean(&outer.content, &extension->critical) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &item) != 0 || outer.content.length != 0) {
        return -1;
    }
    extension->value = item.content;
    return 1;
}

/* One value of type @p tag and nothing behind it; *content is what it holds. */
static int read_only(struct slice value, unsigned char tag, struct slice *content)
{
    struct der_item item;

    if (der_expect(&value, tag, &item) != 0 || value.length != 0) {
        return -1;
    }
    *content = item.content;
    return 0;
}

static int read_basic_constraints(struct slice value, struct certificate_view *view)
{
    struct slice rest;
    struct der_item item;

    if (read_only(value, DER_SEQUENCE, &rest) != 0 || read_boolean(&rest, &view->ca) != 0) {
        return -1;
    }
    view->has_basic_constraints = true;
    if (rest.length != 0 &&
        (der_expect(&rest, DER_INTEGER, &item) != 0 || read_count(item.content, &view->path_length) != 0)) {
        return -1;
    }
    return rest.length == 0 ? 0 : -1;
}

static int read_key_usage(struct slice value, struct certificate_view *view)
{
    struct slice bits;

    if (read_only(value, DER_BIT_STRING, &bits) != 0 || bits.length == 0 || bits.data[0] > 7) {
        return -1;
    }
    view->has_key_usage = true;
    for (unsigned int bit = 0; bit < 32 && 1 + bit / 8 < bits.length; bit++) {
        if ((bits.data[1 + bit / 8] & (0x80u >> bit % 8)) != 0) {
            view->key_usage |= UINT32_C(1) << bit;
        }
    }
    return 0;
}

static int read_authority_key_identifier(struct slice value, struct certificate_view *view)
{
    struct slice rest;
    struct der_item item;

    if (read_only(value, DER_SEQUENCE, &rest) != 0) {
        return -1;
    }
    if (rest.length != 0 && rest.data[0] == DER_CONTEXT(0)) {
        if (der_expect(&rest, DER_CONTEXT(0), &item) != 0) {
            return -1;
        }
        view->authority_key_identifier = item.content;
    }
    return 0;
}

/* A SEQUENCE whose values are all whole. */
static int read_sequence(struct slice value, struct slice *content)
{
    struct slice rest;
    struct der_item item;
    int status;

    if (read_only(value, DER_SEQUENCE, content) != 0) {
        return -1;
    }
    rest = *content;
    while ((status = der_read(&rest, &item)) == 1) {
    }
    return status;
}

/* Take in one extension. Those that matter here may come once only. */
static int take_extension(const struct extension *extension, uint64_t *seen, struct certificate_view *view)
{
    unsigned char number;

    if (oid_equal(certificate_fixture_mark(), extension->type)) {
        view->fixture = true;
        return 0;
    }
    /* id-ce: 2.5.29.n */
    if (extension->type.length != 3 || extension->type.data[0] != 0x55 || extension->type.data[1] != 0x1d ||
        extension->type.data[2] > 63) {
        return 0;
    }
    number = extension->type.data[2];
    if ((*seen & UINT64_C(1) << number) != 0) {
        return -1;
    }
    *seen |= UINT64_C(1) << number;
    switch (number) {
    case 14:
        return read_only(extension->value, DER_OCTET_STRING, &view->subject_key_identifier);
    case 15:
        return read_key_usage(extension->value, view);
    case 17:
        return read_sequence(extension->value, &view->subject_alternative_names);
    case 19:
        return read_basic_constraints(extension->value, view);
    case 35:
        return read_authority_key_identifier(extension->value, view);
    case 37:
        return read_sequence(extension->value, &view->extended_key_usage);
    default:
        return 0;
    }
}

static int read_extensions(struct slice rest, struct certificate_view *view)
{
    struct extension extension;
    uint64_t seen = 0;
    int status;

    while ((status = read_extension(&rest, &extension)) == 1) {
        if (take_extension(&extension, &seen, view) != 0) {
            return -1;
        }
    }
    return status;
}

/* A SEQUENCE of an OID and one further value, or at least @p least: AttributeTypeAndValue, AlgorithmIdentifier. */
static int read_typed(struct slice *rest, size_t least, struct slice *whole)
{
    struct der_item item;
    struct der_item part;
    size_t count = 0;
    int status;

    if (der_expect(rest, DER_SEQUENCE, &item) != 0 || !der_is_well_formed(item.whole) ||
        der_expect(&item.content, DER_OID, &part) != 0) {
        return -1;
    }
    while ((status = der_read(&item.content, &part)) == 1) {
        count += 1;
    }
    *whole = item.whole;
    return status == 0 && count >= least && count <= 1 ? 0 : -1;
}

static int read_algorithm(struct slice *rest, struct slice *whole)
{
    return read_typed(rest, 0, whole);
}

/* Name: a SEQUENCE of SETs of at least one AttributeTypeAndValue. The strings in it are nobody's business here. */
static int read_name(struct slice *rest, struct slice *whole)
{
    struct der_item name;
    struct der_item set;
    struct slice attribute;

    if (der_expect(rest, DER_SEQUENCE, &name) != 0) {
        return -1;
    }
    while (name.content.length != 0) {
        if (der_expect(&name.content, DER_SET, &set) != 0) {
            return -1;
        }
        do {
            if (read_typed(&set.content, 1, &attribute) != 0) {
                return -1;
            }
        } while (set.content.length != 0);
    }
    *whole = name.whole;
    return 0;
}

static int read_version(struct slice *rest, struct certificate_view *view)
{
    struct der_item outer;
    struct slice number;

    view->version = 1;
    if (rest->length == 0 || rest->data[0] != DER_CONTEXT_CONSTRUCTED(0)) {
        return 0;
    }
    if (der_expect(rest, DER_CONTEXT_CONSTRUCTED(0), &outer) != 0 ||
        read_only(outer.content, DER_INTEGER, &number) != 0 || number.length != 1 || number.data[0] > 2) {
        return -1;
    }
    view->version = number.data[0] + 1;
    return 0;
}

static int read_validity(struct slice *rest, struct certificate_view *view)
{
    struct der_item outer;
    struct der_item from;
    struct der_item until;

    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 || der_read(&outer.content, &from) != 1 ||
        der_read(&outer.content, &until) != 1 || outer.content.length != 0 ||
        instant_parse_asn1(from.tag, from.content, &view->not_before) != 0 ||
        instant_parse_asn1(until.tag, until.content, &view->not_after) != 0) {
        return -1;
    }
    return 0;
}

int certificate_public_key(struct slice spki, struct slice *public_key)
{
    struct slice rest;
    struct slice algorithm;
    struct der_item item;

    if (read_only(spki, DER_SEQUENCE, &rest) != 0 || read_algorithm(&rest, &algorithm) != 0 ||
        der_expect(&rest, DER_BIT_STRING, &item) != 0 || rest.length != 0 || item.content.length == 0 ||
        item.content.data[0] != 0) {
        return -1;
    }
    *public_key = (struct slice){item.content.data + 1, item.content.length - 1};
    return 0;
}

/* What may follow the public key: unique identifiers, which nobody uses, and extensions. */
static int read_optional(struct slice rest, struct certificate_view *view)
{
    struct der_item item;

    for (unsigned char tag = DER_CONTEXT(1); tag <= DER_CONTEXT(2); tag++) {
        if (rest.length != 0 && rest.data[0] == tag && der_expect(&rest, tag, &item) != 0) {
            return -1;
        }
    }
    if (rest.length == 0) {
        return 0;
    }
    if (der_expect(&rest, DER_CONTEXT_CONSTRUCTED(3), &item) != 0 || rest.length != 0 ||
        read_only(item.content, DER_SEQUENCE, &view->extensions) != 0) {
        return -1;
    }
    return read_extensions(view->extensions, view);
}

static int read_tbs(struct slice rest, struct certificate_view *view)
{
    struct slice algorithm;
    struct der_item serial;
    struct der_item spki;

    if (read_version(&rest, view) != 0 || der_expect(&rest, DER_INTEGER, &serial) != 0 ||
        !der_is_well_formed(serial.whole) || read_algorithm(&rest, &algorithm) != 0 ||
        read_name(&rest, &view->issuer) != 0 || read_validity(&rest, view) != 0 ||
        read_name(&rest, &view->subject) != 0 || der_expect(&rest, DER_SEQUENCE, &spki) != 0 ||
        certificate_public_key(spki.whole, &view->public_key) != 0) {
        return -1;
    }
    view->serial = serial.content;
    view->spki = spki.whole;
    return read_optional(rest, view);
}

int certificate_view_read(struct slice der, struct certificate_view *view)
{
    struct slice content;
    struct der_item tbs;
    struct der_item signature;

    memset(view, 0, sizeof(*view));
    view->path_length = -1;
    view->whole = der;
    if (read_only(der, DER_SEQUENCE, &content) != 0 || der_expect(&content, DER_SEQUENCE, &tbs) != 0 ||
        read_algorithm(&content, &view->signature_algorithm) != 0 ||
        der_expect(&content, DER_BIT_STRING, &signature) != 0 || content.length != 0 ||
        signature.content.length == 0 || signature.content.data[0] != 0) {
        return -1;
    }
    view->tbs = tbs.whole;
    view->signature = (struct slice){signature.content.data + 1, signature.content.length - 1};
    return read_tbs(tbs.content, view);
}

int certificate_find_extension(const struct certificate_view *view, const struct oid *type,
                               struct slice *value, bool *critical)
{
    struct slice rest = view->extensions;
    struct extension extension;
    int status;

    while ((status = read_extension(&rest, &extension)) == 1) {
        if (oid_equal(type, extension.type)) {
            *value = extension.value;
            *critical = extension.critical;
            return 1;
        }
    }
    return status;
}

int certificate_key_identifier(const struct context *context, struct slice spki, unsigned char identifier[20])
{
    struct slice public_key;
    size_t length = 0;

    if (certificate_public_key(spki, &public_key) != 0) {
        return -1;
    }
    if (EVP_Q_digest(context_libctx(context), "SHA1", NULL, public_key.data, public_key.length, identifier,
                     &length) != 1 ||
        length != 20) {
        return -1;
    }
    return 0;
}
