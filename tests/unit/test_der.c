/* SPDX-License-Identifier: Apache-2.0 */
/* DER against OpenSSL's encoders and decoders, and against the rules of X.690 one by one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "x509/der.h"
#include "x509/instant.h"

#define BYTES(text) ((struct slice){(const unsigned char *)(text), sizeof(text) - 1})

static void assert_bytes(const struct bytes *bytes, struct slice expected)
{
    cr_assert(slice_equal(slice_of(bytes), expected));
    cr_assert(bytes->data == NULL || bytes->data[bytes->length] == '\0');
}

Test(der, nested_values)
{
    struct bytes out = BYTES_EMPTY;
    struct der der;

    der_start(&der, &out);
    der_begin(&der, DER_SEQUENCE);
    der_boolean(&der, true);
    der_boolean(&der, false);
    der_null(&der);
    der_begin_bits(&der);
    der_begin(&der, DER_SET);
    der_end(&der);
    der_end(&der);
    der_begin(&der, DER_CONTEXT_CONSTRUCTED(3));
    der_value(&der, DER_UTF8_STRING, slice_of_text("x"));
    der_value(&der, DER_OCTET_STRING, (struct slice){NULL, 0});
    der_end(&der);
    der_raw(&der, BYTES("\x02\x01\x05"));
    der_end(&der);
    cr_assert_eq(der_finish(&der), 0);
    assert_bytes(&out, BYTES("\x30\x17\x01\x01\xff\x01\x01\x00\x05\x00\x03\x03\x00\x31\x00\xa3\x05\x0c\x01"
                             "x\x04\x00\x02\x01\x05"));
    cr_assert(der_is_well_formed(slice_of(&out)));
    bytes_free(&out);
}

/* Goal: bytes that were there stay in front. */
Test(der, appends_to_what_is_there)
{
    struct bytes out = BYTES_EMPTY;
    struct der der;

    cr_assert_eq(bytes_append_text(&out, "before"), 0);
    der_start(&der, &out);
    der_begin(&der, DER_SEQUENCE);
    der_null(&der);
    der_end(&der);
    cr_assert_eq(der_finish(&der), 0);
    assert_bytes(&out, BYTES("before\x30\x02\x05\x00"));
    bytes_free(&out);
}

/* Goal: at each size where the number of length octets changes, closed and primitive values have the header OpenSSL writes. */
Test(der, lengths_agree_with_openssl)
{
    static const size_t lengths[] = {0, 1, 126, 127, 128, 129, 255, 256, 257, 65535, 65536, 70000};
    unsigned char *content = malloc(70000);

    cr_assert_not_null(content);
    memset(content, 0x5a, 70000);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        ASN1_OCTET_STRING *theirs = ASN1_OCTET_STRING_new();
        unsigned char *encoded = NULL;
        struct bytes closed = BYTES_EMPTY;
        struct bytes primitive = BYTES_EMPTY;
        struct der der;
        int length;

        cr_assert_not_null(theirs);
        cr_assert_eq(ASN1_OCTET_STRING_set(theirs, content, (int)lengths[i]), 1);
        length = i2d_ASN1_OCTET_STRING(theirs, &encoded);
        cr_assert_gt(length, 0);

        der_start(&der, &closed);
        der_begin(&der, DER_OCTET_STRING);
        der_raw(&der, (struct slice){content, lengths[i]});
        der_end(&der);
        cr_assert_eq(der_finish(&der), 0);
        assert_bytes(&closed, (struct slice){encoded, (size_t)length});

        der_start(&der, &primitive);
        der_value(&der, DER_OCTET_STRING, (struct slice){content, lengths[i]});
        cr_assert_eq(der_finish(&der), 0);
        assert_bytes(&primitive, (struct slice){encoded, (size_t)length});

        bytes_free(&closed);
        bytes_free(&primitive);
        OPENSSL_free(encoded);
        ASN1_OCTET_STRING_free(theirs);
    }
    free(content);
}

/* Goal: three levels that each grow by length octets keep their contents. */
Test(der, long_values_in_long_values)
{
    unsigned char content[300];
    struct bytes out = BYTES_EMPTY;
    struct slice rest;
    struct der_item outer;
    struct der_item middle;
    struct der_item inner;
    struct der der;

    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (unsigned char)i;
    }
    der_start(&der, &out);
    der_begin(&der, DER_SEQUENCE);
    der_begin(&der, DER_SET);
    der_begin(&der, DER_OCTET_STRING);
    der_raw(&der, (struct slice){content, sizeof(content)});
    der_end(&der);
    der_end(&der);
    der_null(&der);
    der_end(&der);
    cr_assert_eq(der_finish(&der), 0);
    rest = slice_of(&out);
    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &outer), 0);
    cr_assert_eq(rest.length, 0);
    cr_assert_eq(der_expect(&outer.content, DER_SET, &middle), 0);
    cr_assert_eq(der_expect(&middle.content, DER_OCTET_STRING, &inner), 0);
    cr_assert(slice_equal(inner.content, (struct slice){content, sizeof(content)}));
    cr_assert_eq(middle.content.length, 0);
    cr_assert(slice_equal(outer.content, BYTES("\x05\x00")));
    bytes_free(&out);
}

Test(der, integers_agree_with_openssl)
{
    static const uint64_t numbers[] = {0,     1,     127,   128,        255,       256,
                                       32767, 32768, 65537, UINT32_MAX, INT64_MAX, UINT64_MAX};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ASN1_INTEGER *theirs = ASN1_INTEGER_new();
        unsigned char *encoded = NULL;
        struct bytes out = BYTES_EMPTY;
        struct der der;
        int length;

        cr_assert_eq(ASN1_INTEGER_set_uint64(theirs, numbers[i]), 1);
        length = i2d_ASN1_INTEGER(theirs, &encoded);
        cr_assert_gt(length, 0);
        der_start(&der, &out);
        der_number(&der, numbers[i]);
        cr_assert_eq(der_finish(&der), 0);
        assert_bytes(&out, (struct slice){encoded, (size_t)length});
        bytes_free(&out);
        OPENSSL_free(encoded);
        ASN1_INTEGER_free(theirs);
    }
}

Test(der, magnitudes_agree_with_openssl)
{
    static const struct slice magnitudes[] = {
        {NULL, 0},
        {(const unsigned char *)"\x00\x00", 2},
        {(const unsigned char *)"\x00\x00\x80", 3},
        {(const unsigned char
              *)"\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
         20},
        {(const unsigned char
              *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
         20},
    };

    for (size_t i = 0; i < sizeof(magnitudes) / sizeof(magnitudes[0]); i++) {
        BIGNUM *number = BN_bin2bn(magnitudes[i].data, (int)magnitudes[i].length, NULL);
        ASN1_INTEGER *theirs = BN_to_ASN1_INTEGER(number, NULL);
        unsigned char *encoded = NULL;
        struct bytes out = BYTES_EMPTY;
        struct der der;
        int length = i2d_ASN1_INTEGER(theirs, &encoded);

        cr_assert_gt(length, 0);
        der_start(&der, &out);
        der_unsigned(&der, magnitudes[i]);
        cr_assert_eq(der_finish(&der), 0);
        assert_bytes(&out, (struct slice){encoded, (size_t)length});
        bytes_free(&out);
        OPENSSL_free(encoded);
        ASN1_INTEGER_free(theirs);
        BN_free(number);
    }
}

/* Goal: named bits are those of OpenSSL's bit string, for each single bit and some sets. */
Test(der, named_bits_agree_with_openssl)
{
    uint32_t sets[36] = {0, 0x60, 0x101, 0xffffffff};

    for (unsigned int bit = 0; bit < 32; bit++) {
        sets[4 + bit] = UINT32_C(1) << bit;
    }
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        ASN1_BIT_STRING *theirs = ASN1_BIT_STRING_new();
        unsigned char *encoded = NULL;
        struct bytes out = BYTES_EMPTY;
        struct der der;
        int length;

        for (int bit = 0; bit < 32; bit++) {
            if ((sets[i] >> bit & 1) != 0) {
                cr_assert_eq(ASN1_BIT_STRING_set_bit(theirs, bit, 1), 1);
            }
        }
        length = i2d_ASN1_BIT_STRING(theirs, &encoded);
        cr_assert_gt(length, 0);
        der_start(&der, &out);
        der_named_bits(&der, DER_BIT_STRING, sets[i]);
        cr_assert_eq(der_finish(&der), 0);
        assert_bytes(&out, (struct slice){encoded, (size_t)length});
        bytes_free(&out);
        OPENSSL_free(encoded);
        ASN1_BIT_STRING_free(theirs);
    }
}

/* Goal: times have the type RFC 5280 wants and are the ones OpenSSL would write. */
Test(der, times_agree_with_openssl)
{
    static const struct {
        const char *text;
        unsigned char tag;
    } cases[] = {
        {"1970-01-01T00:00:00Z", DER_UTC_TIME},         {"1950-01-01T00:00:00Z", DER_UTC_TIME},
        {"1949-12-31T23:59:59Z", DER_GENERALIZED_TIME}, {"2024-02-29T12:34:56Z", DER_UTC_TIME},
        {"2049-12-31T23:59:59Z", DER_UTC_TIME},         {"2050-01-01T00:00:00Z", DER_GENERALIZED_TIME},
        {"9999-12-31T23:59:59Z", DER_GENERALIZED_TIME},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ASN1_TIME *theirs;
        unsigned char *encoded = NULL;
        struct bytes out = BYTES_EMPTY;
        const char *why = "nothing";
        struct der der;
        instant value;
        int length;

        cr_assert_eq(instant_parse(cases[i].text, &value, &why), 0, "%s", why);
        theirs = ASN1_TIME_set(NULL, (time_t)value);
        cr_assert_not_null(theirs);
        length = i2d_ASN1_TIME(theirs, &encoded);
        cr_assert_gt(length, 0);
        der_start(&der, &out);
        der_time(&der, value);
        cr_assert_eq(der_finish(&der), 0);
        cr_assert_eq(out.data[0], cases[i].tag, "%s", cases[i].text);
        assert_bytes(&out, (struct slice){encoded, (size_t)length});
        bytes_free(&out);
        OPENSSL_free(encoded);
        ASN1_TIME_free(theirs);
    }
}

/* Goal: a failure sticks, nothing is written after it, and der_finish tells. */
Test(der, failures_stick)
{
    struct bytes out = BYTES_EMPTY;
    struct der der;

    der_start(&der, &out);
    der_time(&der, INSTANT_MAX + 1);
    der_null(&der);
    cr_assert_eq(der_finish(&der), -1);
    cr_assert_eq(out.length, 0);

    der_start(&der, &out);
    der_end(&der);
    cr_assert_eq(der_finish(&der), -1, "closed more than opened");

    der_start(&der, &out);
    der_begin(&der, DER_SEQUENCE);
    cr_assert_eq(der_finish(&der), -1, "left open");

    der_start(&der, &out);
    for (size_t i = 0; i < DER_DEPTH_MAX; i++) {
        der_begin(&der, DER_SEQUENCE);
    }
    for (size_t i = 0; i < DER_DEPTH_MAX; i++) {
        der_end(&der);
    }
    cr_assert_eq(der_finish(&der), 0, "as deep as promised");

    der_start(&der, &out);
    for (size_t i = 0; i <= DER_DEPTH_MAX; i++) {
        der_begin(&der, DER_SEQUENCE);
    }
    for (size_t i = 0; i <= DER_DEPTH_MAX; i++) {
        der_end(&der);
    }
    cr_assert_eq(der_finish(&der), -1, "deeper than promised");
    bytes_free(&out);
}

Test(der, reading_walks_values)
{
    struct slice whole =
        BYTES("\x02\x01\x05\x30\x00\x04\x81\x80" /* an OCTET STRING of 128 octets is cut off below */);
    struct slice rest = {whole.data, 5};
    struct der_item item;

    cr_assert_eq(der_read(&rest, &item), 1);
    cr_assert(item.tag == DER_INTEGER && item.content.length == 1 && item.content.data[0] == 5);
    cr_assert(item.whole.data == whole.data && item.whole.length == 3);
    cr_assert_eq(der_expect(&rest, DER_SET, &item), -1);
    cr_assert_eq(rest.length, 2, "a value of another type stays");
    cr_assert_eq(der_read(&rest, &item), 1);
    cr_assert(item.tag == DER_SEQUENCE && item.content.length == 0);
    cr_assert_eq(der_read(&rest, &item), 0);
    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &item), -1);
    rest = (struct slice){whole.data + 5, 3};
    cr_assert_eq(der_read(&rest, &item), -1);
    cr_assert_eq(rest.length, 3);
}

Test(der, malformed_values_are_refused)
{
    static const struct slice cases[] = {
        {(const unsigned char *)"\x02", 1},                         /* no length */
        {(const unsigned char *)"\x02\x01", 2},                     /* no content */
        {(const unsigned char *)"\x04\x05xxxx", 6},                 /* one octet short */
        {(const unsigned char *)"\x30\x80\x00\x00", 4},             /* indefinite */
        {(const unsigned char *)"\x04\x81\x01x", 4},                /* long form where short does */
        {(const unsigned char *)"\x04\x82\x00\x01x", 5},            /* leading zero */
        {(const unsigned char *)"\x04\x81", 2},                     /* length cut off */
        {(const unsigned char *)"\x04\x84\xff\xff\xff\xff", 6},     /* far beyond */
        {(const unsigned char *)"\x04\x85\x01\x00\x00\x00\x00", 7}, /* five length octets */
        {(const unsigned char *)"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10},
        {(const unsigned char *)"\x04\xff", 2},
        {(const unsigned char *)"\x1f\x81\x01\x00", 4}, /* tag in several octets */
        {(const unsigned char *)"\xbf\x01\x00", 3},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* A copy of exactly that size, so that reading past its end is seen. */
        unsigned char *copy = malloc(cases[i].length);
        struct slice rest = {copy, cases[i].length};
        struct der_item item;

        cr_assert_not_null(copy);
        memcpy(copy, cases[i].data, cases[i].length);
        cr_assert(!der_is_well_formed(rest), "case %zu", i);
        cr_assert_eq(der_read(&rest, &item), -1, "case %zu", i);
        cr_assert(rest.data == copy && rest.length == cases[i].length);
        free(copy);
    }
}

Test(der, well_formed)
{
    static const struct slice good[] = {
        {(const unsigned char *)"\x05\x00", 2},
        {(const unsigned char *)"\x30\x00", 2},
        {(const unsigned char *)"\x30\x04\x05\x00\x31\x00", 6},
        {(const unsigned char *)"\x01\x01\xff", 3},
        {(const unsigned char *)"\x01\x01\x00", 3},
        {(const unsigned char *)"\x02\x01\x80", 3},
        {(const unsigned char *)"\x02\x02\x00\x80", 4},
        {(const unsigned char *)"\x02\x02\xff\x7f", 4},
        {(const unsigned char *)"\x03\x01\x00", 3},
        {(const unsigned char *)"\x03\x02\x07\x80", 4},
        {(const unsigned char *)"\x06\x01\x2a", 3},
        {(const unsigned char *)"\x0c\x00", 2},
        {(const unsigned char *)"\x82\x01\xff", 3},         /* [2] primitive: any content */
        {(const unsigned char *)"\xa0\x03\x01\x01\xff", 5}, /* [0] constructed */
    };
    static const struct slice bad[] = {
        {NULL, 0},
        {(const unsigned char *)"\x05\x00\x05\x00", 4},     /* two values */
        {(const unsigned char *)"\x30\x02\x05\x01\x00", 5}, /* inner longer than outer */
        {(const unsigned char *)"\xa0\x02\x01\x01", 4},     /* the same in a tagged one */
        {(const unsigned char *)"\x30\x03\x05\x00\x05", 5}, /* a rest inside */
        {(const unsigned char *)"\x10\x00", 2},             /* primitive SEQUENCE */
        {(const unsigned char *)"\x11\x00", 2},             /* primitive SET */
        {(const unsigned char *)"\x24\x03\x04\x01x", 5},    /* string in pieces */
        {(const unsigned char *)"\x22\x03\x02\x01\x01", 5}, /* constructed INTEGER */
        {(const unsigned char *)"\x00\x00", 2},             /* end of contents */
        {(const unsigned char *)"\x01\x01\x01", 3},         /* BOOLEAN neither 00 nor ff */
        {(const unsigned char *)"\x01\x00", 2},
        {(const unsigned char *)"\x01\x02\xff\xff", 4},
        {(const unsigned char *)"\x02\x00", 2},
        {(const unsigned char *)"\x02\x02\x00\x7f", 4},
        {(const unsigned char *)"\x02\x02\xff\x80", 4},
        {(const unsigned char *)"\x0a\x02\x00\x01", 4},
        {(const unsigned char *)"\x03\x00", 2},
        {(const unsigned char *)"\x03\x01\x01", 3},
        {(const unsigned char *)"\x03\x02\x08\x00", 4},
        {(const unsigned char *)"\x03\x02\x01\x01", 4},
        {(const unsigned char *)"\x05\x01\x00", 3},
        {(const unsigned char *)"\x06\x00", 2},
        {(const unsigned char *)"\x06\x01\x80", 3},
        {(const unsigned char *)"\x06\x02\x2a\x86", 4},
        {(const unsigned char *)"\x06\x03\x2a\x80\x01", 5},
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(der_is_well_formed(good[i]), "case %zu", i);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert(!der_is_well_formed(bad[i]), "case %zu", i);
    }
}

/* Goal: 32 values within one another are read, 33 are not. */
Test(der, nesting_is_bounded)
{
    unsigned char deep[66];

    for (size_t i = 0; i < 33; i++) {
        deep[2 * i] = DER_SEQUENCE;
        deep[2 * i + 1] = (unsigned char)(64 - 2 * i);
    }
    cr_assert(der_is_well_formed((struct slice){deep + 2, 64}));
    cr_assert(!der_is_well_formed((struct slice){deep, 66}));
}
