/* SPDX-License-Identifier: Apache-2.0 */
/* The issuing context. This file is the only one that asks the machine for the time or for randomness. */
#include "base/context.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

struct context {
    OSSL_LIB_CTX *libctx;
    context_random_fn random; /* NULL: the library's private DRBG */
    void *random_state;
    context_clock_fn clock; /* NULL: the system's clock */
    void *clock_state;
};

struct context *context_new(OSSL_LIB_CTX *libctx)
{
    struct context *context = calloc(1, sizeof(*context));

    if (context != NULL) {
        context->libctx = libctx;
    }
    return context;
}

void context_free(struct context *context)
{
    free(context);
}

void context_set_random(struct context *context, context_random_fn random, void *state)
{
    context->random = random;
    context->random_state = state;
}

void context_set_clock(struct context *context, context_clock_fn clock, void *state)
{
    context->clock = clock;
    context->clock_state = state;
}

OSSL_LIB_CTX *context_libctx(const struct context *context)
{
    return context->libctx;
}

int context_random(const struct context *context, unsigned char *bytes, size_t length)
{
    if (length == 0) {
        return 0;
    }
    if (context->random != NULL) {
        return context->random(context->random_state, bytes, length) == 0 ? 0 : -1;
    }
    return RAND_priv_bytes_ex(context->libctx, bytes, length, 0) == 1 ? 0 : -1;
}

instant context_now(const struct context *context)
{
    return context->clock != NULL ? context->clock(context->clock_state) : (instant)time(NULL);
}
