/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context: which OpenSSL library context is used, where randomness comes from and what time it is. Everything else is made in one.
 *
 * Rules for all of the library
 *
 *   - Functions give 0 or a pointer when all went well, -1 or NULL when not. What went wrong is a sentence that is kept in the object
 *     the call makes or changes: mtlskit_NOUN_error(). Nothing is kept elsewhere, so no call disturbs another thread's message.
 *   - A constructor gives NULL only when memory is out, or when its context or its name is NULL. Every function takes NULL in the place
 *     of its object and then fails, and the error of NULL is that memory is out: a chain of calls can be checked at its end.
 *   - An object is used by one thread at a time, with these exceptions: a context, once it is set up, and an authority, once it is made
 *     or read, serve any number of threads at once; what was made, read or run can be asked (the functions that take a const object)
 *     by several threads as long as none changes or frees it.
 *   - What signs and what is signed are of one context; whose certificates are merely read or verified does not matter.
 *   - Texts and octets that are given out belong to the object and stay until it is freed or made anew. What is given in is copied,
 *     unless it is said that it is borrowed. Secrets are wiped when they are replaced or freed.
 *   - Nothing is printed, no file is opened, no process ended; no variable outlives the last object. OpenSSL's queue of errors is left
 *     as it was, or empty.
 *   - Host names are ASCII: internationalised ones are turned to A-labels ("xn--...") by the caller.
 */
#ifndef MTLSKIT_CONTEXT_H
#define MTLSKIT_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

/** Opaque. Set up by one thread, then shared. */
struct mtlskit_context;

/**
 * A context over @p libctx (borrowed; NULL: OpenSSL's default one), with the clock of the system and the randomness of @p libctx. It must
 * outlive everything that is made in it.
 */
MTLSKIT_API struct mtlskit_context *mtlskit_context_new(OSSL_LIB_CTX *libctx);
MTLSKIT_API void mtlskit_context_free(struct mtlskit_context *context);
/** What went wrong in the last call that changed it; "" when nothing did. */
MTLSKIT_API const char *mtlskit_context_error(const struct mtlskit_context *context);

/**
 * Let it be @p now (seconds since 1970-01-01T00:00:00Z) for everything that is made and verified from here on. Before the context is
 * shared.
 */
MTLSKIT_API int mtlskit_context_set_time(struct mtlskit_context *context, int64_t now) MTLSKIT_MUST_USE;

/**
 * Let all that is made from here on follow from @p seed, @p length octets, and from its own name: keys, serials, salts and signatures come
 * out the same in every run, everywhere, with every OpenSSL, and a thing more changes no other. Before anything is made.
 *
 * For tests alone: whoever has the seed has the keys. Everything carries the fixture mark; an authority of another context, and one that
 * is no fixture, are refused, and so is a fixture in a context without a seed. Names must differ: two things of one name have one key.
 * What is issued again after a change has the same key and, as its content is another, another serial number.
 *
 * Without a time (mtlskit_context_set_time) it is 2020-01-01 for all that is made, and what has its validity from nobody but a built-in
 * profile is valid from then to 9999-12-31. What is told holds, as in a manifest: dates, and durations, which count from 2020-01-01 and
 * so have ended long since, unless they are long.
 * With a seed of less than 16 octets two projects may have the same keys; it is taken.
 */
MTLSKIT_API int mtlskit_context_set_insecure_seed(struct mtlskit_context *context, const void *seed,
                                                  size_t length) MTLSKIT_MUST_USE;

MTLSKIT_END

#endif
