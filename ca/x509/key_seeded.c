/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys from a context's randomness. OpenSSL is asked for arithmetic alone, whose results do not depend on its version: products, inverses,
 * multiples of a point, and whether a number is prime. For the last it draws numbers of its own, which change how sure the answer is and
 * not the answer.
 */
#include "x509/key_seeded.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

/* Octets of the largest order of a named curve (571 bits), and of a point on it. */
#define SCALAR_MAX 72
#define POINT_MAX  (1 + 2 * SCALAR_MAX)
/* Octets of a prime of the longest modulus OpenSSL works with. */
#define PRIME_MAX 1024
/* How often at least a half fails in a row: never, unless the randomness is none. */
#define ATTEMPTS 256
/* Octets that an EdDSA key (at most 57) or an ML-DSA key is made of. */
#define ED25519_LENGTH 32
#define ED448_LENGTH   57
#define ML_DSA_LENGTH  32
#define SEED_MAX       64

/* EVP_PKEY_fromdata with what @p builder holds. */
static EVP_PKEY *build(const struct context *context, const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(context_libctx(context), type, NULL);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *pkey = NULL;

    if (making == NULL || parameters == NULL || EVP_PKEY_fromdata_init(making) != 1 ||
        EVP_PKEY_fromdata(making, &pkey, EVP_PKEY_KEYPAIR, parameters) != 1) {
        pkey = NULL;
    }
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(making);
    return pkey;
}

/* A number of @p bits, drawn as whole octets. */
static int draw(const struct context *context, int bits, BIGNUM *number)
{
    unsigned char octets[PRIME_MAX];
    int length = (bits + 7) / 8;
    int status = -1;

    if (length <= PRIME_MAX && context_random(context, octets, (size_t)length) == 0 &&
        BN_bin2bn(octets, length, number) != NULL && BN_rshift(number, number, 8 * length - bits) == 1) {
        status = 0;
    }
    OPENSSL_cleanse(octets, sizeof(octets));
    return status;
}

/* ---- elliptic curves --------------------------------------------------------------------------------------------- */

static int draw_scalar(const struct context *context, const BIGNUM *order, BIGNUM *scalar)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        if (draw(context, BN_num_bits(order), scalar) != 0) {
            return -1;
        }
        if (!BN_is_zero(scalar) && BN_cmp(scalar, order) < 0) {
            return 0;
        }
    }
    return -1;
}

static EVP_PKEY *build_ec(const struct context *context, const char *name, const EC_GROUP *group,
                          const BIGNUM *scalar)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EC_POINT *point = EC_POINT_new(group);
    BN_CTX *arithmetic = BN_CTX_secure_new_ex(context_libctx(context));
    unsigned char encoded[POINT_MAX];
    EVP_PKEY *pkey = NULL;
    size_t length;

    if (builder != NULL && point != NULL && arithmetic != NULL &&
        EC_POINT_mul(group, point, scalar, NULL, NULL, arithmetic) == 1 &&
        (length = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof(encoded),
                                     arithmetic)) != 0 &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, encoded, length) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1) {
        pkey = build(context, "EC", builder);
    }
    BN_CTX_free(arithmetic);
    EC_POINT_free(point);
    OSSL_PARAM_BLD_free(builder);
    return pkey;
}

EVP_PKEY *key_seeded_ec(const struct context *context, const char *group, struct faults *faults)
{
    EC_GROUP *curve = EC_GROUP_new_by_curve_name_ex(context_libctx(context), NULL, OBJ_txt2nid(group));
    BIGNUM *scalar = BN_secure_new();
    EVP_PKEY *pkey = NULL;

    if (curve != NULL && scalar != NULL && draw_scalar(context, EC_GROUP_get0_order(curve), scalar) == 0) {
        pkey = build_ec(context, group, curve, scalar);
    }
    if (pkey == NULL) {
        fault_openssl(faults, "cannot make a key on %s from the seed", group);
    }
    BN_clear_free(scalar);
    EC_GROUP_free(curve);
    return pkey;
}

/* ---- RSA --------------------------------------------------------------------------------------------------------- */

/* The numbers of a key; all belong to the BN_CTX. */
struct rsa {
    BN_CTX *arithmetic;
    BIGNUM *n, *e, *d, *p, *q, *dmp1, *dmq1, *iqmp;
};

/* One in some hundreds of candidates is prime; when it takes a hundred times as many, the randomness is none. */
static int draw_prime(const struct context *context, const struct rsa *rsa, int bits, BIGNUM *prime)
{
    BN_ULONG exponent = BN_get_word(rsa->e);

    for (int i = 0; i < 50 * bits; i++) {
        int verdict;

        if (draw(context, bits, prime) != 0 || BN_set_bit(prime, bits - 1) != 1 ||
            BN_set_bit(prime, bits - 2) != 1 || BN_set_bit(prime, 0) != 1) {
            return -1;
        }
        if (BN_mod_word(prime, exponent) == 1) {
            continue; /* the exponent would have no inverse */
        }
        verdict = BN_check_prime(prime, rsa->arithmetic, NULL);
        if (verdict != 0) {
            return verdict == 1 ? 0 : -1;
        }
    }
    return -1;
}

/* Whether the primes differ within their first 100 bits, as FIPS 186-5 appendix A.1.3 asks. *difference is overwritten. */
static bool are_apart(const struct rsa *rsa, int bits, BIGNUM *difference)
{
    return BN_sub(difference, rsa->p, rsa->q) == 1 && BN_num_bits(difference) > bits / 2 - 100;
}

static int draw_primes(const struct context *context, const struct rsa *rsa, int bits)
{
    if (draw_prime(context, rsa, bits / 2, rsa->p) != 0) {
        return -1;
    }
    for (int i = 0; i < ATTEMPTS; i++) {
        if (draw_prime(context, rsa, bits / 2, rsa->q) != 0) {
            return -1;
        }
        if (are_apart(rsa, bits, rsa->d)) {
            if (BN_cmp(rsa->p, rsa->q) < 0) {
                BN_swap(rsa->p, rsa->q);
            }
            return 0;
        }
    }
    return -1;
}

/* What follows from the primes and the exponent. */
static int complete(const struct rsa *rsa)
{
    BN_CTX *arithmetic = rsa->arithmetic;
    BIGNUM *p1;
    BIGNUM *q1;
    BIGNUM *multiple;
    bool done;

    BN_CTX_start(arithmetic);
    p1 = BN_CTX_get(arithmetic);
    q1 = BN_CTX_get(arithmetic);
    multiple = BN_CTX_get(arithmetic);
    done = multiple != NULL && BN_mul(rsa->n, rsa->p, rsa->q, arithmetic) == 1 &&
           BN_sub(p1, rsa->p, BN_value_one()) == 1 && BN_sub(q1, rsa->q, BN_value_one()) == 1 &&
           BN_gcd(rsa->d, p1, q1, arithmetic) == 1 && BN_div(multiple, NULL, p1, rsa->d, arithmetic) == 1 &&
           BN_mul(multiple, multiple, q1, arithmetic) == 1 &&
           BN_mod_inverse(rsa->d, rsa->e, multiple, arithmetic) != NULL &&
           BN_mod(rsa->dmp1, rsa->d, p1, arithmetic) == 1 && BN_mod(rsa->dmq1, rsa->d, q1, arithmetic) == 1 &&
           BN_mod_inverse(rsa->iqmp, rsa->q, rsa->p, arithmetic) != NULL;
    BN_CTX_end(arithmetic);
    return done ? 0 : -1;
}

static EVP_PKEY *build_rsa(const struct context *context, const struct rsa *rsa)
{
    const struct {
        const char *name;
        const BIGNUM *number;
    } numbers[] = {
        {OSSL_PKEY_PARAM_RSA_N, rsa->n},
        {OSSL_PKEY_PARAM_RSA_E, rsa->e},
        {OSSL_PKEY_PARAM_RSA_D, rsa->d},
        {OSSL_PKEY_PARAM_RSA_FACTOR1, rsa->p},
        {OSSL_PKEY_PARAM_RSA_FACTOR2, rsa->q},
        {OSSL_PKEY_PARAM_RSA_EXPONENT1, rsa->dmp1},
        {OSSL_PKEY_PARAM_RSA_EXPONENT2, rsa->dmq1},
        {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, rsa->iqmp},
    };
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool done = builder != NULL;
    EVP_PKEY *pkey;

    for (size_t i = 0; done && i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        done = OSSL_PARAM_BLD_push_BN(builder, numbers[i].name, numbers[i].number) == 1;
    }
    pkey = done ? build(context, "RSA", builder) : NULL;
    OSSL_PARAM_BLD_free(builder);
    return pkey;
}

EVP_PKEY *key_seeded_rsa(const struct context *context, int bits, unsigned long exponent,
                         struct faults *faults)
{
    struct rsa rsa = {0};
    EVP_PKEY *pkey = NULL;

    rsa.arithmetic = BN_CTX_secure_new_ex(context_libctx(context));
    if (rsa.arithmetic == NULL) {
        fault_memory(faults);
        return NULL;
    }
    BN_CTX_start(rsa.arithmetic);
    rsa.n = BN_CTX_get(rsa.arithmetic);
    rsa.e = BN_CTX_get(rsa.arithmetic);
    rsa.d = BN_CTX_get(rsa.arithmetic);
    rsa.p = BN_CTX_get(rsa.arithmetic);
    rsa.q = BN_CTX_get(rsa.arithmetic);
    rsa.dmp1 = BN_CTX_get(rsa.arithmetic);
    rsa.dmq1 = BN_CTX_get(rsa.arithmetic);
    rsa.iqmp = BN_CTX_get(rsa.arithmetic);
    if (rsa.iqmp != NULL && BN_set_word(rsa.e, exponent) == 1 && draw_primes(context, &rsa, bits) == 0 &&
        complete(&rsa) == 0) {
        pkey = build_rsa(context, &rsa);
    }
    if (pkey == NULL) {
        fault_openssl(faults, "cannot make an RSA key of %d bits from the seed", bits);
    }
    BN_CTX_end(rsa.arithmetic);
    BN_CTX_free(rsa.arithmetic);
    return pkey;
}

/* ---- keys that are octets ---------------------------------------------------------------------------------------- */

EVP_PKEY *key_seeded_eddsa(const struct context *context, const char *type, struct faults *faults)
{
    size_t length = strcmp(type, "ED448") == 0 ? ED448_LENGTH : ED25519_LENGTH;
    unsigned char octets[SEED_MAX];
    EVP_PKEY *pkey = NULL;

    if (context_random(context, octets, length) == 0) {
        pkey = EVP_PKEY_new_raw_private_key_ex(context_libctx(context), type, NULL, octets, length);
    }
    if (pkey == NULL) {
        fault_openssl(faults, "cannot make an %s key from the seed", type);
    }
    OPENSSL_cleanse(octets, sizeof(octets));
    return pkey;
}

EVP_PKEY *key_seeded_ml_dsa(const struct context *context, const char *type, struct faults *faults)
{
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(context_libctx(context), type, NULL);
    unsigned char octets[SEED_MAX];
    /* OSSL_PKEY_PARAM_ML_DSA_SEED, which headers before 3.5 do not have */
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string("seed", octets, ML_DSA_LENGTH),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY *pkey = NULL;

    if (making == NULL || context_random(context, octets, ML_DSA_LENGTH) != 0 ||
        EVP_PKEY_keygen_init(making) != 1 || EVP_PKEY_CTX_set_params(making, parameters) != 1 ||
        EVP_PKEY_generate(making, &pkey) != 1) {
        pkey = NULL;
        fault_openssl(faults, "cannot make an %s key from the seed", type);
    }
    OPENSSL_cleanse(octets, sizeof(octets));
    EVP_PKEY_CTX_free(making);
    return pkey;
}
