/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What apply says while it works and when it is done, as text or as one JSON document.
 */
#ifndef MTLSKIT_COMMAND_APPLY_REPORT_H
#define MTLSKIT_COMMAND_APPLY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "apply/apply.h"
#include "base/attributes.h"
#include "console/json.h"
#include "console/terminal.h"

/** What is told while apply works. Terminal, options and fixture are the caller's to set; the rest starts as zeros. */
struct apply_report {
    struct terminal *terminal;
    const struct apply_options *options;
    bool fixture;       /* what is made follows from a seed */
    json_t *steps;      /* NULL: text */
    json_t *written;    /* NULL: text */
    struct bytes lines; /* a letter for the action, the rest of its line, and a newline each */
    size_t told;        /* lines kept */
    size_t files;
    size_t handed_out; /* files */
    bool stopping;     /* the wish to stop was acknowledged */
};

/** @p json: a document is printed at the end, in place of lines. -1: memory is out. Freed all the same. */
int apply_report_begin(struct apply_report *report, bool json) MUST_USE;
void apply_report_free(struct apply_report *report);
/** What passes on to it what apply tells. */
struct apply_observer apply_report_observer(struct apply_report *report);
/** Say aloud that the PKI is a fixture. */
void apply_report_fixture(struct terminal *terminal);
/** Say what was done, or would be. -1: memory is out. */
int apply_report_finish(struct apply_report *report, const char *manifest, const struct plan_totals *totals)
    MUST_USE;

#endif
