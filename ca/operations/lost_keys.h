/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are known to be lost, for one of their certificates was revoked because of it: no further certificate is made for them, whatever
 * its name (CA/Browser Forum Baseline Requirements, section 6.1.1.3).
 */
#ifndef MTLSKIT_OPERATIONS_LOST_KEYS_H
#define MTLSKIT_OPERATIONS_LOST_KEYS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/digest.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/** Opaque. */
struct lost_keys;

/** All that the ledger knows of. NULL with a fault. */
struct lost_keys *lost_keys_read(struct ledger *ledger, struct faults *faults);
/** NULL is taken. */
void lost_keys_free(struct lost_keys *keys);
/** Whether there is none. */
bool lost_keys_are_none(const struct lost_keys *keys);
/** The name of the certificate that was revoked with the key whose SubjectPublicKeyInfo has that SHA-256; NULL: it is not known as lost. Borrowed. */
const char *lost_keys_find(const struct lost_keys *keys, const struct digest *spki);

#endif
