/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509/issuer: chains issued in memory, with no ledger and no file, that OpenSSL verifies; foreign authorities' names and key
 * identifiers copied octet for octet; what must not be issued refused.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/fault.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"
#include "x509/issuer.h"
#include "x509/name.h"

#define NOW 1750000000

static struct context *context;
static struct faults *faults;
static struct profile root_profile, intermediate_profile, server_profile, client_profile;

static void set_usages(struct profile *profile, const char *usage)
{
    profile->extended_key_usages = calloc(1, sizeof(struct oid));
    profile->extended_key_usage_count = 1;
    cr_assert_eq(oid_parse_extended_key_usage(usage, profile->extended_key_usages), 0);
}

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
    profile_init(&root_profile);
    root_profile.ca = true;
    root_profile.key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    cr_assert_eq(profile_copy(&intermediate_profile, &root_profile), 0);
    intermediate_profile.path_length = 0;
    profile_init(&server_profile);
    server_profile.key_usage = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT;
    set_usages(&server_profile, "serverAuth");
    profile_init(&client_profile);
    client_profile.key_usage = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_AGREEMENT;
    set_usages(&client_profile, "clientAuth");
}

static void tear_down(void)
{
    profile_free(&root_profile);
    profile_free(&intermediate_profile);
    profile_free(&server_profile);
    profile_free(&client_profile);
    faults_free(faults);
    context_free(context);
}

TestSuite(issuer, .init = set_up, .fini = tear_down);

static struct key *make(enum key_algorithm algorithm)
{
    struct key_maker *maker = key_maker_new(context, algorithm, faults);
    struct key *key = key_maker_make(maker, faults);

    cr_assert_not_null(key);
    key_maker_free(maker);
    return key;
}

/* DER of CN=@p common_name; the empty Name for NULL. */
static struct bytes name_of(const char *common_name)
{
    struct name name = {NULL, 0};
    struct bytes der = BYTES_EMPTY;
    struct oid type;
    const char *why;

    cr_assert_eq(name_type_parse("CN", &type), 0);
    cr_assert(common_name == NULL || name_add(&name, &type, common_name, false, &why) == 0);
    cr_assert_eq(name_encode(&name, &der), 0);
    name_free(&name);
    return der;
}

/* What a certificate needs, with the parts it borrows. */
struct order {
    struct issuance issuance;
    struct bytes subject;
    struct bytes spki;
    struct serial serial;
};

static struct order *order_new(const struct profile *profile, const char *subject, const struct key *key)
{
    struct order *order = calloc(1, sizeof(*order));

    order->subject = name_of(subject);
    cr_assert_eq(key_spki(key, &order->spki, faults), 0);
    cr_assert_eq(serial_make(context, &order->serial), 0);
    order->issuance = (struct issuance){
        .profile = profile,
        .subject = slice_of(&order->subject),
        .spki = slice_of(&order->spki),
        .family = key_family_of(key),
        .serial = serial_slice(&order->serial),
        .not_before = NOW - 3600,
        .not_after = NOW + 86400,
        .path_length = -1,
    };
    return order;
}

static void order_free(struct order *order)
{
    bytes_free(&order->subject);
    bytes_free(&order->spki);
    free(order);
}

static struct issuer *issuer_over(const struct bytes *certificate, const struct key *key)
{
    struct issuer *issuer =
        issuer_new(context, slice_of(certificate), signer_from_key(context, key, faults), faults);

    cr_assert_not_null(issuer, "%s", faults_text(faults, faults_count(faults) - 1));
    return issuer;
}

static struct bytes self_sign(const struct profile *profile, const char *subject, const struct key *key)
{
    struct order *order = order_new(profile, subject, key);
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(issuer_self_sign(context, signer, &order->issuance, &der, faults), 0, "%s",
                 faults_text(faults, faults_count(faults) - 1));
    signer_free(signer);
    order_free(order);
    return der;
}

static struct bytes issue(struct issuer *issuer, const struct profile *profile, const char *subject,
                          const struct key *key, struct slice names)
{
    struct order *order = order_new(profile, subject, key);
    struct bytes der = BYTES_EMPTY;

    order->issuance.names = names;
    cr_assert_eq(issuer_issue(issuer, &order->issuance, &der, faults), 0, "%s",
                 faults_text(faults, faults_count(faults) - 1));
    order_free(order);
    return der;
}

static X509 *parse(const struct bytes *der)
{
    const unsigned char *at = der->data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der->length);

    cr_assert_not_null(x509);
    cr_assert_eq(at, der->data + der->length);
    return x509;
}

/* What OpenSSL says of @p leaf under @p root, strictly; X509_V_OK when all is well. */
static int verify(const struct bytes *leaf, const struct bytes *intermediate, const struct bytes *root,
                  int purpose)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509 *certificates[3] = {parse(leaf), intermediate == NULL ? NULL : parse(intermediate), parse(root)};
    int status;

    cr_assert_eq(X509_STORE_add_cert(store, certificates[2]), 1);
    if (certificates[1] != NULL) {
        sk_X509_push(untrusted, certificates[1]);
    }
    cr_assert_eq(X509_STORE_CTX_init(verification, store, certificates[0], untrusted), 1);
    X509_STORE_CTX_set_purpose(verification, purpose);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(verification), NOW);
    X509_STORE_CTX_set_flags(verification, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    status = X509_verify_cert(verification) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(verification);
    sk_X509_free(untrusted);
    X509_STORE_CTX_free(verification);
    X509_STORE_free(store);
    for (int i = 0; i < 3; i++) {
        X509_free(certificates[i]);
    }
    return status;
}

#define LITERAL(octets) ((struct slice){(const unsigned char *)(octets), sizeof(octets) - 1})
#define NONE            ((struct slice){NULL, 0})
#define LOCALHOST       LITERAL("\x82\x09localhost")

/* ---- chains ------------------------------------------------------------------------------------------------------ */

/* Root, intermediate and leaves, all with keys of one kind. */
static void chain_of(enum key_algorithm algorithm)
{
    const char *word = key_algorithm_text(algorithm);
    struct key *keys[4] = {make(algorithm), make(algorithm), make(algorithm), make(algorithm)};
    struct bytes root = self_sign(&root_profile, "root", keys[0]);
    struct issuer *top = issuer_over(&root, keys[0]);
    struct bytes intermediate = issue(top, &intermediate_profile, "intermediate", keys[1], NONE);
    struct issuer *middle = issuer_over(&intermediate, keys[1]);
    struct bytes server = issue(middle, &server_profile, "server", keys[2], LOCALHOST);
    struct bytes client = issue(middle, &client_profile, "client", keys[3], NONE);

    cr_assert_eq(verify(&server, &intermediate, &root, X509_PURPOSE_SSL_SERVER), X509_V_OK, "%s", word);
    cr_assert_eq(verify(&client, &intermediate, &root, X509_PURPOSE_SSL_CLIENT), X509_V_OK, "%s", word);
    cr_assert_eq(verify(&client, &intermediate, &root, X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE,
                 "%s", word);
    cr_assert_eq(verify(&server, NULL, &root, X509_PURPOSE_SSL_SERVER),
                 X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    cr_assert_eq(verify(&root, NULL, &root, X509_PURPOSE_ANY), X509_V_OK, "%s", word);
    for (int i = 0; i < 4; i++) {
        key_free(keys[i]);
    }
    issuer_free(top);
    issuer_free(middle);
    bytes_free(&root);
    bytes_free(&intermediate);
    bytes_free(&server);
    bytes_free(&client);
}

Test(issuer, chains_of_ec_keys)
{
    chain_of(KEY_EC_P256);
    chain_of(KEY_EC_P384);
    chain_of(KEY_EC_P521);
}

Test(issuer, chains_of_eddsa_keys)
{
    chain_of(KEY_ED25519);
    chain_of(KEY_ED448);
}

Test(issuer, chains_of_rsa_keys)
{
    chain_of(KEY_RSA_2048);
}

Test(issuer, chains_of_ml_dsa_keys)
{
    for (int id = KEY_ML_DSA_44; id <= KEY_ML_DSA_87; id++) {
        enum key_algorithm algorithm = (enum key_algorithm)id;

        if (key_algorithm_available(context, algorithm)) {
            chain_of(algorithm);
        } else {
            cr_assert_null(key_maker_new(context, algorithm, faults));
        }
    }
}

/* ---- what stands in a certificate -------------------------------------------------------------------------------- */

Test(issuer, extensions_and_their_criticality)
{
    struct key *authority = make(KEY_EC_P256);
    struct key *key = make(KEY_RSA_2048);
    struct bytes root = self_sign(&root_profile, "root", authority);
    struct issuer *issuer = issuer_over(&root, authority);
    struct bytes der = issue(issuer, &server_profile, "server", key, LOCALHOST);
    static const struct {
        int nid;
        int critical;
    } awaited[] = {{NID_basic_constraints, 1},
                   {NID_key_usage, 1},
                   {NID_ext_key_usage, 0},
                   {NID_subject_key_identifier, 0},
                   {NID_authority_key_identifier, 0},
                   {NID_subject_alt_name, 0}};
    X509 *x509 = parse(&der);
    X509 *root_x509 = parse(&root);

    cr_assert_eq(X509_get_ext_count(x509), 6);
    for (size_t i = 0; i < sizeof(awaited) / sizeof(awaited[0]); i++) {
        int critical = -1;
        void *decoded = X509_get_ext_d2i(x509, awaited[i].nid, &critical, NULL);

        cr_assert_not_null(decoded, "%s", OBJ_nid2sn(awaited[i].nid));
        cr_assert_eq(critical, awaited[i].critical, "%s", OBJ_nid2sn(awaited[i].nid));
        ASN1_item_free(decoded, ASN1_ITEM_ptr(X509V3_EXT_get_nid(awaited[i].nid)->it));
    }
    cr_assert_eq(X509_get_key_usage(x509), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
    cr_assert_eq(X509_get_extended_key_usage(x509), XKU_SSL_SERVER);
    cr_assert_eq(X509_check_host(x509, "localhost", 0, 0, NULL), 1);
    cr_assert_eq(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(x509), X509_get0_subject_key_id(root_x509)),
                 0);
    cr_assert_null(X509_get0_authority_key_id(root_x509), "a root names no authority");
    cr_assert_eq(X509_check_ca(root_x509), 1);
    cr_assert_eq(X509_get_pathlen(root_x509), -1);
    cr_assert_eq(X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0), 1);
    X509_free(x509);
    X509_free(root_x509);
    issuer_free(issuer);
    key_free(authority);
    key_free(key);
    bytes_free(&root);
    bytes_free(&der);
}

static struct certificate_view view_of(const struct bytes *der)
{
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(der), &view), 0);
    return view;
}

Test(issuer, key_encipherment_only_with_rsa)
{
    static const enum key_algorithm kinds[] = {KEY_RSA_2048, KEY_EC_P256, KEY_ED25519};
    static const uint32_t awaited[] = {KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT,
                                       KEY_USAGE_DIGITAL_SIGNATURE, KEY_USAGE_DIGITAL_SIGNATURE};
    struct key *authority = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", authority);
    struct issuer *issuer = issuer_over(&root, authority);

    /* twice over: what is kept of one kind must not be given to another */
    for (size_t i = 0; i < 6; i++) {
        struct key *key = make(kinds[i % 3]);
        struct bytes der = issue(issuer, &server_profile, "server", key, LOCALHOST);

        cr_assert_eq(view_of(&der).key_usage, awaited[i % 3], "%s", key_algorithm_text(kinds[i % 3]));
        bytes_free(&der);
        key_free(key);
    }
    issuer_free(issuer);
    key_free(authority);
    bytes_free(&root);
}

Test(issuer, path_length_of_the_order_before_the_profiles)
{
    static const int given[] = {-1, 4, 0, 7, -1};
    static const int awaited[] = {0, 4, 0, 7, 0};
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);

    for (size_t i = 0; i < 5; i++) {
        struct order *order = order_new(&intermediate_profile, "intermediate", key);
        struct bytes der = BYTES_EMPTY;

        order->issuance.path_length = given[i];
        cr_assert_eq(issuer_issue(issuer, &order->issuance, &der, faults), 0);
        cr_assert_eq(view_of(&der).path_length, awaited[i]);
        bytes_free(&der);
        order_free(order);
    }
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
}

/* More profiles than are kept, round and round: each certificate has its own profile's extensions. */
Test(issuer, many_profiles)
{
    enum { MANY = 80 };
    static struct profile profiles[MANY];
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);

    for (size_t i = 0; i < MANY; i++) {
        profile_init(&profiles[i]);
        profiles[i].ca = true;
        profiles[i].path_length = (int)i;
    }
    for (size_t i = 0; i < (size_t)3 * MANY; i++) {
        struct bytes der = issue(issuer, &profiles[i * 7 % MANY], "x", key, NONE);

        cr_assert_eq(view_of(&der).path_length, (int)(i * 7 % MANY));
        bytes_free(&der);
    }
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
}

Test(issuer, an_empty_subject_makes_its_names_critical)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);
    struct bytes der = issue(issuer, &server_profile, NULL, key, LOCALHOST);
    X509 *x509 = parse(&der);
    int place = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1);

    cr_assert_eq(X509_EXTENSION_get_critical(X509_get_ext(x509, place)), 1);
    cr_assert_eq(X509_NAME_entry_count(X509_get_subject_name(x509)), 0);
    cr_assert_eq(verify(&der, NULL, &root, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    X509_free(x509);
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
    bytes_free(&der);
}

Test(issuer, name_constraints_hold)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *top = issuer_over(&root, key);
    struct order *order = order_new(&intermediate_profile, "intermediate", key);
    struct bytes intermediate = BYTES_EMPTY;
    struct bytes inside;
    struct bytes outside;
    struct issuer *middle;

    order->issuance.permitted = LITERAL("\x82\x0b"
                                        "example.com");
    order->issuance.excluded = LITERAL("\x82\x0f"
                                       "bad.example.com");
    cr_assert_eq(issuer_issue(top, &order->issuance, &intermediate, faults), 0);
    middle = issuer_over(&intermediate, key);
    inside = issue(middle, &server_profile, NULL, key,
                   LITERAL("\x82\x0d"
                           "a.example.com"));
    outside = issue(middle, &server_profile, NULL, key,
                    LITERAL("\x82\x11"
                            "a.bad.example.com"));
    cr_assert_eq(verify(&inside, &intermediate, &root, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    cr_assert_eq(verify(&outside, &intermediate, &root, X509_PURPOSE_SSL_SERVER),
                 X509_V_ERR_EXCLUDED_VIOLATION);
    order_free(order);
    issuer_free(top);
    issuer_free(middle);
    key_free(key);
    bytes_free(&root);
    bytes_free(&intermediate);
    bytes_free(&inside);
    bytes_free(&outside);
}

/* ---- authorities from elsewhere ---------------------------------------------------------------------------------- */

/* A CA certificate by OpenSSL with name strings of old types and, unless @p identifier is NULL, an SKI that is no SHA-1. */
static struct bytes odd_authority(const struct key *key, const char *identifier)
{
    static const unsigned char wide[] = {0, 'O', 0, 'd', 0, 'd'};
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    struct bytes der = BYTES_EMPTY;
    unsigned char *encoded = NULL;
    X509_EXTENSION *extension;
    int length;

    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_NAME_add_entry_by_NID(name, NID_organizationName, V_ASN1_T61STRING,
                               (const unsigned char *)"T\xe9l\xe9", 4, -1, 0);
    X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_BMPSTRING, wide, sizeof(wide), -1, 0);
    X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UNIVERSALSTRING, (const unsigned char *)"\0\0\0U",
                               4, -1, 0);
    X509_set_issuer_name(x509, name);
    ASN1_TIME_set(X509_getm_notBefore(x509), NOW - 10000);
    ASN1_TIME_set(X509_getm_notAfter(x509), NOW + 1000000);
    X509_set_pubkey(x509, key_pkey(key));
    extension = X509V3_EXT_nconf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    extension = X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage, "critical,keyCertSign");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    if (identifier != NULL) {
        extension = X509V3_EXT_nconf_nid(NULL, NULL, NID_subject_key_identifier, identifier);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    cr_assert_gt(X509_sign(x509, key_pkey(key), EVP_sha256()), 0);
    length = i2d_X509(x509, &encoded);
    cr_assert_eq(bytes_append(&der, encoded, (size_t)length), 0);
    OPENSSL_free(encoded);
    X509_free(x509);
    return der;
}

Test(issuer, a_foreign_name_and_identifier_are_copied)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes authority = odd_authority(key, "01:02:03:04:05");
    struct issuer *issuer = issuer_over(&authority, key);
    struct bytes der = issue(issuer, &client_profile, "client", key, NONE);
    struct certificate_view above = view_of(&authority);
    struct certificate_view view = view_of(&der);

    cr_assert(slice_equal(view.issuer, above.subject));
    cr_assert(slice_equal(view.authority_key_identifier, LITERAL("\x01\x02\x03\x04\x05")));
    cr_assert(slice_equal(issuer_certificate(issuer), slice_of(&authority)));
    cr_assert_eq(verify(&der, NULL, &authority, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    issuer_free(issuer);
    key_free(key);
    bytes_free(&authority);
    bytes_free(&der);
}

Test(issuer, an_authority_without_identifier_gets_its_keys)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes authority = odd_authority(key, NULL);
    struct issuer *issuer = issuer_over(&authority, key);
    struct bytes der = issue(issuer, &client_profile, "client", key, NONE);
    struct certificate_view view = view_of(&der);
    unsigned char awaited[20];

    cr_assert_eq(certificate_key_identifier(context, view.spki, awaited), 0);
    cr_assert(slice_equal(view.authority_key_identifier, (struct slice){awaited, 20}));
    cr_assert(slice_equal(view.subject_key_identifier, (struct slice){awaited, 20}));
    issuer_free(issuer);
    key_free(key);
    bytes_free(&authority);
    bytes_free(&der);
}

static void refuses_authority(const struct bytes *certificate, const struct key *key, const char *fault)
{
    size_t before = faults_count(faults);

    cr_assert_null(issuer_new(context, slice_of(certificate), signer_from_key(context, key, faults), faults),
                   "%s", fault);
    cr_assert_eq(faults_count(faults), before + 1);
    cr_assert_not_null(strstr(faults_text(faults, before), fault), "%s", faults_text(faults, before));
}

Test(issuer, what_is_no_authority)
{
    struct key *key = make(KEY_EC_P256);
    struct key *other = make(KEY_EC_P256);
    struct key *rsa = make(KEY_RSA_2048);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct bytes leaf = self_sign(&server_profile, "leaf", key);
    struct bytes mute;
    struct bytes broken = BYTES_EMPTY;

    refuses_authority(&root, other, "is not the key of its certificate");
    refuses_authority(&root, rsa, "is not the key of its certificate");
    refuses_authority(&leaf, key, "is no CA");
    root_profile.key_usage = KEY_USAGE_CRL_SIGN;
    mute = self_sign(&root_profile, "mute", key);
    refuses_authority(&mute, key, "lacks keyCertSign");
    root_profile.key_usage = 0;
    bytes_free(&mute);
    mute = self_sign(&root_profile, "no keyUsage at all", key);
    issuer_free(issuer_over(&mute, key));
    cr_assert_eq(bytes_append(&broken, root.data, root.length - 1), 0);
    refuses_authority(&broken, key, "not well formed");
    key_free(key);
    key_free(other);
    key_free(rsa);
    bytes_free(&root);
    bytes_free(&leaf);
    bytes_free(&mute);
    bytes_free(&broken);
}

/* ---- signers from elsewhere -------------------------------------------------------------------------------------- */

/* A signer that counts, and lets a key in memory do the work. */
struct counter {
    struct signer *signer;
    int *signatures;
};

static int counter_sign(void *state, struct slice tbs, struct bytes *signature, struct faults *told)
{
    struct counter *counter = state;

    *counter->signatures += 1;
    return signer_sign(counter->signer, tbs, signature, told);
}

static void *counter_duplicate(void *state, struct faults *told)
{
    struct counter *counter = state;
    struct counter *copy = calloc(1, sizeof(*copy));

    copy->signer = signer_duplicate(counter->signer, told);
    copy->signatures = counter->signatures;
    return copy;
}

static void counter_release(void *state)
{
    struct counter *counter = state;

    signer_free(counter->signer);
    free(counter);
}

Test(issuer, any_signer_and_duplicates)
{
    static const struct signer_methods methods = {counter_sign, counter_duplicate, counter_release};
    struct key *key = make(KEY_EC_P384);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct counter *counter = calloc(1, sizeof(*counter));
    struct issuer *issuer;
    struct issuer *duplicate;
    struct bytes one;
    struct bytes other;
    int signatures = 0;

    counter->signer = signer_from_key(context, key, faults);
    counter->signatures = &signatures;
    issuer = issuer_new(context, slice_of(&root),
                        signer_new(&methods, counter, signer_algorithm(counter->signer),
                                   signer_spki(counter->signer), faults),
                        faults);
    cr_assert_not_null(issuer);
    duplicate = issuer_duplicate(issuer, faults);
    cr_assert_not_null(duplicate);
    one = issue(issuer, &client_profile, "one", key, NONE);
    issuer_free(issuer);
    other = issue(duplicate, &client_profile, "other", key, NONE);
    issuer_free(duplicate);
    cr_assert_eq(signatures, 2);
    cr_assert_eq(verify(&one, NULL, &root, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    cr_assert_eq(verify(&other, NULL, &root, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    key_free(key);
    bytes_free(&root);
    bytes_free(&one);
    bytes_free(&other);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void refuses(struct issuer *issuer, const struct issuance *issuance, const char *fault)
{
    size_t before = faults_count(faults);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(issuer_issue(issuer, issuance, &der, faults), -1, "%s", fault);
    cr_assert_eq(faults_count(faults), before + 1);
    cr_assert_not_null(strstr(faults_text(faults, before), fault), "%s", faults_text(faults, before));
    cr_assert_eq(der.length, 0);
}

Test(issuer, what_is_not_issued)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);
    struct order *order = order_new(&server_profile, "server", key);
    struct issuance good = order->issuance;
    struct issuance bad;
    struct bytes der = BYTES_EMPTY;

    bad = good;
    bad.subject = LITERAL("\x30\x00");
    refuses(issuer, &bad, "needs a subject or a subject alternative name");
    bad.profile = &root_profile;
    bad.names = LOCALHOST;
    refuses(issuer, &bad, "an authority needs a subject");
    bad = good;
    bad.subject = LITERAL("\x30\x01");
    refuses(issuer, &bad, "not a well-formed Name");
    bad.subject = LITERAL("\x0c\x01x");
    refuses(issuer, &bad, "not a well-formed Name");
    bad = good;
    bad.not_after = bad.not_before - 1;
    refuses(issuer, &bad, "ends before it begins");
    bad = good;
    bad.serial = LITERAL("\0\0");
    refuses(issuer, &bad, "not positive");
    bad.serial = NONE;
    refuses(issuer, &bad, "not positive");
    bad.serial = LITERAL("\x80"
                         "1234567890123456789");
    refuses(issuer, &bad, "longer than 20 octets");
    bad.serial = LITERAL("\x01"
                         "12345678901234567890");
    refuses(issuer, &bad, "longer than 20 octets");
    bad = good;
    bad.spki = LITERAL("\x30\x02\x05\x00");
    refuses(issuer, &bad, "not a well-formed SubjectPublicKeyInfo");
    bad = good;
    bad.names = LITERAL("\x82\x05x");
    refuses(issuer, &bad, "not well-formed GeneralNames");
    bad = good;
    bad.not_after = INSTANT_MAX + 1;
    refuses(issuer, &bad, "outside the years 0 to 9999");
    good.serial = LITERAL("\x7f"
                          "1234567890123456789");
    good.not_after = good.not_before;
    cr_assert_eq(issuer_issue(issuer, &good, &der, faults), 0, "twenty octets and a moment are allowed");
    bytes_free(&der);
    order_free(order);
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
}

Test(issuer, roots_that_are_refused)
{
    struct key *key = make(KEY_EC_P256);
    struct key *other = make(KEY_EC_P256);
    struct signer *signer = signer_from_key(context, other, faults);
    struct order *order = order_new(&root_profile, "root", key);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(issuer_self_sign(context, signer, &order->issuance, &der, faults), -1);
    cr_assert_not_null(strstr(faults_text(faults, 0), "signed by its own key"));
    order->issuance.spki = signer_spki(signer);
    order->issuance.profile = &server_profile;
    order->issuance.subject = LITERAL("\x30\x00");
    order->issuance.names = LOCALHOST;
    cr_assert_eq(issuer_self_sign(context, signer, &order->issuance, &der, faults), -1);
    cr_assert_not_null(strstr(faults_text(faults, 1), "needs a subject"));
    cr_assert_eq(der.length, 0);
    order_free(order);
    signer_free(signer);
    key_free(key);
    key_free(other);
}

/* A profile that cannot be encoded stays refused, and does no harm to the next. */
Test(issuer, a_refused_profile_is_not_kept)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);
    struct order *order = order_new(&server_profile, "server", key);
    struct profile bad;
    struct bytes der;

    profile_init(&bad);
    bad.extensions = calloc(1, sizeof(struct profile_extension));
    bad.extension_count = 1;
    cr_assert_eq(oid_parse("2.5.29.17", &bad.extensions[0].type), 0);
    order->issuance.profile = &bad;
    refuses(issuer, &order->issuance, "2.5.29.17");
    refuses(issuer, &order->issuance, "2.5.29.17");
    der = issue(issuer, &server_profile, "server", key, LOCALHOST);
    cr_assert(view_of(&der).has_basic_constraints);
    profile_free(&bad);
    bytes_free(&der);
    order_free(order);
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
}

/* ---- validity ---------------------------------------------------------------------------------------------------- */

Test(issuer, validity)
{
    const struct duration day = {0, 86400};
    const struct duration hour = {0, 3600};
    const struct duration none = {0, 0};
    struct validity lasting = {false, false, 0, 0, day};
    struct validity from = {true, false, 1000, 0, day};
    struct validity until = {false, true, 0, NOW + 50, none};
    struct validity both = {true, true, 1000, 2000, none};
    struct validity reversed = {true, true, 2000, 1999, none};
    instant not_before = 0;
    instant not_after = 0;
    const char *why = NULL;
    bool clipped = true;

#define RESOLVE(validity, backdate, ceiling)                                                                 \
    validity_resolve(&(validity), &(backdate), NOW, ceiling, &not_before, &not_after, &clipped, &why)
    cr_assert_eq(RESOLVE(lasting, hour, INSTANT_MAX), 0);
    cr_assert(not_before == NOW - 3600 && not_after == NOW + 86400 && !clipped);
    cr_assert_eq(RESOLVE(from, hour, INSTANT_MAX), 0);
    cr_assert(not_before == 1000 && not_after == 1000 + 86400 && !clipped,
              "a fixed beginning is not backdated");
    cr_assert_eq(RESOLVE(until, hour, INSTANT_MAX), 0);
    cr_assert(not_before == NOW - 3600 && not_after == NOW + 50 && !clipped);
    cr_assert_eq(RESOLVE(both, hour, 2000), 0);
    cr_assert(not_before == 1000 && not_after == 2000 && !clipped);
    cr_assert_eq(RESOLVE(lasting, none, NOW + 10), 0);
    cr_assert(not_before == NOW && not_after == NOW + 10 && clipped);
    cr_assert_eq(RESOLVE(lasting, none, NOW + 86400), 0);
    cr_assert(not_after == NOW + 86400 && !clipped, "up to the ceiling is not beyond it");
    cr_assert_eq(RESOLVE(both, hour, 1999), -1);
    cr_assert_str_eq(why, "ends after its issuer's certificate does");
    cr_assert_eq(RESOLVE(reversed, hour, INSTANT_MAX), -1);
    cr_assert_str_eq(why, "ends before it begins");
    cr_assert_eq(RESOLVE(lasting, none, NOW - 1), -1);
    cr_assert_str_eq(why, "would begin after its issuer's certificate has ended");
#undef RESOLVE
}

/* ---- again ------------------------------------------------------------------------------------------------------- */

static struct bytes renew(struct issuer *issuer, const struct bytes *old, struct slice spki)
{
    struct bytes der = BYTES_EMPTY;
    struct serial serial;

    cr_assert_eq(serial_make(context, &serial), 0);
    cr_assert_eq(
        issuer_renew(issuer, slice_of(old), spki, serial_slice(&serial), NOW - 60, NOW + 99, &der, faults), 0,
        "%s", faults_text(faults, faults_count(faults) - 1));
    return der;
}

Test(issuer, renewed_under_another_authority)
{
    struct key *first = make(KEY_EC_P256);
    struct key *second = make(KEY_EC_P256);
    struct key *own = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "first", first);
    struct bytes other = self_sign(&root_profile, "second", second);
    struct issuer *issuer = issuer_over(&root, first);
    struct issuer *heir = issuer_over(&other, second);
    struct bytes old = issue(issuer, &server_profile, "server", own, LOCALHOST);
    struct bytes anew = renew(heir, &old, NONE);
    struct certificate_view before = view_of(&old);
    struct certificate_view after = view_of(&anew);

    cr_assert_eq(verify(&anew, NULL, &other, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    cr_assert(slice_equal(before.subject, after.subject));
    cr_assert(slice_equal(before.spki, after.spki));
    cr_assert(slice_equal(before.subject_alternative_names, after.subject_alternative_names));
    cr_assert(slice_equal(before.subject_key_identifier, after.subject_key_identifier));
    cr_assert(slice_equal(after.authority_key_identifier, view_of(&other).subject_key_identifier));
    cr_assert_not(slice_equal(before.serial, after.serial));
    cr_assert_eq(after.not_before, NOW - 60);
    cr_assert_eq(after.not_after, NOW + 99);
    issuer_free(issuer);
    issuer_free(heir);
    key_free(first);
    key_free(second);
    key_free(own);
    bytes_free(&root);
    bytes_free(&other);
    bytes_free(&old);
    bytes_free(&anew);
}

Test(issuer, renewed_with_another_key)
{
    struct key *authority = make(KEY_EC_P256);
    struct key *own = make(KEY_EC_P256);
    struct key *fresh = make(KEY_EC_P384);
    struct bytes root = self_sign(&root_profile, "root", authority);
    struct issuer *issuer = issuer_over(&root, authority);
    struct bytes old = issue(issuer, &client_profile, "client", own, NONE);
    struct bytes spki = BYTES_EMPTY;
    struct bytes anew;
    struct certificate_view after;
    unsigned char identifier[20];

    cr_assert_eq(key_spki(fresh, &spki, faults), 0);
    anew = renew(issuer, &old, slice_of(&spki));
    after = view_of(&anew);
    cr_assert_eq(verify(&anew, NULL, &root, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    cr_assert(slice_equal(after.spki, slice_of(&spki)));
    cr_assert_eq(certificate_key_identifier(context, slice_of(&spki), identifier), 0);
    cr_assert(slice_equal(after.subject_key_identifier, ((struct slice){identifier, sizeof(identifier)})));
    issuer_free(issuer);
    key_free(authority);
    key_free(own);
    key_free(fresh);
    bytes_free(&root);
    bytes_free(&old);
    bytes_free(&spki);
    bytes_free(&anew);
}

Test(issuer, what_is_not_renewed)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes root = self_sign(&root_profile, "root", key);
    struct issuer *issuer = issuer_over(&root, key);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(issuer_renew(issuer, LITERAL("\x30\x00"), NONE, LITERAL("\x01"), NOW, NOW, &der, faults),
                 -1);
    cr_assert_eq(issuer_renew(issuer, slice_of(&root), NONE, LITERAL("\x00"), NOW, NOW, &der, faults), -1);
    cr_assert_eq(issuer_renew(issuer, slice_of(&root), NONE, LITERAL("\x01"), NOW, NOW - 1, &der, faults),
                 -1);
    cr_assert_eq(faults_errors(faults), 3);
    cr_assert_eq(der.length, 0);
    issuer_free(issuer);
    key_free(key);
    bytes_free(&root);
}
