/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Petitions: certification requests on their way to be signed, read and proved on all processors. While they are read, one thread can make
 * ready what is to be signed with; while the proofs are made, it can judge what the requests ask for.
 */
#ifndef MTLSKIT_OPERATIONS_PETITION_H
#define MTLSKIT_OPERATIONS_PETITION_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/request.h"

/** One request. All is the petitions'. */
struct petition {
    const char *file; /**< borrowed */
    struct request_view view;
    const char *name;    /**< of what will be signed */
    const char *subject; /**< as text */
    const char **names;  /**< subject alternative names, "kind:value" */
    size_t name_count;
};

/** All requests of an act. Opaque. */
struct petitions;

/**
 * @param files borrowed
 * @param name  of the only one; NULL: the file's name without folders and ending
 */
struct petitions *petitions_new(const struct context *context, const char *const *files, size_t count,
                                const char *name);
void petitions_free(struct petitions *petitions);

/** Begin to read every file; few are read where they are waited for. -1: memory is out. */
int petitions_begin_reading(struct petitions *petitions) MUST_USE;
/** Wait for all files. -1: some cannot be read, told by petitions_prove. */
int petitions_read(struct petitions *petitions) MUST_USE;
/** Begin to prove, of all that were read, that each is signed by its own key. */
int petitions_begin_proof(struct petitions *petitions) MUST_USE;
/** Wait for the proofs. -1: something is wrong with some of the files; all complaints of all files are told, in their order. */
int petitions_prove(struct petitions *petitions, struct faults *faults) MUST_USE;

/** A request that was read. */
const struct petition *petitions_at(const struct petitions *petitions, size_t index);

#endif
