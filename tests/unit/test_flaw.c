/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509/flaw: each flaw is there in what was signed, nothing else is different, and the signature holds all the same where the signature is
 * not the flaw.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/flaw.h"
#include "x509/instant.h"
#include "x509/signature.h"

#define BEGIN INT64_C(1577836800)

static struct context *context;
static struct faults *faults;
static struct key *key;
static struct signer *signer;
static struct bytes sound, spki, extensions;

/* A certificate of ours, signed by itself, with @p flaw. */
static int sign(enum flaw flaw, struct bytes *der)
{
    static const unsigned char serial[] = {0x01, 0x02, 0x03};
    static const unsigned char name[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                         0x55, 0x04, 0x03, 0x0c, 0x02, 'c',  'a'};
    struct certificate_fields fields = {
        .serial = {serial, sizeof(serial)},
        .issuer = {name, sizeof(name)},
        .subject = {name, sizeof(name)},
        .spki = slice_of(&spki),
        .not_before = BEGIN,
        .not_after = INSTANT_MAX,
        .extensions = slice_of(&extensions),
        .flaw = flaw,
    };

    return certificate_sign(&fields, signer, der, faults);
}

static void set_up_with(enum key_algorithm algorithm)
{
    static const unsigned char names[] = {0x82, 0x01, 'h'};
    struct key_maker *maker;
    struct der der;

    context = context_new(NULL);
    faults = faults_new();
    maker = key_maker_new(context, algorithm, faults);
    key = key_maker_make(maker, faults);
    key_maker_free(maker);
    signer = signer_from_key(context, key, faults);
    cr_assert_eq(key_spki(key, &spki, faults), 0);
    der_start(&der, &extensions);
    extension_write_basic_constraints(&der, true, -1);
    extension_write_subject_alternative_name(&der, (struct slice){names, sizeof(names)}, true);
    cr_assert_eq(der_finish(&der), 0);
    cr_assert_eq(sign(FLAW_NONE, &sound), 0);
}

static void set_up(void)
{
    set_up_with(KEY_EC_P256);
}

static void tear_down(void)
{
    signer_free(signer);
    key_free(key);
    bytes_free(&sound);
    bytes_free(&spki);
    bytes_free(&extensions);
    faults_free(faults);
    context_free(context);
}

TestSuite(flaw, .init = set_up, .fini = tear_down);

/* What stands in a certificate, without being told off for it. */
struct look {
    struct der_item outer, tbs, algorithm, bits;
    struct der_item item[9]; /* of the TBSCertificate */
    size_t count;
};

static struct look look_at(struct slice der)
{
    struct look look = {.count = 0};
    struct slice rest;

    cr_assert_eq(der_expect(&der, DER_SEQUENCE, &look.outer), 0);
    rest = look.outer.content;
    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &look.tbs), 0);
    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &look.algorithm), 0);
    cr_assert_eq(der_expect(&rest, DER_BIT_STRING, &look.bits), 0);
    rest = look.tbs.content;
    while (look.count < 9 && der_read(&rest, &look.item[look.count]) == 1) {
        look.count++;
    }
    cr_assert_eq(rest.length, 0);
    return look;
}

static struct bytes flawed(enum flaw flaw)
{
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(sign(flaw, &der), 0, "%s", flaw_text(flaw));
    return der;
}

/* Whether the signature is one over what is in there. */
static bool holds(const struct look *look)
{
    struct slice signature = {look->bits.content.data + 1, look->bits.content.length - 1};
    const char *why = NULL;

    return signature_verify(context, look->algorithm.whole, slice_of(&spki), look->tbs.whole, signature,
                            &why) == 0;
}

static void assert_part(struct slice part, const char *octets, size_t length)
{
    cr_assert(slice_equal(part, (struct slice){(const unsigned char *)octets, length}));
}
#define OCTETS(text) text, sizeof(text) - 1

Test(flaw, has_a_word_each)
{
    enum flaw flaw, parsed;
    size_t count = 0;

    while ((flaw = flaw_at(count)) != FLAW_NONE) {
        cr_assert_eq(flaw_parse(flaw_text(flaw), &parsed), 0);
        cr_assert_eq(parsed, flaw);
        cr_assert_eq(strstr(flaw_words(), flaw_text(flaw)) == NULL, flaw_changes_serial(flaw));
        count++;
    }
    cr_assert_eq(count, (size_t)FLAW_NO_BASIC_CONSTRAINTS);
    cr_assert_eq(flaw_parse("none", &parsed), -1);
    cr_assert_eq(flaw_parse("", &parsed), -1);
    cr_assert_str_eq(flaw_text(FLAW_NONE), "none");
}

Test(flaw, without_one_the_certificate_is_sound)
{
    struct look look = look_at(slice_of(&sound));
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(&sound), &view), 0);
    cr_assert(holds(&look));
    cr_assert_eq(look.count, 8);
}

/* Each differs from the sound one, and all but two are signed well; MD5 is no algorithm of this key. */
Test(flaw, is_signed_well)
{
    enum flaw flaw;

    for (size_t i = 0; (flaw = flaw_at(i)) != FLAW_NONE; i++) {
        struct bytes der = BYTES_EMPTY;
        struct look look;

        if (flaw == FLAW_MD5) {
            continue;
        }
        der = flawed(flaw);
        look = look_at(slice_of(&der));
        cr_assert_not(slice_equal(look.outer.whole, slice_of(&sound)));
        /* signature_verify takes no SHA-1 */
        cr_assert_eq(holds(&look), flaw != FLAW_BAD_SIGNATURE && flaw != FLAW_SHA1, "%s", flaw_text(flaw));
        bytes_free(&der);
    }
}

Test(flaw, of_the_signature_leaves_the_rest)
{
    struct bytes der = flawed(FLAW_BAD_SIGNATURE);
    struct look look = look_at(slice_of(&der)), was = look_at(slice_of(&sound));

    cr_assert(slice_equal(look.tbs.whole, was.tbs.whole));
    der.data[der.length - 1] ^= 1;
    look = look_at(slice_of(&der));
    cr_assert(holds(&look));
    bytes_free(&der);
}

Test(flaw, of_the_serial)
{
    struct bytes der = flawed(FLAW_ZERO_SERIAL);

    assert_part(look_at(slice_of(&der)).item[1].content, OCTETS("\0"));
    bytes_free(&der);
    der = flawed(FLAW_NEGATIVE_SERIAL);
    assert_part(look_at(slice_of(&der)).item[1].content, OCTETS("\x81\2\3"));
    bytes_free(&der);
    der = flawed(FLAW_LONG_SERIAL);
    cr_assert_eq(look_at(slice_of(&der)).item[1].content.length, 22);
    cr_assert_eq(look_at(slice_of(&der)).item[1].content.data[0], 0x5a);
    bytes_free(&der);
    cr_assert(flaw_changes_serial(FLAW_ZERO_SERIAL) && !flaw_changes_serial(FLAW_SHA1));
}

Test(flaw, of_the_version)
{
    struct bytes der = flawed(FLAW_VERSION_1);
    struct look look = look_at(slice_of(&der)), was = look_at(slice_of(&sound));

    cr_assert_eq(look.count, 7);
    cr_assert_eq(look.item[0].tag, DER_INTEGER);
    cr_assert(slice_equal(look.item[6].whole, was.item[7].whole));
    bytes_free(&der);
}

Test(flaw, of_the_dates)
{
    struct bytes der = flawed(FLAW_TIME_WITHOUT_Z);

    assert_part(look_at(slice_of(&der)).item[4].content, OCTETS("\x17\x0c"
                                                                "200101000000"
                                                                "\x18\x0f"
                                                                "99991231235959Z"));
    bytes_free(&der);
    der = flawed(FLAW_GENERALIZED_TIME);
    assert_part(look_at(slice_of(&der)).item[4].content, OCTETS("\x18\x0f"
                                                                "20200101000000Z"
                                                                "\x18\x0f"
                                                                "99991231235959Z"));
    bytes_free(&der);
}

Test(flaw, of_the_algorithm)
{
    struct bytes der = flawed(FLAW_ALGORITHM_MISMATCH);
    struct look look = look_at(slice_of(&der));

    cr_assert_not(slice_equal(look.item[2].whole, look.algorithm.whole));
    bytes_free(&der);
    der = flawed(FLAW_SHA1);
    look = look_at(slice_of(&der));
    assert_part(look.algorithm.content, OCTETS("\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"));
    cr_assert(slice_equal(look.item[2].whole, look.algorithm.whole));
    bytes_free(&der);
}

/* How often the extension is there, and whether it is critical. */
static size_t count_extension(struct slice der, const struct oid *type, bool *critical)
{
    struct look look = look_at(der);
    struct slice rest = look.item[look.count - 1].content;
    struct der_item list, extension, field;
    size_t count = 0;

    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &list), 0);
    while (der_read(&list.content, &extension) == 1) {
        cr_assert_eq(der_read(&extension.content, &field), 1);
        if (type == NULL || oid_equal(type, field.content)) {
            count++;
            cr_assert_eq(der_read(&extension.content, &field), 1);
            *critical = field.tag == DER_BOOLEAN;
        }
    }
    return count;
}

Test(flaw, of_extensions)
{
    const struct oid *constraints = extension_type(EXTENSION_BASIC_CONSTRAINTS);
    const struct oid *names = extension_type(EXTENSION_SUBJECT_ALTERNATIVE_NAME);
    struct bytes der = flawed(FLAW_DUPLICATE_EXTENSION);
    bool critical = false;

    cr_assert_eq(count_extension(slice_of(&der), constraints, &critical), 2);
    bytes_free(&der);
    der = flawed(FLAW_NO_BASIC_CONSTRAINTS);
    cr_assert_eq(count_extension(slice_of(&der), constraints, &critical), 0);
    cr_assert_eq(count_extension(slice_of(&der), NULL, &critical), 1);
    bytes_free(&der);
    der = flawed(FLAW_UNKNOWN_CRITICAL);
    cr_assert_eq(count_extension(slice_of(&der), NULL, &critical), 3);
    cr_assert(critical);
    bytes_free(&der);
    der = flawed(FLAW_UNKNOWN_EXTENSION);
    cr_assert_eq(count_extension(slice_of(&der), NULL, &critical), 3);
    cr_assert_not(critical);
    bytes_free(&der);
    der = flawed(FLAW_NON_CRITICAL_SAN);
    cr_assert_eq(count_extension(slice_of(&der), names, &critical), 1);
    cr_assert_not(critical);
    cr_assert_eq(look_at(slice_of(&der)).item[5].content.length, 0);
    bytes_free(&der);
}

/* What is to be flawed has to be there. */
Test(flaw, needs_what_it_spoils)
{
    struct bytes der = BYTES_EMPTY;

    bytes_clear(&extensions);
    cr_assert_eq(sign(FLAW_DUPLICATE_EXTENSION, &der), -1);
    cr_assert_eq(sign(FLAW_NON_CRITICAL_SAN, &der), -1);
    cr_assert_eq(sign(FLAW_NO_BASIC_CONSTRAINTS, &der), -1);
    cr_assert_eq(sign(FLAW_VERSION_1, &der), -1);
    cr_assert_eq(sign(FLAW_MD5, &der), -1);
    cr_assert_eq(faults_errors(faults), 5);
    cr_assert_str_eq(faults_text(faults, 4), "the key that signs cannot sign with MD5");
    cr_assert_eq(der.length, 0);
    bytes_free(&der);
}

static void set_up_rsa(void)
{
    set_up_with(KEY_RSA_2048);
}

TestSuite(flaw_rsa, .init = set_up_rsa, .fini = tear_down);

Test(flaw_rsa, signs_with_md5)
{
    struct bytes der = flawed(FLAW_MD5);
    struct look look = look_at(slice_of(&der));

    assert_part(look.algorithm.content, OCTETS("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00"));
    cr_assert(slice_equal(look.item[2].whole, look.algorithm.whole));
    bytes_free(&der);
    der = flawed(FLAW_SHA1);
    look = look_at(slice_of(&der));
    assert_part(look.algorithm.content, OCTETS("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00"));
    bytes_free(&der);
}
