/* SPDX-License-Identifier: Apache-2.0 */
/* x509/key_seeded: keys follow from their stream, are good ones, and are those that they always were. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/digest.h"
#include "base/seed.h"
#include "x509/key.h"
#include "x509/key_seeded.h"

static struct context *base;
static struct context *context;
static struct seed *seed;
static struct faults *faults;

static void set_up(void)
{
    base = context_new(NULL);
    seed = seed_new(NULL, slice_of_text("a seed for tests"));
    context = context_new_seeded(base, seed);
    faults = faults_new();
}

static void tear_down(void)
{
    context_free(context);
    seed_free(seed);
    context_free(base);
    faults_free(faults);
}

TestSuite(key_seeded, .init = set_up, .fini = tear_down);

static void begin(const char *owner)
{
    cr_assert_eq(context_begin(context, slice_of_text(owner), slice_of_text("key")), 0);
}

static struct key *make(enum key_algorithm algorithm, const char *owner)
{
    struct key_maker *maker = key_maker_new(context, algorithm, faults);
    struct key *key;

    cr_assert_not_null(maker, "%s", faults_text(faults, 0));
    begin(owner);
    key = key_maker_make(maker, faults);
    cr_assert_not_null(key, "%s", faults_text(faults, 0));
    cr_assert_eq(key_algorithm_of(key), algorithm);
    cr_assert(key_is_private(key));
    key_maker_free(maker);
    return key;
}

static bool is_valid(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *checking = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool valid = EVP_PKEY_check(checking) == 1;

    EVP_PKEY_CTX_free(checking);
    return valid;
}

/* SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
static void print_of(const struct key *key, struct bytes *text)
{
    struct digest digest;

    cr_assert_eq(key_spki_digest(base, key, &digest, faults), 0);
    bytes_clear(text);
    cr_assert_eq(bytes_append_hex(text, (struct slice){digest.octets, sizeof(digest.octets)}, 0), 0);
}

/* Computed with Python from what key_seeded.h says: its own numbers, points and Miller-Rabin; EdDSA by its cryptography package. */
static const struct {
    enum key_algorithm algorithm;
    const char *print;
} golden[] = {
    {KEY_EC_P256, "d6dd9dda38159f0addd107f01f0029893712a97aa0c6cf14862fb52e70fc2478"},
    {KEY_EC_P384, "7afd0ede58b22dc7f49652992d7fc64596aa43c22affab0d11ffd56bb12e18d8"},
    {KEY_EC_P521, "c333c0d1b68ab1bdc478aaa42810d77b24279987a24a864f5406f99abda9a7c6"},
    {KEY_ED25519, "32dc378461a86cbc9858b81a05cfc0bca7844440ab39f3e267c3028f18db5b8b"},
    {KEY_ED448, "3f6bb162c6c05479e2541b5a04a3ce0d761a9dc401b632b6ce167c1764a85a03"},
    {KEY_RSA_2048, "2edf828bd25f89b943c1910d797fcb69944daf0c0ccf879e405d19371d3a26f6"},
    {KEY_RSA_3072, "8b68c5e28daeb51ee346081d3fc030fa40c30b557efb381cbbaff0c1219e7e33"},
};
#define GOLDEN (sizeof(golden) / sizeof(golden[0]))

Test(key_seeded, good_the_same_again_and_as_ever)
{
    for (size_t i = 0; i < GOLDEN; i++) {
        struct key *key = make(golden[i].algorithm, "phone");
        struct key *again = make(golden[i].algorithm, "phone");
        struct bytes text = BYTES_EMPTY;
        struct bytes one = BYTES_EMPTY;
        struct bytes other = BYTES_EMPTY;

        cr_assert(is_valid(key_pkey(key)), "%s", key_algorithm_text(golden[i].algorithm));
        cr_assert_eq(key_pkcs8(key, &one, faults), 0);
        cr_assert_eq(key_pkcs8(again, &other, faults), 0);
        cr_assert(slice_equal(slice_of(&one), slice_of(&other)));
        print_of(key, &text);
        cr_expect_str_eq(bytes_text(&text), golden[i].print, "%s", key_algorithm_text(golden[i].algorithm));
        bytes_free(&text);
        bytes_free(&one);
        bytes_free(&other);
        key_free(again);
        key_free(key);
    }
}

Test(key_seeded, others_have_other_keys)
{
    static const enum key_algorithm algorithms[] = {KEY_EC_P256, KEY_ED25519, KEY_RSA_2048};

    for (size_t i = 0; i < 3; i++) {
        struct key *one = make(algorithms[i], "phone");
        struct key *other = make(algorithms[i], "server");

        cr_assert(!key_equal(one, other));
        key_free(one);
        key_free(other);
    }
}

static BIGNUM *number_of(const EVP_PKEY *pkey, const char *name)
{
    BIGNUM *number = NULL;

    cr_assert_eq(EVP_PKEY_get_bn_param(pkey, name, &number), 1);
    return number;
}

/* FIPS 186-5 appendix A.1: sizes, order and distance of the primes, d modulo the least common multiple. */
static void is_well_made(EVP_PKEY *pkey, int bits, BN_ULONG exponent)
{
    BIGNUM *n = number_of(pkey, OSSL_PKEY_PARAM_RSA_N);
    BIGNUM *e = number_of(pkey, OSSL_PKEY_PARAM_RSA_E);
    BIGNUM *d = number_of(pkey, OSSL_PKEY_PARAM_RSA_D);
    BIGNUM *p = number_of(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1);
    BIGNUM *q = number_of(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2);
    BIGNUM *work = BN_new();
    BIGNUM *gcd = BN_new();
    BN_CTX *arithmetic = BN_CTX_new();

    cr_assert_eq(BN_num_bits(n), bits);
    cr_assert(BN_is_word(e, exponent));
    cr_assert_eq(BN_num_bits(p), bits / 2);
    cr_assert_eq(BN_num_bits(q), bits / 2);
    cr_assert(BN_is_bit_set(p, bits / 2 - 2) && BN_is_bit_set(q, bits / 2 - 2));
    cr_assert_gt(BN_cmp(p, q), 0);
    cr_assert_eq(BN_check_prime(p, arithmetic, NULL), 1);
    cr_assert_eq(BN_check_prime(q, arithmetic, NULL), 1);
    cr_assert_eq(BN_sub(work, p, q), 1);
    cr_assert_gt(BN_num_bits(work), bits / 2 - 100);
    cr_assert(BN_sub_word(p, 1) == 1 && BN_sub_word(q, 1) == 1);
    cr_assert_eq(BN_gcd(gcd, p, q, arithmetic), 1);
    cr_assert_eq(BN_mul(work, p, q, arithmetic), 1);
    cr_assert_eq(BN_div(work, NULL, work, gcd, arithmetic), 1);
    cr_assert_lt(BN_cmp(d, work), 0);
    cr_assert_gt(BN_num_bits(d), bits / 2);
    cr_assert_eq(BN_mod_mul(gcd, d, e, work, arithmetic), 1);
    cr_assert(BN_is_one(gcd));
    BN_CTX_free(arithmetic);
    BN_free(gcd);
    BN_free(work);
    BN_clear_free(q);
    BN_clear_free(p);
    BN_clear_free(d);
    BN_free(e);
    BN_free(n);
}

Test(key_seeded, rsa_is_well_made)
{
    static const struct {
        int bits;
        unsigned long exponent;
    } kinds[] = {{1024, 65537}, {1024, 3}, {2048, 65537}, {512, 3}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (int j = 0; j < 4; j++) {
            char owner[] = "a";
            EVP_PKEY *pkey;

            owner[0] = (char)('a' + j);
            begin(owner);
            pkey = key_seeded_rsa(context, kinds[i].bits, kinds[i].exponent, faults);
            cr_assert_not_null(pkey, "%s", faults_text(faults, 0));
            is_well_made(pkey, kinds[i].bits, kinds[i].exponent);
            EVP_PKEY_free(pkey);
        }
    }
}

Test(key_seeded, weak_curves_too)
{
    static const char *const groups[] = {"secp112r1", "secp112r2", "secp224r1", "brainpoolP512r1",
                                         "sect571r1"};

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        EVP_PKEY *pkey;

        begin(groups[i]);
        pkey = key_seeded_ec(context, groups[i], faults);
        cr_assert_not_null(pkey, "%s: %s", groups[i], faults_text(faults, 0));
        cr_assert(is_valid(pkey), "%s", groups[i]);
        EVP_PKEY_free(pkey);
    }
}

/* What is drawn for an EC key is its private number, where it is below the order. */
Test(key_seeded, scalar_as_drawn)
{
    unsigned char octets[32];
    struct key *key = make(KEY_EC_P256, "phone");
    BIGNUM *private = number_of(key_pkey(key), OSSL_PKEY_PARAM_PRIV_KEY);
    BIGNUM *drawn;

    begin("phone");
    cr_assert_eq(context_random(context, octets, sizeof(octets)), 0);
    drawn = BN_bin2bn(octets, sizeof(octets), NULL);
    cr_assert_eq(BN_cmp(drawn, private), 0);
    BN_clear_free(drawn);
    BN_clear_free(private);
    key_free(key);
}

static int ones(void *state, unsigned char *octets, size_t length)
{
    size_t *calls = state;

    memset(octets, *calls < 2 ? 0xff : *calls == 2 ? 0 : 1, length);
    *calls += 1;
    return 0;
}

/* Above the order twice, then zero, then one that will do. */
Test(key_seeded, scalars_out_of_range_are_drawn_again)
{
    size_t calls = 0;
    EVP_PKEY *pkey;
    BIGNUM *private;

    context_set_random(base, ones, &calls);
    pkey = key_seeded_ec(base, "prime256v1", faults);
    cr_assert_not_null(pkey);
    cr_assert_eq(calls, 4);
    private = number_of(pkey, OSSL_PKEY_PARAM_PRIV_KEY);
    cr_assert_eq(BN_num_bits(private), 249);
    BN_clear_free(private);
    EVP_PKEY_free(pkey);
}

static int always(void *state, unsigned char *octets, size_t length)
{
    memset(octets, *(const int *)state, length);
    return 0;
}

/* Randomness that is none ends in a fault, not in a loop. */
Test(key_seeded, no_randomness)
{
    int octet = 0xff;
    struct key_maker *maker = key_maker_new(context, KEY_EC_P384, faults);

    cr_assert_null(key_maker_make(maker, faults), "nothing was begun");
    key_maker_free(maker);
    context_set_random(base, always, &octet);
    cr_assert_null(key_seeded_ec(base, "prime256v1", faults));
    cr_assert_null(key_seeded_rsa(base, 512, 65537, faults));
    cr_assert_null(key_seeded_ec(base, "no such curve", faults));
    cr_assert_null(key_seeded_rsa(base, 32768, 65537, faults));
    cr_assert_eq(faults_errors(faults), 5);
}
