/* SPDX-License-Identifier: Apache-2.0 */
/* Password-based encryption: tables of what P12 files use, their parameters, and the derivations through EVP. */
#include "x509/pbe.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "x509/oid.h"

/* An OID's content octets, written as a string. */
#define OCTETS(text)                                                                                         \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }
#define RSADSI   "\x2a\x86\x48\x86\xf7\x0d"
#define NIST_AES "\x60\x86\x48\x01\x65\x03\x04\x01"

/* A PBE of PKCS #12 (pbes2 false), or an encryption scheme of PBES2. evp NULL: named, never opened. */
struct pbe_cipher {
    struct slice oid;
    const char *name;
    const char *evp;
    size_t key_length, iv_length;
    bool pbes2, legacy;
};

#define PKCS5     RSADSI "\x01\x05"
#define PKCS12    RSADSI "\x01\x0c\x01"
#define ENCRYPTED RSADSI "\x03"

static const struct pbe_cipher ciphers[] = {
    {OCTETS(PKCS12 "\x03"), PBE_SHA1_3DES, "DES-EDE3-CBC", 24, 8, false, false},
    {OCTETS(PKCS12 "\x04"), "PBE-SHA1-2DES", "DES-EDE-CBC", 16, 8, false, false},
    {OCTETS(PKCS12 "\x01"), "PBE-SHA1-RC4-128", "RC4", 16, 0, false, true},
    {OCTETS(PKCS12 "\x02"), "PBE-SHA1-RC4-40", "RC4-40", 5, 0, false, true},
    {OCTETS(PKCS12 "\x05"), "PBE-SHA1-RC2-128", "RC2-CBC", 16, 8, false, true},
    {OCTETS(PKCS12 "\x06"), PBE_SHA1_RC2_40, "RC2-40-CBC", 5, 8, false, true},
    {OCTETS(PKCS5 "\x03"), "PBE-MD5-DES", NULL, 8, 8, false, true},
    {OCTETS(PKCS5 "\x06"), "PBE-MD5-RC2", NULL, 8, 8, false, true},
    {OCTETS(PKCS5 "\x0a"), "PBE-SHA1-DES", NULL, 8, 8, false, true},
    {OCTETS(PKCS5 "\x0b"), "PBE-SHA1-RC2", NULL, 8, 8, false, true},
    {OCTETS(NIST_AES "\x02"), "AES-128-CBC", "AES-128-CBC", 16, 16, true, false},
    {OCTETS(NIST_AES "\x16"), "AES-192-CBC", "AES-192-CBC", 24, 16, true, false},
    {OCTETS(NIST_AES "\x2a"), "AES-256-CBC", "AES-256-CBC", 32, 16, true, false},
    {OCTETS(ENCRYPTED "\x07"), "3DES", "DES-EDE3-CBC", 24, 8, true, false},
    {OCTETS(ENCRYPTED "\x02"), "RC2-CBC", NULL, 16, 8, true, true},
    {OCTETS("\x2b\x0e\x03\x02\x07"), "DES-CBC", "DES-CBC", 8, 8, true, true},
};
#define CIPHER_COUNT (sizeof(ciphers) / sizeof(ciphers[0]))

static const struct slice oid_pbes2 = OCTETS(PKCS5 "\x0d");
static const struct slice oid_pbmac1 = OCTETS(PKCS5 "\x0e");

static const char malformed[] = "its encryption parameters are malformed";
static const char malformed_mac[] = "its MAC is malformed";

/* ---- reading parameters ------------------------------------------------------------------------------------------ */

static void name_by_oid(struct slice oid, char *name, size_t size)
{
    struct bytes dotted = BYTES_EMPTY;

    if (oid_format(oid, &dotted) != 0) {
        bytes_clear(&dotted);
    }
    snprintf(name, size, "%s", dotted.length == 0 ? "an unknown algorithm" : bytes_text(&dotted));
    bytes_free(&dotted);
}

static const struct pbe_cipher *cipher_by_oid(struct slice oid, bool pbes2)
{
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        if (ciphers[i].pbes2 == pbes2 && slice_equal(oid, ciphers[i].oid)) {
            return &ciphers[i];
        }
    }
    return NULL;
}

/* PBES2-params (RFC 8018 appendix A.4). */
static int read_pbes2(const struct der_item *parameters, struct pbe *pbe, const char **why)
{
    struct slice rest = parameters->content;
    struct der_item function;
    struct der_item scheme;
    struct der_item vector;
    struct slice oid;

    *why = malformed;
    pbe->pbes2 = true;
    if (parameters->tag != DER_SEQUENCE || der_expect(&rest, DER_SEQUENCE, &function) != 0 ||
        der_expect(&rest, DER_SEQUENCE, &scheme) != 0 || rest.length != 0 ||
        derivation_split(scheme.content, &oid, &vector) != 0 ||
        derivation_read_pbkdf2(function.content, &pbe->derivation, why) != 0) {
        return -1;
    }
    *why = malformed;
    if (pbe->derivation.unknown.length != 0) {
        const struct pbe_cipher *cipher = cipher_by_oid(oid, true);

        if (pbe->derivation.scrypt.n > 0 && cipher != NULL) {
            snprintf(pbe->name, sizeof(pbe->name), "PBES2 %s scrypt", cipher->name);
        } else {
            name_by_oid(pbe->derivation.unknown, pbe->name, sizeof(pbe->name));
        }
        return 0;
    }
    pbe->cipher = cipher_by_oid(oid, true);
    if (pbe->cipher == NULL) {
        name_by_oid(oid, pbe->name, sizeof(pbe->name));
        return 0;
    }
    snprintf(pbe->name, sizeof(pbe->name), "PBES2 %s %s", pbe->cipher->name,
             pbe->derivation.digest->hmac_name);
    if (pbe->cipher->evp == NULL) {
        return 0;
    }
    pbe->initial_vector = vector.content;
    if (vector.tag != DER_OCTET_STRING || vector.content.length != pbe->cipher->iv_length) {
        return -1;
    }
    return pbe->derivation.key_length == 0 || (size_t)pbe->derivation.key_length == pbe->cipher->key_length
               ? 0
               : -1;
}

int pbe_read(struct slice identifier, struct pbe *pbe, const char **why)
{
    struct der_item parameters;
    struct slice rest;
    struct slice oid;

    memset(pbe, 0, sizeof(*pbe));
    *why = malformed;
    if (derivation_split(identifier, &oid, &parameters) != 0) {
        return -1;
    }
    if (slice_equal(oid, oid_pbes2)) {
        return read_pbes2(&parameters, pbe, why);
    }
    pbe->cipher = cipher_by_oid(oid, false);
    if (pbe->cipher == NULL) {
        name_by_oid(oid, pbe->name, sizeof(pbe->name));
        return 0;
    }
    snprintf(pbe->name, sizeof(pbe->name), "%s", pbe->cipher->name);
    pbe->derivation.digest = derivation_digest_by_name("SHA-1");
    rest = parameters.content;
    if (parameters.tag != DER_SEQUENCE || derivation_read_salt(&rest, &pbe->derivation, why) != 0) {
        return -1;
    }
    *why = malformed;
    return rest.length == 0 ? 0 : -1;
}

bool pbe_is_legacy(const struct pbe *pbe)
{
    return pbe->cipher != NULL && pbe->cipher->legacy;
}

/* PBMAC1-params (RFC 9579 section 4): the salt and the iterations that count are in here. */
static int read_pbmac1(const struct der_item *parameters, struct pbe_mac *mac, const char **why)
{
    struct slice rest = parameters->content;
    struct der_item function;
    struct der_item scheme;
    struct der_item none;
    struct slice oid;

    *why = malformed_mac;
    mac->pbmac1 = true;
    snprintf(mac->name, sizeof(mac->name), "PBMAC1");
    if (parameters->tag != DER_SEQUENCE || der_expect(&rest, DER_SEQUENCE, &function) != 0 ||
        der_expect(&rest, DER_SEQUENCE, &scheme) != 0 || rest.length != 0 ||
        derivation_split(scheme.content, &oid, &none) != 0 ||
        derivation_read_pbkdf2(function.content, &mac->derivation, why) != 0) {
        return -1;
    }
    *why = malformed_mac;
    if (mac->derivation.unknown.length != 0) {
        return 0;
    }
    mac->digest = derivation_digest_by_oid(oid, true);
    if (mac->digest != NULL) {
        snprintf(mac->name, sizeof(mac->name), "PBMAC1 %s", mac->digest->name);
    }
    /* Section 5: the key length must be there. */
    return mac->derivation.key_length != 0 ? 0 : -1;
}

/* What follows the DigestInfo: a salt, and a count that is 1 where it is left out. */
static int read_mac_salt(struct slice rest, struct derivation *derivation, const char **why)
{
    struct slice after = rest;
    struct der_item salt;

    *why = malformed_mac;
    if (der_expect(&after, DER_OCTET_STRING, &salt) != 0) {
        return -1;
    }
    if (after.length != 0) {
        return derivation_read_salt(&rest, derivation, why) == 0 && rest.length == 0 ? 0 : -1;
    }
    derivation->salt = salt.content;
    derivation->iterations = 1;
    return salt.content.length <= DERIVATION_SALT_MAX ? 0 : -1;
}

int pbe_mac_read(struct slice mac_data, struct pbe_mac *mac, const char **why)
{
    struct der_item info;
    struct der_item algorithm;
    struct der_item value;
    struct der_item parameters;
    struct slice rest;
    struct slice oid;

    memset(mac, 0, sizeof(*mac));
    *why = malformed_mac;
    if (der_expect(&mac_data, DER_SEQUENCE, &info) != 0) {
        return -1;
    }
    rest = info.content;
    if (der_expect(&rest, DER_SEQUENCE, &algorithm) != 0 ||
        der_expect(&rest, DER_OCTET_STRING, &value) != 0 || rest.length != 0 ||
        derivation_split(algorithm.content, &oid, &parameters) != 0) {
        return -1;
    }
    mac->value = value.content;
    if (slice_equal(oid, oid_pbmac1)) {
        return read_pbmac1(&parameters, mac, why);
    }
    mac->digest = derivation_digest_by_oid(oid, false);
    mac->derivation.digest = mac->digest;
    if (mac->digest != NULL) {
        snprintf(mac->name, sizeof(mac->name), "%s", mac->digest->name);
    } else {
        name_by_oid(oid, mac->name, sizeof(mac->name));
    }
    return read_mac_salt(mac_data, &mac->derivation, why);
}

/* ---- our own ----------------------------------------------------------------------------------------------------- */

/* PKCS #12's own by name, or NULL. */
static const struct pbe_cipher *cipher_by_name(const char *name)
{
    for (size_t i = 0; i < CIPHER_COUNT; i++) {
        if (!ciphers[i].pbes2 && strcmp(ciphers[i].name, name) == 0) {
            return &ciphers[i];
        }
    }
    return NULL;
}

int pbe_prepare(const struct context *context, const char *name, long iterations, struct pbe_nonce *nonce,
                struct pbe *pbe)
{
    memset(pbe, 0, sizeof(*pbe));
    pbe->cipher = cipher_by_name(name);
    pbe->pbes2 = pbe->cipher == NULL;
    if (pbe->pbes2) {
        pbe->cipher = cipher_by_oid((struct slice)OCTETS(NIST_AES "\x2a"), true);
    }
    pbe->derivation.digest = derivation_digest_by_name(pbe->pbes2 ? "SHA-256" : "SHA-1");
    pbe->derivation.iterations = iterations;
    pbe->derivation.salt = (struct slice){nonce->salt, sizeof(nonce->salt)};
    snprintf(pbe->name, sizeof(pbe->name), "%s", name);
    if (context_random(context, nonce->salt, sizeof(nonce->salt)) != 0) {
        return -1;
    }
    if (pbe->pbes2) {
        pbe->initial_vector = (struct slice){nonce->initial_vector, sizeof(nonce->initial_vector)};
        return context_random(context, nonce->initial_vector, sizeof(nonce->initial_vector));
    }
    return 0;
}

void pbe_write(struct der *der, const struct pbe *pbe)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, pbe->pbes2 ? oid_pbes2 : pbe->cipher->oid);
    der_begin(der, DER_SEQUENCE);
    if (pbe->pbes2) {
        derivation_write_pbkdf2(der, &pbe->derivation);
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, pbe->cipher->oid);
        der_value(der, DER_OCTET_STRING, pbe->initial_vector);
        der_end(der);
    } else {
        der_value(der, DER_OCTET_STRING, pbe->derivation.salt);
        der_number(der, (uint64_t)pbe->derivation.iterations);
    }
    der_end(der);
    der_end(der);
}

int pbe_mac_prepare(const struct context *context, const char *name, long iterations, struct pbe_nonce *nonce,
                    struct pbe_mac *mac)
{
    memset(mac, 0, sizeof(*mac));
    mac->digest = derivation_digest_by_name(name);
    mac->derivation.digest = mac->digest;
    mac->derivation.salt = (struct slice){nonce->salt, sizeof(nonce->salt)};
    mac->derivation.iterations = iterations;
    snprintf(mac->name, sizeof(mac->name), "%s", name);
    return mac->digest != NULL ? context_random(context, nonce->salt, sizeof(nonce->salt)) : -1;
}

void pbe_mac_write(struct der *der, const struct pbe_mac *mac, struct slice value)
{
    der_begin(der, DER_SEQUENCE);
    der_begin(der, DER_SEQUENCE);
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, mac->digest->oid);
    der_null(der);
    der_end(der);
    der_value(der, DER_OCTET_STRING, value);
    der_end(der);
    der_value(der, DER_OCTET_STRING, mac->derivation.salt);
    der_number(der, (uint64_t)mac->derivation.iterations);
    der_end(der);
}

/* ---- encryption -------------------------------------------------------------------------------------------------- */

static int run_cipher(const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *vector,
                      bool encrypt, struct slice input, struct bytes *output)
{
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    size_t before = output->length;
    int first = 0;
    int last = 0;
    int status = -1;

    if (state == NULL || input.length > INT32_MAX / 2 ||
        bytes_reserve(output, input.length + EVP_MAX_BLOCK_LENGTH) != 0 ||
        EVP_CipherInit_ex2(state, cipher, key, vector, encrypt, NULL) != 1 ||
        EVP_CipherUpdate(state, output->data + before, &first, input.data, (int)input.length) != 1 ||
        EVP_CipherFinal_ex(state, output->data + before + first, &last) != 1) {
        goto out;
    }
    output->length = before + (size_t)first + (size_t)last;
    output->data[output->length] = 0;
    status = 0;
out:
    if (status != 0 && output->data != NULL) {
        OPENSSL_cleanse(output->data + before, output->capacity - before);
    }
    EVP_CIPHER_CTX_free(state);
    return status;
}

static int derive_key_and_vector(const struct context *context, const struct pbe *pbe,
                                 const struct passphrase_forms *passphrase, unsigned char *key,
                                 unsigned char *vector)
{
    if (pbe->pbes2) {
        memcpy(vector, pbe->initial_vector.data, pbe->initial_vector.length);
        return derivation_pbkdf2(context, &pbe->derivation, passphrase, key, pbe->cipher->key_length);
    }
    if (derivation_pkcs12(context, &pbe->derivation, passphrase, DERIVATION_KEY, key,
                          pbe->cipher->key_length) != 0) {
        return -1;
    }
    return pbe->cipher->iv_length == 0 ? 0
                                       : derivation_pkcs12(context, &pbe->derivation, passphrase,
                                                           DERIVATION_IV, vector, pbe->cipher->iv_length);
}

enum pbe_result pbe_crypt(const struct context *context, const struct pbe *pbe,
                          const struct passphrase_forms *passphrase, bool encrypt, struct slice input,
                          struct bytes *output)
{
    unsigned char vector[EVP_MAX_IV_LENGTH] = {0};
    unsigned char key[DERIVATION_KEY_MAX] = {0};
    enum pbe_result result = PBE_FAILED;
    EVP_CIPHER *cipher = NULL;

    ERR_set_mark();
    if (pbe->cipher != NULL && pbe->cipher->evp != NULL) {
        cipher = EVP_CIPHER_fetch(context_libctx(context), pbe->cipher->evp, NULL);
    }
    if (cipher == NULL) {
        result = PBE_UNAVAILABLE;
        goto out;
    }
    if (derive_key_and_vector(context, pbe, passphrase, key, vector) != 0) {
        goto out;
    }
    result = run_cipher(cipher, key, vector, encrypt, input, output) == 0 ? PBE_DONE : PBE_WRONG;
out:
    ERR_pop_to_mark();
    EVP_CIPHER_free(cipher);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(vector, sizeof(vector));
    return result;
}

enum pbe_result pbe_mac_compute(const struct context *context, const struct pbe_mac *mac,
                                const struct passphrase_forms *passphrase, struct slice content,
                                unsigned char *value, size_t *length)
{
    unsigned char key[DERIVATION_KEY_MAX] = {0};
    enum pbe_result result = PBE_FAILED;
    size_t key_length;
    int status;

    *length = 0;
    if (mac->digest == NULL) {
        return PBE_UNAVAILABLE;
    }
    ERR_set_mark();
    if (mac->pbmac1) {
        key_length = (size_t)mac->derivation.key_length;
        status = derivation_pbkdf2(context, &mac->derivation, passphrase, key, key_length);
    } else {
        key_length = mac->digest->length;
        status = derivation_pkcs12(context, &mac->derivation, passphrase, DERIVATION_MAC, key, key_length);
    }
    if (status == 0 &&
        EVP_Q_mac(context_libctx(context), "HMAC", NULL, mac->digest->evp, NULL, key, key_length,
                  content.data, content.length, value, PBE_DIGEST_MAX, length) != NULL) {
        result = PBE_DONE;
    }
    ERR_pop_to_mark();
    OPENSSL_cleanse(key, sizeof(key));
    return result;
}
