/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report of steps, as lines or as JSON ("mtlskit.steps/1"): what was done, or with --dry-run what would be, in order.
 */
#ifndef MTLSKIT_COMMANDS_REPORT_H
#define MTLSKIT_COMMANDS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "console/json.h"
#include "steps/decision.h"
#include "steps/removal.h"
#include "steps/run.h"

/** Starts as all zeros but for the borrowed terminal and context; report_free. */
struct report {
    struct terminal *terminal;
    const struct context *context;
    bool json;
    json_t *steps; /**< with json; NULL: none yet, or memory is out */
    bool failed;
    size_t changed, kept; /**< steps that changed something, and those that found all done */
};

/** Take a step: a step_told_fn whose state is the report. */
void report_step(void *state, const struct step_told *told);
/** Take all steps of what was decided: --dry-run. */
void report_decision(struct report *report, const struct decision *decision);
void report_removal(struct report *report, const struct removal *removal);
/** The end: the document, or a line that counts. @p store: its name. -1 when memory is out. */
int report_finish(struct report *report, const char *command, const char *store, bool dry_run) MUST_USE;
void report_free(struct report *report);

#endif
