/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of the ledger's log as an authority signed it beside a CRL: a small text that says up to which event the log went then.
 * A log whose tail was cut off, or written anew, no longer has that event with that hash. As text, so that it can be checked without
 * this program (mtls-ca(1) has the commands):
 *
 *     mtlskit-crl-head 1
 *     authority: NAME
 *     key: SHA-256 of the authority's SubjectPublicKeyInfo
 *     crl: NUMBER SHA-256 of the CRL's DER
 *     event: NUMBER HASH
 *     algorithm: the signature's AlgorithmIdentifier, DER
 *     signature: of all lines above, with their line ends
 *
 * All octets in lower-case hexadecimal. The first line keeps it apart from everything else an authority signs, which is DER.
 */
#ifndef MTLSKIT_ISSUING_CRL_HEAD_H
#define MTLSKIT_ISSUING_CRL_HEAD_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "x509/signer.h"

/** Longest text read; a signature by ML-DSA-87 has 9,254 digits. */
#define CRL_HEAD_MAX 16384

struct crl_head {
    char authority[256];
    struct digest key;   /**< of its SubjectPublicKeyInfo */
    uint64_t crl_number; /**< of the CRL beside it */
    struct digest crl;   /**< of its DER */
    int64_t event;       /**< number of the last event before the CRL's number was taken; 0: none */
    struct digest hash;  /**< of that event; zero for none */
};

/** Append the text, signed. */
int crl_head_write(const struct crl_head *head, struct signer *signer, struct bytes *text,
                   struct faults *faults) MUST_USE;
/**
 * Take @p text apart; it must be exactly what crl_head_write writes. -1 otherwise. Nothing in it is proven before crl_head_verify.
 */
int crl_head_read(struct slice text, struct crl_head *head) MUST_USE;
/**
 * crl_head_read, and hold it against the key: it must be named in it, and have signed it.
 * @param spki SubjectPublicKeyInfo of the authority's key
 * @param why  on -1 a static phrase that reads on after the file's name: "is not one of mtls-ca's"
 */
int crl_head_verify(const struct context *context, struct slice text, struct slice spki,
                    struct crl_head *head, const char **why) MUST_USE;

#endif
