/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeds. What a stream is begun with is
 *
 *   root || length of owner (8 octets, big-endian) || owner || purpose,    root = SHA-256("mtlskit fixture 1: key" 0x00 text)
 *
 * through HMAC_DRBG over SHA-256. The 1 is the version of all that follows from a seed: whatever changes what comes out of one - the order
 * in which octets are drawn for a key, say - is another number, and breaks the golden hashes in the tests.
 */
#include "base/seed.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/drbg.h"

#define ROOT_LENGTH 32

struct seed {
    OSSL_LIB_CTX *libctx;
    unsigned char root[ROOT_LENGTH];
    unsigned char mark[ROOT_LENGTH];
};

struct seed_stream {
    const struct seed *seed;
    struct drbg *drbg;
    struct bytes material; /* kept for its memory */
    bool begun;
};

/* SHA-256 of @p domain with its NUL, and @p text. */
static int hash(OSSL_LIB_CTX *libctx, const char *domain, struct slice text, unsigned char *digest)
{
    EVP_MD *algorithm = EVP_MD_fetch(libctx, "SHA2-256", NULL);
    EVP_MD_CTX *running = EVP_MD_CTX_new();
    unsigned int length = 0;
    bool done = algorithm != NULL && running != NULL && EVP_DigestInit_ex2(running, algorithm, NULL) == 1 &&
                EVP_DigestUpdate(running, domain, strlen(domain) + 1) == 1 &&
                (text.length == 0 || EVP_DigestUpdate(running, text.data, text.length) == 1) &&
                EVP_DigestFinal_ex(running, digest, &length) == 1 && length == ROOT_LENGTH;

    EVP_MD_CTX_free(running);
    EVP_MD_free(algorithm);
    return done ? 0 : -1;
}

struct seed *seed_new(OSSL_LIB_CTX *libctx, struct slice text)
{
    struct seed *seed = calloc(1, sizeof(*seed));

    if (seed == NULL || hash(libctx, "mtlskit fixture 1: key", text, seed->root) != 0 ||
        hash(libctx, "mtlskit fixture 1: mark", text, seed->mark) != 0) {
        seed_free(seed);
        return NULL;
    }
    seed->libctx = libctx;
    return seed;
}

void seed_free(struct seed *seed)
{
    if (seed != NULL) {
        OPENSSL_cleanse(seed, sizeof(*seed));
        free(seed);
    }
}

struct slice seed_mark(const struct seed *seed)
{
    return (struct slice){seed->mark, sizeof(seed->mark)};
}

struct seed_stream *seed_stream_new(const struct seed *seed)
{
    struct seed_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL || (stream->drbg = drbg_new(seed->libctx, "SHA2-256")) == NULL) {
        seed_stream_free(stream);
        return NULL;
    }
    stream->seed = seed;
    return stream;
}

void seed_stream_free(struct seed_stream *stream)
{
    if (stream != NULL) {
        drbg_free(stream->drbg);
        bytes_free(&stream->material);
        free(stream);
    }
}

int seed_stream_begin(struct seed_stream *stream, struct slice owner, struct slice purpose)
{
    unsigned char length[8];

    for (size_t i = 0; i < sizeof(length); i++) {
        length[i] = (unsigned char)((uint64_t)owner.length >> (56 - 8 * i) & 0xff);
    }
    stream->begun = false;
    bytes_clear(&stream->material);
    if (bytes_append(&stream->material, stream->seed->root, ROOT_LENGTH) != 0 ||
        bytes_append(&stream->material, length, sizeof(length)) != 0 ||
        bytes_append(&stream->material, owner.data, owner.length) != 0 ||
        bytes_append(&stream->material, purpose.data, purpose.length) != 0 ||
        drbg_begin(stream->drbg, slice_of(&stream->material)) != 0) {
        return -1;
    }
    stream->begun = true;
    return 0;
}

int seed_stream_read(struct seed_stream *stream, unsigned char *octets, size_t length)
{
    return stream->begun ? drbg_generate(stream->drbg, octets, length) : -1;
}
