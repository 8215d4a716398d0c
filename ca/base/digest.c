/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256: the algorithm is fetched once a digester; each digest_final starts the next one. */
#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct digester {
    EVP_MD *algorithm;
    EVP_MD_CTX *running;
    bool failed;
};

static void start(struct digester *digester)
{
    digester->failed = EVP_DigestInit_ex2(digester->running, digester->algorithm, NULL) != 1;
}

struct digester *digester_new(const struct context *context)
{
    struct digester *digester = calloc(1, sizeof(*digester));

    if (digester == NULL) {
        return NULL;
    }
    digester->algorithm = EVP_MD_fetch(context_libctx(context), "SHA2-256", NULL);
    digester->running = EVP_MD_CTX_new();
    if (digester->algorithm == NULL || digester->running == NULL) {
        digester_free(digester);
        return NULL;
    }
    start(digester);
    return digester;
}

void digester_free(struct digester *digester)
{
    if (digester != NULL) {
        EVP_MD_CTX_free(digester->running);
        EVP_MD_free(digester->algorithm);
        free(digester);
    }
}

void digester_add(struct digester *digester, struct slice slice)
{
    if (slice.length != 0 && !digester->failed) {
        digester->failed = EVP_DigestUpdate(digester->running, slice.data, slice.length) != 1;
    }
}

void digester_add_field(struct digester *digester, struct slice slice)
{
    digester_add_number(digester, (int64_t)slice.length);
    digester_add(digester, slice);
}

void digest_encode_number(int64_t number, unsigned char octets[DIGEST_NUMBER_LENGTH])
{
    for (size_t i = 0; i < DIGEST_NUMBER_LENGTH; i++) {
        octets[i] = (unsigned char)((uint64_t)number >> (56 - 8 * i) & 0xff);
    }
}

void digester_add_number(struct digester *digester, int64_t number)
{
    unsigned char octets[DIGEST_NUMBER_LENGTH];

    digest_encode_number(number, octets);
    digester_add(digester, (struct slice){octets, sizeof(octets)});
}

int digester_final(struct digester *digester, struct digest *digest)
{
    unsigned int length = 0;
    int status = -1;

    if (!digester->failed && EVP_DigestFinal_ex(digester->running, digest->octets, &length) == 1 &&
        length == DIGEST_LENGTH) {
        status = 0;
    }
    start(digester);
    return status;
}

int digest_of(const struct context *context, struct slice slice, struct digest *digest)
{
    struct digester *digester = digester_new(context);
    int status;

    if (digester == NULL) {
        return -1;
    }
    digester_add(digester, slice);
    status = digester_final(digester, digest);
    digester_free(digester);
    return status;
}

bool digest_equal(const struct digest *one, const struct digest *other)
{
    return memcmp(one->octets, other->octets, DIGEST_LENGTH) == 0;
}
