/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing: what the confined child of identity/reading.h does with the bytes of a file. It answers in parts (identity/answer.h).
 */
#ifndef MTLSKIT_IDENTITY_PARSING_H
#define MTLSKIT_IDENTITY_PARSING_H

#include "base/bytes.h"
#include "base/context.h"

/** One file's bytes, and how it is called in complaints. Borrowed; an empty one was not given. */
struct parsed_file {
    struct slice content;
    const char *shown;
};

/** Borrowed. */
struct parsing {
    const struct context *context;
    struct parsed_file p12;         /**< or, for an identity, */
    struct parsed_file certificate; /**< this */
    struct parsed_file key;         /**< and this */
    const struct bytes *passphrase; /**< or NULL */
};

/** An identity: the key, its certificate, the chain above it, its name. A confined_fn: @p state is a struct parsing. */
int parsing_identity(void *state, struct bytes *answer);
/** The certificates of `certificate`, be it PEM, DER or a P12. */
int parsing_anchors(void *state, struct bytes *answer);

#endif
