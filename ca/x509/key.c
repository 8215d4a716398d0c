/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys as such: their algorithms, generating them, and what can be asked of one. Private keys are written in key_pkcs8.c and
 * read in key_reader.c, public ones in key_spki.c.
 *
 * A key is born with its SubjectPublicKeyInfo: bringing a fresh point into affine form takes longer than all the writing, so it is
 * done once; and a key that never changes can be shared by threads. OpenSSL's encoder is for those keys that have no template here.
 */
#include "x509/key.h"
#include "x509/key_seeded.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* OpenSSL works with no larger modulus (OPENSSL_RSA_MAX_MODULUS_BITS). */
#define RSA_BITS_MAX 16384

/* One row for each algorithm that can be asked for. */
struct algorithm {
    enum key_algorithm id;
    enum key_family family;
    const char *word;
    const char *type;  /* OpenSSL's name of it */
    const char *group; /* of an EC key */
    int bits;          /* of an RSA modulus */
    /* SubjectPublicKeyInfo up to and with the BIT STRING's unused-bits octet, and the octets that follow; none: OpenSSL writes it. */
    const char *template;
    size_t template_length;
    size_t public_length;
};
#define TEMPLATE(octets) octets, sizeof(octets) - 1

static const struct algorithm algorithms[] = {
    {KEY_RSA_2048, KEY_FAMILY_RSA, "rsa-2048", "RSA", NULL, 2048, NULL, 0, 0},
    {KEY_RSA_3072, KEY_FAMILY_RSA, "rsa-3072", "RSA", NULL, 3072, NULL, 0, 0},
    {KEY_RSA_4096, KEY_FAMILY_RSA, "rsa-4096", "RSA", NULL, 4096, NULL, 0, 0},
    {KEY_EC_P256, KEY_FAMILY_EC, "ec-p256", "EC", "prime256v1", 0,
     TEMPLATE("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
              "\x03\x42\x00"),
     65},
    {KEY_EC_P384, KEY_FAMILY_EC, "ec-p384", "EC", "secp384r1", 0,
     TEMPLATE("\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00"),
     97},
    {KEY_EC_P521, KEY_FAMILY_EC, "ec-p521", "EC", "secp521r1", 0,
     TEMPLATE("\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23\x03\x81"
              "\x86\x00"),
     133},
    {KEY_ED25519, KEY_FAMILY_EDDSA, "ed25519", "ED25519", NULL, 0,
     TEMPLATE("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), 32},
    {KEY_ED448, KEY_FAMILY_EDDSA, "ed448", "ED448", NULL, 0,
     TEMPLATE("\x30\x43\x30\x05\x06\x03\x2b\x65\x71\x03\x3a\x00"), 57},
    {KEY_ML_DSA_44, KEY_FAMILY_ML_DSA, "ml-dsa-44", "ML-DSA-44", NULL, 0, NULL, 0, 0},
    {KEY_ML_DSA_65, KEY_FAMILY_ML_DSA, "ml-dsa-65", "ML-DSA-65", NULL, 0, NULL, 0, 0},
    {KEY_ML_DSA_87, KEY_FAMILY_ML_DSA, "ml-dsa-87", "ML-DSA-87", NULL, 0, NULL, 0, 0},
};
#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

struct key {
    EVP_PKEY *pkey;
    struct bytes spki;
    enum key_algorithm algorithm;
    enum key_family family;
    bool private;
};

struct key_maker {
    const struct context *context;
    const struct algorithm *algorithm;
    EVP_PKEY_CTX *generation;
};

/* ---- algorithms -------------------------------------------------------------------------------------------------- */

static const struct algorithm *find(enum key_algorithm id)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].id == id) {
            return &algorithms[i];
        }
    }
    return NULL;
}

int key_algorithm_parse(const char *text, enum key_algorithm *algorithm)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (strcmp(algorithms[i].word, text) == 0) {
            *algorithm = algorithms[i].id;
            return 0;
        }
    }
    return -1;
}

const char *key_algorithm_text(enum key_algorithm algorithm)
{
    const struct algorithm *row = find(algorithm);

    if (row != NULL) {
        return row->word;
    }
    return algorithm == KEY_FOREIGN ? "foreign" : "none";
}

const char *key_algorithm_words(void)
{
    return "rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ec-p521, ed25519, ed448, ml-dsa-44, ml-dsa-65, "
           "ml-dsa-87";
}

bool key_algorithm_available(const struct context *context, enum key_algorithm algorithm)
{
    const struct algorithm *row = find(algorithm);
    EVP_PKEY_CTX *probe;

    if (row == NULL) {
        return false;
    }
    ERR_set_mark();
    probe = EVP_PKEY_CTX_new_from_name(context_libctx(context), row->type, NULL);
    ERR_pop_to_mark();
    EVP_PKEY_CTX_free(probe);
    return probe != NULL;
}

enum key_family key_algorithm_family(enum key_algorithm algorithm)
{
    const struct algorithm *row = find(algorithm);

    return row == NULL ? KEY_FAMILY_OTHER : row->family;
}

/* ---- one key ----------------------------------------------------------------------------------------------------- */

/* Which row a key read from somewhere belongs to, and its family in any case. */
static enum key_algorithm recognise(EVP_PKEY *pkey, enum key_family *family)
{
    char group[64] = "";
    int bits = EVP_PKEY_get_bits(pkey);

    ERR_set_mark();
    if (EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1) {
        group[0] = '\0';
    }
    ERR_pop_to_mark();
    *family = KEY_FAMILY_OTHER;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        const struct algorithm *row = &algorithms[i];

        if (!EVP_PKEY_is_a(pkey, row->type)) {
            continue;
        }
        *family = row->family;
        if ((row->bits == 0 || row->bits == bits) && (row->group == NULL || strcmp(row->group, group) == 0)) {
            return row->id;
        }
    }
    return KEY_FOREIGN;
}

/* Whether @p pkey holds its private part. OpenSSL has no such question, so the part itself is asked for, and wiped. */
static bool holds_private(EVP_PKEY *pkey)
{
    BIGNUM *number = NULL;
    unsigned char octets[8192];
    size_t length = 0;
    bool found = false;

    ERR_set_mark();
    if (EVP_PKEY_is_a(pkey, "EC") || EVP_PKEY_is_a(pkey, "DSA")) {
        found = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1;
    } else if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS")) {
        found = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_D, &number) == 1;
    } else {
        found = EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, octets, sizeof(octets),
                                                &length) == 1;
        OPENSSL_cleanse(octets, sizeof(octets));
    }
    ERR_pop_to_mark();
    BN_clear_free(number);
    return found;
}

/* The public key as it stands in the BIT STRING, behind the template: an uncompressed point, or an EdDSA key. */
static int append_public(struct key *key, const struct algorithm *row, struct faults *faults)
{
    const char *parameter = row->group != NULL ? OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY : OSSL_PKEY_PARAM_PUB_KEY;
    struct bytes *spki = &key->spki;
    size_t length = 0;

    if (bytes_reserve(spki, row->template_length + row->public_length) != 0 ||
        bytes_append(spki, row->template, row->template_length) != 0) {
        fault_memory(faults);
        return -1;
    }
    if (EVP_PKEY_get_octet_string_param(key->pkey, parameter, spki->data + spki->length, row->public_length,
                                        &length) != 1 ||
        length != row->public_length || (row->group != NULL && spki->data[spki->length] != 4)) {
        fault_openssl(faults, "cannot take out the public key");
        return -1;
    }
    spki->length += length;
    spki->data[spki->length] = '\0';
    return 0;
}

static int set_spki(struct key *key, struct faults *faults)
{
    const struct algorithm *row = find(key->algorithm);
    unsigned char *encoded = NULL;
    int length;
    int status = -1;

    if (row != NULL && row->template != NULL) {
        return append_public(key, row, faults);
    }
    length = i2d_PUBKEY(key->pkey, &encoded);
    if (length <= 0) {
        fault_openssl(faults, "cannot encode the public key");
    } else if (bytes_append(&key->spki, encoded, (size_t)length) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
    OPENSSL_free(encoded);
    return status;
}

struct key *key_from_pkey(EVP_PKEY *pkey, struct faults *faults)
{
    struct key *key = calloc(1, sizeof(*key));

    if (key == NULL) {
        fault_memory(faults);
        return NULL;
    }
    key->algorithm = recognise(pkey, &key->family);
    if (key->family == KEY_FAMILY_RSA && EVP_PKEY_get_bits(pkey) > RSA_BITS_MAX) {
        fault_error(faults, NULL, NULL, NULL,
                    "an RSA key of %d bits is longer than the %d that OpenSSL works with",
                    EVP_PKEY_get_bits(pkey), RSA_BITS_MAX);
        goto fail;
    }
    if (EVP_PKEY_up_ref(pkey) != 1) {
        fault_openssl(faults, "cannot keep a key");
        goto fail;
    }
    key->pkey = pkey;
    key->private = holds_private(pkey);
    if (set_spki(key, faults) != 0) {
        goto fail;
    }
    return key;
fail:
    key_free(key);
    return NULL;
}

void key_free(struct key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey);
        bytes_free(&key->spki);
        free(key);
    }
}

enum key_algorithm key_algorithm_of(const struct key *key)
{
    return key->algorithm;
}

enum key_family key_family_of(const struct key *key)
{
    return key->family;
}

int key_bits(const struct key *key)
{
    switch (key->family) {
    case KEY_FAMILY_RSA:
    case KEY_FAMILY_EC:
        return EVP_PKEY_get_bits(key->pkey);
    default:
        return 0;
    }
}

bool key_is_private(const struct key *key)
{
    return key->private;
}

EVP_PKEY *key_pkey(const struct key *key)
{
    return key->pkey;
}

bool key_equal(const struct key *one, const struct key *other)
{
    bool equal;

    ERR_set_mark();
    equal = EVP_PKEY_eq(one->pkey, other->pkey) == 1;
    ERR_pop_to_mark();
    return equal;
}

int key_spki(const struct key *key, struct bytes *der, struct faults *faults)
{
    if (bytes_append(der, key->spki.data, key->spki.length) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

int key_spki_digest(const struct context *context, const struct key *key, struct digest *digest,
                    struct faults *faults)
{
    if (digest_of(context, slice_of(&key->spki), digest) != 0) {
        fault_openssl(faults, "cannot compute SHA-256");
        return -1;
    }
    return 0;
}

/* ---- generation -------------------------------------------------------------------------------------------------- */

static void fault_unavailable(const struct algorithm *row, struct faults *faults)
{
    const char *hand = OpenSSL_version(OPENSSL_VERSION_STRING);

    ERR_clear_error();
    if (row->family == KEY_FAMILY_ML_DSA) {
        fault_error(faults, NULL, NULL, "ec-p256 works everywhere",
                    "%s needs OpenSSL 3.5 or later, and this is %s", row->word, hand);
    } else {
        fault_error(faults, NULL, NULL, NULL, "this OpenSSL (%s) makes no %s keys", hand, row->word);
    }
}

struct key_maker *key_maker_new(const struct context *context, enum key_algorithm algorithm,
                                struct faults *faults)
{
    const struct algorithm *row = find(algorithm);
    struct key_maker *maker = NULL;

    if (row == NULL) {
        fault_error(faults, NULL, NULL, key_algorithm_words(), "keys of algorithm \"%s\" cannot be made",
                    key_algorithm_text(algorithm));
        return NULL;
    }
    maker = calloc(1, sizeof(*maker));
    if (maker == NULL) {
        fault_memory(faults);
        return NULL;
    }
    maker->context = context;
    maker->algorithm = row;
    maker->generation = EVP_PKEY_CTX_new_from_name(context_libctx(context), row->type, NULL);
    if (maker->generation == NULL) {
        fault_unavailable(row, faults);
        goto fail;
    }
    if (EVP_PKEY_keygen_init(maker->generation) != 1 ||
        (row->group != NULL && EVP_PKEY_CTX_set_group_name(maker->generation, row->group) != 1) ||
        (row->bits != 0 && EVP_PKEY_CTX_set_rsa_keygen_bits(maker->generation, row->bits) != 1)) {
        fault_openssl(faults, "cannot set up the making of %s keys", row->word);
        goto fail;
    }
    return maker;
fail:
    key_maker_free(maker);
    return NULL;
}

void key_maker_free(struct key_maker *maker)
{
    if (maker != NULL) {
        EVP_PKEY_CTX_free(maker->generation);
        free(maker);
    }
}

/* A key of @p row out of the randomness of a fixture's context. */
static EVP_PKEY *make_seeded(const struct context *context, const struct algorithm *row,
                             struct faults *faults)
{
    switch (row->family) {
    case KEY_FAMILY_EC:
        return key_seeded_ec(context, row->group, faults);
    case KEY_FAMILY_RSA:
        return key_seeded_rsa(context, row->bits, KEY_SEEDED_EXPONENT, faults);
    case KEY_FAMILY_EDDSA:
        return key_seeded_eddsa(context, row->type, faults);
    default:
        return key_seeded_ml_dsa(context, row->type, faults);
    }
}

static EVP_PKEY *make_random(struct key_maker *maker, struct faults *faults)
{
    EVP_PKEY *pkey = NULL;

    if (EVP_PKEY_generate(maker->generation, &pkey) != 1) {
        fault_openssl(faults, "cannot make a key (%s)", maker->algorithm->word);
        return NULL;
    }
    return pkey;
}

struct key *key_maker_make(struct key_maker *maker, struct faults *faults)
{
    struct key *key = calloc(1, sizeof(*key));

    if (key == NULL) {
        fault_memory(faults);
        return NULL;
    }
    key->pkey = context_is_fixture(maker->context) ? make_seeded(maker->context, maker->algorithm, faults)
                                                   : make_random(maker, faults);
    if (key->pkey == NULL) {
        goto fail;
    }
    key->algorithm = maker->algorithm->id;
    key->family = maker->algorithm->family;
    key->private = true;
    if (set_spki(key, faults) != 0) {
        goto fail;
    }
    return key;
fail:
    key_free(key);
    return NULL;
}

struct key *key_maker_make_of(struct key_maker *maker, const char *owner, struct faults *faults)
{
    if (context_begin(maker->context, slice_of_text(owner), slice_of_text("key")) != 0) {
        fault_error(faults, NULL, owner, NULL, "the seed gives no randomness");
        return NULL;
    }
    return key_maker_make(maker, faults);
}
