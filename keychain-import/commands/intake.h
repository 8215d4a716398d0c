/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intake: files become what is wanted in a store, read and judged. All that is wrong is said in one run.
 */
#ifndef MTLSKIT_COMMANDS_INTAKE_H
#define MTLSKIT_COMMANDS_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "identity/identity.h"
#include "identity/judgement.h"
#include "identity/reading.h"
#include "steps/wanted.h"

/** What was read; wanted borrows from it. Starts as all zeros; intake_free. */
struct intake {
    struct identity **identities;
    size_t identity_count;
    struct anchors **anchors;
    size_t anchor_count;
    struct wanted wanted;
};
void intake_free(struct intake *intake);

/** What holds for all of an intake. Borrowed. */
struct intake_rules {
    const struct context *context;
    struct judgement judgement;
    bool insecure_for_any;
    bool apart; /**< of the store: STORE_TRUST_APART */
};

/** Read, judge and add one identity. */
int intake_identity(struct intake *intake, const struct intake_rules *rules,
                    const struct identity_files *files, const struct wanted_manner *manner,
                    struct faults *faults) MUST_USE;
/** Read, judge and add the anchors of one file. */
int intake_anchors(struct intake *intake, const struct intake_rules *rules, const char *path,
                   enum scope scope, const char *host, struct faults *faults) MUST_USE;

#endif
