/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery: what runs that were killed, or that failed halfway, left in a store is undone (a removal: finished), by the journal alone.
 */
#ifndef MTLSKIT_STEPS_RECOVERY_H
#define MTLSKIT_STEPS_RECOVERY_H

#include <stddef.h>

#include "base/attributes.h"
#include "journal/journal.h"
#include "steps/run.h"

/** Undo all unfinished runs in @p run's store. *count: how many there were. @p records: their states follow. -1 with faults. */
int recover_store(const struct run *run, struct journal_records *records, size_t *count) MUST_USE;

#endif
