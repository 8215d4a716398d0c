/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what lint says of the certificates a run makes, told once for each rule and profile however many certificates it is true of.
 */
#ifndef MTLSKIT_ISSUING_FINDINGS_H
#define MTLSKIT_ISSUING_FINDINGS_H

#include "base/attributes.h"
#include "base/fault.h"
#include "issuing/job.h"

/** Opaque; one thread at a time. */
struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings);

/** Hold the job's certificate against every rule: job->broken. On the worker that made it. */
void findings_look(struct job *job);
/** Take in what the job broke, warnings and errors alone. -1: no memory. */
int findings_take(struct findings *findings, const struct job *job) MUST_USE;
/** Add one warning for each rule and profile, in the order they were met, and forget them. */
void findings_tell(struct findings *findings, struct faults *faults);

#endif
