/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One more program that may use a key. For a key that was installed by a run of ours the journal remembers it, so that a hold for that program
 * knows.
 */
#ifndef MTLSKIT_STEPS_ALLOWANCE_H
#define MTLSKIT_STEPS_ALLOWANCE_H

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/run.h"

/** Let @p program (an absolute path) use the key of @p certificate (DER). @p records: what the journal holds. -1 with faults. */
int allowance_add(const struct run *run, const struct journal_records *records, struct slice certificate,
                  const char *program) MUST_USE;

#endif
