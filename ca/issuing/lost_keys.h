/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are known to be lost, for one of their certificates was revoked because of it: no further certificate is made for them, whatever
 * its name (CA/Browser Forum Baseline Requirements, section 6.1.1.3).
 */
#ifndef MTLSKIT_ISSUING_LOST_KEYS_H
#define MTLSKIT_ISSUING_LOST_KEYS_H

#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/** Opaque. */
struct lost_keys;

/** All that the ledger knows of. @p context is borrowed. NULL with a fault. */
struct lost_keys *lost_keys_read(const struct context *context, struct ledger *ledger, struct faults *faults);
/** NULL is taken. */
void lost_keys_free(struct lost_keys *keys);
/** The name of a certificate that was revoked with the key of that SubjectPublicKeyInfo, however its point is written; NULL: it is not known as lost. Borrowed. */
const char *lost_keys_find(const struct lost_keys *keys, struct slice spki);

#endif
