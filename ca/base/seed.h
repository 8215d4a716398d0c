/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seed: a text that everything of a fixture follows from - keys, serials, salts - so that it comes out the same in every run. Whoever
 * knows the text knows the keys; they count as public.
 *
 * Each thing has a stream of its own, by whose it is and what it is for: what is made before it, beside it or on another thread does not
 * change it, and neither does a new neighbour.
 */
#ifndef MTLSKIT_BASE_SEED_H
#define MTLSKIT_BASE_SEED_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Shorter seeds are likely to be chosen twice; they are taken, with a warning by whoever reads them. */
#define SEED_ADVISED_LENGTH 16
/** When what is made from a seed is made, and valid from, where nobody says another time: 2020-01-01T00:00:00Z. */
#define SEED_TIME INT64_C(1577836800)

/** Opaque; never changes, may be shared by threads. */
struct seed;

/** NULL when memory is out or @p libctx (borrowed; NULL: the default one) lacks SHA-256. */
struct seed *seed_new(OSSL_LIB_CTX *libctx, struct slice text);
/** NULL is taken. */
void seed_free(struct seed *seed);
/** SHA-256 over the seed under a name of its own: tells seeds apart, 32 octets, borrowed. */
struct slice seed_mark(const struct seed *seed);

/** A reader of streams. Opaque; one thread at a time. */
struct seed_stream;

/** @p seed is borrowed. NULL when memory is out. */
struct seed_stream *seed_stream_new(const struct seed *seed);
void seed_stream_free(struct seed_stream *stream);
/** Begin the stream of @p purpose ("key") of @p owner ("phone"), at its start. */
int seed_stream_begin(struct seed_stream *stream, struct slice owner, struct slice purpose) MUST_USE;
/** The next octets of it; -1 also when no stream was begun. */
int seed_stream_read(struct seed_stream *stream, unsigned char *octets, size_t length) MUST_USE;

#endif
