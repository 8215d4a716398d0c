/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 over pieces: what identities of keys, inputs and outputs are compared by.
 */
#ifndef MTLSKIT_BASE_DIGEST_H
#define MTLSKIT_BASE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"

#define DIGEST_LENGTH 32

struct digest {
    unsigned char octets[DIGEST_LENGTH];
};

/** A running SHA-256. Opaque. Reusable: digest_final leaves it ready for the next. */
struct digester;

/** NULL when memory is out or the library context has no SHA-256. */
struct digester *digester_new(const struct context *context);
void digester_free(struct digester *digester);
/** Add raw bytes. Failures are kept and told by digester_final. */
void digester_add(struct digester *digester, struct slice slice);
/** Add a field: its length as 8 octets, big-endian, then the bytes, so that fields cannot run into each other. */
void digester_add_field(struct digester *digester, struct slice slice);
/** How a number is hashed: 8 octets, big-endian, two's complement. */
#define DIGEST_NUMBER_LENGTH 8
void digest_encode_number(int64_t number, unsigned char octets[DIGEST_NUMBER_LENGTH]);
/** Add a number, so encoded. */
void digester_add_number(struct digester *digester, int64_t number);
/** -1 when anything failed since the last digester_final; either way the next digest starts empty. */
int digester_final(struct digester *digester, struct digest *digest) MUST_USE;

/** SHA-256 of one slice. */
int digest_of(const struct context *context, struct slice slice, struct digest *digest) MUST_USE;
bool digest_equal(const struct digest *one, const struct digest *other);

#endif
