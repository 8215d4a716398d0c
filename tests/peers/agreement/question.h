/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verifier of tests/peers/agreement is asked, a line a case, and how it answers: the case, accept, reject or n/a, and its own
 * words, apart by tabs. The first line of an answer is "version" and what gives it.
 */
#ifndef MTLSKIT_AGREEMENT_QUESTION_H
#define MTLSKIT_AGREEMENT_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

/** One case; what does not belong to it is NULL. Borrowed from the line that was read last. */
struct question {
    const char *name;
    const char *check;      /**< "chain": verify; "p12": open */
    const char *purpose;    /**< "server" or "client": whose certificate it is */
    const char *host;       /**< DNS name or IP address that was asked for */
    const char *chain;      /**< PEM, leaf first */
    const char *key;        /**< PEM */
    const char *anchors;    /**< PEM */
    const char *crl;        /**< PEM: revocation is checked by it */
    const char *ocsp;       /**< DER: revocation is checked by it */
    const char *p12;        /**< DER */
    const char *passphrase; /**< a file with it */
    const char *level;      /**< OpenSSL's security level, "0" to "5" */
};

/** What comes before all answers: the verifier and its version. */
void question_version(const char *name, const char *version);
/** The next question on standard input; false at its end. A line that is none ends the program. */
bool question_next(struct question *question);
/** The answer; the words are one line, made as by printf. */
void question_answer(const struct question *question, const char *verdict, const char *words, ...)
    __attribute__((format(printf, 3, 4)));
/** A file's bytes with a NUL behind them, to be freed; it must be there. *length may be NULL. */
char *question_file(const char *path, size_t *length);
/** The first line of a file, without its end, to be freed; it must be there. */
char *question_line(const char *path);

#endif
