/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger is told of a job: the intent before anything is signed, the completion after everything is on disk.
 */
#ifndef MTLSKIT_ISSUING_RECORD_H
#define MTLSKIT_ISSUING_RECORD_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "issuing/job.h"
#include "ledger/ledger.h"

/** All borrowed. */
struct recorder {
    const struct context *context;
    struct ledger *ledger;
    const struct publisher *publisher;
    struct digester *digester;
    const char *manifest_id;
    instant now;
    struct faults *faults;
};

/** Take the job's serial, and a generation for an authority's key. Within a group of the ledger. Steps that sign nothing: nothing happens. */
int record_intent(const struct recorder *recorder, struct job *job) MUST_USE;
/** Complete the job's rows. @p first: number of its first file in the publisher's group. Within a group of the ledger. */
int record_complete(const struct recorder *recorder, struct job *job, size_t first) MUST_USE;

#endif
