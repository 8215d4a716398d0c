/* SPDX-License-Identifier: Apache-2.0 */
/* The issuing context. This file is the only one that asks the machine for the time or for randomness. */
#include "base/context.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

#include "base/seed.h"

struct context {
    OSSL_LIB_CTX *libctx;
    context_random_fn random; /* NULL: the library's private DRBG */
    void *random_state;
    context_clock_fn clock; /* NULL: the system's clock */
    void *clock_state;
    instant time;               /* of a clock that stands: clock_state is it then */
    const struct seed *seed;    /* of fixtures, or NULL */
    struct seed_stream *stream; /* of a seeded one; random is read_stream then */
};

struct context *context_new(OSSL_LIB_CTX *libctx)
{
    struct context *context = calloc(1, sizeof(*context));

    if (context != NULL) {
        context->libctx = libctx;
    }
    return context;
}

void context_set_seed(struct context *context, const struct seed *seed)
{
    context->seed = seed;
}

const struct seed *context_seed(const struct context *context)
{
    return context->seed;
}

/* The randomness of a seeded context. */
static int read_stream(void *state, unsigned char *bytes, size_t length)
{
    return seed_stream_read(state, bytes, length);
}

struct context *context_new_seeded(const struct context *base, const struct seed *seed)
{
    struct context *context = context_new(base->libctx);

    if (context == NULL || (context->stream = seed_stream_new(seed)) == NULL) {
        context_free(context);
        return NULL;
    }
    context->seed = seed;
    context_set_clock(context, base->clock, base->clock_state);
    context_set_random(context, read_stream, context->stream);
    return context;
}

void context_free(struct context *context)
{
    if (context != NULL) {
        seed_stream_free(context->stream);
        free(context);
    }
}

bool context_is_fixture(const struct context *context)
{
    return context->seed != NULL;
}

int context_begin(const struct context *context, struct slice owner, struct slice purpose)
{
    return context->stream != NULL ? seed_stream_begin(context->stream, owner, purpose) : 0;
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

/* A clock that stands. */
static instant read_time(void *state)
{
    return *(const instant *)state;
}

void context_set_time(struct context *context, instant now)
{
    context->time = now;
    context_set_clock(context, read_time, &context->time);
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
