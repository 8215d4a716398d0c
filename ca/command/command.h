/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command: a row of main's table, each in its own cmd_*.c.
 */
#ifndef MTLSKIT_COMMAND_COMMAND_H
#define MTLSKIT_COMMAND_COMMAND_H

#include <stddef.h>

#include "base/context.h"
#include "base/fault.h"
#include "command/options.h"
#include "command/terminal.h"

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
    /** Does it; answers an enum exit_status. Errors left in faults make it EXIT_FAILED at least. */
    enum exit_status (*run)(struct invocation *invocation);
};

extern const struct command command_apply;
extern const struct command command_audit;
extern const struct command command_bundle;
extern const struct command command_crl;
extern const struct command command_csr;
extern const struct command command_inspect;
extern const struct command command_install_certificate;
extern const struct command command_key;
extern const struct command command_issue;
extern const struct command command_lint;
extern const struct command command_list;
extern const struct command command_profile;
extern const struct command command_renew;
extern const struct command command_show;
extern const struct command command_sign;
extern const struct command command_revoke;
extern const struct command command_verify;

/** Add a usage fault: the command should return EXIT_USAGE with it. */
void usage_error(struct faults *faults, const char *hint, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
