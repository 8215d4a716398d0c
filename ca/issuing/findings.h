/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: what lint says of a run's certificates, those it makes and those that stand, told once for each rule and profile
 * however many it is true of. Errors and warnings, and of the notices the traps of mutual TLS; but nothing that the entry's
 * `lint_ignore` names.
 */
#ifndef MTLSKIT_ISSUING_FINDINGS_H
#define MTLSKIT_ISSUING_FINDINGS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "issuing/job.h"

/** Opaque; one thread at a time. */
struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings);

/** Hold the job's certificate against every rule: job->broken. On the worker that made it. */
void findings_look(struct job *job);
/** Whether there is something to tell of what the job broke. */
bool findings_worth(const struct job *job);
/** Take in what the job broke. -1: no memory. */
int findings_take(struct findings *findings, const struct job *job) MUST_USE;
/** Hold a certificate that stands against every rule, and take in what it breaks. @p issuer: NULL where none is known. -1: no memory. */
int findings_take_standing(struct findings *findings, const struct entry *entry,
                           const struct authority_at_work *issuer, struct slice certificate) MUST_USE;
void findings_forget(struct findings *findings);
/** Whether any were taken in that were not told. */
bool findings_are_there(const struct findings *findings);
/** Add one warning for each rule and profile, in the order they were met, and forget them. */
void findings_tell(struct findings *findings, struct faults *faults);

#endif
