/* SPDX-License-Identifier: Apache-2.0 */
/* x509/certificate: what is signed is what OpenSSL reads; what OpenSSL made is read back; what is broken is refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"

/* CN=issuer and CN=subject */
static const unsigned char issuer_name[] = "\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x0c\x06issuer";
static const unsigned char subject_name[] = "\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x0c\x07subject";

static struct context *context;
static struct faults *faults;
static struct key *key;
static struct signer *signer;

static void set_up(void)
{
    struct key_maker *maker;

    context = context_new(NULL);
    faults = faults_new();
    maker = key_maker_new(context, KEY_EC_P256, faults);
    key = key_maker_make(maker, faults);
    signer = signer_from_key(context, key, faults);
    key_maker_free(maker);
}

static void tear_down(void)
{
    signer_free(signer);
    key_free(key);
    faults_free(faults);
    context_free(context);
}

TestSuite(certificate, .init = set_up, .fini = tear_down);

static struct certificate_fields fields_of(struct slice extensions)
{
    static const unsigned char serial[] = {0x80, 1, 2};

    return (struct certificate_fields){
        .serial = {serial, sizeof(serial)},
        .issuer = {issuer_name, sizeof(issuer_name) - 1},
        .subject = {subject_name, sizeof(subject_name) - 1},
        .spki = signer_spki(signer),
        .not_before = 1700000000,
        .not_after = 1800000000,
        .extensions = extensions,
    };
}

static struct bytes sign(const struct certificate_fields *fields)
{
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(certificate_sign(fields, signer, &der, faults), 0, "%s", faults_text(faults, 0));
    return der;
}

static struct bytes sign_with(struct slice extensions)
{
    struct certificate_fields fields = fields_of(extensions);

    return sign(&fields);
}

/* OpenSSL's reading of @p der, which must write itself back to the same octets. */
static X509 *parse(const struct bytes *der)
{
    const unsigned char *at = der->data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der->length);
    unsigned char *again = NULL;
    unsigned char *tbs = NULL;
    struct certificate_view view;
    int length;

    cr_assert_not_null(x509);
    cr_assert_eq(at, der->data + der->length);
    length = i2d_X509(x509, &again);
    cr_assert_eq((size_t)length, der->length);
    cr_assert_arr_eq(again, der->data, der->length);
    /* and from its parts, not from what it kept */
    length = i2d_re_X509_tbs(x509, &tbs);
    cr_assert_eq(certificate_view_read(slice_of(der), &view), 0);
    cr_assert_eq((size_t)length, view.tbs.length);
    cr_assert_arr_eq(tbs, view.tbs.data, view.tbs.length);
    OPENSSL_free(again);
    OPENSSL_free(tbs);
    return x509;
}

static bool same_octets(struct slice slice, const void *data, int length)
{
    return slice_equal(slice, (struct slice){data, (size_t)length});
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

Test(certificate, what_is_written_is_what_openssl_reads)
{
    struct bytes der = sign_with((struct slice){NULL, 0});
    X509 *x509 = parse(&der);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);

    cr_assert_eq(X509_verify(x509, key_pkey(key)), 1);
    cr_assert_eq(X509_get_version(x509), X509_VERSION_3);
    cr_assert_eq(ASN1_STRING_length(serial), 3);
    cr_assert_arr_eq(ASN1_STRING_get0_data(serial), "\x80\x01\x02", 3);
    cr_assert_eq(ASN1_STRING_type(serial), V_ASN1_INTEGER, "positive");
    cr_assert_str_eq(X509_NAME_oneline(X509_get_subject_name(x509), (char[100]){0}, 100), "/CN=subject");
    cr_assert_str_eq(X509_NAME_oneline(X509_get_issuer_name(x509), (char[100]){0}, 100), "/CN=issuer");
    cr_assert_eq(EVP_PKEY_eq(X509_get0_pubkey(x509), key_pkey(key)), 1);
    cr_assert_eq(X509_get_ext_count(x509), 0);
    X509_free(x509);
    bytes_free(&der);
}

Test(certificate, utc_and_generalized_times)
{
    static const struct {
        const char *time;
        int type;
        const char *text;
    } cases[] = {
        {"2049-12-31T23:59:59Z", V_ASN1_UTCTIME, "491231235959Z"},
        {"2050-01-01T00:00:00Z", V_ASN1_GENERALIZEDTIME, "20500101000000Z"},
        {"1950-01-01T00:00:00Z", V_ASN1_UTCTIME, "500101000000Z"},
        {"1949-12-31T23:59:59Z", V_ASN1_GENERALIZEDTIME, "19491231235959Z"},
        {"2024-02-29T12:34:56Z", V_ASN1_UTCTIME, "240229123456Z"},
        {"9999-12-31T23:59:59Z", V_ASN1_GENERALIZEDTIME, "99991231235959Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct certificate_fields fields = fields_of((struct slice){NULL, 0});
        struct certificate_view view;
        struct bytes der;
        const char *why;
        const ASN1_TIME *time;
        X509 *x509;

        cr_assert_eq(instant_parse(cases[i].time, &fields.not_after, &why), 0);
        fields.not_before = fields.not_after;
        der = sign(&fields);
        x509 = parse(&der);
        time = X509_get0_notAfter(x509);
        cr_assert_eq(ASN1_STRING_type(time), cases[i].type, "%s", cases[i].time);
        cr_assert(
            same_octets(slice_of_text(cases[i].text), ASN1_STRING_get0_data(time), ASN1_STRING_length(time)),
            "%s", cases[i].time);
        cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(view.not_before, fields.not_before, "%s", cases[i].time);
        cr_assert_eq(view.not_after, fields.not_after, "%s", cases[i].time);
        X509_free(x509);
        bytes_free(&der);
    }
}

Test(certificate, times_that_cannot_be_written)
{
    struct certificate_fields fields = fields_of((struct slice){NULL, 0});
    struct bytes der = BYTES_EMPTY;

    fields.not_after = INSTANT_MAX + 1;
    cr_assert_eq(certificate_sign(&fields, signer, &der, faults), -1);
    fields.not_after = 0;
    fields.not_before = INSTANT_MIN - 1;
    cr_assert_eq(certificate_sign(&fields, signer, &der, faults), -1);
    cr_assert_eq(faults_count(faults), 2);
    cr_assert_eq(der.length, 0);
}

/* ---- serials ----------------------------------------------------------------------------------------------------- */

static instant fixed_clock(void *state)
{
    return *(instant *)state;
}

static int fill(void *state, unsigned char *bytes, size_t length)
{
    memset(bytes, *(unsigned char *)state, length);
    return 0;
}

static int no_randomness(void *state, unsigned char *bytes, size_t length)
{
    (void)state;
    (void)bytes;
    (void)length;
    return -1;
}

Test(certificate, serials_have_the_promised_form)
{
    struct serial last = {{0}, 0};

    for (int i = 0; i < 1000; i++) {
        struct serial serial;

        cr_assert_eq(serial_make(context, &serial), 0);
        cr_assert_eq(serial.length, 19);
        cr_assert(serial.octets[0] >= 0x01 && serial.octets[0] <= 0x7f);
        cr_assert(memcmp(serial.octets + 3, last.octets + 3, 16) != 0);
        last = serial;
    }
}

/* All 128 bits behind the prefix come from the source of randomness. */
Test(certificate, serials_are_random_behind_the_prefix)
{
    unsigned char octet;
    struct serial serial;

    context_set_random(context, fill, &octet);
    for (int i = 0; i < 256; i++) {
        unsigned char awaited[16];

        octet = (unsigned char)i;
        memset(awaited, i, sizeof(awaited));
        cr_assert_eq(serial_make(context, &serial), 0);
        cr_assert_arr_eq(serial.octets + 3, awaited, 16);
    }
    context_set_random(context, no_randomness, NULL);
    cr_assert_eq(serial_make(context, &serial), -1);
}

/* Each of a stock is used once, also where it is filled again; and one that cannot be filled gives none. */
Test(certificate, serials_from_a_stock_are_all_different)
{
    static struct serial serials[100];
    struct serial_stock stock = {.left = 0};
    struct serial none;

    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(serial_make_from(context, &stock, &serials[i]), 0);
        cr_assert_eq(serials[i].length, 19);
        cr_assert(serials[i].octets[0] >= 0x01 && serials[i].octets[0] <= 0x7f);
        for (size_t j = 0; j < i; j++) {
            cr_assert(memcmp(serials[i].octets + 3, serials[j].octets + 3, 16) != 0, "%zu and %zu", i, j);
        }
    }
    stock.left = 0;
    context_set_random(context, no_randomness, NULL);
    cr_assert_eq(serial_make_from(context, &stock, &none), -1);
}

Test(certificate, serials_grow_with_the_time)
{
    struct serial last = {{0}, 0};
    instant now = 0;

    context_set_clock(context, fixed_clock, &now);
    for (instant step = 0; step < 2000; step++) {
        struct serial serial;

        now = step * 4000; /* 92 days in all: one turn of the prefix */
        cr_assert_eq(serial_make(context, &serial), 0);
        cr_assert_gt(memcmp(serial.octets, last.octets, 3), 0, "at %ld", (long)now);
        cr_assert(serial.octets[0] >= 0x01 && serial.octets[0] <= 0x7f);
        last = serial;
    }
    for (now = -3; now < 0x7f0000; now += 0x7efff1) {
        struct serial serial;

        cr_assert_eq(serial_make(context, &serial), 0);
        cr_assert(serial.octets[0] >= 0x01 && serial.octets[0] <= 0x7f, "at %ld", (long)now);
    }
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Extensions of all the kinds a view knows, and one it does not. */
static struct bytes many_extensions(void)
{
    struct bytes extensions = BYTES_EMPTY;
    struct oid usages[2];
    struct oid other;
    struct der der;

    cr_assert_eq(oid_parse("1.3.6.1.5.5.7.3.1", &usages[0]), 0);
    cr_assert_eq(oid_parse("1.3.6.1.5.5.7.3.2", &usages[1]), 0);
    cr_assert_eq(oid_parse("1.2.3.4", &other), 0);
    der_start(&der, &extensions);
    extension_write_basic_constraints(&der, true, 3);
    extension_write_key_usage(&der, KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_DECIPHER_ONLY);
    extension_write_extended_key_usage(&der, usages, 2);
    extension_write_subject_key_identifier(&der, slice_of_text("subject's"));
    extension_write_authority_key_identifier(&der, slice_of_text("authority's"));
    extension_write_subject_alternative_name(&der, slice_of_text("\x82\x01x"), false);
    extension_write(&der, &other, true, slice_of_text("\x05"));
    cr_assert_eq(der_finish(&der), 0);
    return extensions;
}

Test(certificate, a_view_shows_every_part)
{
    struct bytes extensions = many_extensions();
    struct bytes der = sign_with(slice_of(&extensions));
    struct certificate_view view;
    X509 *x509 = parse(&der);
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *algorithm;
    struct bytes awaited = BYTES_EMPTY;
    unsigned char *encoded = NULL;
    int length;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    X509_get0_signature(&signature, &algorithm, x509);
    cr_assert(same_octets(view.signature, ASN1_STRING_get0_data(signature), ASN1_STRING_length(signature)));
    length = i2d_X509_ALGOR((X509_ALGOR *)algorithm, &encoded);
    cr_assert(same_octets(view.signature_algorithm, encoded, length));
    OPENSSL_free(encoded);
    encoded = NULL;
    length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &encoded);
    cr_assert(same_octets(view.spki, encoded, length));
    OPENSSL_free(encoded);
    cr_assert(same_octets(view.public_key, X509_get0_pubkey_bitstr(x509)->data,
                          X509_get0_pubkey_bitstr(x509)->length));
    cr_assert(slice_equal(view.whole, slice_of(&der)));
    cr_assert(same_octets(view.issuer, issuer_name, sizeof(issuer_name) - 1));
    cr_assert(same_octets(view.subject, subject_name, sizeof(subject_name) - 1));
    cr_assert(same_octets(view.serial, "\0\x80\x01\x02", 4));
    cr_assert(slice_equal(view.extensions, slice_of(&extensions)));
    cr_assert_eq(view.version, 3);
    cr_assert_eq(view.not_before, 1700000000);
    cr_assert_eq(view.not_after, 1800000000);
    cr_assert(slice_equal(view.subject_key_identifier, slice_of_text("subject's")));
    cr_assert(slice_equal(view.authority_key_identifier, slice_of_text("authority's")));
    cr_assert(slice_equal(view.subject_alternative_names, slice_of_text("\x82\x01x")));
    cr_assert(view.has_basic_constraints && view.ca);
    cr_assert_eq(view.path_length, 3);
    cr_assert(view.has_key_usage);
    cr_assert_eq(view.key_usage, KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_DECIPHER_ONLY);
    cr_assert(same_octets(view.extended_key_usage,
                          "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02",
                          20));
    cr_assert(!view.fixture);
    X509_free(x509);
    bytes_free(&awaited);
    bytes_free(&der);
    bytes_free(&extensions);
}

Test(certificate, a_view_of_little)
{
    struct bytes der = sign_with((struct slice){NULL, 0});
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.extensions.length, 0);
    cr_assert(!view.has_basic_constraints && !view.ca && !view.has_key_usage && !view.fixture);
    cr_assert_eq(view.path_length, -1);
    cr_assert_eq(view.subject_key_identifier.length, 0);
    cr_assert_eq(view.authority_key_identifier.length, 0);
    cr_assert_eq(view.subject_alternative_names.length, 0);
    cr_assert_eq(view.extended_key_usage.length, 0);
    bytes_free(&der);
}

Test(certificate, find_extension)
{
    struct bytes extensions = many_extensions();
    struct bytes der = sign_with(slice_of(&extensions));
    struct certificate_view view;
    struct slice value;
    struct oid type;
    bool critical = false;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(oid_parse("1.2.3.4", &type), 0);
    cr_assert_eq(certificate_find_extension(&view, &type, &value, &critical), 1);
    cr_assert(critical);
    cr_assert(slice_equal(value, slice_of_text("\x05")));
    cr_assert_eq(oid_parse("2.5.29.14", &type), 0);
    cr_assert_eq(certificate_find_extension(&view, &type, &value, &critical), 1);
    cr_assert(!critical);
    cr_assert(slice_equal(value, slice_of_text("\x04\x09subject's")));
    cr_assert_eq(oid_parse("1.2.3", &type), 0);
    cr_assert_eq(certificate_find_extension(&view, &type, &value, &critical), 0);
    bytes_free(&der);
    bytes_free(&extensions);
}

Test(certificate, fixture_mark)
{
    struct bytes extensions = BYTES_EMPTY;
    struct certificate_view view;
    struct bytes der;
    struct oid mark;
    struct der writer;

    cr_assert_eq(oid_parse("1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608", &mark),
                 0);
    cr_assert(oid_equal(certificate_fixture_mark(), oid_slice(&mark)));
    cr_assert(certificate_is_fixture_mark(oid_slice(&mark)));
    cr_assert_eq(oid_parse("2.25.258089012375638105727047572139983230072", &mark), 0);
    cr_assert(certificate_is_fixture_mark(oid_slice(&mark)), "the same UUID as one number");
    cr_assert_eq(oid_parse("2.25.258089012375638105727047572139983230073", &mark), 0);
    cr_assert_not(certificate_is_fixture_mark(oid_slice(&mark)));
    der_start(&writer, &extensions);
    extension_write(&writer, certificate_fixture_mark(), false,
                    (struct slice){(const unsigned char *)"\x05\x00", 2});
    der = sign_with(slice_of(&extensions));
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert(view.fixture);
    bytes_free(&der);
    bytes_free(&extensions);
}

Test(certificate, key_identifier_is_openssls)
{
    struct bytes der = sign_with((struct slice){NULL, 0});
    X509 *x509 = parse(&der);
    unsigned char awaited[20];
    unsigned char identifier[20];
    unsigned int length = 0;

    cr_assert_eq(X509_pubkey_digest(x509, EVP_sha1(), awaited, &length), 1);
    cr_assert_eq(certificate_key_identifier(context, signer_spki(signer), identifier), 0);
    cr_assert_arr_eq(identifier, awaited, 20);
    cr_assert_eq(certificate_key_identifier(context, slice_of_text("\x30\x01x"), identifier), -1);
    X509_free(x509);
    bytes_free(&der);
}

/* ---- what others write ------------------------------------------------------------------------------------------- */

/* A certificate by OpenSSL, signed by the suite's key, changed by @p change before it is signed. */
static struct bytes by_openssl(void (*change)(X509 *x509))
{
    X509 *x509 = X509_new();
    struct bytes der = BYTES_EMPTY;
    unsigned char *encoded = NULL;
    int length;

    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8, (const unsigned char *)"x",
                               -1, -1, 0);
    ASN1_TIME_set(X509_getm_notBefore(x509), 0);
    ASN1_TIME_set(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key_pkey(key));
    change(x509);
    cr_assert_gt(X509_sign(x509, key_pkey(key), EVP_sha256()), 0);
    length = i2d_X509(x509, &encoded);
    cr_assert_eq(bytes_append(&der, encoded, (size_t)length), 0);
    OPENSSL_free(encoded);
    X509_free(x509);
    return der;
}

static void to_version_1(X509 *x509)
{
    X509_set_version(x509, X509_VERSION_1);
}

static void to_negative_serial(X509 *x509)
{
    ASN1_INTEGER_set(X509_get_serialNumber(x509), -5);
}

static void to_long_serial(X509 *x509)
{
    unsigned char octets[40];

    memset(octets, 0x11, sizeof(octets));
    cr_assert_eq(ASN1_STRING_set(X509_get_serialNumber(x509), octets, sizeof(octets)), 1);
}

static void to_many_extensions(X509 *x509)
{
    static const struct {
        int nid;
        const char *words;
    } extensions[] = {
        {NID_basic_constraints, "CA:TRUE"},
        {NID_key_usage, "digitalSignature"},
        {NID_netscape_comment, "a comment"},
        {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid:always,issuer:always"},
        {NID_subject_alt_name, "DNS:a.example,email:a@b.example"},
    };
    X509V3_CTX v3;

    X509V3_set_ctx(&v3, x509, x509, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &v3, extensions[i].nid, extensions[i].words);

        cr_assert_not_null(extension, "%s", extensions[i].words);
        cr_assert_eq(X509_add_ext(x509, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
}

Test(certificate, what_others_write_is_read)
{
    struct certificate_view view;
    struct bytes der;

    der = by_openssl(to_version_1);
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.version, 1);
    cr_assert_eq(view.not_after, 86400);
    bytes_free(&der);

    der = by_openssl(to_negative_serial);
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert(same_octets(view.serial, "\xfb", 1));
    bytes_free(&der);

    der = by_openssl(to_long_serial);
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.serial.length, 40);
    bytes_free(&der);

    der = by_openssl(to_many_extensions);
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert(view.ca && view.has_key_usage);
    cr_assert_eq(view.key_usage, KEY_USAGE_DIGITAL_SIGNATURE);
    cr_assert_eq(view.subject_key_identifier.length, 20);
    cr_assert_eq(view.subject_alternative_names.length, 24);
    bytes_free(&der);
}

/* FALSE written out, in critical and in cA: against DER, and found in certificates in use. */
Test(certificate, false_written_out_is_read)
{
    static const unsigned char extension[] =
        "\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\x00\x04\x05\x30\x03\x01\x01\x00";
    struct bytes der = sign_with((struct slice){extension, sizeof(extension) - 1});
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert(view.has_basic_constraints && !view.ca);
    bytes_free(&der);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void refuses_extension(struct slice extensions, const char *what)
{
    struct bytes der = sign_with(extensions);
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), -1, "taken: %s", what);
    bytes_free(&der);
}

#define LITERAL(octets) ((struct slice){(const unsigned char *)(octets), sizeof(octets) - 1})

Test(certificate, malformed_extensions)
{
    refuses_extension(LITERAL("\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x01\x01\x01"),
                      "cA neither true nor false");
    refuses_extension(LITERAL("\x30\x0f\x06\x03\x55\x1d\x13\x01\x01\x07\x04\x05\x30\x03\x01\x01\xff"),
                      "critical");
    refuses_extension(LITERAL("\x30\x0a\x06\x03\x55\x1d\x13\x04\x03\x30\x03\x01"), "cut short inside");
    refuses_extension(LITERAL("\x30\x0f\x06\x03\x55\x1d\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\xff"),
                      "pathLen -1");
    refuses_extension(LITERAL("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x08\x80"), "eight unused bits");
    refuses_extension(LITERAL("\x30\x0a\x06\x03\x55\x1d\x0e\x04\x03\x05\x01\x00"), "SKI of another type");
    refuses_extension(LITERAL("\x30\x0b\x06\x03\x55\x1d\x11\x04\x04\x30\x02\x82\x05"), "a name cut short");
    refuses_extension(LITERAL("\x30\x05\x06\x03\x55\x1d\x0e"), "no value");
    refuses_extension(LITERAL("\x30\x0c\x06\x03\x55\x1d\x0e\x04\x02\x04\x00\x05\x00\x00"),
                      "something behind the value");
    refuses_extension(
        LITERAL("\x30\x09\x06\x03\x55\x1d\x0e\x04\x02\x04\x00\x30\x09\x06\x03\x55\x1d\x0e\x04\x02\x04\x00"),
        "SKI twice");
    refuses_extension(LITERAL("\x31\x00"), "not an Extension");
}

Test(certificate, every_prefix_is_refused)
{
    struct bytes extensions = many_extensions();
    struct bytes der = sign_with(slice_of(&extensions));
    struct certificate_view view;

    for (size_t length = 0; length < der.length; length++) {
        unsigned char *copy = malloc(length + 1);

        memcpy(copy, der.data, length);
        cr_assert_eq(certificate_view_read((struct slice){copy, length}, &view), -1, "length %zu", length);
        free(copy);
    }
    cr_assert_eq(bytes_append_byte(&der, 0), 0);
    cr_assert_eq(certificate_view_read(slice_of(&der), &view), -1, "something behind it");
    bytes_free(&der);
    bytes_free(&extensions);
}

static bool lies_in(struct slice part, const unsigned char *octet)
{
    return octet >= part.data && octet < part.data + part.length;
}

/* Whatever one bit is changed to: never read where OpenSSL does not. (Of names it limits the types of string, which a view leaves alone.) */
Test(certificate, no_changed_bit_is_read_where_openssl_refuses)
{
    struct bytes extensions = many_extensions();
    struct bytes der = sign_with(slice_of(&extensions));
    size_t read = 0;

    for (size_t i = 0; i < der.length; i++) {
        unsigned char was = der.data[i];

        for (unsigned int change = 1; change < 256; change <<= 1) {
            const unsigned char *at = der.data;
            struct certificate_view view;
            X509 *x509;

            der.data[i] = (unsigned char)(was ^ change);
            if (certificate_view_read(slice_of(&der), &view) != 0) {
                continue;
            }
            read += 1;
            x509 = d2i_X509(NULL, &at, (long)der.length);
            cr_assert(x509 != NULL || lies_in(view.issuer, der.data + i) ||
                          lies_in(view.subject, der.data + i),
                      "octet %zu to %02x", i, der.data[i]);
            X509_free(x509);
        }
        der.data[i] = was;
    }
    cr_assert_gt(read, der.length, "most changes leave a certificate behind");
    bytes_free(&der);
    bytes_free(&extensions);
}

/* Lengths longer than they need be, and the indefinite one: BER, not DER. */
Test(certificate, ber_is_refused)
{
    struct bytes der = sign_with((struct slice){NULL, 0});
    struct bytes ber = BYTES_EMPTY;
    struct certificate_view view;

    /* 30 82 LL LL becomes 30 83 00 LL LL, and 30 80 ... 00 00 */
    cr_assert_eq(der.data[1], 0x82);
    cr_assert_eq(bytes_append(&ber, "\x30\x83\x00", 3), 0);
    cr_assert_eq(bytes_append(&ber, der.data + 2, der.length - 2), 0);
    cr_assert_eq(certificate_view_read(slice_of(&ber), &view), -1);
    bytes_clear(&ber);
    cr_assert_eq(bytes_append(&ber, "\x30\x80", 2), 0);
    cr_assert_eq(bytes_append(&ber, der.data + 4, der.length - 4), 0);
    cr_assert_eq(bytes_append(&ber, "\0\0", 2), 0);
    cr_assert_eq(certificate_view_read(slice_of(&ber), &view), -1);
    bytes_free(&ber);
    bytes_free(&der);
}
