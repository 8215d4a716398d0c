/* SPDX-License-Identifier: Apache-2.0 */
/* x509/extension: each extension octet for octet what OpenSSL makes of the same words, criticality included. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/conf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "x509/extension.h"

/* What is written must be what OpenSSL encodes for extension @p nid with configuration text @p words. */
static void is_openssls(struct bytes *ours, struct der *der, int nid, const char *words)
{
    X509_EXTENSION *extension;
    unsigned char *theirs = NULL;
    CONF *none = NCONF_new(NULL);
    X509V3_CTX context;
    int length;

    X509V3_set_ctx(&context, NULL, NULL, NULL, NULL, 0);
    X509V3_set_nconf(&context, none); /* policies want one, be it empty */
    extension = X509V3_EXT_nconf_nid(NULL, &context, nid, words);
    cr_assert_not_null(extension, "%s", words);
    length = i2d_X509_EXTENSION(extension, &theirs);
    cr_assert_eq(der_finish(der), 0, "%s", words);
    cr_assert_eq(ours->length, (size_t)length, "%s", words);
    cr_assert_arr_eq(ours->data, theirs, ours->length, "%s", words);
    OPENSSL_free(theirs);
    X509_EXTENSION_free(extension);
    NCONF_free(none);
    bytes_clear(ours);
    der_start(der, ours);
}

static void oids(struct oid *out, const char *const *dotted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(oid_parse(dotted[i], &out[i]), 0);
    }
}

Test(extension, as_openssl_encodes_them)
{
    static const unsigned char identifier[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                               11, 12, 13, 14, 15, 16, 17, 18, 19, 0xff};
    static const char *const usages[] = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.99999.7"};
    static const char *const policies[] = {"2.5.29.32.0", "1.2.3.4.5"};
    static const char *const urls[] = {"http://a.example/a.crl", "http://b.example/b.crl"};
    static const unsigned char names[] = "\x82\x09localhost\x87\x04\x7f\x00\x00\x01";
    struct bytes ours = BYTES_EMPTY;
    struct oid list[3];
    struct der der;

    der_start(&der, &ours);
    extension_write_basic_constraints(&der, true, -1);
    is_openssls(&ours, &der, NID_basic_constraints, "critical,CA:TRUE");
    extension_write_basic_constraints(&der, true, 0);
    is_openssls(&ours, &der, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extension_write_basic_constraints(&der, true, 300);
    is_openssls(&ours, &der, NID_basic_constraints, "critical,CA:TRUE,pathlen:300");
    extension_write_basic_constraints(&der, false, 3);
    is_openssls(&ours, &der, NID_basic_constraints, "critical,CA:FALSE");

    extension_write_subject_key_identifier(&der, (struct slice){identifier, 20});
    is_openssls(&ours, &der, NID_subject_key_identifier, "0102030405060708090A0B0C0D0E0F10111213FF");

    oids(list, usages, 3);
    extension_write_extended_key_usage(&der, list, 3);
    is_openssls(&ours, &der, NID_ext_key_usage, "serverAuth,clientAuth,1.3.6.1.4.1.99999.7");
    oids(list, policies, 2);
    extension_write_certificate_policies(&der, list, 2);
    is_openssls(&ours, &der, NID_certificate_policies, "2.5.29.32.0,1.2.3.4.5");

    extension_write_crl_distribution_points(&der, urls, 1);
    is_openssls(&ours, &der, NID_crl_distribution_points, "URI:http://a.example/a.crl");
    extension_write_crl_distribution_points(&der, urls, 2);
    is_openssls(&ours, &der, NID_crl_distribution_points,
                "URI:http://a.example/a.crl,URI:http://b.example/b.crl");

    extension_write_authority_information_access(&der, "http://o.example", NULL);
    is_openssls(&ours, &der, NID_info_access, "OCSP;URI:http://o.example");
    extension_write_authority_information_access(&der, NULL, "http://c.example/c.cer");
    is_openssls(&ours, &der, NID_info_access, "caIssuers;URI:http://c.example/c.cer");
    extension_write_authority_information_access(&der, "http://o.example", "http://c.example/c.cer");
    is_openssls(&ours, &der, NID_info_access,
                "OCSP;URI:http://o.example,caIssuers;URI:http://c.example/c.cer");

    extension_write_subject_alternative_name(&der, (struct slice){names, sizeof(names) - 1}, false);
    is_openssls(&ours, &der, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    extension_write_subject_alternative_name(&der, (struct slice){names, sizeof(names) - 1}, true);
    is_openssls(&ours, &der, NID_subject_alt_name, "critical,DNS:localhost,IP:127.0.0.1");

    extension_write_ocsp_no_check(&der);
    is_openssls(&ours, &der, NID_id_pkix_OCSP_noCheck, "ignored");
    bytes_free(&ours);
}

Test(extension, name_constraints)
{
    static const unsigned char dns[] = "\x82\x0b"
                                       "example.com"
                                       "\x82\x03"
                                       "org";
    static const unsigned char ip[] = "\x87\x08\x0a\x00\x00\x00\xff\x00\x00\x00";
    const struct slice permitted = {dns, sizeof(dns) - 1};
    const struct slice excluded = {ip, sizeof(ip) - 1};
    const struct slice none = {NULL, 0};
    struct bytes ours = BYTES_EMPTY;
    struct der der;

    der_start(&der, &ours);
    extension_write_name_constraints(&der, permitted, none);
    is_openssls(&ours, &der, NID_name_constraints, "critical,permitted;DNS:example.com,permitted;DNS:org");
    extension_write_name_constraints(&der, none, excluded);
    is_openssls(&ours, &der, NID_name_constraints, "critical,excluded;IP:10.0.0.0/255.0.0.0");
    extension_write_name_constraints(&der, permitted, excluded);
    is_openssls(&ours, &der, NID_name_constraints,
                "critical,permitted;DNS:example.com,permitted;DNS:org,excluded;IP:10.0.0.0/255.0.0.0");
    extension_write_name_constraints(&der, (struct slice){dns, sizeof(dns) - 2}, none);
    cr_assert_eq(der_finish(&der), -1, "half a name is refused");
    bytes_free(&ours);
}

Test(extension, authority_key_identifier_by_key_identifier_alone)
{
    static const unsigned char identifier[] = {0xaa, 0xbb, 0xcc};
    struct bytes ours = BYTES_EMPTY;
    const unsigned char *at;
    X509_EXTENSION *extension;
    AUTHORITY_KEYID *decoded;
    struct der der;

    der_start(&der, &ours);
    extension_write_authority_key_identifier(&der, (struct slice){identifier, 3});
    cr_assert_eq(der_finish(&der), 0);
    at = ours.data;
    extension = d2i_X509_EXTENSION(NULL, &at, (long)ours.length);
    cr_assert_not_null(extension);
    cr_assert_eq(X509_EXTENSION_get_critical(extension), 0);
    cr_assert_eq(OBJ_obj2nid(X509_EXTENSION_get_object(extension)), NID_authority_key_identifier);
    decoded = X509V3_EXT_d2i(extension);
    cr_assert_not_null(decoded);
    cr_assert_eq(ASN1_STRING_length(decoded->keyid), 3);
    cr_assert_arr_eq(ASN1_STRING_get0_data(decoded->keyid), identifier, 3);
    cr_assert_null(decoded->issuer);
    cr_assert_null(decoded->serial);
    AUTHORITY_KEYID_free(decoded);
    X509_EXTENSION_free(extension);
    bytes_free(&ours);
}

Test(extension, every_key_usage)
{
    struct bytes words = BYTES_EMPTY;
    struct bytes ours = BYTES_EMPTY;
    struct der der;

    der_start(&der, &ours);
    for (uint32_t bits = 1; bits < 512; bits++) {
        bytes_clear(&words);
        cr_assert_eq(bytes_append_text(&words, "critical"), 0);
        for (unsigned int bit = 0; bit < 9; bit++) {
            if ((bits & (1u << bit)) != 0) {
                /* OpenSSL knows the older name only. */
                cr_assert_eq(
                    bytes_printf(&words, ",%s", bit == 1 ? "nonRepudiation" : extension_key_usage_name(bit)),
                    0);
            }
        }
        extension_write_key_usage(&der, bits);
        is_openssls(&ours, &der, NID_key_usage, bytes_text(&words));
    }
    bytes_free(&words);
    bytes_free(&ours);
}

Test(extension, key_usage_words)
{
    for (unsigned int bit = 0; bit < 9; bit++) {
        const char *name = extension_key_usage_name(bit);

        cr_assert_not_null(name);
        cr_assert_eq(extension_key_usage_bit(name), 1u << bit, "%s", name);
    }
    cr_assert_null(extension_key_usage_name(9));
    cr_assert_null(extension_key_usage_name(1000));
    cr_assert_str_eq(extension_key_usage_name(1), "contentCommitment");
    cr_assert_eq(extension_key_usage_bit("nonRepudiation"), KEY_USAGE_CONTENT_COMMITMENT);
    cr_assert_eq(extension_key_usage_bit("keyEncipherment"), KEY_USAGE_KEY_ENCIPHERMENT);
    cr_assert_eq(extension_key_usage_bit("KeyEncipherment"), 0);
    cr_assert_eq(extension_key_usage_bit(""), 0);
}

Test(extension, types_are_the_registered_ones)
{
    static const int nids[] = {
        [EXTENSION_SUBJECT_KEY_IDENTIFIER] = NID_subject_key_identifier,
        [EXTENSION_KEY_USAGE] = NID_key_usage,
        [EXTENSION_SUBJECT_ALTERNATIVE_NAME] = NID_subject_alt_name,
        [EXTENSION_BASIC_CONSTRAINTS] = NID_basic_constraints,
        [EXTENSION_NAME_CONSTRAINTS] = NID_name_constraints,
        [EXTENSION_CRL_DISTRIBUTION_POINTS] = NID_crl_distribution_points,
        [EXTENSION_CERTIFICATE_POLICIES] = NID_certificate_policies,
        [EXTENSION_AUTHORITY_KEY_IDENTIFIER] = NID_authority_key_identifier,
        [EXTENSION_EXTENDED_KEY_USAGE] = NID_ext_key_usage,
        [EXTENSION_AUTHORITY_INFORMATION_ACCESS] = NID_info_access,
        [EXTENSION_OCSP_NO_CHECK] = NID_id_pkix_OCSP_noCheck,
    };

    for (size_t kind = 0; kind < sizeof(nids) / sizeof(nids[0]); kind++) {
        const ASN1_OBJECT *object = OBJ_nid2obj(nids[kind]);
        const struct oid *type = extension_type((enum extension_kind)kind);

        cr_assert(oid_equal(type, (struct slice){OBJ_get0_data(object), OBJ_length(object)}), "kind %zu",
                  kind);
    }
}

Test(extension, any_other)
{
    struct bytes ours = BYTES_EMPTY;
    struct oid type;
    struct der der;

    cr_assert_eq(oid_parse("1.2.3.4", &type), 0);
    der_start(&der, &ours);
    extension_write(&der, &type, false, slice_of_text("\x0c\x02hi"));
    cr_assert_eq(der_finish(&der), 0);
    cr_assert(slice_equal(slice_of(&ours), slice_of_text("\x30\x0b\x06\x03\x2a\x03\x04\x04\x04\x0c\x02hi")));
    bytes_clear(&ours);
    der_start(&der, &ours);
    extension_write(&der, &type, true, slice_of_text("\x05"));
    cr_assert_eq(der_finish(&der), 0);
    cr_assert(
        slice_equal(slice_of(&ours), slice_of_text("\x30\x0b\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x01\x05")));
    bytes_free(&ours);
}
