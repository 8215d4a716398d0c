/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command: a row of a program's table (console/program.h), each in its own cmd_*.c.
 */
#ifndef MTLSKIT_CONSOLE_COMMAND_H
#define MTLSKIT_CONSOLE_COMMAND_H

#include <stddef.h>

#include "base/context.h"
#include "base/fault.h"
#include "console/options.h"
#include "console/terminal.h"

/** Exit statuses of all programs. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_PENDING = 3,   /**< --check found something to do */
    EXIT_VERDICT_NO = 4 /**< verify, lint: the answer is no */
};

/** What a command gets. All borrowed. */
struct invocation {
    const struct context *context;
    const struct options *options;
    struct terminal *terminal;
    struct faults *faults; /**< printed by the caller when the command returns */
};

struct command {
    const char *name;
    const char *summary;               /**< one line for the list of commands */
    const char *arguments;             /**< "MANIFEST", "FILE..."; "" for none */
    size_t least, most;                /**< how many arguments; most = SIZE_MAX: any number */
    const struct option_spec *options; /**< table, ended by a NULL name */
    const char *about;                 /**< a paragraph for --help; may be NULL */
    const char *examples;              /**< lines for --help */
    int failure; /**< for one that runs another program: the status of wrong usage, where that program may have 2; else 0 */
    /** Does it; answers an enum exit_status. Errors left in faults make it EXIT_FAILED at least; not with a `failure` of its own, which answers any status. */
    enum exit_status (*run)(struct invocation *invocation);
};

/** Add a usage fault: the command should return EXIT_USAGE with it. */
void usage_error(struct faults *faults, const char *hint, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
