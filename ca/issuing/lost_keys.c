/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lost keys, in order of the hashes of their SubjectPublicKeyInfo as it was certified. An EC point can be written in three ways (SEC 1 section
 * 2.3.3), so each way of the key that is asked for is looked up.
 */
#include "issuing/lost_keys.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/digest.h"
#include "x509/der.h"
#include "x509/key.h"

/** Octets of the longest point, P-521's: a form, and two coordinates. */
#define POINT_MAX (1 + 2 * 66)
/** The forms of a point; the lowest bit of the second coordinate is added to the last two. */
#define FORM_WHOLE      0x04
#define FORM_COMPRESSED 0x02
#define FORM_HYBRID     0x06

struct lost_key {
    struct digest spki;
    char name[sizeof(((struct ledger_certificate *)NULL)->name)];
};

struct lost_keys {
    const struct context *context;
    struct faults *unused; /* what cannot be read has one form */
    struct lost_key *rows;
    size_t count, capacity;
};

static int take(void *state, const struct ledger_certificate *certificate)
{
    struct lost_keys *keys = state;

    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity > 0 ? keys->capacity * 2 : 16;
        struct lost_key *grown = realloc(keys->rows, capacity * sizeof(*grown));

        if (grown == NULL) {
            return 1;
        }
        keys->rows = grown;
        keys->capacity = capacity;
    }
    keys->rows[keys->count].spki = certificate->spki;
    memcpy(keys->rows[keys->count].name, certificate->name, sizeof(certificate->name));
    keys->count++;
    return 0;
}

static int compare(const void *one, const void *other)
{
    return memcmp(((const struct lost_key *)one)->spki.octets, ((const struct lost_key *)other)->spki.octets,
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

static const struct lost_key *look_up(const struct lost_keys *keys, struct slice spki)
{
    struct lost_key wanted = {.name = ""};

    return digest_of(keys->context, spki, &wanted.spki) == 0
               ? bsearch(&wanted, keys->rows, keys->count, sizeof(*keys->rows), compare)
               : NULL;
}

/** The point of @p spki with both of its coordinates: its length, 0 when it cannot be read. */
static size_t whole_point(const struct lost_keys *keys, struct slice spki, struct slice written,
                          unsigned char point[POINT_MAX])
{
    struct key *key;
    size_t length = 0;

    /* form 4, 6 and 7 have both */
    if (written.length > 1 && written.length <= POINT_MAX && written.length % 2 == 1 &&
        (written.data[0] == FORM_WHOLE || (written.data[0] & 0xfe) == FORM_HYBRID)) {
        memcpy(point, written.data, written.length);
        return written.length;
    }
    key = key_from_spki(keys->context, spki, keys->unused);
    if (key == NULL ||
        EVP_PKEY_set_utf8_string_param(key_pkey(key), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       "uncompressed") != 1 ||
        EVP_PKEY_get_octet_string_param(key_pkey(key), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, POINT_MAX,
                                        &length) != 1 ||
        length % 2 != 1) {
        length = 0;
    }
    key_free(key);
    return length;
}

/** A SubjectPublicKeyInfo with that algorithm and point, looked up. */
static const struct lost_key *look_up_form(const struct lost_keys *keys, struct slice algorithm,
                                           struct slice point)
{
    const struct lost_key *found = NULL;
    struct bytes spki = BYTES_EMPTY;
    struct der der;

    der_start(&der, &spki);
    der_begin(&der, 0x30);
    der_raw(&der, algorithm);
    der_begin_bits(&der);
    der_raw(&der, point);
    der_end(&der);
    der_end(&der);
    if (der_finish(&der) == 0) {
        found = look_up(keys, slice_of(&spki));
    }
    bytes_free(&spki);
    return found;
}

/** The key of @p spki, whose point is written in some way, in each of them. */
static const struct lost_key *look_up_point(const struct lost_keys *keys, struct slice spki)
{
    const unsigned char forms[] = {FORM_WHOLE, FORM_COMPRESSED, FORM_HYBRID};
    const struct lost_key *found = NULL;
    unsigned char point[POINT_MAX];
    struct der_item whole, algorithm, bits;
    struct slice rest = spki;
    size_t length;

    if (der_expect(&rest, 0x30, &whole) != 0 || der_expect(&whole.content, 0x30, &algorithm) != 0 ||
        der_expect(&whole.content, 0x03, &bits) != 0 || bits.content.length < 2) {
        return NULL;
    }
    length = whole_point(keys, spki, (struct slice){bits.content.data + 1, bits.content.length - 1}, point);
    for (size_t i = 0; length > 0 && found == NULL && i < sizeof(forms); i++) {
        bool both = forms[i] != FORM_COMPRESSED;

        point[0] = (unsigned char)(forms[i] | (forms[i] == FORM_WHOLE ? 0 : point[length - 1] & 1));
        found =
            look_up_form(keys, algorithm.whole, (struct slice){point, both ? length : 1 + (length - 1) / 2});
    }
    return found;
}

const char *lost_keys_find(const struct lost_keys *keys, struct slice spki)
{
    const struct lost_key *found = keys->count > 0 ? look_up(keys, spki) : NULL;

    if (found == NULL && keys->count > 0 && key_family_of_spki(spki) == KEY_FAMILY_EC) {
        found = look_up_point(keys, spki);
    }
    return found != NULL ? found->name : NULL;
}
