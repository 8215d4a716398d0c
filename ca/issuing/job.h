/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job: one step of the plan on its way from key to files. Made on a worker, in memory; the ledger and the publisher
 * are the calling thread's.
 */
#ifndef MTLSKIT_ISSUING_JOB_H
#define MTLSKIT_ISSUING_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/file_stamp.h"
#include "plan/plan.h"
#include "x509/certificate.h"
#include "x509/issuer.h"
#include "x509/key.h"
#include "x509/lint.h"

/** An authority at work: what signs and stands above the certificates of a job. */
struct authority_at_work {
    const struct entry *entry;
    struct bytes certificate;              /**< DER */
    struct key *key;                       /**< NULL when it was not needed */
    struct issuer *issuer;                 /**< NULL when it was not needed */
    const struct authority_at_work *above; /**< its issuer, NULL for a root */
    int64_t generation;                    /**< ledger's id */
    instant not_before, not_after;
    bool below_another;          /**< an intermediate that was taken in, whose issuer is elsewhere */
    struct lint_authority *lint; /**< for what is under it */
    struct digest identities, certificates; /**< chains, as plan_chain makes them */
    bool clipped;                           /**< a validity under it was clipped, and that was said */
    bool refused;                           /**< its key could not be had, and that was said */
};

/** One file of a job. */
struct job_file {
    struct output output;
    struct bytes path;
    struct bytes content;
    mode_t mode;
    struct digest digest; /**< of content; zero for a passphrase's file */
    struct digest inputs;
    struct file_stamp stamp; /**< once it is published */
};

struct job {
    struct plan_step step;                  /**< its entry is kept (entry_keep) until the job is cleared */
    const struct authority_at_work *issuer; /**< NULL for a self-signed authority */
    size_t issuer_number;                   /**< of the workers' own copies of the issuer */

    /* what the maker needs, set before it runs */
    const struct bytes *key_passphrase;      /**< of the key's file; NULL: plain */
    const struct bytes **bundle_passphrases; /**< one a bundle; NULL where none is needed */
    bool bundles_by_mac;       /**< its bundles are checked by MAC and bytes; else opened and compared */
    struct signer *token;      /**< of an authority's key in a token; borrowed. NULL: the key is in memory */
    struct bytes existing_key; /**< content of NAME.key where it is kept */
    struct bytes existing_certificate; /**< DER where only files are written again */

    /* what comes out */
    struct key *key;
    struct bytes spki;
    struct digest spki_digest;
    struct serial serial;
    instant not_before, not_after;
    bool clipped;
    int64_t intent;         /**< ledger's id of the certificate */
    bool again;             /**< of a fixture: the very certificate was complete before, and stands again */
    int64_t own_generation; /**< of an authority's key */
    struct bytes certificate;
    struct lint_set broken; /**< what lint finds in it, where this run made or adopted it */
    struct digest request;  /**< of the request it is made from; zero: none */
    struct plan_facets facets;
    struct job_file *files;
    size_t file_count;
    struct faults *faults; /**< what went wrong on the worker */
    bool left_out;         /**< the run was asked to stop before it was begun */
};

/** What one worker keeps between jobs. */
struct job_bench;

struct job_bench *job_bench_new(const struct context *context);
void job_bench_free(struct job_bench *bench);

/** Generate or read the key, take its SPKI and a serial, resolve the validity, hash what it is made from. */
int job_prepare(struct job *job, struct job_bench *bench, instant now) MUST_USE;
/** Sign, and write every file of the step into memory. @p issuer is this worker's; NULL: self-signed or nothing to sign. */
int job_make(struct job *job, struct job_bench *bench, struct issuer *issuer) MUST_USE;
/** Whether the step signs a certificate. */
bool job_signs(const struct job *job);
/** Frees what the job owns and empties it. */
void job_clear(struct job *job);

#endif
