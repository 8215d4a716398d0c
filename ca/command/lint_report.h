/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lint found, told as it is found, for people and as JSON (mtlskit.lint/1); and the rules themselves (mtlskit.lint-rules/1).
 */
#ifndef MTLSKIT_COMMAND_LINT_REPORT_H
#define MTLSKIT_COMMAND_LINT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/attributes.h"
#include "command/lint_subject.h"
#include "console/terminal.h"
#include "x509/lint.h"

/** Starts as all zeros but for what is asked. */
struct lint_report {
    struct terminal *terminal; /**< borrowed */
    bool json, strict;
    struct lint_set wanted; /**< the rules that count */
    json_t *found;
    size_t checked;
    size_t counts[LINT_ERROR + 1];
};
void lint_report_free(struct lint_report *report);

/** Count one certificate, of which @p found are broken, and tell of it. -1: no memory. */
int lint_report_add(struct lint_report *report, const struct lint_subject *subject,
                    const struct lint_question *question, struct lint_set found) MUST_USE;
/** The sum; in JSON the whole document. -1: no memory. */
int lint_report_finish(struct lint_report *report) MUST_USE;
/** Whether there are errors, or warnings that count as such. */
bool lint_report_fails(const struct lint_report *report);

/** The wanted rules as a list. -1: no memory. */
int lint_report_rules(const struct lint_report *report) MUST_USE;

#endif
