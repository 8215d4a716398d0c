/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 6979. Its section 3.2 is HMAC_DRBG (base/drbg.h) over the signature's hash, begun with the private number and the hash of the message,
 * both as long as the curve's order; nonces that do not do are followed by the next of the stream.
 */
#include "x509/ecdsa_deterministic.h"

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "base/drbg.h"
#include "x509/der.h"

/* Octets of the largest order of a named curve (571 bits). */
#define ORDER_MAX 72

struct ecdsa_deterministic {
    EC_GROUP *group;
    const BIGNUM *order; /* of group */
    int bits;            /* of order */
    int length;          /* of it in octets */
    EVP_MD *digest;
    EVP_MD_CTX *hash;
    struct drbg *drbg;
    BN_CTX *arithmetic;
    EC_POINT *point;
    BIGNUM *private;
    BIGNUM *message; /* its hash as a number */
    BIGNUM *nonce, *inverse, *r, *s;
};

static EC_GROUP *find_group(const struct context *context, EVP_PKEY *pkey)
{
    char name[64];

    if (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) != 1) {
        return NULL;
    }
    return EC_GROUP_new_by_curve_name_ex(context_libctx(context), NULL, OBJ_txt2nid(name));
}

/* Everything but the key. */
static bool prepare(struct ecdsa_deterministic *ecdsa, const struct context *context, const char *digest)
{
    OSSL_LIB_CTX *libctx = context_libctx(context);

    ecdsa->digest = EVP_MD_fetch(libctx, digest, NULL);
    ecdsa->hash = EVP_MD_CTX_new();
    ecdsa->drbg = drbg_new(libctx, digest);
    ecdsa->arithmetic = BN_CTX_secure_new_ex(libctx);
    ecdsa->point = EC_POINT_new(ecdsa->group);
    ecdsa->message = BN_new();
    ecdsa->nonce = BN_secure_new();
    ecdsa->inverse = BN_secure_new();
    ecdsa->r = BN_new();
    ecdsa->s = BN_new();
    return ecdsa->digest != NULL && ecdsa->hash != NULL && ecdsa->drbg != NULL && ecdsa->arithmetic != NULL &&
           ecdsa->point != NULL && ecdsa->message != NULL && ecdsa->nonce != NULL && ecdsa->inverse != NULL &&
           ecdsa->r != NULL && ecdsa->s != NULL;
}

struct ecdsa_deterministic *ecdsa_deterministic_new(const struct context *context, EVP_PKEY *pkey,
                                                    const char *digest, struct faults *faults)
{
    struct ecdsa_deterministic *ecdsa = calloc(1, sizeof(*ecdsa));

    if (ecdsa == NULL) {
        fault_memory(faults);
        return NULL;
    }
    ecdsa->group = find_group(context, pkey);
    if (ecdsa->group == NULL || !prepare(ecdsa, context, digest) ||
        EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &ecdsa->private) != 1) {
        fault_openssl(faults, "cannot prepare a key for signing without randomness");
        ecdsa_deterministic_free(ecdsa);
        return NULL;
    }
    ecdsa->order = EC_GROUP_get0_order(ecdsa->group);
    ecdsa->bits = BN_num_bits(ecdsa->order);
    ecdsa->length = BN_num_bytes(ecdsa->order);
    return ecdsa;
}

void ecdsa_deterministic_free(struct ecdsa_deterministic *ecdsa)
{
    if (ecdsa != NULL) {
        BN_clear_free(ecdsa->private);
        BN_clear_free(ecdsa->nonce);
        BN_clear_free(ecdsa->inverse);
        BN_free(ecdsa->message);
        BN_free(ecdsa->r);
        BN_free(ecdsa->s);
        EC_POINT_free(ecdsa->point);
        BN_CTX_free(ecdsa->arithmetic);
        drbg_free(ecdsa->drbg);
        EVP_MD_CTX_free(ecdsa->hash);
        EVP_MD_free(ecdsa->digest);
        EC_GROUP_free(ecdsa->group);
        free(ecdsa);
    }
}

/* bits2int (section 2.3.2): the leftmost bits, as many as the order has. */
static bool take_bits(const struct ecdsa_deterministic *ecdsa, const unsigned char *octets, int length,
                      BIGNUM *number)
{
    return BN_bin2bn(octets, length, number) != NULL &&
           (8 * length <= ecdsa->bits || BN_rshift(number, number, 8 * length - ecdsa->bits) == 1);
}

/* The message's hash as a number below the order, and the stream of nonces from its beginning. */
static bool begin(struct ecdsa_deterministic *ecdsa, struct slice message)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned char material[2 * ORDER_MAX];
    size_t length = (size_t)ecdsa->length;
    unsigned int hash_length = 0;
    bool done = length <= ORDER_MAX && EVP_DigestInit_ex2(ecdsa->hash, ecdsa->digest, NULL) == 1 &&
                EVP_DigestUpdate(ecdsa->hash, message.data, message.length) == 1 &&
                EVP_DigestFinal_ex(ecdsa->hash, hash, &hash_length) == 1 &&
                take_bits(ecdsa, hash, (int)hash_length, ecdsa->message) &&
                BN_nnmod(ecdsa->message, ecdsa->message, ecdsa->order, ecdsa->arithmetic) == 1 &&
                BN_bn2binpad(ecdsa->private, material, ecdsa->length) == ecdsa->length &&
                BN_bn2binpad(ecdsa->message, material + length, ecdsa->length) == ecdsa->length &&
                drbg_begin(ecdsa->drbg, (struct slice){material, 2 * length}) == 0;

    OPENSSL_cleanse(material, sizeof(material));
    return done;
}

/* The next nonce of the stream, 1 to order - 1. */
static bool next_nonce(struct ecdsa_deterministic *ecdsa)
{
    unsigned char octets[ORDER_MAX];
    bool done;

    do {
        done = drbg_generate(ecdsa->drbg, octets, (size_t)ecdsa->length) == 0 &&
               take_bits(ecdsa, octets, ecdsa->length, ecdsa->nonce);
    } while (done && (BN_is_zero(ecdsa->nonce) || BN_cmp(ecdsa->nonce, ecdsa->order) >= 0));
    OPENSSL_cleanse(octets, sizeof(octets));
    return done;
}

/* r is the first coordinate of nonce * G, s = (message + r * private) / nonce. Either may come out as 0, once in 2^100 times. */
static bool compute(struct ecdsa_deterministic *ecdsa)
{
    BN_CTX *arithmetic = ecdsa->arithmetic;

    return EC_POINT_mul(ecdsa->group, ecdsa->point, ecdsa->nonce, NULL, NULL, arithmetic) == 1 &&
           EC_POINT_get_affine_coordinates(ecdsa->group, ecdsa->point, ecdsa->r, NULL, arithmetic) == 1 &&
           BN_nnmod(ecdsa->r, ecdsa->r, ecdsa->order, arithmetic) == 1 &&
           BN_mod_inverse(ecdsa->inverse, ecdsa->nonce, ecdsa->order, arithmetic) != NULL &&
           BN_mod_mul(ecdsa->s, ecdsa->r, ecdsa->private, ecdsa->order, arithmetic) == 1 &&
           BN_mod_add(ecdsa->s, ecdsa->s, ecdsa->message, ecdsa->order, arithmetic) == 1 &&
           BN_mod_mul(ecdsa->s, ecdsa->s, ecdsa->inverse, ecdsa->order, arithmetic) == 1;
}

static int append(const struct ecdsa_deterministic *ecdsa, struct bytes *signature)
{
    unsigned char r[ORDER_MAX];
    unsigned char s[ORDER_MAX];
    struct der der;

    if (BN_bn2binpad(ecdsa->r, r, ecdsa->length) != ecdsa->length ||
        BN_bn2binpad(ecdsa->s, s, ecdsa->length) != ecdsa->length) {
        return -1;
    }
    der_start(&der, signature);
    der_begin(&der, DER_SEQUENCE);
    der_unsigned(&der, (struct slice){r, (size_t)ecdsa->length});
    der_unsigned(&der, (struct slice){s, (size_t)ecdsa->length});
    der_end(&der);
    return der_finish(&der);
}

int ecdsa_deterministic_sign(struct ecdsa_deterministic *ecdsa, struct slice message, struct bytes *signature,
                             struct faults *faults)
{
    bool done = begin(ecdsa, message);

    do {
        done = done && next_nonce(ecdsa) && compute(ecdsa);
    } while (done && (BN_is_zero(ecdsa->r) || BN_is_zero(ecdsa->s)));
    BN_clear(ecdsa->nonce);
    BN_clear(ecdsa->inverse);
    if (!done || append(ecdsa, signature) != 0) {
        fault_openssl(faults, "cannot sign");
        return -1;
    }
    return 0;
}
