/* SPDX-License-Identifier: Apache-2.0 */
/* Object identifiers against OpenSSL's reading of them. */
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/objects.h>

#include "x509/oid.h"

/* OpenSSL's content octets of a dotted OID. */
static struct slice openssl_content(ASN1_OBJECT *object)
{
    return (struct slice){OBJ_get0_data(object), OBJ_length(object)};
}

Test(oid, dotted_to_octets_and_back_agree_with_openssl)
{
    static const char *const cases[] = {
        "0.0",
        "0.39",
        "1.0",
        "1.39",
        "2.0",
        "2.39",
        "2.40",
        "2.47",
        "2.48",
        "2.5.29.37.0",
        "2.100.3",
        "2.999.1",
        "1.2.840.113549.1.1.11",
        "1.3.6.1.4.1.311.20.2.3",
        "1.3.6.1.5.5.7.3.127",
        "1.3.6.1.5.5.7.3.128",
        "1.3.6.1.5.5.7.3.16383",
        "1.3.6.1.5.5.7.3.16384",
        "1.3.6.1.4294967295",
        "1.3.6.1.4294967296",
        "1.3.6.1.18446744073709551615",
        "1.3.6.1.18446744073709551616",
        "1.3.1000000000",
        "1.3.999999999",
        "1.3.1000000000000000000000000001",
        "2.25.258089012375638105727047572139983230072",
        "2.25.340282366920938463463374607431768211455",
        "2.340282366920938463463374607431768211455.1",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ASN1_OBJECT *object = OBJ_txt2obj(cases[i], 1);
        struct bytes dotted = BYTES_EMPTY;
        char theirs[256];
        struct oid oid;

        cr_assert_not_null(object, "%s", cases[i]);
        cr_assert_eq(oid_parse(cases[i], &oid), 0, "%s", cases[i]);
        cr_assert(oid_equal(&oid, openssl_content(object)), "%s", cases[i]);
        cr_assert_eq(oid_format(oid_slice(&oid), &dotted), 0);
        cr_assert_str_eq(bytes_text(&dotted), cases[i]);
        cr_assert_gt(OBJ_obj2txt(theirs, sizeof(theirs), object, 1), 0);
        cr_assert_str_eq(bytes_text(&dotted), theirs);
        bytes_free(&dotted);
        ASN1_OBJECT_free(object);
    }
}

Test(oid, malformed_text_is_refused)
{
    static const char *const cases[] = {
        "",           "1",       "1.",
        "1.2.",       ".1.2",    "1..2",
        "3.1",        "1.40",    "0.40",
        "0.128",      "1.02",    "01.2",
        "1.2.03",     "1.2 ",    " 1.2",
        "1.2.-3",     "1.2.+3",  "1.2.3x",
        "1.2.3:4",    "1.2.3/4", "1,2",
        "10.2",       "1.2.a",   "2.",
        "serverAuth", "1.2.3\n", "1.18446744073709551656", /* 2^64 + 40: no wrap to 40 */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct oid oid = {.length = 47};

        cr_assert_eq(oid_parse(cases[i], &oid), -1, "%s", cases[i]);
        cr_assert_eq(oid.length, 47);
    }
}

/* Goal: OID_MAX octets are taken, one more is not, neither as many arcs nor as one large arc. */
Test(oid, longest)
{
    struct bytes text = BYTES_EMPTY;
    struct oid oid;

    cr_assert_eq(bytes_append_text(&text, "1.2"), 0);
    for (size_t i = 1; i < OID_MAX; i++) {
        cr_assert_eq(bytes_append_text(&text, ".1"), 0);
    }
    cr_assert_eq(oid_parse(bytes_text(&text), &oid), 0);
    cr_assert_eq(oid.length, OID_MAX);
    cr_assert_eq(bytes_append_text(&text, ".1"), 0);
    cr_assert_eq(oid_parse(bytes_text(&text), &oid), -1);

    bytes_clear(&text);
    cr_assert_eq(bytes_append_text(&text, "1.2."), 0);
    for (size_t i = 0; i < 200; i++) {
        cr_assert_eq(bytes_append_byte(&text, '9'), 0);
    }
    cr_assert_eq(oid_parse(bytes_text(&text), &oid), -1);
    bytes_free(&text);
}

/* Goal: the largest arc that fits has all its bits in both directions. */
Test(oid, largest_arc)
{
    unsigned char octets[OID_MAX];
    struct bytes text = BYTES_EMPTY;
    struct oid oid;

    memset(octets, 0xff, sizeof(octets));
    octets[OID_MAX - 1] = 0x7f;
    cr_assert_eq(oid_format((struct slice){octets, sizeof(octets)}, &text), 0);
    cr_assert_eq(text.length, 2 + 135);
    cr_assert_eq(oid_parse(bytes_text(&text), &oid), 0);
    cr_assert(oid_equal(&oid, (struct slice){octets, sizeof(octets)}));
    bytes_free(&text);
}

Test(oid, malformed_octets_are_refused)
{
    static const struct {
        const char *octets;
        size_t length;
    } cases[] = {
        {"", 0}, {"\x80", 1}, {"\x2a\x80", 2}, {"\x2a\x80\x01", 3}, {"\x80\x2a", 2}, {"\x2a\x86", 2},
    };
    unsigned char much[OID_MAX + 1];
    struct bytes text = BYTES_EMPTY;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice content = {(const unsigned char *)cases[i].octets, cases[i].length};

        cr_assert_eq(oid_format(content, &text), -1, "case %zu", i);
    }
    memset(much, 1, sizeof(much));
    cr_assert_eq(oid_format((struct slice){much, sizeof(much)}, &text), -1);
    cr_assert_eq(text.length, 0);
    bytes_free(&text);
}

/* Goal: every name means the OID that OpenSSL (or, where it has no name, the registry) gives it. */
Test(oid, extended_key_usages)
{
    static const struct {
        const char *name;
        const char *openssl; /* OpenSSL's name or the dotted form */
    } cases[] = {
        {"serverAuth", "serverAuth"},
        {"clientAuth", "clientAuth"},
        {"codeSigning", "codeSigning"},
        {"emailProtection", "emailProtection"},
        {"timeStamping", "timeStamping"},
        {"OCSPSigning", "OCSPSigning"},
        {"anyExtendedKeyUsage", "anyExtendedKeyUsage"},
        {"ipsecEndSystem", "ipsecEndSystem"},
        {"ipsecTunnel", "ipsecTunnel"},
        {"ipsecUser", "ipsecUser"},
        {"ipsecIKE", "1.3.6.1.5.5.7.3.17"},
        {"eapOverPPP", "1.3.6.1.5.5.7.3.13"},
        {"eapOverLAN", "1.3.6.1.5.5.7.3.14"},
        {"secureShellClient", "secureShellClient"},
        {"secureShellServer", "secureShellServer"},
        {"cmcCA", "cmcCA"},
        {"cmcRA", "cmcRA"},
        {"documentSigning", "1.3.6.1.5.5.7.3.36"},
        {"msSmartcardLogin", "msSmartcardLogin"},
        {"pkinitKPClientAuth", "pkInitClientAuth"},
        {"pkinitKPKdc", "pkInitKDC"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ASN1_OBJECT *object = OBJ_txt2obj(cases[i].openssl, 0);
        const char *name;
        struct oid oid;

        cr_assert_not_null(object, "%s", cases[i].openssl);
        cr_assert_eq(oid_parse_extended_key_usage(cases[i].name, &oid), 0, "%s", cases[i].name);
        cr_assert(oid_equal(&oid, openssl_content(object)), "%s", cases[i].name);
        name = oid_extended_key_usage_name(openssl_content(object));
        cr_assert_not_null(name);
        cr_assert_str_eq(name, cases[i].name);
        ASN1_OBJECT_free(object);
    }
}

Test(oid, extended_key_usage_dotted_or_unknown)
{
    struct oid oid;
    struct oid same;

    cr_assert_eq(oid_parse_extended_key_usage("1.3.6.1.5.5.7.3.1", &oid), 0);
    cr_assert_eq(oid_parse_extended_key_usage("serverAuth", &same), 0);
    cr_assert(oid_equal(&oid, oid_slice(&same)));
    cr_assert_eq(oid_parse_extended_key_usage("1.2.3.4", &oid), 0);
    cr_assert_null(oid_extended_key_usage_name(oid_slice(&oid)));
    cr_assert_eq(oid_parse_extended_key_usage("ServerAuth", &oid), -1);
    cr_assert_eq(oid_parse_extended_key_usage("serverAuthX", &oid), -1);
    cr_assert_eq(oid_parse_extended_key_usage("", &oid), -1);
}
