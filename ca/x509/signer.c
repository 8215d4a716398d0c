/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signer wall, and the one signer that lives on this side of it: a key in memory. That one keeps OpenSSL's contexts from
 * one signature to the next; with fresh ones a P-256 signature takes half as long again. A fixture's draws nothing.
 */
#include "x509/signer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "x509/der.h"
#include "x509/ecdsa_deterministic.h"

struct signer {
    const struct signer_methods *methods;
    void *state;
    struct bytes algorithm;
    struct bytes spki;
    struct bytes signature; /* of signer_assemble, kept for its memory */
    bool fixture;
};

/* ---- the wall ---------------------------------------------------------------------------------------------------- */

struct signer *signer_new(const struct signer_methods *methods, void *state, struct slice algorithm,
                          struct slice spki, struct faults *faults)
{
    struct signer *signer = calloc(1, sizeof(*signer));

    if (signer == NULL) {
        methods->release(state);
        fault_memory(faults);
        return NULL;
    }
    signer->methods = methods;
    signer->state = state;
    if (bytes_append(&signer->algorithm, algorithm.data, algorithm.length) != 0 ||
        bytes_append(&signer->spki, spki.data, spki.length) != 0) {
        fault_memory(faults);
        signer_free(signer);
        return NULL;
    }
    return signer;
}

struct signer *signer_duplicate(const struct signer *signer, struct faults *faults)
{
    void *state = signer->methods->duplicate(signer->state, faults);
    struct signer *copy;

    if (state == NULL) {
        return NULL;
    }
    copy = signer_new(signer->methods, state, slice_of(&signer->algorithm), slice_of(&signer->spki), faults);
    if (copy != NULL) {
        copy->fixture = signer->fixture;
    }
    return copy;
}

void signer_mark_fixture(struct signer *signer)
{
    signer->fixture = true;
}

bool signer_is_fixture(const struct signer *signer)
{
    return signer->fixture;
}

void signer_free(struct signer *signer)
{
    if (signer != NULL) {
        signer->methods->release(signer->state);
        bytes_free(&signer->algorithm);
        bytes_free(&signer->spki);
        bytes_free(&signer->signature);
        free(signer);
    }
}

struct slice signer_algorithm(const struct signer *signer)
{
    return slice_of(&signer->algorithm);
}

struct slice signer_spki(const struct signer *signer)
{
    return slice_of(&signer->spki);
}

int signer_sign(struct signer *signer, struct slice tbs, struct bytes *signature, struct faults *faults)
{
    return signer->methods->sign(signer->state, tbs, signature, faults);
}

int signer_assemble(struct signer *signer, struct slice tbs, struct bytes *der, struct faults *faults)
{
    struct der writer;

    bytes_clear(&signer->signature);
    if (signer_sign(signer, tbs, &signer->signature, faults) != 0) {
        return -1;
    }
    if (bytes_reserve(der, tbs.length + signer->algorithm.length + signer->signature.length + 16) != 0) {
        fault_memory(faults);
        return -1;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_raw(&writer, tbs);
    der_raw(&writer, slice_of(&signer->algorithm));
    der_begin_bits(&writer);
    der_raw(&writer, slice_of(&signer->signature));
    der_end(&writer);
    der_end(&writer);
    if (der_finish(&writer) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/* ---- a key in memory --------------------------------------------------------------------------------------------- */

/* How a kind of key signs. */
struct scheme {
    const char *digest;     /* NULL: the algorithm hashes by itself */
    const char *identifier; /* AlgorithmIdentifier in DER */
    size_t identifier_length;
    bool hedged; /* draws randomness unless it is told not to */
};

#define SCHEME(digest, identifier)                                                                           \
    {                                                                                                        \
        digest, identifier, sizeof(identifier) - 1, false                                                    \
    }
#define SCHEME_HEDGED(identifier)                                                                            \
    {                                                                                                        \
        NULL, identifier, sizeof(identifier) - 1, true                                                       \
    }

/* RFC 4055 section 5 (NULL parameters), RFC 5758 section 3.2, RFC 8410 section 3, RFC 9881 section 2 (none). */
static const struct scheme rsa_sha256 =
    SCHEME("SHA256", "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00");
static const struct scheme ecdsa_sha256 =
    SCHEME("SHA256", "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
static const struct scheme ecdsa_sha384 =
    SCHEME("SHA384", "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03");
static const struct scheme ecdsa_sha512 =
    SCHEME("SHA512", "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04");
static const struct scheme ed25519 = SCHEME(NULL, "\x30\x05\x06\x03\x2b\x65\x70");
static const struct scheme ed448 = SCHEME(NULL, "\x30\x05\x06\x03\x2b\x65\x71");
static const struct scheme ml_dsa_44 = SCHEME_HEDGED("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11");
static const struct scheme ml_dsa_65 = SCHEME_HEDGED("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12");
static const struct scheme ml_dsa_87 = SCHEME_HEDGED("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13");

/* NULL for a key that makes no signatures here. The hash is no weaker than the curve. */
static const struct scheme *scheme_of(const struct key *key)
{
    switch (key_algorithm_of(key)) {
    case KEY_ED25519:
        return &ed25519;
    case KEY_ED448:
        return &ed448;
    case KEY_ML_DSA_44:
        return &ml_dsa_44;
    case KEY_ML_DSA_65:
        return &ml_dsa_65;
    case KEY_ML_DSA_87:
        return &ml_dsa_87;
    default:
        break;
    }
    switch (key_family_of(key)) {
    case KEY_FAMILY_RSA:
        return &rsa_sha256;
    case KEY_FAMILY_EC:
        return key_bits(key) <= 256 ? &ecdsa_sha256 : key_bits(key) <= 384 ? &ecdsa_sha384 : &ecdsa_sha512;
    default:
        return NULL;
    }
}

int signer_scheme_of(const struct key *key, struct signer_scheme *scheme)
{
    const struct scheme *found = scheme_of(key);

    if (found == NULL) {
        return -1;
    }
    scheme->digest = found->digest;
    scheme->identifier = (struct slice){(const unsigned char *)found->identifier, found->identifier_length};
    return 0;
}

struct memory {
    const struct context *context;
    const struct scheme *scheme;
    EVP_PKEY *pkey;
    EVP_MD *digest;                    /* NULL where the algorithm hashes by itself */
    EVP_MD_CTX *hash;                  /* of the message, or the whole operation where there is no digest */
    EVP_PKEY_CTX *operation;           /* ready to sign one hash after the other */
    struct ecdsa_deterministic *fixed; /* signs in the stead of all these: ECDSA of a fixture */
    unsigned char *room;               /* for a signature */
    size_t room_length;
};

static void memory_release(void *state)
{
    struct memory *memory = state;

    if (memory != NULL) {
        ecdsa_deterministic_free(memory->fixed);
        EVP_PKEY_CTX_free(memory->operation);
        EVP_MD_CTX_free(memory->hash);
        EVP_MD_free(memory->digest);
        EVP_PKEY_free(memory->pkey);
        free(memory->room);
        free(memory);
    }
}

/* Hash with the one context, sign with the other. */
static int sign_hash(struct memory *memory, struct slice tbs, size_t *length)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int hash_length = 0;

    if (EVP_DigestInit_ex2(memory->hash, memory->digest, NULL) != 1 ||
        EVP_DigestUpdate(memory->hash, tbs.data, tbs.length) != 1 ||
        EVP_DigestFinal_ex(memory->hash, hash, &hash_length) != 1 ||
        EVP_PKEY_sign(memory->operation, memory->room, length, hash, hash_length) != 1) {
        return -1;
    }
    return 0;
}

/* EdDSA and ML-DSA take the message whole. The latter draws, but for a fixture (FIPS 204 algorithm 2, deterministic variant). */
static int sign_message(struct memory *memory, struct slice tbs, size_t *length)
{
    int deterministic = 1;
    /* OSSL_SIGNATURE_PARAM_DETERMINISTIC, which headers before 3.2 do not have */
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_int("deterministic", &deterministic),
                                     OSSL_PARAM_construct_end()};
    bool told = memory->scheme->hedged && context_is_fixture(memory->context);

    if (EVP_DigestSignInit_ex(memory->hash, NULL, NULL, context_libctx(memory->context), NULL, memory->pkey,
                              told ? parameters : NULL) != 1 ||
        EVP_DigestSign(memory->hash, memory->room, length, tbs.data, tbs.length) != 1) {
        return -1;
    }
    return 0;
}

static int memory_sign(void *state, struct slice tbs, struct bytes *signature, struct faults *faults)
{
    struct memory *memory = state;
    size_t length = memory->room_length;
    int status;

    if (memory->fixed != NULL) {
        return ecdsa_deterministic_sign(memory->fixed, tbs, signature, faults);
    }
    status = memory->digest != NULL ? sign_hash(memory, tbs, &length) : sign_message(memory, tbs, &length);
    if (status != 0) {
        fault_openssl(faults, "cannot sign");
        return -1;
    }
    if (bytes_append(signature, memory->room, length) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/* Everything for hashing and then signing. */
static int prepare_hash(struct memory *memory)
{
    OSSL_LIB_CTX *libctx = context_libctx(memory->context);

    memory->digest = EVP_MD_fetch(libctx, memory->scheme->digest, NULL);
    memory->operation = EVP_PKEY_CTX_new_from_pkey(libctx, memory->pkey, NULL);
    if (memory->digest == NULL || memory->operation == NULL || EVP_PKEY_sign_init(memory->operation) != 1) {
        return -1;
    }
    if (EVP_PKEY_is_a(memory->pkey, "RSA") &&
        EVP_PKEY_CTX_set_rsa_padding(memory->operation, RSA_PKCS1_PADDING) != 1) {
        return -1;
    }
    return EVP_PKEY_CTX_set_signature_md(memory->operation, memory->digest) == 1 ? 0 : -1;
}

static struct memory *memory_new(const struct context *context, EVP_PKEY *pkey, const struct scheme *scheme,
                                 struct faults *faults)
{
    struct memory *memory = calloc(1, sizeof(*memory));
    int size = EVP_PKEY_get_size(pkey);

    if (memory == NULL || size <= 0 || EVP_PKEY_up_ref(pkey) != 1) {
        free(memory);
        fault_memory(faults);
        return NULL;
    }
    memory->context = context;
    memory->scheme = scheme;
    memory->pkey = pkey;
    memory->room_length = (size_t)size;
    memory->room = malloc(memory->room_length);
    memory->hash = EVP_MD_CTX_new();
    if (memory->room == NULL || memory->hash == NULL) {
        fault_memory(faults);
        goto fail;
    }
    if (context_is_fixture(context) && EVP_PKEY_is_a(pkey, "EC")) {
        memory->fixed = ecdsa_deterministic_new(context, pkey, scheme->digest, faults);
        if (memory->fixed == NULL) {
            goto fail;
        }
    } else if (scheme->digest != NULL && prepare_hash(memory) != 0) {
        fault_openssl(faults, "cannot prepare a key for signing");
        goto fail;
    }
    return memory;
fail:
    memory_release(memory);
    return NULL;
}

static void *memory_duplicate(void *state, struct faults *faults)
{
    const struct memory *memory = state;

    return memory_new(memory->context, memory->pkey, memory->scheme, faults);
}

static const struct signer_methods memory_methods = {memory_sign, memory_duplicate, memory_release};

struct signer *signer_from_key(const struct context *context, const struct key *key, struct faults *faults)
{
    const struct scheme *scheme = scheme_of(key);
    struct bytes spki = BYTES_EMPTY;
    struct signer *signer = NULL;
    struct memory *memory;

    if (!key_is_private(key)) {
        fault_error(faults, NULL, NULL, NULL, "a public key alone cannot sign");
        return NULL;
    }
    if (scheme == NULL) {
        fault_error(faults, NULL, NULL, key_algorithm_words(), "keys of this kind do not sign certificates");
        return NULL;
    }
    memory = memory_new(context, key_pkey(key), scheme, faults);
    if (memory == NULL) {
        return NULL;
    }
    if (key_spki(key, &spki, faults) != 0) {
        memory_release(memory);
    } else {
        struct slice identifier = {(const unsigned char *)scheme->identifier, scheme->identifier_length};

        signer = signer_new(&memory_methods, memory, identifier, slice_of(&spki), faults);
    }
    if (signer != NULL) {
        signer->fixture = context_is_fixture(context);
    }
    bytes_free(&spki);
    return signer;
}

/* ---- hashes nobody should sign with ------------------------------------------------------------------------------ */

/* RFC 3279 section 2.2.1 (NULL parameters) and section 2.2.3 (none). */
static const struct scheme rsa_md5 =
    SCHEME("MD5", "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00");
static const struct scheme rsa_sha1 =
    SCHEME("SHA1", "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00");
static const struct scheme ecdsa_sha1 = SCHEME("SHA1", "\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01");

struct signer *signer_weaken(const struct signer *signer, const char *digest, struct faults *faults)
{
    const struct scheme *const schemes[] = {&rsa_md5, &rsa_sha1, &ecdsa_sha1};
    struct memory *memory = signer->methods == &memory_methods ? signer->state : NULL;

    for (size_t i = 0; memory != NULL && i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const struct scheme *scheme = schemes[i];
        struct slice identifier = {(const unsigned char *)scheme->identifier, scheme->identifier_length};
        struct signer *weakened;
        struct memory *weak;

        if (strcmp(scheme->digest, digest) != 0 ||
            !EVP_PKEY_is_a(memory->pkey, scheme == &ecdsa_sha1 ? "EC" : "RSA")) {
            continue;
        }
        weak = memory_new(memory->context, memory->pkey, scheme, faults);
        weakened = weak == NULL
                       ? NULL
                       : signer_new(&memory_methods, weak, identifier, slice_of(&signer->spki), faults);
        if (weakened != NULL) {
            weakened->fixture = signer->fixture;
        }
        return weakened;
    }
    fault_error(faults, NULL, NULL, NULL, "the key that signs cannot sign with %s", digest);
    return NULL;
}
