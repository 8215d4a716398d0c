/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper process, which loads the vendor's PKCS#11 module so that the program that wants something of a token never has foreign
 * code in its memory: mtls-ca-token, started once for each signer, or keychain-import-token, started once for each store. What comes back from it is bounded in size and time; when it ends, hangs or
 * answers nonsense, that is one fault, and the process is gone.
 *
 * It gets the socket and nothing else of ours: no other descriptor, and of the environment only what modules are known to need
 * (HELPER_ENVIRONMENT adds names), for passphrases may stand in the rest.
 */
#ifndef MTLSKIT_TOKEN_HELPER_PROCESS_H
#define MTLSKIT_TOKEN_HELPER_PROCESS_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "token/wire.h"

/** Variable with the seconds a token may take for an answer, 1 to 3600, and what it is without. Generating a key may take five times that. */
#define HELPER_TIMEOUT         "MTLSKIT_TOKEN_TIMEOUT"
#define HELPER_TIMEOUT_SECONDS 60
/** Variable with names of further variables that the module gets, apart by commas. */
#define HELPER_ENVIRONMENT "MTLSKIT_TOKEN_ENVIRONMENT"

/** A program that loads modules for one of ours. Static. */
struct helper_kind {
    const char *name;     /**< its file's: "mtls-ca-token" */
    const char *pin_hint; /**< how the user says where the PIN comes from */
    const char *key_hint; /**< how the user says which of several keys */
};

/** Opaque; one thread at a time. */
struct helper_process;

/**
 * Start @p program; NULL: the one of @p kind beside the program that runs, or in libexec. @p shown: what complaints call the token. NULL with a fault.
 */
struct helper_process *helper_process_start(const struct helper_kind *kind, const char *program,
                                            const char *shown, struct faults *faults);
/** Let it end, or end it after two seconds; frees. NULL is taken. */
void helper_process_free(struct helper_process *helper);
/** Seconds that an answer may take. */
unsigned helper_process_seconds(const struct helper_process *helper);

/**
 * Send one request and take its answer. @p content holds the answer (replaced, wiped by whoever frees it), @p answer points into it.
 * REFUSED is told as a fault, and so is anything that answers no such request; -1 then. 0: answer->kind is @p wanted or @p other,
 * with its fields (wire_answer_fields). After a broken connection each further request fails with the same words.
 */
int helper_process_ask(struct helper_process *helper, unsigned char kind, const struct slice *fields,
                       size_t count, unsigned char wanted, unsigned char other, struct bytes *content,
                       struct wire_message *answer, struct faults *faults) MUST_USE;

#endif
