/* SPDX-License-Identifier: Apache-2.0 */
/* The context of the library. */
#include "library/context.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <mtlskit/context.h>
#include <mtlskit/version.h>

#include "base/seed.h"
#include "library/bench.h"
#include "library/handle.h"
#include "library/kind.h"

#define TEXT_OF(number)                   #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

struct mtlskit_context {
    struct handle handle;
    struct context *issuing;
    struct seed *seed; /* NULL: none */
    atomic_bool used;  /* an issuing context was drawn: the seed is settled */
    bool has_now;
    struct profile profiles[KIND_COUNT];
    struct pool benches;
};

const char *mtlskit_version_text(void)
{
    return VERSION_TEXT(MTLSKIT_VERSION_MAJOR, MTLSKIT_VERSION_MINOR, MTLSKIT_VERSION_PATCH);
}

static void free_profiles(struct mtlskit_context *context)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        profile_free(&context->profiles[i]);
    }
}

struct mtlskit_context *mtlskit_context_new(OSSL_LIB_CTX *libctx)
{
    struct mtlskit_context *context = calloc(1, sizeof(*context));
    int status;

    if (context == NULL || pool_start(&context->benches) != 0) {
        free(context);
        return NULL;
    }
    status = handle_start(&context->handle, context);
    context->issuing = context_new(libctx);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        status |= kind_build(i, &context->profiles[i]);
    }
    if (status != 0 || context->issuing == NULL) {
        mtlskit_context_free(context);
        return NULL;
    }
    return context;
}

void mtlskit_context_free(struct mtlskit_context *context)
{
    if (context != NULL) {
        pool_end(&context->benches, bench_release);
        free_profiles(context);
        context_free(context->issuing);
        seed_free(context->seed);
        handle_end(&context->handle);
        free(context);
    }
}

const char *mtlskit_context_error(const struct mtlskit_context *context)
{
    return handle_error(context != NULL ? &context->handle : NULL);
}

int mtlskit_context_set_time(struct mtlskit_context *context, int64_t now)
{
    int status = 0;

    if (context == NULL) {
        return -1;
    }
    handle_begin(&context->handle);
    if (now < INSTANT_MIN || now > INSTANT_MAX) {
        fault_error(context->handle.faults, NULL, "time", NULL, "the year is not between 0 and 9999");
        status = -1;
    } else {
        context->has_now = true;
        context_set_time(context->issuing, now);
    }
    return handle_settle(&context->handle, status);
}

int mtlskit_context_set_insecure_seed(struct mtlskit_context *context, const void *seed, size_t length)
{
    struct faults *faults;
    int status = -1;

    if (context == NULL) {
        return -1;
    }
    handle_begin(&context->handle);
    faults = context->handle.faults;
    if (seed == NULL || length == 0) {
        (void)handle_missing(&context->handle, "the seed");
    } else if (context->seed != NULL || atomic_load(&context->used)) {
        fault_error(faults, NULL, "seed", "set it first",
                    context->seed != NULL ? "there is one already" : "something was made without it");
    } else {
        context->seed = seed_new(context_libctx(context->issuing), (struct slice){seed, length});
        if (context->seed == NULL) {
            fault_openssl(faults, "the seed cannot be taken");
        } else {
            status = 0;
        }
    }
    return handle_settle(&context->handle, status);
}

const struct context *library_context(const struct mtlskit_context *context)
{
    return context->issuing;
}

bool library_is_seeded(const struct mtlskit_context *context)
{
    return context->seed != NULL;
}

bool library_is_timeless(const struct mtlskit_context *context)
{
    return context->seed != NULL && !context->has_now;
}

/* The clock of a context that was drawn. */
static instant clock_of(void *state)
{
    const struct mtlskit_context *context = state;

    return library_is_timeless(context) ? SEED_TIME : context_now(context->issuing);
}

struct context *library_draw(struct mtlskit_context *context)
{
    struct context *drawn = context->seed != NULL ? context_new_seeded(context->issuing, context->seed)
                                                  : context_new(context_libctx(context->issuing));

    atomic_store(&context->used, true);
    if (drawn != NULL) {
        context_set_clock(drawn, clock_of, context);
    }
    return drawn;
}

const struct profile *library_profile(const struct mtlskit_context *context, const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(context->profiles[i].name, name) == 0) {
            return &context->profiles[i];
        }
    }
    return NULL;
}

struct pool *library_benches(struct mtlskit_context *context)
{
    return &context->benches;
}
