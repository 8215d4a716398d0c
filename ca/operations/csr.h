/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certification request for a key of the PKI directory, whose certificate is to be made elsewhere: an offline root, another's CA.
 */
#ifndef MTLSKIT_OPERATIONS_CSR_H
#define MTLSKIT_OPERATIONS_CSR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "x509/key.h"

/** All borrowed; NULL where nothing was said. */
struct csr_order {
    const char *name;    /**< the files are NAME.key and NAME.csr */
    const char *profile; /**< what it asks for: basic constraints, usages */
    const char *const *profiles;
    size_t profile_count;
    const char *subject; /**< RFC 4514; NULL: CN=name */
    const char *const *names;
    size_t name_count;
    const char *key; /**< algorithm of a key that is made, or the URI of one in a token (an authority's) */
    const char *generate; /**< algorithm of a key that is made in the token, when it is not there */
    const char
        *key_passphrase; /**< SPEC that locks a new key, or opens the one that is there; of a token its PIN */
    const char *key_kdf; /**< how it becomes the key of a new one's cipher: "pbkdf2" or "scrypt" */
};

/** What was asked for. Begins as all zeros. */
struct csr_report {
    bool made;                    /**< the key is a new one */
    char *uri;                    /**< of a key in a token; NULL: it is NAME.key */
    enum key_algorithm algorithm; /**< of the key */
    struct digest spki, request;  /**< SHA-256 of its SubjectPublicKeyInfo, and of the request's DER */
    struct bytes subject;         /**< RFC 4514 */
};
void csr_report_free(struct csr_report *report);

/** Told of each file that was written, relative to the directory. */
typedef void (*csr_written_fn)(void *state, const char *path);

/**
 * Write the request, and the key unless NAME.key is there, or the ledger knows it in a token: then that one is kept. Where a token's key
 * is, and where its PIN comes from, the ledger keeps for whoever signs with it. The directory and its ledger are made when they are missing.
 * Refused before anything is written: what a manifest would refuse, a name that the ledger gave to a certificate made here, a key that is there
 * and of another algorithm than was asked for, or for which a derivation was asked for, or elsewhere than the one whose certificate was taken in
 * under that name.
 */
int csr_run(const struct context *context, const char *directory, const struct csr_order *order,
            struct csr_report *report, csr_written_fn written, void *state, struct faults *faults) MUST_USE;

#endif
