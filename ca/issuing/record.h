/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger is told of a job: the intent before anything is signed, the completion after everything is on disk.
 */
#ifndef MTLSKIT_ISSUING_RECORD_H
#define MTLSKIT_ISSUING_RECORD_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/job.h"
#include "ledger/ledger.h"

/** All borrowed. */
struct recorder {
    const struct context *context;
    struct ledger *ledger;
    const char *manifest_id;
    instant now;
    struct faults *faults;
};

/** Take the job's serial, and a generation for an authority's key. Within a group of the ledger. Steps that sign nothing: nothing happens. */
int record_intent(const struct recorder *recorder, struct job *job) MUST_USE;
/**
 * Of a step that writes files of a certificate that stands, and so has no intent: rows of those that are not recorded yet, so that they are known
 * as its own if the run is cut off. Within a group of the ledger. Other steps: nothing happens.
 */
int record_claims(const struct recorder *recorder, const struct job *job) MUST_USE;
/** Complete the row of the job's certificate, which is made. Within a group of the ledger, which is committed when its files are on disk. */
int record_issued(const struct recorder *recorder, struct job *job) MUST_USE;
/** The rows of the job's files, which are published. Within a group of the ledger, after record_issued. */
int record_outputs(const struct recorder *recorder, const struct job *job) MUST_USE;

#endif
