/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exposure: a private key, a bundle or a passphrase's file that others than its owner were given permissions on, and its end. The
 * file itself stays as it is, so that nothing has to be opened for it.
 */
#ifndef MTLSKIT_APPLY_EXPOSURE_H
#define MTLSKIT_APPLY_EXPOSURE_H

#include "base/attributes.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "plan/step.h"

/**
 * Take others' permissions on the files of step->exposed away, on disk when it returns. Where that is all that was done to a file since it
 * was recorded, it counts as untouched again. Within a group of the ledger. A file system that keeps no permissions is a warning.
 */
int exposure_end(int directory, struct ledger *ledger, const struct plan_step *step, struct faults *faults)
    MUST_USE;
/** The same of one file, below @p directory, that no entry has. */
int exposure_end_file(int directory, struct ledger *ledger, const char *path, struct faults *faults) MUST_USE;

#endif
