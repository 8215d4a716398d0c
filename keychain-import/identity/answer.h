/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer of the child that parses (identity/reading.h): plain DER, and what it has to say, in the frame of base/confined_answer.h. Hostile
 * bytes may have taken the child over, so each part is bounded and checked again.
 *
 *     kind          octets                                          how often
 *     KEY           PKCS#8 (RFC 5958), not encrypted                at most once
 *     CERTIFICATE   a certificate (RFC 5280)                        CERTIFICATE_LIST_MAX
 *     NAME          UTF-8 without control characters                at most once
 */
#ifndef MTLSKIT_IDENTITY_ANSWER_H
#define MTLSKIT_IDENTITY_ANSWER_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** Longest answer, in bytes: certificates of a file of FILE_LIMIT_CERTIFICATES, and what stands around them. */
#define ANSWER_MAX (20u * 1024 * 1024)
/** Longest name, in bytes. */
#define ANSWER_NAME_MAX 1024

/** Written by confined_answer_append. */
enum answer_kind { ANSWER_KEY = 'k', ANSWER_CERTIFICATE = 'c', ANSWER_NAME = 'n' };

/** What an answer held. Starts as all zeros. */
struct answer {
    struct key *key; /**< private; or NULL */
    struct certificate_list certificates;
    struct bytes name;
};
/** Wipes. */
void answer_free(struct answer *answer);

/**
 * Take an answer apart; the child's complaints are added to @p faults. -1 when it complained of an error, or the answer is none: a fault
 * that names @p shown. @p answer is then empty.
 */
int answer_read(const struct context *context, struct slice octets, const char *shown, struct answer *answer,
                struct faults *faults) MUST_USE;

#endif
