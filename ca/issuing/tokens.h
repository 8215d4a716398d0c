/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a run: each key in a token is opened once, and waits here until its authority signs. After one that could not be
 * opened no other is tried: a wrong PIN, sent again, would lock the token.
 */
#ifndef MTLSKIT_ISSUING_TOKENS_H
#define MTLSKIT_ISSUING_TOKENS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/passphrases.h"
#include "manifest/manifest.h"
#include "x509/signer.h"

/** Opaque; one thread at a time. */
struct tokens;

/** All borrowed. NULL when memory is out. */
struct tokens *tokens_new(const struct context *context, struct passphrases *passphrases);
void tokens_free(struct tokens *tokens);

/**
 * Open the key of @p entry, which has a token_uri. 1: open, or open already. 0: it is absent and to be generated, which is done with
 * @p make, else later. -1: fault; also, without another, when one was told before.
 */
int tokens_open(struct tokens *tokens, const struct entry *entry, bool make, struct faults *faults) MUST_USE;
/** The signer of @p entry's key, borrowed; NULL: not open, or taken. */
struct signer *tokens_signer(const struct tokens *tokens, const struct entry *entry);
/** The same, handed over. */
struct signer *tokens_take(struct tokens *tokens, const struct entry *entry);

#endif
