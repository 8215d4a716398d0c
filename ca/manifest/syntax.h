/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax errors of YAML in sentences for people: what libyaml says in a grammar's words is said in the words of whoever wrote the file,
 * with what would be right. What is not in the table passes with libyaml's own words.
 */
#ifndef MTLSKIT_MANIFEST_SYNTAX_H
#define MTLSKIT_MANIFEST_SYNTAX_H

#include "base/fault.h"

/** What a YAML parser found. */
struct syntax_problem {
    const char *problem;     /**< its words */
    const char *context;     /**< what it was doing; may be NULL */
    struct place at;         /**< where it could not go on */
    struct place context_at; /**< where the thing it was reading begins; line 0: not known */
    int byte;                /**< byte at that place; -1 at the end of the file */
};

/** Add the one fault for @p problem. @p path may be NULL. */
void syntax_explain(const struct syntax_problem *problem, const char *path, struct faults *faults);

#endif
