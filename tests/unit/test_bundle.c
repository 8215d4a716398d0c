/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles: what OpenSSL reads of ours, what we read of OpenSSL's, what is refused, and which readers take what. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include "foreign.h"
#include "x509/ber.h"
#include "x509/bundle.h"
#include "x509/der.h"
#include "x509/form.h"
#include "x509/pbe.h"

#define PASSPHRASE "correct horse"

/* One test's world: a CA, an intermediate, a leaf; a context and a list of faults. */
struct world {
    struct context *context;
    struct faults *faults;
    struct foreign *root, *middle, *leaf;
    struct bytes passphrase, p12;
    struct slice chain[4];
    struct bundle_content content;
};

static void world_open(struct world *world, const char *algorithm)
{
    memset(world, 0, sizeof(*world));
    world->context = foreign_context();
    world->faults = faults_new();
    world->root =
        foreign_make(&(struct recipe){.name = "Root", .extensions = "basicConstraints=critical,CA:TRUE"});
    world->middle = foreign_make(&(struct recipe){
        .name = "Middle", .extensions = "basicConstraints=critical,CA:TRUE", .issuer = world->root});
    world->leaf = foreign_make(&(struct recipe){.key = algorithm, .name = "Ünit 7", .issuer = world->middle});
    cr_assert_eq(bytes_append_text(&world->passphrase, PASSPHRASE), 0);
    /* the leaf itself and a duplicate are left out */
    world->chain[0] = foreign_der(world->leaf);
    world->chain[1] = foreign_der(world->middle);
    world->chain[2] = foreign_der(world->root);
    world->chain[3] = foreign_der(world->middle);
    world->content.key = world->leaf->key;
    world->content.leaf = foreign_der(world->leaf);
    world->content.chain = world->chain;
    world->content.chain_count = 4;
    world->content.passphrase = &world->passphrase;
}

static void world_close(struct world *world)
{
    context_free(world->context);
    faults_free(world->faults);
    foreign_free(world->root);
    foreign_free(world->middle);
    foreign_free(world->leaf);
    bytes_free(&world->passphrase);
    bytes_free(&world->p12);
}

static const char *first_fault(const struct world *world)
{
    return faults_count(world->faults) == 0 ? "(none)" : faults_text(world->faults, 0);
}

static void write_bundle(struct world *world, const char *target)
{
    bytes_clear(&world->p12);
    cr_assert_eq(
        bundle_write(world->context, bundle_target_find(target), &world->content, &world->p12, world->faults),
        0, "%s: %s", target, first_fault(world));
}

static void refused(struct world *world, const char *target, const char *because)
{
    size_t before = faults_count(world->faults);

    cr_assert_eq(
        bundle_write(world->context, bundle_target_find(target), &world->content, &world->p12, world->faults),
        -1, "%s was written", target);
    cr_assert_eq(faults_count(world->faults), before + 1);
    cr_assert_not_null(strstr(faults_text(world->faults, before), because), "\"%s\" does not say \"%s\"",
                       faults_text(world->faults, before), because);
    cr_assert_eq(world->p12.length, 0);
}

static PKCS12 *parse(const struct bytes *p12)
{
    const unsigned char *data = p12->data;
    PKCS12 *parsed = d2i_PKCS12(NULL, &data, (long)p12->length);

    cr_assert_not_null(parsed);
    cr_assert_eq(data, p12->data + p12->length);
    return parsed;
}

/* ---- what OpenSSL makes of ours ---------------------------------------------------------------------------------- */

static void openssl_gets_everything_back(const char *target, const char *algorithm)
{
    struct world world;
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;
    STACK_OF(X509) *others = NULL;
    PKCS12 *p12;

    world_open(&world, algorithm);
    write_bundle(&world, target);
    p12 = parse(&world.p12);
    cr_assert_eq(PKCS12_parse(p12, PASSPHRASE, &key, &leaf, &others), 1, "%s %s", target, algorithm);
    cr_assert_eq(EVP_PKEY_eq(key, key_pkey(world.leaf->key)), 1);
    cr_assert_eq(X509_cmp(leaf, world.leaf->x509), 0);
    cr_assert_eq(sk_X509_num(others), 2);
    cr_assert_eq(X509_cmp(sk_X509_value(others, 0), world.middle->x509), 0);
    cr_assert_eq(X509_cmp(sk_X509_value(others, 1), world.root->x509), 0);
    cr_assert_eq(PKCS12_verify_mac(p12, "correct horsf", -1), 0);
    EVP_PKEY_free(key);
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    PKCS12_free(p12);
    world_close(&world);
}

Test(bundle, openssl_reads_every_target_with_every_key)
{
    static const char *const algorithms[] = {"ec-p256", "ec-p384", "rsa-2048"};

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        openssl_gets_everything_back("ios-legacy", algorithms[i]);
        openssl_gets_everything_back("android-legacy", algorithms[i]);
        openssl_gets_everything_back("modern", algorithms[i]);
        openssl_gets_everything_back("java", algorithms[i]);
    }
    openssl_gets_everything_back("modern", "ed25519");
    openssl_gets_everything_back("java", "ed25519");
}

/* Where OpenSSL finds an encryption: its OID by name, salt and count; for PBES2 those of PBKDF2, and hash and cipher. */
static void check_encryption(const X509_ALGOR *algorithm, const char *expected, long iterations)
{
    const ASN1_OBJECT *object;
    const void *parameter;
    int type;
    char text[200];

    X509_ALGOR_get0(&object, &type, &parameter, algorithm);
    cr_assert_eq(type, V_ASN1_SEQUENCE);
    if (OBJ_obj2nid(object) == NID_pbes2) {
        PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
        PBKDF2PARAM *pbkdf2 =
            ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbes2->keyfunc->parameter);

        snprintf(text, sizeof(text), "%s %s", OBJ_nid2sn(OBJ_obj2nid(pbes2->encryption->algorithm)),
                 OBJ_nid2sn(OBJ_obj2nid(pbkdf2->prf->algorithm)));
        cr_assert_eq(ASN1_INTEGER_get(pbkdf2->iter), iterations);
        cr_assert_eq(pbkdf2->salt->value.octet_string->length, 8);
        PBKDF2PARAM_free(pbkdf2);
        PBE2PARAM_free(pbes2);
    } else {
        PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);

        snprintf(text, sizeof(text), "%s", OBJ_nid2sn(OBJ_obj2nid(object)));
        cr_assert_eq(ASN1_INTEGER_get(pbe->iter), iterations);
        cr_assert_eq(pbe->salt->length, 8);
        PBEPARAM_free(pbe);
    }
    cr_assert_str_eq(text, expected);
}

static void check_algorithms(const char *target, const char *encryption, const char *mac_digest,
                             long iterations)
{
    const ASN1_OCTET_STRING *mac;
    const X509_ALGOR *mac_algorithm;
    const ASN1_OCTET_STRING *salt;
    const ASN1_INTEGER *count;
    const X509_ALGOR *algorithm;
    const ASN1_OCTET_STRING *octets;
    STACK_OF(PKCS7) * safes;
    STACK_OF(PKCS12_SAFEBAG) * bags;
    struct world world;
    PKCS12 *p12;

    world_open(&world, "ec-p256");
    write_bundle(&world, target);
    p12 = parse(&world.p12);
    PKCS12_get0_mac(&mac, &mac_algorithm, &salt, &count, p12);
    cr_assert_str_eq(OBJ_nid2sn(OBJ_obj2nid(mac_algorithm->algorithm)), mac_digest);
    cr_assert_eq(ASN1_INTEGER_get(count), iterations);
    cr_assert_eq(ASN1_STRING_length(salt), 8);
    safes = PKCS12_unpack_authsafes(p12);
    cr_assert_eq(sk_PKCS7_num(safes), 2);
    cr_assert(PKCS7_type_is_encrypted(sk_PKCS7_value(safes, 0)));
    check_encryption(sk_PKCS7_value(safes, 0)->d.encrypted->enc_data->algorithm, encryption, iterations);
    bags = PKCS12_unpack_p7data(sk_PKCS7_value(safes, 1));
    cr_assert_eq(sk_PKCS12_SAFEBAG_num(bags), 1);
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(sk_PKCS12_SAFEBAG_value(bags, 0)), &algorithm, &octets);
    check_encryption(algorithm, encryption, iterations);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(p12);
    world_close(&world);
}

Test(bundle, algorithms_salts_and_counts_are_the_targets)
{
    check_algorithms("ios-legacy", "PBE-SHA1-3DES", "SHA1", 2048);
    check_algorithms("android-legacy", "PBE-SHA1-3DES", "SHA1", 2048);
    check_algorithms("modern", "AES-256-CBC hmacWithSHA256", "SHA256", 10000);
    check_algorithms("java", "AES-256-CBC hmacWithSHA256", "SHA256", 10000);
}

/* Goal: keys and leaf are paired by the same localKeyID and name, CAs have neither, and no two salts are alike. */
Test(bundle, attributes_pair_key_and_leaf_alone)
{
    STACK_OF(PKCS12_SAFEBAG) * certificates;
    STACK_OF(PKCS12_SAFEBAG) * keys;
    unsigned char id[EVP_MAX_MD_SIZE];
    STACK_OF(PKCS7) * safes;
    struct world world;
    PKCS12 *p12;

    world_open(&world, "ec-p256");
    write_bundle(&world, "ios-legacy");
    p12 = parse(&world.p12);
    safes = PKCS12_unpack_authsafes(p12);
    certificates = PKCS12_unpack_p7encdata(sk_PKCS7_value(safes, 0), PASSPHRASE, -1);
    keys = PKCS12_unpack_p7data(sk_PKCS7_value(safes, 1));
    cr_assert_eq(X509_digest(world.leaf->x509, EVP_sha1(), id, NULL), 1);
    for (int i = 0; i < 4; i++) {
        PKCS12_SAFEBAG *bag =
            i == 3 ? sk_PKCS12_SAFEBAG_value(keys, 0) : sk_PKCS12_SAFEBAG_value(certificates, i);
        const ASN1_TYPE *key_id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
        char *name = PKCS12_get_friendlyname(bag);

        if (i == 0 || i == 3) {
            cr_assert_str_eq(name, "Ünit 7");
            cr_assert_eq(key_id->value.octet_string->length, 20);
            cr_assert_arr_eq(key_id->value.octet_string->data, id, 20);
        } else {
            cr_assert_null(name);
            cr_assert_null(key_id);
        }
        OPENSSL_free(name);
    }
    sk_PKCS12_SAFEBAG_pop_free(certificates, PKCS12_SAFEBAG_free);
    sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(p12);
    world_close(&world);
}

Test(bundle, it_is_der)
{
    struct world world;

    world_open(&world, "ec-p256");
    write_bundle(&world, "modern");
    cr_assert(der_is_well_formed(slice_of(&world.p12)));
    cr_assert(form_is_p12(slice_of(&world.p12)));
    world_close(&world);
}

/* Goal: what is a SET OF is sorted (X.690 section 11.6), whichever of the two attributes is the longer one. */
Test(bundle, attributes_are_sorted)
{
    static const char *const names[] = {"short", "a name that is longer than the octets of a localKeyID"};

    for (size_t i = 0; i < 2; i++) {
        STACK_OF(PKCS12_SAFEBAG) * keys;
        STACK_OF(PKCS7) * safes;
        unsigned char *again = NULL;
        struct world world;
        PKCS12 *p12;
        int length;

        world_open(&world, "ec-p256");
        world.content.name = names[i];
        write_bundle(&world, "ios-legacy");
        p12 = parse(&world.p12);
        safes = PKCS12_unpack_authsafes(p12);
        keys = PKCS12_unpack_p7data(sk_PKCS7_value(safes, 1));
        /* OpenSSL sorts when it encodes */
        length = i2d_PKCS12_SAFEBAG(sk_PKCS12_SAFEBAG_value(keys, 0), &again);
        cr_assert_gt(length, 0);
        cr_assert_not_null(memmem(world.p12.data, world.p12.length, again, (size_t)length));
        OPENSSL_free(again);
        sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
        sk_PKCS7_pop_free(safes, PKCS7_free);
        PKCS12_free(p12);
        world_close(&world);
    }
}

static int counting_random(void *state, unsigned char *bytes, size_t length)
{
    unsigned char *next = state;

    for (size_t i = 0; i < length; i++) {
        bytes[i] = (*next)++;
    }
    return 0;
}

/* Goal: nothing asks the machine for randomness behind the context's back. */
Test(bundle, the_contexts_randomness_alone_decides)
{
    static const char *const words[] = {"ios-legacy", "modern"};

    for (size_t i = 0; i < 2; i++) {
        struct bytes first = BYTES_EMPTY;
        unsigned char next = 0;
        struct world world;

        world_open(&world, "ec-p256");
        context_set_random(world.context, counting_random, &next);
        write_bundle(&world, words[i]);
        bytes_move(&first, &world.p12);
        next = 0;
        write_bundle(&world, words[i]);
        cr_assert(slice_equal(slice_of(&first), slice_of(&world.p12)), "%s", words[i]);
        next = 1;
        write_bundle(&world, words[i]);
        cr_assert_not(slice_equal(slice_of(&first), slice_of(&world.p12)), "%s", words[i]);
        bytes_free(&first);
        world_close(&world);
    }
}

Test(bundle, a_passphrase_beyond_the_bmp_is_read_by_openssl)
{
    static const char passphrase[] = "pässwört \xf0\x9f\x94\x91 \xe2\x82\xac";
    static const char *const words[] = {"ios-legacy", "modern"};

    for (size_t i = 0; i < 2; i++) {
        struct world world;
        EVP_PKEY *key = NULL;
        PKCS12 *p12;

        world_open(&world, "ec-p256");
        bytes_clear(&world.passphrase);
        cr_assert_eq(bytes_append_text(&world.passphrase, passphrase), 0);
        write_bundle(&world, words[i]);
        p12 = parse(&world.p12);
        cr_assert_eq(PKCS12_parse(p12, passphrase, &key, NULL, NULL), 1, "%s", words[i]);
        EVP_PKEY_free(key);
        PKCS12_free(p12);
        world_close(&world);
    }
}

/* ---- trust stores ------------------------------------------------------------------------------------------------ */

Test(bundle, a_trust_store_has_marked_anchors_with_distinct_names)
{
    static const char *const names[] = {"Root", "ROOT 2", "Root 3", "anchor"};
    struct bundle_report report;
    struct foreign *same;
    struct foreign *again;
    struct foreign *nameless;
    struct world world;

    world_open(&world, "ec-p256");
    same = foreign_make(&(struct recipe){.name = "ROOT"});
    again = foreign_make(&(struct recipe){.name = "Root"});
    nameless = foreign_make(&(struct recipe){.name = NULL});
    world.chain[0] = foreign_der(world.root);
    world.chain[1] = foreign_der(same);
    world.chain[2] = foreign_der(again);
    world.chain[3] = foreign_der(nameless);
    world.content.key = NULL;
    world.content.leaf = (struct slice){NULL, 0};
    write_bundle(&world, "java-truststore");
    cr_assert_eq(
        bundle_open(world.context, slice_of(&world.p12), &world.passphrase, "t.p12", &report, world.faults),
        0, "%s", first_fault(&world));
    cr_assert_eq(report.item_count, 4);
    cr_assert_null(report.key);
    for (size_t i = 0; i < 4; i++) {
        cr_assert(report.items[i].java_trusted);
        cr_assert_eq(report.items[i].local_key_id.length, 0);
        cr_assert_str_eq(bytes_text(&report.items[i].friendly_name), names[i]);
    }
    cr_assert_eq(bundle_check(world.context, bundle_target_find("java-truststore"), &world.content,
                              slice_of(&world.p12), world.faults),
                 0, "%s", first_fault(&world));
    bundle_report_free(&report);
    foreign_free(same);
    foreign_free(again);
    foreign_free(nameless);
    world_close(&world);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

Test(bundle, what_readers_would_refuse_is_refused)
{
    struct world world;
    struct foreign *other;

    world_open(&world, "ec-p256");
    other = foreign_make(&(struct recipe){.name = "Other"});
    world.content.key = other->key;
    refused(&world, "modern", "the private key is not the certificate's");
    world.content.key = NULL;
    refused(&world, "modern", "needs a certificate and its private key");
    world.content.key = world.leaf->key;
    refused(&world, "java-truststore", "no key");
    bytes_clear(&world.passphrase);
    refused(&world, "modern", "an empty passphrase is refused");
    cr_assert_eq(bytes_append_text(&world.passphrase, "gr\xc3\xbc\xc3\x9f"), 0);
    refused(&world, "java", "ASCII");
    refused(&world, "java-truststore", "ASCII");
    bytes_clear(&world.passphrase);
    cr_assert_eq(bytes_append_text(&world.passphrase, "gr\xfc"), 0);
    refused(&world, "modern", "the passphrase is not UTF-8");
    bytes_clear(&world.passphrase);
    cr_assert_eq(bytes_append_text(&world.passphrase, PASSPHRASE), 0);
    world.content.name = "\xff";
    refused(&world, "modern", "the name is not UTF-8");
    world.content.name = NULL;
    world.chain[2].length -= 1;
    refused(&world, "modern", "certificate 3 of the chain is malformed");
    foreign_free(other);
    world_close(&world);
}

Test(bundle, apple_gets_keys_it_takes)
{
    static const char *const keys[] = {"ed25519", "ec-secp256k1"};

    for (size_t i = 0; i < 2; i++) {
        struct world world;

        world_open(&world, keys[i]);
        refused(&world, "ios-legacy", "RSA keys and EC keys on P-192 to P-521 only");
        write_bundle(&world, "modern");
        world_close(&world);
    }
    openssl_gets_everything_back("ios-legacy", "ec-p521");
    openssl_gets_everything_back("ios-legacy", "ec-secp224r1");
}

Test(bundle, an_empty_passphrase_is_written_when_asked_for)
{
    struct bundle_report report;
    struct world world;

    world_open(&world, "ec-p256");
    bytes_clear(&world.passphrase);
    world.content.allow_empty_passphrase = true;
    write_bundle(&world, "modern");
    cr_assert_eq(
        bundle_open(world.context, slice_of(&world.p12), &world.passphrase, "e.p12", &report, world.faults),
        0);
    cr_assert(report.empty_passphrase);
    bundle_report_free(&report);
    world_close(&world);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* A P12 as OpenSSL makes it; key NID and certificate NID -1: not encrypted; iterations of the MAC -1: no MAC. */
static void openssl_bundle(struct world *world, const char *passphrase, int key_nid, int certificate_nid,
                           int mac_iterations)
{
    unsigned char *der = NULL;
    PKCS12 *p12 = PKCS12_create(passphrase, "name", key_pkey(world->leaf->key), world->leaf->x509, NULL,
                                key_nid, certificate_nid, 0, mac_iterations, 0);
    int length;

    cr_assert_not_null(p12);
    length = i2d_PKCS12(p12, &der);
    cr_assert_gt(length, 0);
    bytes_clear(&world->p12);
    cr_assert_eq(bytes_append(&world->p12, der, (size_t)length), 0);
    OPENSSL_free(der);
    PKCS12_free(p12);
}

static void opens(struct world *world, const char *passphrase, struct bundle_report *report)
{
    bytes_clear(&world->passphrase);
    cr_assert_eq(bytes_append_text(&world->passphrase, passphrase), 0);
    cr_assert_eq(bundle_open(world->context, slice_of(&world->p12), &world->passphrase, "f.p12", report,
                             world->faults),
                 0, "%s", first_fault(world));
    cr_assert(report->opened);
    cr_assert_not_null(report->key);
    cr_assert_eq(EVP_PKEY_eq(key_pkey(report->key), key_pkey(world->leaf->key)), 1);
}

static void does_not_open(struct world *world, const char *because)
{
    struct bundle_report report;
    size_t before = faults_count(world->faults);

    cr_assert_eq(bundle_open(world->context, slice_of(&world->p12), &world->passphrase, "f.p12", &report,
                             world->faults),
                 -1);
    cr_assert_not(report.opened);
    cr_assert_eq(faults_count(world->faults), before + 1);
    cr_assert_eq(strncmp(faults_text(world->faults, before), "f.p12: ", 7), 0);
    cr_assert_not_null(strstr(faults_text(world->faults, before), because), "\"%s\" does not say \"%s\"",
                       faults_text(world->faults, before), because);
    bundle_report_free(&report);
}

Test(bundle, what_openssl_writes_is_opened)
{
    static const struct {
        int key, certificate, mac;
        const char *key_encryption, *certificate_encryption;
    } cases[] = {
        {0, 0, 0, PBE_AES_256_SHA256, PBE_AES_256_SHA256},
        {NID_aes_128_cbc, NID_aes_192_cbc, 5, "PBES2 AES-128-CBC HMAC-SHA256",
         "PBES2 AES-192-CBC HMAC-SHA256"},
        {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And2_Key_TripleDES_CBC, 2048,
         "PBE-SHA1-3DES", "PBE-SHA1-2DES"},
        {-1, -1, 2048, "none", "none"},
        {NID_aes_256_cbc, -1, 2048, PBE_AES_256_SHA256, "none"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bundle_report report;
        struct world world;

        world_open(&world, i == 0 ? "rsa-2048" : "ec-p256");
        openssl_bundle(&world, PASSPHRASE, cases[i].key, cases[i].certificate, cases[i].mac);
        opens(&world, PASSPHRASE, &report);
        cr_assert_eq(report.item_count, 2);
        cr_assert_str_eq(report.items[0].kind, "certificate");
        cr_assert_str_eq(report.items[0].encryption, cases[i].certificate_encryption);
        cr_assert(slice_equal(slice_of(&report.items[0].certificate), foreign_der(world.leaf)));
        cr_assert_str_eq(bytes_text(&report.items[0].friendly_name), "name");
        cr_assert_str_eq(report.items[1].kind, cases[i].key == -1 ? "key" : "shrouded key");
        cr_assert_str_eq(report.items[1].encryption, cases[i].key_encryption);
        cr_assert(report.has_mac);
        cr_assert_str_eq(report.mac_digest, "SHA-256");
        cr_assert_eq(report.mac_salt_length, 8);
        bundle_report_free(&report);
        world_close(&world);
    }
}

Test(bundle, both_encodings_of_the_empty_passphrase_are_opened)
{
    struct bundle_report report;
    struct world world;

    for (int without_mac = 0; without_mac < 2; without_mac++) {
        for (int bytes = 0; bytes < 2; bytes++) {
            world_open(&world, "ec-p256");
            openssl_bundle(&world, bytes == 0 ? NULL : "", NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                           NID_pbe_WithSHA1And3_Key_TripleDES_CBC, without_mac == 1 ? -1 : 2048);
            opens(&world, "", &report);
            cr_assert_eq(report.has_mac, without_mac == 0);
            cr_assert(report.empty_passphrase);
            bundle_report_free(&report);
            world_close(&world);
        }
    }
}

Test(bundle, a_wrong_passphrase_is_told_from_a_broken_file)
{
    struct world world;
    unsigned char *last;

    world_open(&world, "ec-p256");
    write_bundle(&world, "ios-legacy");
    bytes_clear(&world.passphrase);
    cr_assert_eq(bytes_append_text(&world.passphrase, "wrong"), 0);
    does_not_open(&world, "the passphrase does not open it");
    bytes_clear(&world.passphrase);
    does_not_open(&world, "the passphrase does not open it");
    cr_assert_eq(bytes_append_text(&world.passphrase, PASSPHRASE), 0);
    world.p12.length -= 1;
    does_not_open(&world, "this P12 is broken: it is cut off");
    world.p12.length += 1;
    cr_assert_eq(bytes_append_byte(&world.p12, 0), 0);
    does_not_open(&world, "something follows its end");
    world.p12.length -= 1;
    /* the count of iterations is the last element: 2048 as 02 02 08 00 */
    last = world.p12.data + world.p12.length - 4;
    cr_assert_arr_eq(last, "\x02\x02\x08\x00", 4);
    last[2] = 0;
    does_not_open(&world, "its encryption parameters are malformed");
    bytes_clear(&world.p12);
    cr_assert_eq(bytes_append_text(&world.p12, "-----BEGIN CERTIFICATE-----"), 0);
    does_not_open(&world, "this is not a P12");
    world_close(&world);
}

/* Goal: a wrong passphrase where there is no MAC to tell. */
Test(bundle, without_a_mac_a_wrong_passphrase_is_guessed)
{
    struct world world;

    world_open(&world, "ec-p256");
    openssl_bundle(&world, "other", 0, 0, -1);
    does_not_open(&world, "");
    world_close(&world);
}

/* One more octet in a PFX's last value, MacData: correct the lengths of both. */
static void lengthen(struct bytes *p12)
{
    struct slice rest = slice_of(p12);
    struct der_item item;

    cr_assert_eq(p12->data[1], 0x82);
    p12->data[3] += 1;
    cr_assert_neq(p12->data[3], 0);
    rest.data += 4;
    rest.length -= 4;
    cr_assert_eq(der_expect(&rest, DER_INTEGER, &item), 0);
    cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &item), 0);
    p12->data[(size_t)(rest.data - p12->data) + 1] += 1;
}

/* Four times the safe of a certificate, made once, for that takes long; no MAC. */
static void openssl_iterations(struct world *world, int iterations)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    STACK_OF(PKCS7) *safes = NULL;
    unsigned char *der = NULL;
    PKCS12 *p12;
    int length;

    cr_assert_not_null(PKCS12_add_cert(&bags, world->leaf->x509));
    cr_assert_eq(PKCS12_add_safe(&safes, bags, NID_aes_256_cbc, iterations, PASSPHRASE), 1);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    for (int i = 1; i < 4; i++) {
        cr_assert_eq(sk_PKCS7_push(safes, PKCS7_dup(sk_PKCS7_value(safes, 0))), i + 1);
    }
    p12 = PKCS12_add_safes(safes, 0);
    length = i2d_PKCS12(p12, &der);
    cr_assert_gt(length, 0);
    bytes_clear(&world->p12);
    cr_assert_eq(bytes_append(&world->p12, der, (size_t)length), 0);
    OPENSSL_free(der);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(p12);
}

Test(bundle, iteration_bombs_are_refused_before_deriving)
{
    struct world world;

    world_open(&world, "ec-p256");
    write_bundle(&world, "modern");
    /* the MAC's count is the last element: 10,000 as 02 02 27 10; 1,000,001 is 0f 42 41 */
    cr_assert_arr_eq(world.p12.data + world.p12.length - 4, "\x02\x02\x27\x10", 4);
    world.p12.length -= 4;
    cr_assert_eq(bytes_append(&world.p12, "\x02\x03\x0f\x42\x41", 5), 0);
    lengthen(&world.p12);
    does_not_open(&world, "more than 1,000,000 iterations");
    openssl_iterations(&world, 1000001);
    does_not_open(&world, "more than 1,000,000 iterations");
    world_close(&world);
}

Test(bundle, the_sum_of_iterations_is_bounded)
{
    struct world world;

    world_open(&world, "ec-p256");
    openssl_iterations(&world, 750001);
    does_not_open(&world, "more than 3,000,000 iterations in all");
    world_close(&world);
}

/* A P12 made once by another program; passphrase "x". */
static void read_made(struct world *world, const char *name)
{
    unsigned char buffer[8192];
    char path[1024];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", MTLSKIT_TESTS_DIR, name);
    file = fopen(path, "rb");
    cr_assert_not_null(file, "%s is missing", path);
    length = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    bytes_clear(&world->p12);
    cr_assert_eq(bytes_append(&world->p12, buffer, length), 0);
    bytes_clear(&world->passphrase);
    cr_assert_eq(bytes_append_text(&world->passphrase, "x"), 0);
}

/* Goal: RC2-40 as `openssl pkcs12 -legacy` writes it is refused by name, and still looked at. */
Test(bundle, algorithms_of_the_legacy_provider_are_named)
{
    struct bundle_report report;
    struct world world;
    const char *reason = NULL;
    bool takes = true;

    world_open(&world, "ec-p256");
    read_made(&world, "fuzz/corpus/p12/rc2-40.p12");
    does_not_open(&world, "PBE-SHA1-RC2-40, which OpenSSL 3 keeps in its legacy provider");
    cr_assert_eq(bundle_peek(world.context, slice_of(&world.p12), "f.p12", &report, world.faults), 0);
    cr_assert_str_eq(report.items[0].encryption, "PBE-SHA1-RC2-40");
    cr_assert_str_eq(bundle_reader_at(6, &report, &takes, &reason),
                     "OpenSSL 3 and what is built on it (curl, Node 17, Python)");
    cr_assert_not(takes);
    cr_assert_not_null(strstr(reason, "legacy provider"));
    bundle_report_free(&report);
    world_close(&world);
}

/* Goal: NSS writes indefinite lengths, and its PBES2 leaves the PRF at HMAC-SHA1 or says it. */
Test(bundle, what_nss_writes_is_opened)
{
    static const char *const files[] = {"unit/p12/nss.p12", "unit/p12/nss-3des.p12"};

    for (size_t i = 0; i < 2; i++) {
        struct bundle_report report;
        struct world world;

        world_open(&world, "ec-p256");
        read_made(&world, files[i]);
        cr_assert_eq(bundle_open(world.context, slice_of(&world.p12), &world.passphrase, files[i], &report,
                                 world.faults),
                     0, "%s", first_fault(&world));
        cr_assert_eq(report.item_count, 2);
        cr_assert_not_null(report.key);
        bundle_report_free(&report);
        world_close(&world);
    }
}

Test(bundle, javas_own_trust_store_is_known)
{
    struct bundle_report report;
    struct world world;

    world_open(&world, "ec-p256");
    read_made(&world, "unit/p12/java-truststore.p12");
    bytes_clear(&world.passphrase);
    cr_assert_eq(bytes_append_text(&world.passphrase, "xxxxxx"), 0);
    cr_assert_eq(
        bundle_open(world.context, slice_of(&world.p12), &world.passphrase, "j.p12", &report, world.faults),
        0, "%s", first_fault(&world));
    cr_assert_eq(report.item_count, 1);
    cr_assert(report.items[0].java_trusted);
    cr_assert_str_eq(bytes_text(&report.items[0].friendly_name), "f");
    bundle_report_free(&report);
    world_close(&world);
}

/*
 * Goal: PBMAC1 (RFC 9579, RFC 9879) as OpenSSL 3.5 writes it (`openssl pkcs12 -export -pbmac1_pbkdf2`, a key and a certificate of our
 * own): the passphrase goes into PBKDF2 as UTF-8, and a key length must be there.
 */
Test(bundle, pbmac1_is_opened)
{
    static const struct {
        const char *file, *passphrase, *digest;
    } cases[] = {{"unit/p12/pbmac1-sha256.p12", "x", "PBMAC1 SHA-256"},
                 {"unit/p12/pbmac1-sha512.p12", "gr\xc3\xbcn", "PBMAC1 SHA-512"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bundle_report report;
        struct world world;

        world_open(&world, "ec-p256");
        read_made(&world, cases[i].file);
        bytes_clear(&world.passphrase);
        cr_assert_eq(bytes_append_text(&world.passphrase, cases[i].passphrase), 0);
        cr_assert_eq(bundle_open(world.context, slice_of(&world.p12), &world.passphrase, "f.p12", &report,
                                 world.faults),
                     0, "%s", first_fault(&world));
        cr_assert_str_eq(report.mac_digest, cases[i].digest);
        cr_assert_eq(report.mac_iterations, 2048);
        cr_assert_eq(report.item_count, 2);
        cr_assert_not_null(report.key);
        bundle_report_free(&report);
        bytes_clear(&world.passphrase);
        cr_assert_eq(bytes_append_text(&world.passphrase, "y"), 0);
        does_not_open(&world, "the passphrase does not open it");
        world_close(&world);
    }
}

Test(bundle, pbmac1_needs_its_key_length)
{
    /* the end of a salt of 8 octets: 2,048 iterations, a key of 32 octets */
    static const unsigned char counts[] = {0x02, 0x02, 0x08, 0x00, 0x02, 0x01, 0x20};
    struct world world;
    unsigned char *at = NULL;

    world_open(&world, "ec-p256");
    read_made(&world, "unit/p12/pbmac1-sha256.p12");
    for (size_t i = 10; i + sizeof(counts) <= world.p12.length; i++) {
        if (memcmp(world.p12.data + i, counts, sizeof(counts)) == 0 && world.p12.data[i - 9] == 8) {
            at = world.p12.data + i;
        }
    }
    cr_assert_not_null(at);
    at[6] = 0;
    does_not_open(&world, "its encryption parameters are malformed");
    /* none: the salt takes its place */
    at[-9] = 11;
    memmove(at + 3, at, 4);
    does_not_open(&world, "its MAC is malformed");
    world_close(&world);
}

Test(bundle, a_peek_needs_no_passphrase)
{
    struct bundle_report report;
    struct world world;

    world_open(&world, "ec-p256");
    write_bundle(&world, "modern");
    cr_assert_eq(bundle_peek(world.context, slice_of(&world.p12), "f.p12", &report, world.faults), 0);
    cr_assert_not(report.opened);
    cr_assert_null(report.key);
    cr_assert_str_eq(report.mac_digest, "SHA-256");
    cr_assert_eq(report.mac_iterations, 10000);
    cr_assert_eq(report.item_count, 2);
    cr_assert_str_eq(report.items[0].kind, "encrypted safe");
    cr_assert_str_eq(report.items[0].encryption, PBE_AES_256_SHA256);
    cr_assert_str_eq(report.items[1].kind, "shrouded key");
    cr_assert_str_eq(bytes_text(&report.items[1].friendly_name), "Ünit 7");
    bundle_report_free(&report);
    world_close(&world);
}

/* ---- BER --------------------------------------------------------------------------------------------------------- */

/* The same value with indefinite lengths everywhere, and OCTET STRINGs in pieces. */
static void blow_up(struct slice der, struct bytes *ber)
{
    struct der_item item;

    while (der_read(&der, &item) == 1) {
        if ((item.tag & 0x20) != 0) {
            cr_assert_eq(bytes_append_byte(ber, item.tag), 0);
            cr_assert_eq(bytes_append_byte(ber, 0x80), 0);
            blow_up(item.content, ber);
            cr_assert_eq(bytes_append(ber, "\0", 2), 0);
        } else if (item.tag == DER_OCTET_STRING || item.tag == DER_CONTEXT(0)) {
            struct der writer;

            cr_assert_eq(bytes_append_byte(ber, item.tag | 0x20), 0);
            cr_assert_eq(bytes_append_byte(ber, 0x80), 0);
            while (item.content.length > 0) {
                struct slice piece = {item.content.data,
                                      item.content.length < 100 ? item.content.length : 100};

                der_start(&writer, ber);
                der_value(&writer, DER_OCTET_STRING, piece);
                cr_assert_eq(der_finish(&writer), 0);
                item.content.data += piece.length;
                item.content.length -= piece.length;
            }
            cr_assert_eq(bytes_append(ber, "\0", 2), 0);
        } else {
            cr_assert_eq(bytes_append(ber, item.whole.data, item.whole.length), 0);
        }
    }
}

Test(bundle, indefinite_lengths_and_strings_in_pieces_are_read)
{
    static const char *const words[] = {"ios-legacy", "modern"};

    for (size_t i = 0; i < 2; i++) {
        struct bytes ber = BYTES_EMPTY;
        struct bundle_report report;
        struct world world;

        world_open(&world, "ec-p256");
        write_bundle(&world, words[i]);
        blow_up(slice_of(&world.p12), &ber);
        cr_assert_gt(ber.length, world.p12.length);
        bytes_move(&world.p12, &ber);
        cr_assert(form_is_p12(slice_of(&world.p12)));
        opens(&world, PASSPHRASE, &report);
        cr_assert_eq(bundle_check(world.context, bundle_target_find(words[i]), &world.content,
                                  slice_of(&world.p12), world.faults),
                     0);
        bundle_report_free(&report);
        world_close(&world);
    }
}

Test(ber, what_is_not_ber_is_refused)
{
    static const struct {
        const char *octets;
        size_t length;
    } cases[] = {
        {"", 0},
        {"\x30", 1},
        {"\x30\x80", 2},             /* no end */
        {"\x30\x80\x00", 3},         /* half an end */
        {"\x04\x80\x00\x00", 4},     /* primitive, indefinite */
        {"\x30\x82\x01", 3},         /* half a length */
        {"\x30\x01", 2},             /* content missing */
        {"\x1f\x81\x01\x00", 4},     /* tag of several octets */
        {"\x24\x03\x02\x01\x00", 5}, /* an INTEGER as a piece of an OCTET STRING */
        {"\x30\x02\x00\x00", 4},     /* an end where a value belongs */
        {"\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00", 11},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice rest = {(const unsigned char *)cases[i].octets, cases[i].length};
        struct bytes der = BYTES_EMPTY;

        cr_assert_eq(ber_read(&rest, &der), -1, "case %zu", i);
        bytes_free(&der);
    }
}

Test(ber, lengths_come_out_minimal_and_pieces_joined)
{
    static const char ber[] =
        "\x30\x80\x24\x80\x04\x81\x01\x61\x24\x03\x04\x01\x62\x00\x00\x02\x82\x00\x01\x05\x00\x00\x05\x00";
    static const char expected[] = "\x30\x07\x04\x02\x61\x62\x02\x01\x05";
    struct slice rest = {(const unsigned char *)ber, sizeof(ber) - 1};
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(ber_read(&rest, &der), 0);
    cr_assert_eq(der.length, sizeof(expected) - 1);
    cr_assert_arr_eq(der.data, expected, der.length);
    cr_assert_eq(rest.length, 2);
    bytes_free(&der);
}

Test(ber, nesting_is_bounded)
{
    struct bytes ber = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct slice rest;

    for (int i = 0; i < 100000; i++) {
        cr_assert_eq(bytes_append(&ber, "\x30\x80", 2), 0);
    }
    rest = slice_of(&ber);
    cr_assert_eq(ber_read(&rest, &der), -1);
    bytes_free(&ber);
    bytes_free(&der);
}

/* ---- check and readers ------------------------------------------------------------------------------------------- */

Test(bundle, the_check_sees_every_difference)
{
    const struct bundle_target *target = bundle_target_find("modern");
    struct foreign *other;
    struct world world;

    world_open(&world, "ec-p256");
    write_bundle(&world, "modern");
    cr_assert_eq(bundle_check(world.context, target, &world.content, slice_of(&world.p12), world.faults), 0,
                 "%s", first_fault(&world));
    other = foreign_make(&(struct recipe){.name = "Other"});
    cr_assert_eq(bundle_check(world.context, bundle_target_find("ios-legacy"), &world.content,
                              slice_of(&world.p12), world.faults),
                 -1, "another target's algorithms");
    world.content.name = "another name";
    cr_assert_eq(bundle_check(world.context, target, &world.content, slice_of(&world.p12), world.faults), -1);
    world.content.name = NULL;
    world.content.key = other->key;
    cr_assert_eq(bundle_check(world.context, target, &world.content, slice_of(&world.p12), world.faults), -1);
    world.content.key = world.leaf->key;
    world.content.chain_count = 2;
    cr_assert_eq(bundle_check(world.context, target, &world.content, slice_of(&world.p12), world.faults), -1);
    world.content.chain_count = 4;
    world.chain[2] = foreign_der(other);
    cr_assert_eq(bundle_check(world.context, target, &world.content, slice_of(&world.p12), world.faults), -1);
    cr_assert_eq(faults_count(world.faults), 5);
    foreign_free(other);
    world_close(&world);
}

Test(bundle, the_quick_check_sees_every_damage)
{
    static const char *const words[] = {"ios-legacy", "modern"};

    for (size_t i = 0; i < 2; i++) {
        const struct bundle_target *target = bundle_target_find(words[i]);
        struct bytes wrong = BYTES_EMPTY, *p12;
        struct world world;

        world_open(&world, "ec-p256");
        write_bundle(&world, words[i]);
        p12 = &world.p12;
        cr_assert_eq(
            bundle_check_mac(world.context, target, world.content.passphrase, slice_of(p12), world.faults), 0,
            "%s", first_fault(&world));
        cr_assert_eq(bytes_append_text(&wrong, "another"), 0);
        cr_assert_eq(bundle_check_mac(world.context, target, &wrong, slice_of(p12), world.faults), -1);
        cr_assert_eq(bundle_check_mac(world.context, bundle_target_find(words[1 - i]),
                                      world.content.passphrase, slice_of(p12), world.faults),
                     -1);
        cr_assert_eq(bundle_check_mac(world.context, target, world.content.passphrase,
                                      (struct slice){p12->data, p12->length - 1}, world.faults),
                     -1);
        cr_assert_eq(bytes_append_byte(p12, 0), 0);
        cr_assert_eq(
            bundle_check_mac(world.context, target, world.content.passphrase, slice_of(p12), world.faults),
            -1);
        p12->length--;
        /* every 7th byte, as each costs a derivation */
        for (size_t at = 0; at < p12->length; at += 7) {
            p12->data[at] ^= 0x10;
            cr_assert_eq(bundle_check_mac(world.context, target, world.content.passphrase, slice_of(p12),
                                          world.faults),
                         -1, "byte %zu", at);
            p12->data[at] ^= 0x10;
        }
        bytes_free(&wrong);
        world_close(&world);
    }
}

/* A modern P12 with a key on secp256k1, put together by OpenSSL. */
static void koblitz_bundle(struct world *world)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
    X509 *x509 = X509_new();
    unsigned char *der = NULL;
    PKCS12 *p12;
    int length;

    cr_assert(pkey != NULL && x509 != NULL);
    cr_assert(X509_set_version(x509, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) &&
              X509_gmtime_adj(X509_getm_notBefore(x509), 0) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(x509), 86400) != NULL && X509_set_pubkey(x509, pkey) &&
              X509_sign(x509, pkey, EVP_sha256()) > 0);
    p12 = PKCS12_create(PASSPHRASE, "name", pkey, x509, NULL, 0, 0, 0, 0, 0);
    cr_assert_not_null(p12);
    length = i2d_PKCS12(p12, &der);
    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(&world->p12, der, (size_t)length), 0);
    bytes_clear(&world->passphrase);
    cr_assert_eq(bytes_append_text(&world->passphrase, PASSPHRASE), 0);
    OPENSSL_free(der);
    PKCS12_free(p12);
    X509_free(x509);
    EVP_PKEY_free(pkey);
}

/* Which readers take a report, as letters in the table's order; '?': nobody knows. */
static void readers_are(const struct bundle_report *report, const char *expected)
{
    char found[32] = "";
    const char *reason = NULL;
    bool takes = false;
    size_t count = 0;

    while (bundle_reader_at(count, report, &takes, &reason) != NULL) {
        cr_assert_eq(takes, reason == NULL);
        found[count] = takes ? 'y' : bundle_reader_is_unsure(count, report) ? '?' : '-';
        count += 1;
    }
    cr_assert_str_eq(found, expected);
}

static void written_for(const char *target, const char *algorithm, const char *expected)
{
    struct bundle_report report;
    struct world world;

    world_open(&world, algorithm);
    write_bundle(&world, target);
    opens(&world, PASSPHRASE, &report);
    readers_are(&report, expected);
    bundle_report_free(&report);
    world_close(&world);
}

/* apple-14 apple-15 android-12 android-13 java java-trust openssl-3 openssl-1.1 nss gnutls windows-1703 windows-1709 */
Test(bundle, readers_take_what_is_known_of_them)
{
    written_for("ios-legacy", "ec-p256", "yyyyy-yyyyyy");
    written_for("android-legacy", "rsa-2048", "yyyyy-yyyyyy");
    written_for("modern", "ec-p256", "-y-yy-yyyy-y");
    written_for("java", "ec-p256", "-y-yy-yyyy-y");
    written_for("modern", "ed25519", "---?y-yy-y-?");
    written_for("modern", "ec-p521", "-y-yy-yyyy-y");
}

/* A key on a curve that nobody has reported about: Android and Windows are not claimed, Java, NSS and GnuTLS were run. */
Test(bundle, readers_of_an_unusual_curve)
{
    struct bundle_report report;
    struct world world;

    world_open(&world, "ec-p256");
    bytes_clear(&world.p12);
    koblitz_bundle(&world);
    cr_assert_eq(
        bundle_open(world.context, slice_of(&world.p12), &world.passphrase, "f.p12", &report, world.faults),
        0, "%s", first_fault(&world));
    readers_are(&report, "---?y-yyyy-?");
    bundle_report_free(&report);
    world_close(&world);
}

Test(bundle, a_target_promises_readers_that_take_it)
{
    for (size_t i = 0; bundle_target_at(i) != NULL; i++) {
        const struct bundle_target *target = bundle_target_at(i);
        struct bundle_report report;
        const char *reason = NULL;
        size_t promised = 0;
        struct world world;
        bool takes = false;

        if (target->anchors_only) {
            continue;
        }
        world_open(&world, "ec-p256");
        write_bundle(&world, target->word);
        opens(&world, PASSPHRASE, &report);
        for (size_t j = 0; bundle_reader_at(j, &report, &takes, &reason) != NULL; j++) {
            if (bundle_reader_is_promised(j, target)) {
                promised += 1;
                cr_assert(takes, "%s: %s", target->word, reason);
            }
        }
        cr_assert_gt(promised, 0);
        bundle_report_free(&report);
        world_close(&world);
    }
}

Test(bundle, readers_of_foreign_forms)
{
    struct bundle_report report;
    struct world world;

    /* 3DES bags under a SHA-256 MAC: the MAC alone keeps the old readers out */
    world_open(&world, "ec-p256");
    openssl_bundle(&world, PASSPHRASE, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                   NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2048);
    opens(&world, PASSPHRASE, &report);
    readers_are(&report, "-y-yy-yyyy-y");
    bundle_report_free(&report);
    /* AES-128: not even Apple's newest */
    openssl_bundle(&world, PASSPHRASE, NID_aes_128_cbc, NID_aes_128_cbc, 2048);
    opens(&world, PASSPHRASE, &report);
    readers_are(&report, "---yy-yyyy-y");
    bundle_report_free(&report);
    /* no MAC */
    openssl_bundle(&world, PASSPHRASE, 0, 0, -1);
    opens(&world, PASSPHRASE, &report);
    readers_are(&report, "---yy------y");
    bundle_report_free(&report);
    /* no encryption */
    openssl_bundle(&world, PASSPHRASE, -1, -1, 2048);
    opens(&world, PASSPHRASE, &report);
    readers_are(&report, "---y--yyyy-y");
    bundle_report_free(&report);
    world_close(&world);
}
