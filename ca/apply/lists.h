/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revocation lists of a manifest's authorities, made when the plan says so; also those of keys they had before, as
 * NAME.generation-N.crl.
 */
#ifndef MTLSKIT_APPLY_LISTS_H
#define MTLSKIT_APPLY_LISTS_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "issuing/crew.h"
#include "issuing/passphrases.h"
#include "issuing/tokens.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

/** What is worked with; borrowed. */
struct lists_place {
    const struct context *context;
    int directory; /**< open */
    struct ledger *ledger;
    struct publisher *publisher;
    struct crew *crew;
    struct passphrases *passphrases;
    struct tokens *tokens; /**< of keys before */
};

/**
 * Make the list of step->entry; its files are told to @p written, which may be NULL. No group is open. Where the key of an older one cannot be
 * had, that is a warning and 0.
 */
int lists_make(const struct lists_place *place, const struct plan_step *step,
               void (*written)(void *state, const char *name, const char *path), void *state,
               struct faults *faults) MUST_USE;
/** Record the files of all lists as they lie there now, so that a later run sees whether they were touched. Within a group. */
int lists_remember(const struct lists_place *place, const struct manifest *manifest, struct faults *faults)
    MUST_USE;
/** Append the path of file @p index of the list of @p entry, of key @p generation as plan_step has it: 1, 0 past the last, -1 when memory is out. */
int lists_path(const struct entry *entry, int64_t generation, size_t index, struct bytes *path) MUST_USE;

#endif
