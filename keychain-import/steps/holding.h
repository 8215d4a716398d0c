/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holding: an identity is in a store while a program runs. Its record is not ended and stays locked, so that everybody sees that it is
 * held; whoever holds it last takes it out. What a killed hold leaves, recovery finds by the lock that is gone.
 */
#ifndef MTLSKIT_STEPS_HOLDING_H
#define MTLSKIT_STEPS_HOLDING_H

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/decision.h"
#include "steps/run.h"
#include "steps/wanted.h"

/**
 * Put what is wanted, or join those that hold it. A key that is there and not ours is refused; so is one that was installed for other programs,
 * where the store knows programs. *entry: the record, for holding_end. -1 with faults, and nothing is left.
 */
int holding_begin(const struct run *run, const struct wanted *wanted, const struct journal_records *records,
                  struct journal_entry **entry) MUST_USE;
/** Take out what nobody else claims: key, then certificate. @p entry is closed. -1 with faults; recovery finishes it. */
int holding_end(const struct run *run, struct journal_entry *entry) MUST_USE;

#endif
