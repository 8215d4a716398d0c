/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intake: the files of an installation become what is wanted in a store, read and judged. All that is wrong is said in one run.
 */
#ifndef MTLSKIT_COMMANDS_INTAKE_H
#define MTLSKIT_COMMANDS_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "console/command.h"
#include "identity/identity.h"
#include "identity/judgement.h"
#include "installation/installation.h"
#include "steps/wanted.h"
#include "store/store.h"

/** What was read; wanted borrows from it and from the installation. Starts as all zeros; intake_free. */
struct intake {
    struct identity *identities;
    size_t identity_count;
    struct anchors *anchors;
    size_t anchor_count;
    struct wanted wanted;
};
void intake_free(struct intake *intake);

/** What holds for all of an intake. */
struct intake_rules {
    struct judgement judgement;
    bool
        judged; /**< what is wrong with certificates is said; else they are only read, as for removing them */
    bool insecure_for_any; /**< an anchor may be named for both scopes */
    bool for_any;          /**< all anchors are for both scopes */
};

/** Rows of a table of options, for those that name an identity. */
#define INTAKE_IDENTITY_OPTIONS                                                                              \
    {"cert", 0, "FILE", false, "a certificate with its chain, instead of a P12"},                            \
        {"key", 'k', "FILE", false, "its private key"},                                                      \
        {"passphrase", 'p', "SPEC", false, "of the P12 or key: env:NAME, file:PATH, fd:N, prompt"},          \
    {                                                                                                        \
        "label", 0, "LABEL", false, "what the identity is called in the store"                               \
    }

/** Read and judge all of @p installation, for a @p store. -1 with all that is wrong. */
int intake_take(struct intake *intake, const struct invocation *invocation, const struct store *store,
                const struct intake_rules *rules, const struct installation *installation) MUST_USE;

#endif
