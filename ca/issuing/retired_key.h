/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retired keys: when an authority gets a new key, the old one stays, for its revocation lists go on: a file as NAME.generation-ID.key, others
 * where they were - in a token, or beside a certificate that was adopted - which the ledger kept.
 */
#ifndef MTLSKIT_ISSUING_RETIRED_KEY_H
#define MTLSKIT_ISSUING_RETIRED_KEY_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "issuing/passphrases.h"
#include "issuing/tokens.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"
#include "x509/signer.h"

/** Add the key of @p entry as it lies in @p directory to @p publisher's group under its other name; one that was moved away is none. What lies there already must be that key. */
int retired_key_keep(const struct context *context, int directory, struct ledger *ledger,
                     const struct entry *entry, struct publisher *publisher, struct faults *faults) MUST_USE;

/** A key that is to sign once more. All borrowed. */
struct retired_key {
    const struct context *context;
    int directory; /**< open */
    struct ledger *ledger;
    struct passphrases *passphrases;
    struct tokens *tokens;
    const char *name;         /**< the authority's */
    int64_t generation;       /**< ledger's id */
    struct slice certificate; /**< DER of one for that key, against which it is held */
    const char *passphrase;   /**< SPEC, or the PIN's; NULL: as it was recorded, else prompt */
};

/** Append where the key is, as complaints name it: a path in the directory or elsewhere, or "a token". 1; 0: nowhere, it was ephemeral; -1. */
int retired_key_place(struct ledger *ledger, const char *name, int64_t generation, struct bytes *place,
                      struct faults *faults) MUST_USE;
/** Whether it is there, as far as that shows without asking a token: 1, 0, -1. */
int retired_key_is_there(int directory, struct ledger *ledger, const char *name, int64_t generation,
                         struct faults *faults) MUST_USE;
/** A signer with it, which the caller frees; NULL with a fault. */
struct signer *retired_key_open(const struct retired_key *key, struct faults *faults);

#endif
