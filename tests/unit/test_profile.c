/* SPDX-License-Identifier: Apache-2.0 */
/* x509/profile: copied in depth, and its extensions as a key of each family can have them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/fault.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/profile.h"

static struct faults *faults;

static void set_up(void)
{
    faults = faults_new();
}

static void tear_down(void)
{
    faults_free(faults);
}

TestSuite(profile, .init = set_up, .fini = tear_down);

/* The Extensions of @p profile for a key of @p family. */
static X509_EXTENSIONS *encode(const struct profile *profile, enum key_family family, int path_length)
{
    struct bytes extensions = BYTES_EMPTY;
    struct bytes sequence = BYTES_EMPTY;
    X509_EXTENSIONS *decoded;
    const unsigned char *at;
    struct der der;

    cr_assert_eq(profile_encode_extensions(profile, family, path_length, &extensions, faults), 0, "%s",
                 faults_text(faults, 0));
    der_start(&der, &sequence);
    der_value(&der, DER_SEQUENCE, slice_of(&extensions));
    at = sequence.data;
    decoded = d2i_X509_EXTENSIONS(NULL, &at, (long)sequence.length);
    cr_assert_not_null(decoded);
    bytes_free(&extensions);
    bytes_free(&sequence);
    return decoded;
}

static void free_extensions(X509_EXTENSIONS *extensions)
{
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

/* KeyUsage as KEY_USAGE_ bits; 0 when there is no such extension. */
static uint32_t usage_for(uint32_t usage, enum key_family family)
{
    struct profile profile;
    X509_EXTENSIONS *extensions;
    ASN1_BIT_STRING *bits;
    uint32_t found = 0;

    profile_init(&profile);
    profile.key_usage = usage;
    extensions = encode(&profile, family, -1);
    bits = X509V3_get_d2i(extensions, NID_key_usage, NULL, NULL);
    for (int bit = 0; bits != NULL && bit < 9; bit++) {
        found |= ASN1_BIT_STRING_get_bit(bits, bit) ? UINT32_C(1) << bit : 0;
    }
    cr_assert(bits == NULL || found != 0, "an empty KeyUsage");
    ASN1_BIT_STRING_free(bits);
    free_extensions(extensions);
    return found;
}

Test(profile, usages_fit_the_key)
{
    const uint32_t enciphering = KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;
    const uint32_t agreeing = KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY;
    const uint32_t all = 0x1ff;

    cr_assert_eq(usage_for(all, KEY_FAMILY_RSA), all & ~agreeing);
    cr_assert_eq(usage_for(all, KEY_FAMILY_EC), all & ~enciphering);
    cr_assert_eq(usage_for(all, KEY_FAMILY_EDDSA), all & ~agreeing & ~enciphering);
    cr_assert_eq(usage_for(all, KEY_FAMILY_ML_DSA), all & ~agreeing & ~enciphering);
    cr_assert_eq(usage_for(all, KEY_FAMILY_OTHER), all & ~enciphering);
    cr_assert_eq(usage_for(KEY_USAGE_KEY_ENCIPHERMENT, KEY_FAMILY_EC), 0, "nothing left, nothing written");
    cr_assert_eq(usage_for(0, KEY_FAMILY_RSA), 0);
}

Test(profile, basic_constraints_always)
{
    struct profile profile;
    X509_EXTENSIONS *extensions;
    BASIC_CONSTRAINTS *constraints;
    int critical = 0;

    profile_init(&profile);
    cr_assert_eq(profile.path_length, -1);
    extensions = encode(&profile, KEY_FAMILY_EC, 5);
    cr_assert_eq(sk_X509_EXTENSION_num(extensions), 1);
    constraints = X509V3_get_d2i(extensions, NID_basic_constraints, &critical, NULL);
    cr_assert_eq(critical, 1);
    cr_assert_eq(constraints->ca, 0);
    cr_assert_null(constraints->pathlen);
    BASIC_CONSTRAINTS_free(constraints);
    free_extensions(extensions);

    profile.ca = true;
    for (int given = -1; given < 2; given++) {
        for (int own = -1; own < 2; own++) {
            int awaited = given >= 0 ? given : own;

            profile.path_length = own;
            extensions = encode(&profile, KEY_FAMILY_EC, given);
            constraints = X509V3_get_d2i(extensions, NID_basic_constraints, NULL, NULL);
            cr_assert_eq(constraints->ca, 0xff);
            cr_assert_eq(constraints->pathlen == NULL ? -1 : ASN1_INTEGER_get(constraints->pathlen), awaited);
            BASIC_CONSTRAINTS_free(constraints);
            free_extensions(extensions);
        }
    }
}

/* A profile with something in every field. */
static void fill(struct profile *profile)
{
    static const char *const urls[] = {"http://a.example/1.crl", "http://a.example/2.crl"};
    struct oid common_name;
    const char *why;

    profile_init(profile);
    profile->name = strdup("full");
    profile->description = strdup("everything");
    profile->key = KEY_ED25519;
    profile->validity = (struct validity){true, false, 5, 0, {1, 2}};
    profile->backdate = (struct duration){0, 60};
    profile->ca = true;
    profile->path_length = 2;
    profile->key_usage = KEY_USAGE_KEY_CERT_SIGN;
    profile->extended_key_usages = calloc(1, sizeof(struct oid));
    profile->extended_key_usage_count = 1;
    cr_assert_eq(oid_parse("1.3.6.1.5.5.7.3.9", &profile->extended_key_usages[0]), 0);
    profile->san_require = 4;
    profile->san_allow = 12;
    profile->subject_require = calloc(1, sizeof(struct oid));
    profile->subject_require_count = 1;
    cr_assert_eq(name_type_parse("CN", &common_name), 0);
    profile->subject_require[0] = common_name;
    cr_assert_eq(name_add(&profile->subject_defaults, &common_name, "default", false, &why), 0);
    profile->name_constraints_auto = true;
    cr_assert_eq(bytes_append_text(&profile->permitted, "\x82\x01p"), 0);
    cr_assert_eq(bytes_append_text(&profile->excluded, "\x82\x01q"), 0);
    profile->policies = calloc(1, sizeof(struct oid));
    profile->policy_count = 1;
    cr_assert_eq(oid_parse("1.2.3.9", &profile->policies[0]), 0);
    profile->crl_urls = calloc(2, sizeof(char *));
    profile->crl_url_count = 2;
    profile->crl_urls[0] = strdup(urls[0]);
    profile->crl_urls[1] = strdup(urls[1]);
    profile->ocsp_url = strdup("http://o.example");
    profile->ca_issuers_url = strdup("http://c.example");
    profile->ocsp_no_check = true;
    profile->extensions = calloc(1, sizeof(struct profile_extension));
    profile->extension_count = 1;
    cr_assert_eq(oid_parse("1.2.3.4", &profile->extensions[0].type), 0);
    profile->extensions[0].critical = true;
    cr_assert_eq(bytes_append(&profile->extensions[0].value, "\x05\x00", 2), 0);
    profile->bundle = strdup("ios-legacy");
}

Test(profile, everything_is_encoded)
{
    static const int nids[] = {
        NID_basic_constraints,       NID_key_usage,   NID_ext_key_usage,       NID_certificate_policies,
        NID_crl_distribution_points, NID_info_access, NID_id_pkix_OCSP_noCheck};
    struct profile profile;
    X509_EXTENSIONS *extensions;
    X509_EXTENSION *own;

    fill(&profile);
    extensions = encode(&profile, KEY_FAMILY_EC, -1);
    cr_assert_eq(sk_X509_EXTENSION_num(extensions), 8);
    for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
        cr_assert_eq(X509v3_get_ext_by_NID(extensions, nids[i], -1), (int)i, "%s", OBJ_nid2sn(nids[i]));
    }
    own = X509v3_get_ext(extensions, 7);
    cr_assert_eq(X509_EXTENSION_get_critical(own), 1);
    cr_assert_arr_eq(ASN1_STRING_get0_data(X509_EXTENSION_get_data(own)), "\x05\x00", 2);
    free_extensions(extensions);
    profile_free(&profile);
}

Test(profile, copied_in_depth)
{
    struct profile profile;
    struct profile copy;
    struct bytes one = BYTES_EMPTY;
    struct bytes other = BYTES_EMPTY;
    struct oid common_name;

    profile_init(&copy);
    fill(&profile);
    cr_assert_eq(profile_encode_extensions(&profile, KEY_FAMILY_EC, -1, &one, faults), 0);
    cr_assert_eq(profile_copy(&copy, &profile), 0);
    cr_assert_eq(profile_copy(&copy, &profile), 0, "over another");
    profile_free(&profile);
    cr_assert_eq(profile.path_length, -1);
    cr_assert_eq(profile_encode_extensions(&copy, KEY_FAMILY_EC, -1, &other, faults), 0);
    cr_assert(slice_equal(slice_of(&one), slice_of(&other)));
    cr_assert_str_eq(copy.name, "full");
    cr_assert_str_eq(copy.description, "everything");
    cr_assert_eq(copy.key, KEY_ED25519);
    cr_assert(copy.validity.fixed_from && !copy.validity.fixed_until);
    cr_assert_eq(copy.validity.from, 5);
    cr_assert_eq(copy.validity.duration.months, 1);
    cr_assert_eq(copy.backdate.seconds, 60);
    cr_assert_eq(copy.san_require, 4);
    cr_assert_eq(copy.san_allow, 12);
    cr_assert_eq(copy.subject_require_count, 1);
    cr_assert_eq(name_type_parse("CN", &common_name), 0);
    cr_assert_str_eq(name_find(&copy.subject_defaults, &common_name), "default");
    cr_assert(copy.name_constraints_auto);
    cr_assert(slice_equal(slice_of(&copy.permitted), slice_of_text("\x82\x01p")));
    cr_assert(slice_equal(slice_of(&copy.excluded), slice_of_text("\x82\x01q")));
    cr_assert_str_eq(copy.bundle, "ios-legacy");
    profile_free(&copy);
    bytes_free(&one);
    bytes_free(&other);
}

/* @p dotted as an own extension of @p profile is refused. */
static void refuses(struct profile *profile, const char *dotted)
{
    struct bytes out = BYTES_EMPTY;
    size_t before = faults_count(faults);

    cr_assert_eq(oid_parse(dotted, &profile->extensions[profile->extension_count - 1].type), 0);
    cr_assert_eq(profile_encode_extensions(profile, KEY_FAMILY_EC, -1, &out, faults), -1, "%s", dotted);
    cr_assert_eq(faults_count(faults), before + 1);
    cr_assert_not_null(strstr(faults_text(faults, before), dotted), "%s", faults_text(faults, before));
    cr_assert_eq(out.length, 0);
}

Test(profile, no_extension_twice)
{
    static const char *const all[] = {"2.5.29.14", "2.5.29.15",         "2.5.29.17",           "2.5.29.19",
                                      "2.5.29.30", "2.5.29.31",         "2.5.29.32",           "2.5.29.35",
                                      "2.5.29.37", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5"};
    static const char *const always[] = {"2.5.29.14", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.35"};
    struct profile profile;
    struct profile bare;
    struct bytes out = BYTES_EMPTY;

    fill(&profile);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        refuses(&profile, all[i]);
    }
    profile_free(&profile);
    /* Where the profile has nothing of its own in a field, an extension may come in its place. */
    profile_init(&bare);
    bare.extensions = calloc(2, sizeof(struct profile_extension));
    bare.extension_count = 1;
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        refuses(&bare, always[i]);
    }
    cr_assert_eq(oid_parse("2.5.29.31", &bare.extensions[0].type), 0);
    cr_assert_eq(profile_encode_extensions(&bare, KEY_FAMILY_EC, -1, &out, faults), 0);
    bare.extension_count = 2;
    refuses(&bare, "2.5.29.31");
    profile_free(&bare);
    bytes_free(&out);
}

Test(profile, san_bits)
{
    uint32_t seen = 0;
    static const int kinds[] = {GENERAL_NAME_OTHER,   GENERAL_NAME_EMAIL, GENERAL_NAME_DNS,
                                GENERAL_NAME_DIRNAME, GENERAL_NAME_URI,   GENERAL_NAME_IP,
                                GENERAL_NAME_RID,     GENERAL_NAME_UPN};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint32_t bit = profile_san_bit(kinds[i]);

        cr_assert_neq(bit, 0);
        cr_assert_eq(bit & (bit - 1), 0);
        cr_assert_eq(seen & bit, 0);
        seen |= bit;
    }
    cr_assert_eq(profile_san_bit(GENERAL_NAME_UPN), 1u << 9);
    cr_assert_eq(profile_san_bit(-1), 0);
    cr_assert_eq(profile_san_bit(99), 0);
}
