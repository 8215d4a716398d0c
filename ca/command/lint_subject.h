/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates to lint, from files and from a ledger, and among them who issued whom.
 */
#ifndef MTLSKIT_COMMAND_LINT_SUBJECT_H
#define MTLSKIT_COMMAND_LINT_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "x509/lint.h"

/** One certificate. */
struct lint_subject {
    char *shown;             /**< the file's name, or the entry's */
    size_t number;           /**< in its file, from 1; 0: alone there, or of a ledger */
    struct bytes der;        /**< owned */
    struct lint_names names; /**< of der */
};

/** Starts as all zeros. */
struct lint_subjects {
    struct lint_subject *items;
    size_t count;
};
void lint_subjects_free(struct lint_subjects *subjects);

/** Append the certificates of a file, PEM or DER, in any state that still is one. -1 with a fault. */
int lint_subjects_add_file(struct lint_subjects *subjects, const char *path, struct faults *faults) MUST_USE;
/** Append the certificate of a name: 1 found, 0 none, -1 with a fault. */
int lint_subjects_add_name(struct lint_subjects *subjects, struct ledger *ledger, const char *name,
                           struct faults *faults) MUST_USE;
/** Append all authorities of the ledger. */
int lint_subjects_add_authorities(struct lint_subjects *subjects, struct ledger *ledger,
                                  struct faults *faults) MUST_USE;

/** The issuers of @p names among @p pool, the nearest first; how many. Names and key identifiers decide, no signature does. */
size_t lint_subjects_above(const struct lint_subjects *pool, const struct lint_names *names,
                           struct slice above[LINT_ABOVE_MAX]);

#endif
