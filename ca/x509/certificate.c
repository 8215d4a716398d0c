/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates:
 *
 *   Certificate    ::= SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING }             RFC 5280 section 4.1
 *   TBSCertificate ::= SEQUENCE { [0] version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo,
 *                                 [1] issuerUniqueID, [2] subjectUniqueID, [3] extensions }
 */
#include "x509/certificate.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/hex.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"
#include "x509/part.h"

/* ---- serials ----------------------------------------------------------------------------------------------------- */

#define SERIAL_PREFIX 3
/* Values of three octets whose first is 0x01 to 0x7f. */
#define PREFIX_FIRST  INT64_C(0x010000)
#define PREFIX_VALUES INT64_C(0x7f0000)

/* All but the random octets. */
static void serial_begin(const struct context *context, struct serial *serial)
{
    int64_t seconds = context_now(context) % PREFIX_VALUES;
    int64_t prefix = PREFIX_FIRST + (seconds < 0 ? seconds + PREFIX_VALUES : seconds);

    serial->octets[0] = (unsigned char)(prefix >> 16 & 0xff);
    serial->octets[1] = (unsigned char)(prefix >> 8 & 0xff);
    serial->octets[2] = (unsigned char)(prefix & 0xff);
    serial->length = SERIAL_PREFIX + SERIAL_RANDOM_LENGTH;
}

int serial_make(const struct context *context, struct serial *serial)
{
    serial_begin(context, serial);
    return context_random(context, serial->octets + SERIAL_PREFIX, SERIAL_RANDOM_LENGTH);
}

int serial_make_from(const struct context *context, struct serial_stock *stock, struct serial *serial)
{
    if (context_is_fixture(context)) {
        return serial_make(context, serial);
    }
    if (stock->left == 0) {
        if (context_random(context, stock->octets[0], sizeof(stock->octets)) != 0) {
            return -1;
        }
        stock->left = sizeof(stock->octets) / sizeof(stock->octets[0]);
    }
    serial_begin(context, serial);
    memcpy(serial->octets + SERIAL_PREFIX, stock->octets[--stock->left], SERIAL_RANDOM_LENGTH);
    return 0;
}

struct slice serial_slice(const struct serial *serial)
{
    return (struct slice){serial->octets, serial->length};
}

struct slice serial_magnitude(struct slice content)
{
    while (content.length > 1 && content.data[0] == 0) {
        content.data += 1;
        content.length -= 1;
    }
    return content;
}

int serial_parse(const char *text, struct bytes *serial)
{
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    char first[3] = "0";

    if (digits % 2 == 1 && text[digits] == '\0') {
        first[1] = *text++;
        if (bytes_append_byte(serial, (unsigned char)hex_octet(first)) != 0) {
            return -1;
        }
    }
    while (*text != '\0') {
        int octet = hex_octet(text);

        if (octet < 0 || serial->length > SERIAL_MAX ||
            bytes_append_byte(serial, (unsigned char)octet) != 0) {
            return -1;
        }
        text += 2;
        if (text[0] == ':' && text[1] != '\0') {
            text += 1;
        }
    }
    return serial->length > 0 ? 0 : -1;
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
    status = fields->flaw == FLAW_NONE ? signer_assemble(signer, slice_of(&tbs), der, faults)
                                       : flaw_assemble(fields->flaw, signer, slice_of(&tbs), der, faults);
out:
    bytes_free(&tbs);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

const struct oid *certificate_fixture_mark(void)
{
    /* 1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608 */
    static const struct oid mark = {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x01, 0xbe, 0x40, 0x93, 0x7a,
                                     0x83, 0x84, 0x2a, 0xc5, 0x3e, 0x83, 0xc4, 0x46, 0x81, 0x89, 0x43,
                                     0x82, 0xb8, 0x40, 0x86, 0xb7, 0xf1, 0x3b, 0x84, 0x8f, 0xa8, 0x78},
                                    33};

    return &mark;
}

bool certificate_is_fixture_mark(struct slice type)
{
    /* 2.25.258089012375638105727047572139983230072 */
    static const struct oid one_number = {{0x69, 0x83, 0x84, 0xaa, 0x91, 0xaf, 0xdc, 0xa4, 0xb2, 0x93,
                                           0x87, 0x9c, 0xa0, 0xb3, 0xbf, 0x8b, 0xdc, 0x8f, 0xa8, 0x78},
                                          20};

    return oid_equal(certificate_fixture_mark(), type) || oid_equal(&one_number, type);
}

/* Take in one extension. Those that matter here may come once only. */
static int take_extension(const struct part_extension *extension, uint64_t *seen,
                          struct certificate_view *view)
{
    unsigned char number;

    if (certificate_is_fixture_mark(extension->type)) {
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
        return part_only(extension->value, DER_OCTET_STRING, &view->subject_key_identifier);
    case 15:
        view->has_key_usage = true;
        return part_key_usage(extension->value, &view->key_usage);
    case 17:
        return part_sequence(extension->value, &view->subject_alternative_names);
    case 19:
        view->has_basic_constraints = true;
        return part_basic_constraints(extension->value, &view->ca, &view->path_length);
    case 35:
        return part_authority_key_identifier(extension->value, &view->authority_key_identifier);
    case 37:
        return part_sequence(extension->value, &view->extended_key_usage);
    default:
        return 0;
    }
}

static int read_extensions(struct slice rest, struct certificate_view *view)
{
    struct part_extension extension;
    uint64_t seen = 0;
    int status;

    while ((status = part_extension_read(&rest, &extension)) == 1) {
        if (take_extension(&extension, &seen, view) != 0) {
            return -1;
        }
    }
    return status;
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
        part_only(outer.content, DER_INTEGER, &number) != 0 || number.length != 1 || number.data[0] > 2) {
        return -1;
    }
    view->version = number.data[0] + 1;
    return 0;
}

static int read_validity(struct slice *rest, struct certificate_view *view)
{
    struct der_item outer;

    return der_expect(rest, DER_SEQUENCE, &outer) == 0 && part_time(&outer.content, &view->not_before) == 0 &&
                   part_time(&outer.content, &view->not_after) == 0 && outer.content.length == 0
               ? 0
               : -1;
}

int certificate_public_key(struct slice spki, struct slice *public_key)
{
    struct slice rest;
    struct slice algorithm;
    struct der_item item;

    if (part_only(spki, DER_SEQUENCE, &rest) != 0 || part_algorithm(&rest, &algorithm) != 0 ||
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
        part_only(item.content, DER_SEQUENCE, &view->extensions) != 0) {
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
        !der_is_well_formed(serial.whole) || part_algorithm(&rest, &algorithm) != 0 ||
        part_name(&rest, &view->issuer) != 0 || read_validity(&rest, view) != 0 ||
        part_name(&rest, &view->subject) != 0 || der_expect(&rest, DER_SEQUENCE, &spki) != 0 ||
        certificate_public_key(spki.whole, &view->public_key) != 0) {
        return -1;
    }
    view->serial = serial.content;
    view->spki = spki.whole;
    return read_optional(rest, view);
}

int certificate_view_read(struct slice der, struct certificate_view *view)
{
    struct part_signed parts;

    memset(view, 0, sizeof(*view));
    view->path_length = -1;
    view->whole = der;
    if (part_signed_read(der, &parts) != 0) {
        return -1;
    }
    view->tbs = parts.tbs.whole;
    view->signature_algorithm = parts.algorithm;
    view->signature = parts.signature;
    return read_tbs(parts.tbs.content, view);
}

int certificate_find_extension(const struct certificate_view *view, const struct oid *type,
                               struct slice *value, bool *critical)
{
    struct part_extension extension;
    int status = part_extension_find(view->extensions, type, &extension);

    if (status == 1) {
        *value = extension.value;
        *critical = extension.critical;
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
