/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities of a run: recalled from the ledger or just made, with key and signer where they are needed.
 */
#ifndef MTLSKIT_ISSUING_AUTHORITIES_H
#define MTLSKIT_ISSUING_AUTHORITIES_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/job.h"
#include "issuing/passphrases.h"
#include "issuing/tokens.h"
#include "ledger/ledger.h"

/** Opaque; one thread at a time. */
struct authorities;

/** All borrowed; @p directory -1 and @p ledger NULL when there is no PKI directory yet. NULL when memory is out. */
struct authorities *authorities_new(const struct context *context, int directory, struct ledger *ledger,
                                    struct passphrases *passphrases);
void authorities_free(struct authorities *authorities);
/** Go on with another directory and ledger. */
void authorities_use(struct authorities *authorities, int directory, struct ledger *ledger);

/** Number of the authority for @p entry; the count of authorities when it is not known. */
size_t authorities_number(const struct authorities *authorities, const struct entry *entry);
/** The authority with that number, or NULL. Stays where it is as long as the list. */
struct authority_at_work *authorities_at(const struct authorities *authorities, size_t number);
/** The authority for @p entry as the ledger has it, with what stands above it; known from here on. NULL: none, or a fault. */
struct authority_at_work *authorities_recall(struct authorities *authorities, const struct entry *entry,
                                             struct faults *faults);
/** Keys in tokens that are open and not yet at work. */
struct tokens *authorities_tokens(const struct authorities *authorities);
/** Read its key, or open its token, hold it against the certificate, and make it an issuer. Done already: nothing happens. What failed once fails again without a word. */
int authorities_load_key(struct authorities *authorities, struct authority_at_work *authority,
                         struct faults *faults) MUST_USE;
/** Whether the key of @p entry, whose token is open, is the one of its certificate. */
int authorities_check_token(struct authorities *authorities, const struct entry *entry, struct faults *faults)
    MUST_USE;
/** Whether the key to adopt belongs to @p certificate. */
int authorities_check_adoptee(struct authorities *authorities, const struct entry *entry,
                              struct slice certificate, struct faults *faults) MUST_USE;
/** An authority that @p job has just made stands ready for what comes under it. Other steps: nothing happens. */
int authorities_promote(struct authorities *authorities, const struct job *job, struct faults *faults)
    MUST_USE;
/** Warn, once for each issuer, that the life of what @p job made was cut short. */
void authorities_tell_clipped(struct authorities *authorities, const struct job *job, struct faults *faults);

#endif
