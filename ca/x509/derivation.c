/* SPDX-License-Identifier: Apache-2.0 */
/* Keys derived from a passphrase: PBKDF2 through EVP_KDF, and what PKCS #12 has of its own. */
#include "x509/derivation.h"

#include <stdint.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "x509/bmp.h"

/* An OID's content octets, written as a string. */
#define OCTETS(text)                                                                                         \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }
#define RSADSI    "\x2a\x86\x48\x86\xf7\x0d"
#define NIST_HASH "\x60\x86\x48\x01\x65\x03\x04\x02"

static const struct derivation_digest digests[] = {
    {OCTETS("\x2b\x0e\x03\x02\x1a"), OCTETS(RSADSI "\x02\x07"), "SHA-1", "HMAC-SHA1", "SHA1", 20},
    {OCTETS(NIST_HASH "\x04"), OCTETS(RSADSI "\x02\x08"), "SHA-224", "HMAC-SHA224", "SHA2-224", 28},
    {OCTETS(NIST_HASH "\x01"), OCTETS(RSADSI "\x02\x09"), "SHA-256", "HMAC-SHA256", "SHA2-256", 32},
    {OCTETS(NIST_HASH "\x02"), OCTETS(RSADSI "\x02\x0a"), "SHA-384", "HMAC-SHA384", "SHA2-384", 48},
    {OCTETS(NIST_HASH "\x03"), OCTETS(RSADSI "\x02\x0b"), "SHA-512", "HMAC-SHA512", "SHA2-512", 64},
};
#define DIGEST_COUNT (sizeof(digests) / sizeof(digests[0]))

static const struct slice oid_pbkdf2 = OCTETS(RSADSI "\x01\x05\x0c");
static const struct slice oid_scrypt = OCTETS("\x2b\x06\x01\x04\x01\xda\x47\x04\x0b");

/* Octets of the longest hash's block: SHA-512. */
#define BLOCK_MAX 128

static const char malformed[] = "its encryption parameters are malformed";

const struct derivation_digest *derivation_digest_by_oid(struct slice oid, bool hmac)
{
    for (size_t i = 0; i < DIGEST_COUNT; i++) {
        if (slice_equal(oid, hmac ? digests[i].hmac_oid : digests[i].oid)) {
            return &digests[i];
        }
    }
    return NULL;
}

const struct derivation_digest *derivation_digest_by_name(const char *name)
{
    for (size_t i = 0; i < DIGEST_COUNT; i++) {
        if (strcmp(digests[i].name, name) == 0) {
            return &digests[i];
        }
    }
    return NULL;
}

/* ---- passphrase -------------------------------------------------------------------------------------------------- */

int passphrase_forms_set(struct passphrase_forms *forms, struct slice utf8)
{
    static const unsigned char terminator[2] = {0, 0};

    passphrase_forms_free(forms);
    if (bytes_append(&forms->utf8, utf8.data, utf8.length) != 0 || bmp_from_utf8(utf8, &forms->bmp) != 0) {
        return -1;
    }
    return bytes_append(&forms->bmp, terminator, sizeof(terminator));
}

void passphrase_forms_free(struct passphrase_forms *forms)
{
    bytes_free(&forms->utf8);
    bytes_free(&forms->bmp);
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

int derivation_split(struct slice identifier, struct slice *oid, struct der_item *parameters)
{
    struct der_item item;
    int status;

    if (der_expect(&identifier, DER_OID, &item) != 0) {
        return -1;
    }
    *oid = item.content;
    status = der_read(&identifier, parameters);
    if (status == 0) {
        *parameters = (struct der_item){0, {NULL, 0}, {NULL, 0}};
    }
    return status < 0 || identifier.length != 0 ? -1 : 0;
}

/* A positive INTEGER; max + 1 stands for all that is above @p max. */
static int read_count(const struct der_item *item, long max, long *count)
{
    *count = 0;
    if (item->tag != DER_INTEGER || item->content.length == 0 || (item->content.data[0] & 0x80) != 0) {
        return -1;
    }
    for (size_t i = 0; i < item->content.length; i++) {
        *count = *count << 8 | item->content.data[i];
        if (*count > max) {
            *count = max + 1;
            return 0;
        }
    }
    return *count > 0 ? 0 : -1;
}

int derivation_read_salt(struct slice *rest, struct derivation *derivation, const char **why)
{
    struct der_item item;

    *why = malformed;
    if (der_expect(rest, DER_OCTET_STRING, &item) != 0) {
        return -1;
    }
    derivation->salt = item.content;
    if (item.content.length > DERIVATION_SALT_MAX) {
        *why = "its salt is longer than 256 octets";
        return -1;
    }
    if (der_read(rest, &item) != 1 ||
        read_count(&item, DERIVATION_ITERATIONS_MAX, &derivation->iterations) != 0) {
        return -1;
    }
    if (derivation->iterations > DERIVATION_ITERATIONS_MAX) {
        *why = "it asks for more than 1,000,000 iterations";
        return -1;
    }
    return 0;
}

/* scrypt-params (RFC 7914 section 7): what it costs, for who tells of it. */
static int read_scrypt(const struct der_item *parameters, struct derivation *derivation, const char **why)
{
    struct slice rest = parameters->content;
    long *numbers[] = {&derivation->scrypt.n, &derivation->scrypt.r, &derivation->scrypt.p};
    struct der_item item;

    *why = malformed;
    if (parameters->tag != DER_SEQUENCE || der_expect(&rest, DER_OCTET_STRING, &item) != 0) {
        return -1;
    }
    derivation->salt = item.content;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (der_read(&rest, &item) != 1 || read_count(&item, INT32_MAX - 1, numbers[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

int derivation_read_pbkdf2(struct slice identifier, struct derivation *derivation, const char **why)
{
    struct der_item parameters;
    struct der_item item;
    struct slice rest;
    struct slice oid;
    int status;

    *why = malformed;
    *derivation = (struct derivation){.digest = &digests[0]};
    if (derivation_split(identifier, &oid, &parameters) != 0) {
        return -1;
    }
    if (!slice_equal(oid, oid_pbkdf2)) {
        derivation->unknown = oid;
        return slice_equal(oid, oid_scrypt) ? read_scrypt(&parameters, derivation, why) : 0;
    }
    rest = parameters.content;
    if (parameters.tag != DER_SEQUENCE || derivation_read_salt(&rest, derivation, why) != 0) {
        return -1;
    }
    *why = malformed;
    status = der_read(&rest, &item);
    if (status == 1 && item.tag == DER_INTEGER) {
        if (read_count(&item, DERIVATION_KEY_MAX, &derivation->key_length) != 0 ||
            derivation->key_length > DERIVATION_KEY_MAX) {
            return -1;
        }
        status = der_read(&rest, &item);
    }
    if (status == 1) {
        if (item.tag != DER_SEQUENCE || derivation_split(item.content, &oid, &parameters) != 0) {
            return -1;
        }
        derivation->digest = derivation_digest_by_oid(oid, true);
        if (derivation->digest == NULL) {
            derivation->unknown = oid;
        }
    }
    return status < 0 || rest.length != 0 ? -1 : 0;
}

void derivation_write_pbkdf2(struct der *der, const struct derivation *derivation)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_pbkdf2);
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OCTET_STRING, derivation->salt);
    der_number(der, (uint64_t)derivation->iterations);
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, derivation->digest->hmac_oid);
    der_null(der);
    der_end(der);
    der_end(der);
    der_end(der);
}

/* ---- deriving ---------------------------------------------------------------------------------------------------- */

/* OpenSSL's parameters take pointers to what they do not change; NULL is taken for "not set", so nothing is an empty text. */
static void *unchanged(const void *data)
{
    return data == NULL ? (void *)(uintptr_t) "" : (void *)(uintptr_t)data;
}

/*
 * A provider's hash without EVP around it, which up to OpenSSL 3.0 at least makes the provider's context anew for each message:
 * with short ones, that is half of the time. See provider-digest(7).
 */
struct bare_hash {
    OSSL_FUNC_digest_newctx_fn *new_state;
    OSSL_FUNC_digest_freectx_fn *free_state;
    OSSL_FUNC_digest_init_fn *init;
    OSSL_FUNC_digest_update_fn *update;
    OSSL_FUNC_digest_final_fn *final;
    void *state; /* NULL: there is none, and EVP has to do */
};

static void bare_hash_take(struct bare_hash *hash, const OSSL_DISPATCH *functions)
{
    for (; functions->function_id != 0; functions++) {
        switch (functions->function_id) {
        case OSSL_FUNC_DIGEST_NEWCTX:
            hash->new_state = OSSL_FUNC_digest_newctx(functions);
            break;
        case OSSL_FUNC_DIGEST_FREECTX:
            hash->free_state = OSSL_FUNC_digest_freectx(functions);
            break;
        case OSSL_FUNC_DIGEST_INIT:
            hash->init = OSSL_FUNC_digest_init(functions);
            break;
        case OSSL_FUNC_DIGEST_UPDATE:
            hash->update = OSSL_FUNC_digest_update(functions);
            break;
        case OSSL_FUNC_DIGEST_FINAL:
            hash->final = OSSL_FUNC_digest_final(functions);
            break;
        default:
            break;
        }
    }
}

/* Whether @p names, separated by colons, begin with a name of @p md. */
static bool names_hash(const EVP_MD *md, const char *names)
{
    size_t length = strcspn(names, ":");
    char first[64];

    if (length >= sizeof(first)) {
        return false;
    }
    memcpy(first, names, length);
    first[length] = 0;
    return EVP_MD_is_a(md, first) == 1;
}

static void bare_hash_begin(struct bare_hash *hash, const EVP_MD *md)
{
    const OSSL_PROVIDER *provider = EVP_MD_get0_provider(md);
    const OSSL_ALGORITHM *algorithms = NULL;
    const OSSL_ALGORITHM *at;
    int unstored = 0;

    if (provider != NULL) {
        algorithms = OSSL_PROVIDER_query_operation(provider, OSSL_OP_DIGEST, &unstored);
    }
    for (at = algorithms; at != NULL && at->algorithm_names != NULL; at++) {
        if (names_hash(md, at->algorithm_names)) {
            bare_hash_take(hash, at->implementation);
            break;
        }
    }
    if (hash->new_state != NULL && hash->free_state != NULL && hash->init != NULL && hash->update != NULL &&
        hash->final != NULL) {
        hash->state = hash->new_state(OSSL_PROVIDER_get0_provider_ctx(provider));
    }
    if (algorithms != NULL) {
        OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_DIGEST, algorithms);
    }
}

static void bare_hash_end(struct bare_hash *hash)
{
    if (hash->state != NULL) {
        hash->free_state(hash->state);
    }
    hash->state = NULL;
}

/*
 * The key derivation of PKCS #12 (RFC 7292, appendix B.2), whose letters these are. OpenSSL has it too, but up to 3.0 at least it
 * frees its copy of the passphrase without wiping it.
 */
struct pkcs12 {
    EVP_MD *md;
    EVP_MD_CTX *state;
    struct bare_hash bare;
    size_t u, v;                          /* octets of the hash, and of its block */
    unsigned char diversifier[BLOCK_MAX]; /* D */
    struct bytes input;                   /* I: salt and passphrase, each repeated to whole blocks */
    unsigned char a[EVP_MAX_MD_SIZE], b[BLOCK_MAX];
};

static int append_blocks(struct bytes *to, struct slice value, size_t block)
{
    size_t length = (value.length + block - 1) / block * block;

    for (size_t done = 0; done < length; done += value.length) {
        size_t left = length - done;

        if (bytes_append(to, value.data, value.length < left ? value.length : left) != 0) {
            return -1;
        }
    }
    return 0;
}

/* A: the hash of D and I, hashed again and again. */
static int pkcs12_hash(struct pkcs12 *work, long iterations)
{
    if (EVP_DigestInit_ex2(work->state, work->md, NULL) != 1 ||
        EVP_DigestUpdate(work->state, work->diversifier, work->v) != 1 ||
        EVP_DigestUpdate(work->state, work->input.data, work->input.length) != 1 ||
        EVP_DigestFinal_ex(work->state, work->a, NULL) != 1) {
        return -1;
    }
    for (long i = 1; i < iterations && work->bare.state != NULL; i++) {
        size_t length = 0;

        if (work->bare.init(work->bare.state, NULL) != 1 ||
            work->bare.update(work->bare.state, work->a, work->u) != 1 ||
            work->bare.final(work->bare.state, work->a, &length, sizeof(work->a)) != 1 || length != work->u) {
            return -1;
        }
    }
    for (long i = 1; i < iterations && work->bare.state == NULL; i++) {
        if (EVP_DigestInit_ex2(work->state, NULL, NULL) != 1 ||
            EVP_DigestUpdate(work->state, work->a, work->u) != 1 ||
            EVP_DigestFinal_ex(work->state, work->a, NULL) != 1) {
            return -1;
        }
    }
    return 0;
}

/* To each block of I, as a number, B + 1 is added; what does not fit is dropped. */
static void pkcs12_next(struct pkcs12 *work)
{
    for (size_t i = 0; i < work->v; i++) {
        work->b[i] = work->a[i % work->u];
    }
    for (size_t start = 0; start < work->input.length; start += work->v) {
        unsigned carry = 1;

        for (size_t i = work->v; i > 0; i--) {
            carry += (unsigned)work->input.data[start + i - 1] + work->b[i - 1];
            work->input.data[start + i - 1] = (unsigned char)carry;
            carry >>= 8;
        }
    }
}

int derivation_pkcs12(const struct context *context, const struct derivation *derivation,
                      const struct passphrase_forms *passphrase, enum derivation_purpose purpose,
                      unsigned char *key, size_t length)
{
    struct pkcs12 work = {.input = BYTES_EMPTY};
    int status = -1;

    ERR_set_mark();
    work.md = EVP_MD_fetch(context_libctx(context), derivation->digest->evp, NULL);
    work.state = EVP_MD_CTX_new();
    if (work.md == NULL || work.state == NULL) {
        goto out;
    }
    work.u = derivation->digest->length;
    work.v = (size_t)EVP_MD_get_block_size(work.md);
    if (work.v > BLOCK_MAX) {
        goto out;
    }
    memset(work.diversifier, (int)purpose, work.v);
    if (append_blocks(&work.input, derivation->salt, work.v) != 0 ||
        append_blocks(&work.input, slice_of(&passphrase->bmp), work.v) != 0) {
        goto out;
    }
    bare_hash_begin(&work.bare, work.md);
    while (length > 0) {
        size_t part = length < work.u ? length : work.u;

        if (pkcs12_hash(&work, derivation->iterations) != 0) {
            goto out;
        }
        memcpy(key, work.a, part);
        key += part;
        length -= part;
        pkcs12_next(&work);
    }
    status = 0;
out:
    bare_hash_end(&work.bare);
    EVP_MD_CTX_free(work.state);
    EVP_MD_free(work.md);
    bytes_free(&work.input);
    OPENSSL_cleanse(&work, sizeof(work));
    ERR_pop_to_mark();
    return status;
}

int derivation_pbkdf2(const struct context *context, const struct derivation *derivation,
                      const struct passphrase_forms *passphrase, unsigned char *key, size_t length)
{
    const struct slice *salt = &derivation->salt;
    uint64_t iterations = (uint64_t)derivation->iterations;
    int unbounded = 1; /* foreign salts and counts may be below what NIST asks for */
    OSSL_PARAM parameters[6];
    EVP_KDF_CTX *state = NULL;
    EVP_KDF *kdf = NULL;
    int status = -1;

    ERR_set_mark();
    parameters[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, unchanged(derivation->digest->evp), 0);
    parameters[1] = OSSL_PARAM_construct_octet_string(
        OSSL_KDF_PARAM_PASSWORD, unchanged(passphrase->utf8.data), passphrase->utf8.length);
    parameters[2] =
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, unchanged(salt->data), salt->length);
    parameters[3] = OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations);
    parameters[4] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &unbounded);
    parameters[5] = OSSL_PARAM_construct_end();
    kdf = EVP_KDF_fetch(context_libctx(context), "PBKDF2", NULL);
    state = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    if (state != NULL && EVP_KDF_derive(state, key, length, parameters) == 1) {
        status = 0;
    }
    EVP_KDF_CTX_free(state);
    EVP_KDF_free(kdf);
    ERR_pop_to_mark();
    return status;
}
