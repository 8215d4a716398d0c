/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lost keys, in order of their hashes: of the SubjectPublicKeyInfo as it was certified, and for EC of curve and coordinates, for a point can
 * be written in three ways (SEC 1 section 2.3.3).
 */
#include "issuing/lost_keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/digest.h"
#include "x509/certificate.h"
#include "x509/key.h"

/** Octets of the longest coordinate, P-521's. */
#define COORDINATE_MAX 66

struct lost_key {
    struct digest hash;
    char name[sizeof(((struct ledger_certificate *)NULL)->name)];
};

struct lost_keys {
    const struct context *context;
    struct faults *unused; /* what cannot be read has no second form */
    struct lost_key *rows;
    size_t count, capacity;
};

/** One coordinate, in as many octets as any has. */
static int add_coordinate(const EVP_PKEY *pkey, const char *which, struct bytes *text)
{
    unsigned char octets[COORDINATE_MAX];
    BIGNUM *coordinate = NULL;
    int status = -1;

    if (EVP_PKEY_get_bn_param(pkey, which, &coordinate) == 1 &&
        BN_bn2binpad(coordinate, octets, sizeof(octets)) == (int)sizeof(octets)) {
        status = bytes_append(text, octets, sizeof(octets));
    }
    BN_free(coordinate);
    return status;
}

/** The hash of what an EC key is; false: it is none, or cannot be read. */
static bool hash_point(const struct lost_keys *keys, struct slice spki, struct digest *hash)
{
    struct key *key =
        key_family_of_spki(spki) == KEY_FAMILY_EC ? key_from_spki(keys->context, spki, keys->unused) : NULL;
    struct bytes text = BYTES_EMPTY;
    char curve[80] = "";
    bool done = key != NULL &&
                EVP_PKEY_get_utf8_string_param(key_pkey(key), OSSL_PKEY_PARAM_GROUP_NAME, curve,
                                               sizeof(curve), NULL) == 1 &&
                bytes_append_text(&text, curve) == 0 &&
                add_coordinate(key_pkey(key), OSSL_PKEY_PARAM_EC_PUB_X, &text) == 0 &&
                add_coordinate(key_pkey(key), OSSL_PKEY_PARAM_EC_PUB_Y, &text) == 0 &&
                digest_of(keys->context, slice_of(&text), hash) == 0;

    bytes_free(&text);
    key_free(key);
    return done;
}

static int add(struct lost_keys *keys, const struct digest *hash, const char *name)
{
    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity > 0 ? keys->capacity * 2 : 16;
        struct lost_key *grown = realloc(keys->rows, capacity * sizeof(*grown));

        if (grown == NULL) {
            return -1;
        }
        keys->rows = grown;
        keys->capacity = capacity;
    }
    keys->rows[keys->count].hash = *hash;
    memcpy(keys->rows[keys->count].name, name, sizeof(keys->rows[keys->count].name));
    keys->count++;
    return 0;
}

static int take(void *state, const struct ledger_certificate *certificate)
{
    struct lost_keys *keys = state;
    struct certificate_view view;
    struct digest hash;

    if (add(keys, &certificate->spki, certificate->name) != 0) {
        return 1;
    }
    /* one that was begun and never completed has no certificate */
    return certificate_view_read(slice_of(&certificate->der), &view) == 0 &&
                   hash_point(keys, view.spki, &hash) && add(keys, &hash, certificate->name) != 0
               ? 1
               : 0;
}

static int compare(const void *one, const void *other)
{
    return memcmp(((const struct lost_key *)one)->hash.octets, ((const struct lost_key *)other)->hash.octets,
                  DIGEST_LENGTH);
}

struct lost_keys *lost_keys_read(const struct context *context, struct ledger *ledger, struct faults *faults)
{
    struct lost_keys *keys = calloc(1, sizeof(*keys));
    int status = 1;

    if (keys != NULL && (keys->unused = faults_new()) != NULL) {
        keys->context = context;
        status = ledger_each_of_lost_key(ledger, take, keys, faults);
    }
    if (status != 0) {
        if (status > 0) {
            fault_memory(faults);
        }
        lost_keys_free(keys);
        return NULL;
    }
    if (keys->count > 0) {
        qsort(keys->rows, keys->count, sizeof(*keys->rows), compare);
    }
    return keys;
}

void lost_keys_free(struct lost_keys *keys)
{
    if (keys != NULL) {
        faults_free(keys->unused);
        free(keys->rows);
        free(keys);
    }
}

const char *lost_keys_find(const struct lost_keys *keys, struct slice spki)
{
    const struct lost_key *found = NULL;
    struct lost_key wanted;

    if (keys->count == 0) {
        return NULL;
    }
    if (digest_of(keys->context, spki, &wanted.hash) == 0) {
        found = bsearch(&wanted, keys->rows, keys->count, sizeof(*keys->rows), compare);
    }
    if (found == NULL && hash_point(keys, spki, &wanted.hash)) {
        found = bsearch(&wanted, keys->rows, keys->count, sizeof(*keys->rows), compare);
    }
    return found != NULL ? found->name : NULL;
}
