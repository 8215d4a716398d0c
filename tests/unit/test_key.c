/* SPDX-License-Identifier: Apache-2.0 */
/* x509/key: every algorithm made, written as OpenSSL writes it, and read back in every form a key file comes in. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/fault.h"
#include "patience.h"
#include "x509/der.h"
#include "x509/key.h"
#include "x509/pem.h"

static const enum key_algorithm made[] = {KEY_RSA_2048, KEY_EC_P256, KEY_EC_P384,
                                          KEY_EC_P521,  KEY_ED25519, KEY_ED448};
#define MADE (sizeof(made) / sizeof(made[0]))

static struct context *context;
static struct faults *faults;

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
}

static void tear_down(void)
{
    context_free(context);
    faults_free(faults);
}

TestSuite(key, .init = set_up, .fini = tear_down);

static struct key *make(enum key_algorithm algorithm)
{
    struct key_maker *maker = key_maker_new(context, algorithm, faults);
    struct key *key;

    cr_assert_not_null(maker, "%s", faults_text(faults, 0));
    key = key_maker_make(maker, faults);
    cr_assert_not_null(key, "%s", faults_text(faults, 0));
    key_maker_free(maker);
    return key;
}

/* The key of a content that must be readable, and the same as @p awaited where that is not NULL. */
static void reads(struct slice content, const char *passphrase, const struct key *awaited, const char *what)
{
    struct bytes secret = BYTES_EMPTY;
    struct key *key;

    cr_assert_eq(bytes_append_text(&secret, passphrase == NULL ? "" : passphrase), 0);
    key = key_read(context, content, passphrase == NULL ? NULL : &secret, "k", faults);
    cr_assert_not_null(key, "%s: %s", what, faults_text(faults, faults_count(faults) - 1));
    cr_assert(key_is_private(key), "%s", what);
    cr_assert(awaited == NULL || key_equal(key, awaited), "%s: another key", what);
    cr_assert(awaited == NULL || key_algorithm_of(key) == key_algorithm_of(awaited), "%s: another kind",
              what);
    key_free(key);
    bytes_free(&secret);
}

static void refuses(struct slice content, const char *passphrase, const char *fault)
{
    struct bytes secret = BYTES_EMPTY;
    size_t before = faults_count(faults);
    const char *told;

    cr_assert_eq(bytes_append_text(&secret, passphrase == NULL ? "" : passphrase), 0);
    cr_assert_null(key_read(context, content, passphrase == NULL ? NULL : &secret, "k", faults), "taken: %s",
                   fault);
    cr_assert_eq(faults_count(faults), before + 1, "one fault: %s", fault);
    told = faults_text(faults, before);
    cr_assert_not_null(strstr(told, fault), "\"%s\" where \"%s\" was awaited", told, fault);
    bytes_free(&secret);
}

/* What a memory BIO holds, copied; the BIO is freed. */
static struct bytes drain(BIO *bio)
{
    struct bytes bytes = BYTES_EMPTY;
    char *data;
    long length = BIO_get_mem_data(bio, &data);

    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(&bytes, data, (size_t)length), 0);
    BIO_free(bio);
    return bytes;
}

/* ---- algorithms -------------------------------------------------------------------------------------------------- */

Test(key, words)
{
    for (int id = KEY_RSA_2048; id < KEY_FOREIGN; id++) {
        const char *word = key_algorithm_text((enum key_algorithm)id);
        enum key_algorithm parsed = KEY_NONE;

        cr_assert_eq(key_algorithm_parse(word, &parsed), 0, "%s", word);
        cr_assert_eq((int)parsed, id);
        cr_assert_not_null(strstr(key_algorithm_words(), word), "%s", word);
    }
    cr_assert_eq(key_algorithm_parse("ec-p255", &(enum key_algorithm){KEY_NONE}), -1);
    cr_assert_eq(key_algorithm_parse("EC-P256", &(enum key_algorithm){KEY_NONE}), -1);
    cr_assert_eq(key_algorithm_parse("foreign", &(enum key_algorithm){KEY_NONE}), -1);
    cr_assert_eq(key_algorithm_family(KEY_RSA_4096), KEY_FAMILY_RSA);
    cr_assert_eq(key_algorithm_family(KEY_EC_P384), KEY_FAMILY_EC);
    cr_assert_eq(key_algorithm_family(KEY_ED448), KEY_FAMILY_EDDSA);
    cr_assert_eq(key_algorithm_family(KEY_ML_DSA_65), KEY_FAMILY_ML_DSA);
    cr_assert_eq(key_algorithm_family(KEY_FOREIGN), KEY_FAMILY_OTHER);
}

Test(key, each_is_made_as_asked)
{
    for (size_t i = 0; i < MADE; i++) {
        struct key *key = make(made[i]);

        cr_assert_eq(key_algorithm_of(key), made[i]);
        cr_assert_eq(key_family_of(key), key_algorithm_family(made[i]));
        cr_assert(key_is_private(key));
        cr_assert(key_algorithm_available(context, made[i]));
        key_free(key);
    }
}

Test(key, bits)
{
    static const int bits[MADE] = {2048, 256, 384, 521, 0, 0};

    for (size_t i = 0; i < MADE; i++) {
        struct key *key = make(made[i]);

        cr_assert_eq(key_bits(key), bits[i], "%s", key_algorithm_text(made[i]));
        key_free(key);
    }
}

Test(key, a_maker_makes_another_each_time)
{
    struct key_maker *maker = key_maker_new(context, KEY_EC_P256, faults);
    struct key *last = key_maker_make(maker, faults);

    for (int i = 0; i < 50; i++) {
        struct key *key = key_maker_make(maker, faults);

        cr_assert(!key_equal(key, last));
        cr_assert(key_equal(key, key));
        key_free(last);
        last = key;
    }
    key_free(last);
    key_maker_free(maker);
}

Test(key, what_cannot_be_made_says_why)
{
    cr_assert_null(key_maker_new(context, KEY_FOREIGN, faults));
    cr_assert_null(key_maker_new(context, KEY_NONE, faults));
    cr_assert_eq(faults_errors(faults), 2);
    cr_assert(!key_algorithm_available(context, KEY_FOREIGN));
    for (int id = KEY_ML_DSA_44; id <= KEY_ML_DSA_87; id++) {
        enum key_algorithm algorithm = (enum key_algorithm)id;
        struct key_maker *maker = key_maker_new(context, algorithm, faults);

        cr_assert_eq(maker != NULL, key_algorithm_available(context, algorithm));
        if (maker == NULL) {
            const char *told = faults_text(faults, faults_count(faults) - 1);

            cr_assert_not_null(strstr(told, "needs OpenSSL 3.5 or later, and this is 3."), "%s", told);
        }
        key_maker_free(maker);
    }
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void spki_is_openssls(const struct key *key)
{
    struct bytes ours = BYTES_EMPTY;
    unsigned char *theirs = NULL;
    int length = i2d_PUBKEY(key_pkey(key), &theirs);

    cr_assert_eq(key_spki(key, &ours, faults), 0);
    cr_assert_eq(ours.length, (size_t)length, "%s", key_algorithm_text(key_algorithm_of(key)));
    cr_assert_arr_eq(ours.data, theirs, ours.length, "%s", key_algorithm_text(key_algorithm_of(key)));
    OPENSSL_free(theirs);
    bytes_free(&ours);
}

static void pkcs8_is_openssls(const struct key *key)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_pkey(key));
    struct bytes ours = BYTES_EMPTY;
    unsigned char *theirs = NULL;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, &theirs);

    cr_assert_eq(key_pkcs8(key, &ours, faults), 0);
    cr_assert_eq(ours.length, (size_t)length, "%s", key_algorithm_text(key_algorithm_of(key)));
    cr_assert_arr_eq(ours.data, theirs, ours.length, "%s", key_algorithm_text(key_algorithm_of(key)));
    OPENSSL_free(theirs);
    PKCS8_PRIV_KEY_INFO_free(info);
    bytes_free(&ours);
}

Test(key, encoded_as_openssl_encodes)
{
    for (size_t i = 0; i < MADE; i++) {
        struct key *key = make(made[i]);

        spki_is_openssls(key);
        pkcs8_is_openssls(key);
        key_free(key);
    }
}

/* An EC key with the private scalar 1, whose public point is the generator: every octet before the last is padding. */
Test(key, short_scalars_are_padded)
{
    static const int curves[] = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};

    for (size_t i = 0; i < 3; i++) {
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[i]);
        unsigned char point[133];
        size_t length = EC_POINT_point2oct(group, EC_GROUP_get0_generator(group),
                                           POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point), NULL);
        OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
        BIGNUM *one = BN_new();
        EVP_PKEY_CTX *building = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
        EVP_PKEY *pkey = NULL;
        OSSL_PARAM *params;
        struct key *key;

        cr_assert(BN_one(one));
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curves[i]), 0);
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length);
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, one);
        params = OSSL_PARAM_BLD_to_param(builder);
        cr_assert_eq(EVP_PKEY_fromdata_init(building), 1);
        cr_assert_eq(EVP_PKEY_fromdata(building, &pkey, EVP_PKEY_KEYPAIR, params), 1);
        key = key_from_pkey(pkey, faults);
        cr_assert(key_is_private(key));
        pkcs8_is_openssls(key);
        spki_is_openssls(key);
        key_free(key);
        EVP_PKEY_free(pkey);
        EVP_PKEY_CTX_free(building);
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(builder);
        BN_free(one);
        EC_GROUP_free(group);
    }
}

Test(key, spki_digest_is_sha256_of_it)
{
    struct key *key = make(KEY_ED25519);
    struct bytes spki = BYTES_EMPTY;
    struct digest digest;
    unsigned char awaited[32];
    size_t length = 0;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    cr_assert_eq(EVP_Q_digest(NULL, "SHA256", NULL, spki.data, spki.length, awaited, &length), 1);
    cr_assert_eq(key_spki_digest(context, key, &digest, faults), 0);
    cr_assert_arr_eq(digest.octets, awaited, 32);
    bytes_free(&spki);
    key_free(key);
}

Test(key, written_and_read_back)
{
    for (size_t i = 0; i < MADE; i++) {
        struct key *key = make(made[i]);
        struct bytes out = BYTES_EMPTY;

        cr_assert_eq(key_pkcs8(key, &out, faults), 0);
        reads(slice_of(&out), NULL, key, "PKCS#8");
        bytes_clear(&out);
        cr_assert_eq(key_pkcs8_pem(key, &out, faults), 0);
        cr_assert_not_null(strstr(bytes_text(&out), "-----BEGIN PRIVATE KEY-----\n"));
        cr_assert(!key_is_encrypted(slice_of(&out)));
        reads(slice_of(&out), NULL, key, "PKCS#8 PEM");
        reads(slice_of(&out), "needless", key, "PKCS#8 PEM");
        bytes_free(&out);
        key_free(key);
    }
}

Test(key, a_public_key_has_no_private_encoding)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes spki = BYTES_EMPTY;
    struct bytes out = BYTES_EMPTY;
    struct key *public;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    public = key_from_spki(context, slice_of(&spki), faults);
    cr_assert_not_null(public);
    cr_assert(!key_is_private(public));
    cr_assert(key_equal(public, key));
    cr_assert_eq(key_algorithm_of(public), KEY_EC_P256);
    cr_assert_eq(key_pkcs8(public, &out, faults), -1);
    cr_assert_eq(key_pkcs8_pem(public, &out, faults), -1);
    cr_assert_eq(out.length, 0);
    key_free(public);
    key_free(key);
    bytes_free(&spki);
    bytes_free(&out);
}

/* ---- encrypted --------------------------------------------------------------------------------------------------- */

static struct bytes secret_of(const char *text)
{
    struct bytes secret = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&secret, text), 0);
    return secret;
}

/* Counts up: a source of "randomness" a test can foresee. */
static int count_up(void *state, unsigned char *bytes, size_t length)
{
    unsigned char *next = state;

    for (size_t i = 0; i < length; i++) {
        bytes[i] = (*next)++;
    }
    return 0;
}

static int no_randomness(void *state, unsigned char *bytes, size_t length)
{
    (void)state;
    (void)bytes;
    (void)length;
    return -1;
}

static void is_opened_by_openssl(enum key_kdf kdf)
{
    struct bytes secret = secret_of("correct horse");
    struct key *key = make(KEY_EC_P256);
    struct bytes pem = BYTES_EMPTY;
    EVP_PKEY *opened;
    BIO *bio;

    cr_assert_eq(key_pkcs8_encrypted_pem(context, key, kdf, &secret, &pem, faults), 0);
    cr_assert_not_null(strstr(bytes_text(&pem), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    cr_assert(key_is_encrypted(slice_of(&pem)));
    cr_assert_eq(key_kdf_of(slice_of(&pem)), kdf);
    bio = BIO_new_mem_buf(pem.data, (int)pem.length);
    opened = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"correct horse");
    cr_assert_not_null(opened, "%s", key_kdf_text(kdf));
    cr_assert_eq(EVP_PKEY_eq(opened, key_pkey(key)), 1);
    reads(slice_of(&pem), "correct horse", key, key_kdf_text(kdf));
    EVP_PKEY_free(opened);
    BIO_free(bio);
    bytes_free(&pem);
    bytes_free(&secret);
    key_free(key);
}

Test(key, encrypted_is_opened_by_openssl)
{
    is_opened_by_openssl(KEY_KDF_PBKDF2);
    is_opened_by_openssl(KEY_KDF_SCRYPT);
}

Test(key, words_of_derivations)
{
    static const unsigned char nothing[1];
    enum key_kdf kdf = KEY_KDF_PBKDF2;
    struct key *key = make(KEY_ED25519);
    struct bytes pem = BYTES_EMPTY;

    cr_assert_eq(key_kdf_parse("scrypt", &kdf), 0);
    cr_assert_eq(kdf, KEY_KDF_SCRYPT);
    cr_assert_eq(key_kdf_parse("pbkdf2", &kdf), 0);
    cr_assert_eq(kdf, KEY_KDF_PBKDF2);
    cr_assert_eq(key_kdf_parse("Scrypt", &kdf), -1);
    cr_assert_eq(key_kdf_parse("", &kdf), -1);
    cr_assert_str_eq(key_kdf_text(KEY_KDF_SCRYPT), "scrypt");
    cr_assert_str_eq(key_kdf_text(KEY_KDF_PBKDF2), "pbkdf2");
    /* what is not encrypted, and what is no key */
    cr_assert_eq(key_pkcs8_pem(key, &pem, faults), 0);
    cr_assert_eq(key_kdf_of(slice_of(&pem)), KEY_KDF_PBKDF2);
    cr_assert_eq(key_kdf_of((struct slice){nothing, 0}), KEY_KDF_PBKDF2);
    cr_assert_eq(key_kdf_of(slice_of_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n!\n")), KEY_KDF_PBKDF2);
    bytes_free(&pem);
    key_free(key);
}

/** Scheme, salt, cost and IV stand in the file as @p scheme has them, which the first bytes of what is encrypted follow. */
static void encrypts(enum key_kdf kdf, struct slice scheme)
{
    struct bytes secret = secret_of("s");
    struct key *key = make(KEY_EC_P256);
    struct bytes pem = BYTES_EMPTY;
    struct slice rest;
    struct pem_block block;
    unsigned char next = 0;
    size_t line = 0;

    context_set_random(context, count_up, &next);
    cr_assert_eq(key_pkcs8_encrypted_pem(context, key, kdf, &secret, &pem, faults), 0);
    rest = slice_of(&pem);
    cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1);
    cr_assert_gt(block.der.length, scheme.length + 4);
    cr_assert_arr_eq(block.der.data + 3, scheme.data, scheme.length);
    cr_assert_eq(key_kdf_of(slice_of(&block.der)), kdf);
    pem_block_free(&block);
    reads(slice_of(&pem), "s", key, "with a foreseen salt");
    bytes_free(&pem);
    bytes_free(&secret);
    key_free(key);
}

Test(key, encrypted_as_promised)
{
    static const char scheme[] =
        "\x30\x60\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x30\x53\x30\x32\x06\x09\x2a\x86\x48\x86\xf7\x0d"
        "\x01\x05\x0c"
        "\x30\x25\x04\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x02\x03\x09\x27\xc0"
        "\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04"
        "\x01\x2a"
        "\x04\x10\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";

    encrypts(KEY_KDF_PBKDF2, (struct slice){(const unsigned char *)scheme, sizeof(scheme) - 1});
}

/* The same with scrypt: N 16384, r 8, p 5. */
Test(key, encrypted_by_scrypt_as_promised)
{
    static const char scheme[] =
        "\x30\x57\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x30\x4a\x30\x29\x06\x09\x2b\x06\x01\x04\x01"
        "\xda\x47\x04\x0b\x30\x1c"
        "\x04\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x02\x02\x40\x00\x02\x01\x08"
        "\x02\x01\x05"
        "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a"
        "\x04\x10\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";

    encrypts(KEY_KDF_SCRYPT, (struct slice){(const unsigned char *)scheme, sizeof(scheme) - 1});
}

Test(key, encrypted_needs_passphrase_and_randomness)
{
    struct bytes secret = secret_of("s");
    struct bytes empty = BYTES_EMPTY;
    struct bytes pem = BYTES_EMPTY;
    struct key *key = make(KEY_ED25519);

    cr_assert_eq(key_pkcs8_encrypted_pem(context, key, KEY_KDF_PBKDF2, &empty, &pem, faults), -1);
    cr_assert_not_null(strstr(faults_text(faults, 0), "empty passphrase"));
    context_set_random(context, no_randomness, NULL);
    cr_assert_eq(key_pkcs8_encrypted_pem(context, key, KEY_KDF_PBKDF2, &secret, &pem, faults), -1);
    cr_assert_eq(faults_count(faults), 2);
    cr_assert_eq(pem.length, 0);
    key_free(key);
    bytes_free(&secret);
}

Test(key, encrypted_each_kind)
{
    static const enum key_algorithm kinds[] = {KEY_RSA_2048, KEY_ED448};
    struct bytes secret = secret_of("right");

    for (size_t i = 0; i < 2; i++) {
        struct key *key = make(kinds[i]);
        struct bytes pem = BYTES_EMPTY;

        cr_assert_eq(key_pkcs8_encrypted_pem(context, key, KEY_KDF_PBKDF2, &secret, &pem, faults), 0);
        reads(slice_of(&pem), "right", key, "encrypted");
        bytes_free(&pem);
        key_free(key);
    }
    bytes_free(&secret);
}

Test(key, encrypted_and_no_or_another_passphrase)
{
    struct bytes secret = secret_of("right");
    struct key *key = make(KEY_ED25519);
    struct bytes pem = BYTES_EMPTY;

    cr_assert_eq(key_pkcs8_encrypted_pem(context, key, KEY_KDF_PBKDF2, &secret, &pem, faults), 0);
    refuses(slice_of(&pem), "wrong", "k:1: the passphrase does not open the private key");
    refuses(slice_of(&pem), "", "k:1: the passphrase does not open the private key");
    refuses(slice_of(&pem), NULL, "k:1: the private key is encrypted, and no passphrase is given");
    bytes_free(&pem);
    bytes_free(&secret);
    key_free(key);
}

/* A wrong passphrase leaves good padding once in 256 times: it must be called wrong all the same. */
Test(key, wrong_passphrases_are_wrong_by_chance_too)
{
    struct key *key = make(KEY_EC_P256);
    BIO *bio = BIO_new(BIO_s_mem());
    struct bytes pem;

    cr_assert_eq(
        PEM_write_bio_PKCS8PrivateKey(bio, key_pkey(key), EVP_des_ede3_cbc(), "right", 5, NULL, NULL), 1);
    pem = drain(bio);
    for (int i = 0; i < 400; i++) {
        char wrong[24];

        snprintf(wrong, sizeof(wrong), "wrong%d", i);
        refuses(slice_of(&pem), wrong, "the passphrase does not open");
    }
    bytes_free(&pem);
    key_free(key);
}

/* ---- forms of other tools ---------------------------------------------------------------------------------------- */

Test(key, traditional_forms)
{
    static const enum key_algorithm kinds[] = {KEY_RSA_2048, KEY_EC_P256, KEY_EC_P521};

    for (size_t i = 0; i < 3; i++) {
        struct key *key = make(kinds[i]);
        unsigned char *der = NULL;
        int length = i2d_PrivateKey(key_pkey(key), &der);
        BIO *bio = BIO_new(BIO_s_mem());
        struct bytes pem;

        reads((struct slice){der, (size_t)length}, NULL, key, "traditional DER");
        refuses((struct slice){der, (size_t)length - 1}, NULL, "k: it is DER, and cut off: of ");
        OPENSSL_clear_free(der, (size_t)length);
        cr_assert_eq(PEM_write_bio_PrivateKey_traditional(bio, key_pkey(key), NULL, NULL, 0, NULL, NULL), 1);
        pem = drain(bio);
        cr_assert(!key_is_encrypted(slice_of(&pem)));
        reads(slice_of(&pem), NULL, key, "traditional PEM");
        bytes_free(&pem);
        key_free(key);
    }
}

Test(key, traditional_as_openssl_writes_it)
{
    static const enum key_algorithm algorithms[] = {KEY_RSA_2048, KEY_EC_P256, KEY_EC_P384, KEY_EC_P521};

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct key *key = make(algorithms[i]);
        struct bytes der = BYTES_EMPTY;
        unsigned char *awaited = NULL;
        int length = i2d_PrivateKey(key_pkey(key), &awaited);

        cr_assert_eq(key_traditional(key, &der, faults), 0, "%s", faults_text(faults, 0));
        cr_assert(length > 0 &&
                      slice_equal(slice_of(&der), (struct slice){awaited, (size_t)(length > 0 ? length : 0)}),
                  "%s", key_algorithm_text(algorithms[i]));
        reads(slice_of(&der), NULL, key, key_algorithm_text(algorithms[i]));
        OPENSSL_free(awaited);
        bytes_free(&der);
        key_free(key);
    }
}

Test(key, no_traditional_form)
{
    struct key *key = make(KEY_ED25519);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(key_traditional(key, &der, faults), -1);
    cr_assert_str_eq(faults_text(faults, 0),
                     "a key of ed25519 has no form older than PKCS#8 (an RSA or EC key)");
    cr_assert_eq(der.length, 0);
    key_free(key);
}

Test(key, traditional_encrypted)
{
    const EVP_CIPHER *ciphers[] = {EVP_aes_256_cbc(), EVP_des_ede3_cbc(), EVP_aes_128_cbc()};
    static const enum key_algorithm kinds[] = {KEY_RSA_2048, KEY_EC_P256, KEY_EC_P384};

    for (size_t i = 0; i < 3; i++) {
        struct key *key = make(kinds[i]);
        BIO *bio = BIO_new(BIO_s_mem());
        struct bytes pem;

        cr_assert_eq(PEM_write_bio_PrivateKey_traditional(bio, key_pkey(key), ciphers[i],
                                                          (const unsigned char *)"right", 5, NULL, NULL),
                     1);
        pem = drain(bio);
        cr_assert(key_is_encrypted(slice_of(&pem)));
        reads(slice_of(&pem), "right", key, "traditional encrypted");
        refuses(slice_of(&pem), "wrong", "k:1: the passphrase does not open");
        refuses(slice_of(&pem), NULL, "k:1: the private key is encrypted");
        bytes_free(&pem);
        key_free(key);
    }
}

/* As "openssl ecparam -genkey" writes it, and with a certificate before it. */
Test(key, other_blocks_before_the_key)
{
    struct key *key = make(KEY_EC_P256);
    BIO *bio = BIO_new(BIO_s_mem());
    struct bytes pem;

    BIO_puts(
        bio,
        "Bag Attributes\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
    cr_assert_eq(PEM_write_bio_PUBKEY(bio, key_pkey(key)), 1);
    cr_assert_eq(PEM_write_bio_PrivateKey_traditional(bio, key_pkey(key), NULL, NULL, 0, NULL, NULL), 1);
    pem = drain(bio);
    reads(slice_of(&pem), NULL, key, "behind EC PARAMETERS");
    bytes_free(&pem);
    key_free(key);
}

/* PKCS#8 under each scheme that OpenSSL writes and this OpenSSL opens. */
Test(key, encrypted_by_openssl)
{
    static const int schemes[] = {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, -1};
    struct key *key = make(KEY_EC_P256);

    for (size_t i = 0; i < 2; i++) {
        BIO *bio = BIO_new(BIO_s_mem());
        struct bytes out;

        if (schemes[i] != -1) {
            cr_assert_eq(i2d_PKCS8PrivateKey_nid_bio(bio, key_pkey(key), schemes[i], "right", 5, NULL, NULL),
                         1);
        } else {
            cr_assert_eq(
                i2d_PKCS8PrivateKey_bio(bio, key_pkey(key), EVP_aes_128_cbc(), "right", 5, NULL, NULL), 1);
        }
        out = drain(bio);
        cr_assert(key_is_encrypted(slice_of(&out)));
        reads(slice_of(&out), "right", key, "PKCS#8 encrypted by OpenSSL");
        refuses(slice_of(&out), "wrong", "k: the passphrase does not open");
        bytes_free(&out);
    }
    key_free(key);
}

/* EncryptedPrivateKeyInfo of @p algorithm around 48 octets that are nothing. */
static struct bytes encrypted_nothing(X509_ALGOR *algorithm)
{
    static const unsigned char nothing[48] = {0};
    struct bytes out = BYTES_EMPTY;
    struct bytes identifier = BYTES_EMPTY;
    unsigned char *der = NULL;
    int length = i2d_X509_ALGOR(algorithm, &der);
    struct der writer;

    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(&identifier, der, (size_t)length), 0);
    der_start(&writer, &out);
    der_begin(&writer, DER_SEQUENCE);
    der_raw(&writer, slice_of(&identifier));
    der_value(&writer, DER_OCTET_STRING, (struct slice){nothing, sizeof(nothing)});
    der_end(&writer);
    cr_assert_eq(der_finish(&writer), 0);
    OPENSSL_free(der);
    bytes_free(&identifier);
    X509_ALGOR_free(algorithm);
    return out;
}

/* Each of these would take minutes, or hours, if it were tried. */
#define SECONDS_MAX 20.0

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

Test(key, iteration_bombs_are_refused_at_once)
{
    static unsigned char salt[8] = {1};
    double start = seconds();
    struct bytes bomb;

    bomb = encrypted_nothing(
        PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), KEY_KDF_ITERATIONS_MAX + 1, salt, 8, NULL, NID_hmacWithSHA256));
    refuses(slice_of(&bomb), "x", "more than 10000000 rounds");
    bytes_free(&bomb);
    bomb = encrypted_nothing(PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 0x7fffffff, salt, 8));
    refuses(slice_of(&bomb), "x", "more than 10000000 rounds");
    bytes_free(&bomb);
    cr_assert_lt(seconds() - start, patience(SECONDS_MAX));
}

/* PBES2 with scrypt, N, r and p as given. */
static struct bytes scrypt_nothing(uint64_t n, uint64_t r, uint64_t p)
{
    static const unsigned char pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
    static const unsigned char scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
    static const unsigned char aes[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
    static const unsigned char octets[48] = {0};
    struct bytes out = BYTES_EMPTY;
    struct der writer;

    der_start(&writer, &out);
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){pbes2, sizeof(pbes2)});
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){scrypt, sizeof(scrypt)});
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OCTET_STRING, (struct slice){octets, 8});
    der_number(&writer, n);
    der_number(&writer, r);
    der_number(&writer, p);
    der_end(&writer);
    der_end(&writer);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){aes, sizeof(aes)});
    der_value(&writer, DER_OCTET_STRING, (struct slice){octets, 16});
    der_end(&writer);
    der_end(&writer);
    der_end(&writer);
    der_value(&writer, DER_OCTET_STRING, (struct slice){octets, 48});
    der_end(&writer);
    cr_assert_eq(der_finish(&writer), 0);
    return out;
}

Test(key, scrypt_within_bounds)
{
    static const uint64_t bombs[][3] = {
        {UINT64_C(1) << 21, 8, 1}, {UINT64_C(1) << 20, 8, 2}, {16384, 8, 1000},
        {UINT64_MAX, 1, 1},        {2, UINT64_C(1) << 62, 1}, {2, 1, UINT64_MAX},
    };
    double start = seconds();
    struct bytes content;

    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        content = scrypt_nothing(bombs[i][0], bombs[i][1], bombs[i][2]);
        cr_assert(key_is_encrypted(slice_of(&content)));
        refuses(slice_of(&content), "x", "costs more than 1 GiB");
        bytes_free(&content);
    }
    cr_assert_lt(seconds() - start, patience(SECONDS_MAX));
    content = scrypt_nothing(16384, 8, 1);
    refuses(slice_of(&content), "x", "the passphrase does not open");
    bytes_free(&content);
}

Test(key, scrypt_by_openssl)
{
    struct key *key = make(KEY_EC_P256);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_pkey(key));
    X509_SIG *encrypted = PKCS8_set0_pbe(
        "right", 5, info, PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, 16384, 8, 1));
    unsigned char *der = NULL;
    int length = i2d_X509_SIG(encrypted, &der);

    cr_assert_gt(length, 0);
    reads((struct slice){der, (size_t)length}, "right", key, "scrypt");
    refuses((struct slice){der, (size_t)length}, "wrong", "the passphrase does not open");
    OPENSSL_free(der);
    X509_SIG_free(encrypted);
    PKCS8_PRIV_KEY_INFO_free(info);
    key_free(key);
}

Test(key, ciphers_that_cannot_be_opened_are_named)
{
    static unsigned char salt[8] = {1};
    struct bytes content = encrypted_nothing(PKCS5_pbe_set(NID_pbe_WithSHA1And40BitRC2_CBC, 2048, salt, 8));

    refuses(slice_of(&content), "x", "(1.2.840.113549.1.12.1.6) is not one that can be opened here");
    bytes_free(&content);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

Test(key, not_a_private_key)
{
    static const unsigned char longer[] = {0x30, 0x03, 0x02, 0x01, 0x00, 0x0a};
    static const unsigned char p12[] = {0x30, 0x0a, 0x02, 0x01, 0x03, 0x30,
                                        0x05, 0x06, 0x03, 0x2a, 0x03, 0x04};

    refuses(slice_of_text(""), NULL, "k: holds no private key");
    refuses(slice_of_text("nothing at all\n"), NULL, "k: holds no private key");
    refuses(slice_of_text("-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n"), NULL,
            "k: holds no private key");
    refuses((struct slice){p12, sizeof(p12)}, NULL, "k: a PKCS#12 file, not a private key");
    refuses((struct slice){p12, sizeof(p12) - 2}, NULL,
            "k: it is DER, and cut off: of 12 octets, 10 are there");
    refuses((struct slice){longer, sizeof(longer)}, NULL, "k: 1 octet follows the end of its DER (");
    refuses(slice_of_text("\xef\xbb\xbf-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n"), NULL,
            "k: it starts with a byte order mark");
    refuses(slice_of_text("-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----\n"),
            NULL, "ssh-keygen -p -m PKCS8");
    refuses(slice_of_text("-----BEGIN DSA PRIVATE KEY-----\nYWJj\n-----END DSA PRIVATE KEY-----\n"), NULL,
            "k:1: \"DSA PRIVATE KEY\" is not taken");
    refuses(slice_of_text("\n-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n"), NULL,
            "k:2: not a well-formed private key");
    refuses(
        slice_of_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nYWJj\n-----END ENCRYPTED PRIVATE KEY-----\n"),
        "x", "k:1: not a well-formed private key");
    refuses(slice_of_text("-----BEGIN PRIVATE KEY-----\nYWJj\n"), NULL,
            "k:1: \"BEGIN PRIVATE KEY\" has no END line");
    refuses(
        slice_of_text("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: NOPE,00\n\nYWJj\n"
                      "-----END RSA PRIVATE KEY-----\n"),
        "x", "k:1: the private key's Proc-Type and DEK-Info headers");
}

/* Every prefix of a good key, and every octet of it changed: no crash, and a fault whenever it is refused. */
Test(key, damaged_keys)
{
    struct key *key = make(KEY_EC_P256);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(key_pkcs8(key, &der, faults), 0);
    for (size_t length = 0; length < der.length; length++) {
        unsigned char *copy = malloc(length + 1);

        memcpy(copy, der.data, length);
        cr_assert_null(key_read(context, (struct slice){copy, length}, NULL, "k", faults), "length %zu",
                       length);
        free(copy);
    }
    for (size_t i = 0; i < der.length; i++) {
        size_t before = faults_errors(faults);
        struct key *read;

        der.data[i] ^= 0x41;
        read = key_read(context, slice_of(&der), NULL, "k", faults);
        cr_assert_eq(read == NULL, faults_errors(faults) == before + 1, "octet %zu", i);
        /* 33 is ECPrivateKey's version, which OpenSSL does not look at. */
        cr_assert(read == NULL || !key_equal(read, key) || i == 33, "octet %zu", i);
        key_free(read);
        der.data[i] ^= 0x41;
    }
    bytes_free(&der);
    key_free(key);
}

/* The private half of one key beside the public half of another. */
Test(key, halves_that_do_not_fit)
{
    struct key *one = make(KEY_EC_P256);
    struct key *other = make(KEY_EC_P256);
    struct bytes der = BYTES_EMPTY;
    struct bytes second = BYTES_EMPTY;

    cr_assert_eq(key_pkcs8(one, &der, faults), 0);
    cr_assert_eq(key_pkcs8(other, &second, faults), 0);
    memcpy(der.data + der.length - 64, second.data + second.length - 64, 64);
    refuses(slice_of(&der), NULL, "does not fit the public key beside it");
    bytes_free(&der);
    bytes_free(&second);
    key_free(one);
    key_free(other);
}

/* The same with RSA: whatever bit of modulus or primes is changed, their product tells. */
Test(key, rsa_numbers_that_do_not_fit)
{
    struct key *key = make(KEY_RSA_2048);
    unsigned char *der = NULL;
    int length = i2d_PrivateKey(key_pkey(key), &der);

    /* 30 82 LL LL, 02 01 00, 02 82 01 01 and the modulus; the primes lie behind it, the exponent and the private exponent */
    for (size_t at = 4 + 3 + 4 + 1; at < 4 + 3 + 4 + 257; at += 16) {
        der[at] ^= 2;
        refuses((struct slice){der, (size_t)length}, NULL, "not a well-formed private key");
        der[at] ^= 2;
    }
    for (size_t at = 540; at < 780; at += 30) {
        der[at] ^= 2;
        refuses((struct slice){der, (size_t)length}, NULL, "not a well-formed private key");
        der[at] ^= 2;
    }
    reads((struct slice){der, (size_t)length}, NULL, key, "undamaged");
    OPENSSL_clear_free(der, (size_t)length);
    key_free(key);
}

/* ---- parts that may be there or not ------------------------------------------------------------------------------ */

/* ECPrivateKey of the scalar 1 on P-256, whose point is the generator; with curve and public point as asked. */
static void write_ec(struct der *writer, bool curve, bool public, const unsigned char *point)
{
    static const unsigned char p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const unsigned char one[32] = {[31] = 1};

    der_begin(writer, DER_SEQUENCE);
    der_number(writer, 1);
    der_value(writer, DER_OCTET_STRING, (struct slice){one, sizeof(one)});
    if (curve) {
        der_begin(writer, DER_CONTEXT_CONSTRUCTED(0));
        der_value(writer, DER_OID, (struct slice){p256, sizeof(p256)});
        der_end(writer);
    }
    if (public) {
        der_begin(writer, DER_CONTEXT_CONSTRUCTED(1));
        der_begin_bits(writer);
        der_raw(writer, (struct slice){point, 65});
        der_end(writer);
        der_end(writer);
    }
    der_end(writer);
}

/* PKCS#8 around it, naming the curve by @p oid. */
static void write_ec_pkcs8(struct der *writer, struct slice oid, bool curve, bool public,
                           const unsigned char *point)
{
    static const unsigned char ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

    der_begin(writer, DER_SEQUENCE);
    der_number(writer, 0);
    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OID, (struct slice){ec, sizeof(ec)});
    der_value(writer, DER_OID, oid);
    der_end(writer);
    der_begin(writer, DER_OCTET_STRING);
    write_ec(writer, curve, public, point);
    der_end(writer);
    der_end(writer);
}

Test(key, ec_keys_with_and_without_curve_and_point)
{
    static const unsigned char p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const unsigned char p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    unsigned char point[65];
    struct bytes out = BYTES_EMPTY;
    struct der writer;

    cr_assert_eq(EC_POINT_point2oct(group, EC_GROUP_get0_generator(group), POINT_CONVERSION_UNCOMPRESSED,
                                    point, 65, NULL),
                 65);
    for (int i = 0; i < 4; i++) {
        struct key *key;

        bytes_clear(&out);
        der_start(&writer, &out);
        write_ec_pkcs8(&writer, (struct slice){p256, sizeof(p256)}, (i & 1) != 0, (i & 2) != 0, point);
        cr_assert_eq(der_finish(&writer), 0);
        key = key_read(context, slice_of(&out), NULL, "k", faults);
        cr_assert_not_null(key, "%d: %s", i, faults_text(faults, 0));
        cr_assert_eq(key_algorithm_of(key), KEY_EC_P256);
        bytes_clear(&out);
        cr_assert_eq(key_spki(key, &out, faults), 0);
        cr_assert_arr_eq(out.data + out.length - 65, point, 65, "%d", i);
        key_free(key);

        bytes_clear(&out);
        der_start(&writer, &out);
        write_ec(&writer, (i & 1) != 0, (i & 2) != 0, point);
        cr_assert_eq(der_finish(&writer), 0);
        if ((i & 1) != 0) {
            reads(slice_of(&out), NULL, NULL, "SEC1");
        } else {
            refuses(slice_of(&out), NULL, "damaged, or of a kind this OpenSSL does not know");
        }
    }
    bytes_clear(&out);
    der_start(&writer, &out);
    write_ec_pkcs8(&writer, (struct slice){p384, sizeof(p384)}, true, true, point);
    refuses(slice_of(&out), NULL, "not a well-formed private key");
    bytes_free(&out);
    EC_GROUP_free(group);
}

/* PKCS#8 version 1: the public key beside it, as Java and others write Ed25519 keys (RFC 8410 section 10.3). */
Test(key, pkcs8_of_version_1)
{
    struct key *key = make(KEY_ED25519);
    struct bytes der = BYTES_EMPTY;
    struct bytes spki = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    struct der writer;

    cr_assert_eq(key_pkcs8(key, &der, faults), 0);
    cr_assert_eq(key_spki(key, &spki, faults), 0);
    der_start(&writer, &again);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 1);
    der_raw(&writer, (struct slice){der.data + 5, der.length - 5});
    der_begin(&writer, DER_CONTEXT(1));
    der_raw(&writer, (struct slice){spki.data + spki.length - 33, 33});
    der_end(&writer);
    der_end(&writer);
    cr_assert_eq(der_finish(&writer), 0);
    reads(slice_of(&again), NULL, key, "version 1");
    again.data[4] = 2;
    refuses(slice_of(&again), NULL, "not a well-formed private key");
    bytes_free(&der);
    bytes_free(&spki);
    bytes_free(&again);
    key_free(key);
}

/* Curve parameters spelt out rather than named. */
Test(key, explicit_curves_are_left_to_openssl)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    unsigned char *der = NULL;
    struct key *key = key_from_pkey(pkey, faults);
    int length;

    cr_assert_eq(EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"), 1);
    length = i2d_PrivateKey(pkey, &der);
    cr_assert_gt(length, 200);
    reads((struct slice){der, (size_t)length}, NULL, key, "explicit parameters");
    OPENSSL_clear_free(der, (size_t)length);
    key_free(key);
    EVP_PKEY_free(pkey);
}

/* ---- foreign keys ------------------------------------------------------------------------------------------------ */

static void foreign(EVP_PKEY *pkey, enum key_family family, int bits)
{
    struct key *key = key_from_pkey(pkey, faults);
    struct bytes out = BYTES_EMPTY;
    struct key *public;

    cr_assert_not_null(key, "%s", faults_text(faults, 0));
    cr_assert_eq(key_algorithm_of(key), KEY_FOREIGN);
    cr_assert_eq(key_family_of(key), family);
    cr_assert_eq(key_bits(key), bits);
    cr_assert(key_is_private(key));
    spki_is_openssls(key);
    pkcs8_is_openssls(key);
    cr_assert_eq(key_pkcs8_pem(key, &out, faults), 0);
    reads(slice_of(&out), NULL, key, "foreign");
    bytes_clear(&out);
    cr_assert_eq(key_spki(key, &out, faults), 0);
    public = key_from_spki(context, slice_of(&out), faults);
    cr_assert_eq(key_algorithm_of(public), KEY_FOREIGN);
    cr_assert_eq(key_family_of(public), family);
    cr_assert(!key_is_private(public));
    key_free(public);
    key_free(key);
    bytes_free(&out);
    EVP_PKEY_free(pkey);
}

Test(key, foreign_keys_are_taken)
{
    foreign(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"), KEY_FAMILY_EC, 256);
    foreign(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "brainpoolP384r1"), KEY_FAMILY_EC, 384);
    foreign(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), KEY_FAMILY_RSA, 1024);
    foreign(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), KEY_FAMILY_OTHER, 0);
}

/* A compressed point is the same key, and is written uncompressed. */
Test(key, compressed_points)
{
    struct key *key = make(KEY_EC_P384);
    struct bytes spki = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    unsigned char compressed[20 + 2 + 1 + 49] = {0};
    struct bytes short_spki = BYTES_EMPTY;
    struct der writer;
    struct key *read;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    /* 30 76, the identifier of 18 octets, 03 62 00, then 04, x and y */
    compressed[0] = (unsigned char)(2 | (spki.data[spki.length - 1] & 1));
    memcpy(compressed + 1, spki.data + spki.length - 96, 48);
    der_start(&writer, &short_spki);
    der_begin(&writer, DER_SEQUENCE);
    der_raw(&writer, (struct slice){spki.data + 2, 18});
    der_begin_bits(&writer);
    der_raw(&writer, (struct slice){compressed, 49});
    der_end(&writer);
    der_end(&writer);
    cr_assert_eq(der_finish(&writer), 0);
    read = key_from_spki(context, slice_of(&short_spki), faults);
    cr_assert_not_null(read, "%s", faults_text(faults, 0));
    cr_assert(key_equal(read, key));
    cr_assert_eq(key_spki(read, &again, faults), 0);
    cr_assert(slice_equal(slice_of(&again), slice_of(&spki)));
    key_free(read);
    key_free(key);
    bytes_free(&spki);
    bytes_free(&again);
    bytes_free(&short_spki);
}

Test(key, malformed_public_keys)
{
    struct key *key = make(KEY_ED25519);
    struct bytes spki = BYTES_EMPTY;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    for (size_t length = 0; length < spki.length; length++) {
        cr_assert_null(key_from_spki(context, (struct slice){spki.data, length}, faults));
    }
    cr_assert_eq(bytes_append_byte(&spki, 0), 0);
    cr_assert_null(key_from_spki(context, slice_of(&spki), faults), "something behind it");
    cr_assert_eq(faults_errors(faults), spki.length);
    bytes_free(&spki);
    key_free(key);
}
