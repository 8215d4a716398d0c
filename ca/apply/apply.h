/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: carries a plan out in a PKI directory. Holds the directory's lock from the plan to the last barrier. In each
 * batch: keys, intents in the ledger (durable), signatures, bundles, files (durable), rows completed (durable).
 */
#ifndef MTLSKIT_APPLY_APPLY_H
#define MTLSKIT_APPLY_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

struct apply_options {
    const char *directory; /**< PKI directory; made (0755) when missing, unless plan_only */
    bool plan_only;        /**< --plan, --check: nothing is written, the directory need not exist */
    bool prune;
    const char *const *rewrite;
    size_t rewrite_count;
    const char *const *replace;
    size_t replace_count;
    const char *out; /**< NULL, or where all outputs go, too, when all is done (handout/handout.h) */
};

/** What apply tells its caller while it works; any may be NULL. */
struct apply_observer {
    void *state;
    /** Each step of the checked plan, before anything is done. */
    int (*step)(void *state, const struct plan_step *step);
    /** All steps were told. */
    int (*planned)(void *state, const struct plan_totals *totals);
    /** @p done of @p total steps that write have their keys; done = total: everything is on disk. */
    void (*progress)(void *state, size_t done, size_t total);
    /** A file was written and is durable. */
    void (*written)(void *state, const char *name, const char *path);
    /** What is handed out is written, so many files. */
    void (*handed_out)(void *state, size_t files);
    /** Whether to stop: what is begun is finished, the rest left for another run. Asked from any thread once the plan was told. */
    bool (*stopping)(void *state);
};

/**
 * Carry the manifest out.
 * @param inputs what settled_inputs said before the manifest was read; NULL: no note is left
 * @param place  what note_holds left (apply/note.h), or empty; taken, and empty afterwards
 * 0 done (or planned), -1 with faults, one of which says how far it came when it was stopped. On -1 before the first batch nothing was written.
 */
int apply_run(const struct context *context, const struct manifest *manifest, const char *manifest_path,
              const struct digest *inputs, struct directory *place, const struct apply_options *options,
              const struct apply_observer *observer, struct plan_totals *totals, struct faults *faults)
    MUST_USE;

#endif
