/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certification request for a key of the PKI directory, whose certificate is to be made elsewhere: an offline root, another's CA.
 */
#ifndef MTLSKIT_OPERATIONS_CSR_H
#define MTLSKIT_OPERATIONS_CSR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"

/** All borrowed; NULL where nothing was said. */
struct csr_order {
    const char *name;    /**< the files are NAME.key and NAME.csr */
    const char *profile; /**< what it asks for: basic constraints, usages */
    const char *const *profiles;
    size_t profile_count;
    const char *subject; /**< RFC 4514; NULL: CN=name */
    const char *const *names;
    size_t name_count;
    const char *key;            /**< algorithm of a key that is made */
    const char *key_passphrase; /**< SPEC that locks a new key, or opens the one that is there */
};

/** Told of each file that was written, relative to the directory. */
typedef void (*csr_written_fn)(void *state, const char *path);

/**
 * Write the request, and the key unless NAME.key is there: then that one is kept. The directory and its ledger are made when they are
 * missing. Refused before anything is written: what a manifest would refuse, a name that the ledger gave to a certificate made here,
 * a key of another algorithm than was asked for.
 */
int csr_run(const struct context *context, const char *directory, const struct csr_order *order,
            csr_written_fn written, void *state, struct faults *faults) MUST_USE;

#endif
