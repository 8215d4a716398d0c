/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: complaints as values. Whoever finds something wrong adds a fault to the list it was given and returns -1;
 * only a command prints the list. One fault is one sentence with its place, in the shape
 *
 *     pki.yaml:12:7: certificates.server.san[1]: "ip:300.1.1.1" is not an IP address (try "ip:192.0.2.1")
 *
 * The texts are made safe to print: control characters and broken UTF-8 in them are escaped, and a text is cut
 * at FAULT_TEXT_MAX bytes.
 */
#ifndef MTLSKIT_BASE_FAULT_H
#define MTLSKIT_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

/** Longest rendered fault, in bytes, without the terminating NUL. */
#define FAULT_TEXT_MAX 1000
/** A list keeps this many faults of a severity; further ones are only counted. */
#define FAULT_LIST_MAX 1000

/** Where in a file a complaint belongs. */
struct place {
    const char *
        file; /**< name as the user gave it; borrowed, may be NULL; "": nobody has seen that text, so the place is not told */
    size_t line;   /**< from 1; 0: no line is known */
    size_t column; /**< from 1, counted in characters; 0: no column is known */
};

enum fault_severity { FAULT_ERROR, FAULT_WARNING };

/** A list of faults, in the order they were found. Opaque. */
struct faults;

/** A new, empty list; NULL when memory is out. The caller owns it. */
struct faults *faults_new(void);
/** Frees @p faults; NULL is taken. */
void faults_free(struct faults *faults);

/**
 * Add an error.
 * @param faults list to add to; never NULL
 * @param place  where, copied; NULL for none
 * @param path   the field, such as "certificates.server.san[1]"; NULL for none
 * @param hint   what would be right or what to do, one phrase; NULL for none
 * @param format the sentence, without a full stop and without a newline
 * Never fails: when memory is out, a fault saying so is counted in its stead.
 */
void fault_error(struct faults *faults, const struct place *place, const char *path, const char *hint,
                 const char *format, ...) PRINTF_LIKE(5, 6);
/** The same as a warning: does not count as failure. */
void fault_warning(struct faults *faults, const struct place *place, const char *path, const char *hint,
                   const char *format, ...) PRINTF_LIKE(5, 6);
/** An error whose sentence ends in ": " and the text of errno value @p error. @p subject is a file name or NULL. */
void fault_system(struct faults *faults, int error, const char *subject, const char *hint, const char *format,
                  ...) PRINTF_LIKE(5, 6);
/** An error whose sentence ends in ": " and the reason of the newest entry of OpenSSL's error queue, which is emptied. */
void fault_openssl(struct faults *faults, const char *format, ...) PRINTF_LIKE(2, 3);
/** The error for memory that is out. */
void fault_memory(struct faults *faults);

/** Whether one more error would only be counted: what is costly to say of it need not be found out. */
bool faults_full(const struct faults *faults);
/** How many errors (warnings) were added, those not kept included. */
size_t faults_errors(const struct faults *faults);
size_t faults_warnings(const struct faults *faults);
/** How many faults are kept, and the text of the @p index-th, rendered, without a newline; owned by the list. */
size_t faults_count(const struct faults *faults);
const char *faults_text(const struct faults *faults, size_t index);
enum fault_severity faults_severity(const struct faults *faults, size_t index);
/** Add to the hint of each error, or give those that have none, what whoever met it knows can be done: "... (HINT; ADVICE)". */
void faults_advise(struct faults *faults, const char *advice);
/** Append all of @p from to @p to, and empty @p from. */
void faults_move(struct faults *to, struct faults *from);
/** The same, each with @p place and @p path before its text: what went wrong in a file, at the place that names the file. */
void faults_move_under(struct faults *to, struct faults *from, const struct place *place, const char *path);
/** Put those in a row that are of one file in the order of their places in it. */
void faults_sort(struct faults *faults);

#endif
