/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bench: what one thread makes keys and serials with. What is slow to set up is kept in the context for the next one. In a seeded
 * context a bench reads the streams of the seed.
 */
#ifndef MTLSKIT_LIBRARY_BENCH_H
#define MTLSKIT_LIBRARY_BENCH_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "library/pool.h"
#include "x509/certificate.h"
#include "x509/key.h"

struct mtlskit_context;

/** Opaque; one thread at a time. */
struct bench;

/** One that is idle, or a new one; NULL with a fault. It is to be given back. */
struct bench *bench_take(struct mtlskit_context *context, struct faults *faults);
/** NULL is taken. */
void bench_give(struct mtlskit_context *context, struct bench *bench);
/** For the context's end. */
void bench_release(struct pool_item *item);

/** Its issuing context, borrowed: one thread's. */
const struct context *bench_context(const struct bench *bench);
/** A fresh key for the thing called @p name; the caller owns it. */
struct key *bench_key(struct bench *bench, const char *name, enum key_algorithm algorithm,
                      struct faults *faults);
/**
 * A fresh serial for it. In a seeded context it follows from @p rest, too: the certificate as it is with the serial bench_serial_probe(),
 * so that what is made again after a change has another serial, and what did not change the same. Elsewhere @p rest is empty.
 */
int bench_serial(struct bench *bench, const char *name, struct slice rest, struct serial *serial,
                 struct faults *faults) MUST_USE;
struct slice bench_serial_probe(void);

#endif
