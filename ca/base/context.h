/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuing context: which OpenSSL library context is used, where randomness comes from and what time it is. Passed
 * to everything that makes keys, serials, salts or dates, so that nothing asks the machine behind the caller's back
 * and a test or a fixture can supply its own.
 */
#ifndef MTLSKIT_BASE_CONTEXT_H
#define MTLSKIT_BASE_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Seconds since 1970-01-01T00:00:00Z, leap seconds not counted; may be negative. */
typedef int64_t instant;

/** Fills @p length bytes with randomness fit for keys; 0, or -1 on failure. Must be callable from several threads. */
typedef int (*context_random_fn)(void *state, unsigned char *bytes, size_t length);
/** The time. */
typedef instant (*context_clock_fn)(void *state);

/** Opaque; may be shared by threads once set up, a seeded one apart. */
struct context;
struct seed;

/**
 * A context over @p libctx (borrowed, must outlive the context; NULL: the default library context), with the system's
 * clock and @p libctx's private DRBG. NULL when memory is out.
 */
struct context *context_new(OSSL_LIB_CTX *libctx);
void context_free(struct context *context);
/** Replace the randomness (for fixtures and tests). NULL restores the default. */
void context_set_random(struct context *context, context_random_fn random, void *state);
/** Replace the clock. NULL restores the system's. */
void context_set_clock(struct context *context, context_clock_fn clock, void *state);
/** The clock stands at @p now. */
void context_set_time(struct context *context, instant now);

/**
 * What is made for @p context is a fixture of @p seed (borrowed; NULL: no longer). Its own randomness stays as it is, for names of temporary
 * files and the like; what goes into the fixture is made in contexts of context_new_seeded.
 */
void context_set_seed(struct context *context, const struct seed *seed);
/** The seed of a context that one was set for; NULL: what is made for it is no fixture. */
const struct seed *context_seed(const struct context *context);
/**
 * A context that fixtures are made in: the library and clock of @p base, randomness from @p seed; both borrowed. Certificates, requests and
 * CRLs made in it carry the fixture mark (x509/certificate.h), keys are made of context_random and nothing else, and ECDSA signs as RFC 6979 has it.
 * For one thread; NULL when memory is out.
 */
struct context *context_new_seeded(const struct context *base, const struct seed *seed);
/** Whether what is made for it is a fixture: a seed was set, or it is a seeded one. */
bool context_is_fixture(const struct context *context);
/**
 * What comes next is for @p purpose ("key") of @p owner ("phone"): its randomness follows from the seed and these two alone. In a seeded
 * context before anything that is made; in another nothing happens.
 */
int context_begin(const struct context *context, struct slice owner, struct slice purpose) MUST_USE;

OSSL_LIB_CTX *context_libctx(const struct context *context);
int context_random(const struct context *context, unsigned char *bytes, size_t length) MUST_USE;
instant context_now(const struct context *context);

#endif
