/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC_DRBG: a key and a value, both as long as the hash. There is no reseed: as long as a stream is read the standard's limit of 2^48
 * requests is far away.
 */
#include "base/drbg.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* Most octets of one request (table 2: 2^19 bits). */
#define REQUEST_MAX 65536

struct drbg {
    EVP_MAC_CTX *hmac;
    size_t length; /* of the hash */
    unsigned char key[EVP_MAX_MD_SIZE];
    unsigned char value[EVP_MAX_MD_SIZE];
};

struct drbg *drbg_new(OSSL_LIB_CTX *libctx, const char *digest)
{
    struct drbg *drbg = calloc(1, sizeof(*drbg));
    EVP_MAC *algorithm = EVP_MAC_fetch(libctx, "HMAC", NULL);
    char *name = (char *)(uintptr_t)digest; /* OSSL_PARAM takes no const; it is only read */
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                               OSSL_PARAM_construct_end()};

    if (drbg != NULL && algorithm != NULL) {
        drbg->hmac = EVP_MAC_CTX_new(algorithm);
    }
    EVP_MAC_free(algorithm);
    /* The hash's length is known once there is a key, whichever. */
    if (drbg == NULL || drbg->hmac == NULL ||
        EVP_MAC_init(drbg->hmac, drbg->key, sizeof(drbg->key), parameters) != 1) {
        drbg_free(drbg);
        return NULL;
    }
    drbg->length = EVP_MAC_CTX_get_mac_size(drbg->hmac);
    if (drbg->length == 0 || drbg->length > sizeof(drbg->key)) {
        drbg_free(drbg);
        return NULL;
    }
    return drbg;
}

void drbg_free(struct drbg *drbg)
{
    if (drbg != NULL) {
        EVP_MAC_CTX_free(drbg->hmac);
        OPENSSL_cleanse(drbg, sizeof(*drbg));
        free(drbg);
    }
}

/* HMAC(key, value || octet || material), or of the value alone where octet is -1; @p out may be the key or the value. */
static int hmac(struct drbg *drbg, int octet, struct slice material, unsigned char *out)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned char separator = (unsigned char)octet;
    size_t length = 0;
    bool done = EVP_MAC_init(drbg->hmac, drbg->key, drbg->length, NULL) == 1 &&
                EVP_MAC_update(drbg->hmac, drbg->value, drbg->length) == 1;

    if (done && octet >= 0) {
        done = EVP_MAC_update(drbg->hmac, &separator, 1) == 1 &&
               (material.length == 0 || EVP_MAC_update(drbg->hmac, material.data, material.length) == 1);
    }
    done = done && EVP_MAC_final(drbg->hmac, mac, &length, sizeof(mac)) == 1 && length == drbg->length;
    if (done) {
        memcpy(out, mac, drbg->length);
    }
    OPENSSL_cleanse(mac, sizeof(mac));
    return done ? 0 : -1;
}

/* HMAC_DRBG_Update (section 10.1.2.2). */
static int update(struct drbg *drbg, struct slice material)
{
    const struct slice none = {NULL, 0};

    if (hmac(drbg, 0x00, material, drbg->key) != 0 || hmac(drbg, -1, none, drbg->value) != 0) {
        return -1;
    }
    if (material.length == 0) {
        return 0;
    }
    return hmac(drbg, 0x01, material, drbg->key) == 0 ? hmac(drbg, -1, none, drbg->value) : -1;
}

int drbg_begin(struct drbg *drbg, struct slice material)
{
    memset(drbg->key, 0x00, drbg->length);
    memset(drbg->value, 0x01, drbg->length);
    return update(drbg, material);
}

/* One request (section 10.1.2.5), without additional input. */
static int request(struct drbg *drbg, unsigned char *octets, size_t length)
{
    const struct slice none = {NULL, 0};

    while (length > 0) {
        size_t part = length < drbg->length ? length : drbg->length;

        if (hmac(drbg, -1, none, drbg->value) != 0) {
            return -1;
        }
        memcpy(octets, drbg->value, part);
        octets += part;
        length -= part;
    }
    return update(drbg, none);
}

int drbg_generate(struct drbg *drbg, unsigned char *octets, size_t length)
{
    do {
        size_t part = length < REQUEST_MAX ? length : REQUEST_MAX;

        if (request(drbg, octets, part) != 0) {
            return -1;
        }
        octets += part;
        length -= part;
    } while (length > 0);
    return 0;
}
