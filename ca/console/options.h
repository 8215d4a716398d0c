/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options: each command has a table of those it takes; parsing, --help and the checks against manual and completions all
 * read that table. Parsing itself is getopt_long's.
 */
#ifndef MTLSKIT_CONSOLE_OPTIONS_H
#define MTLSKIT_CONSOLE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"

/** One option; a table ends with a row whose name is NULL. */
struct option_spec {
    const char *name;     /**< long name, without dashes */
    char letter;          /**< short form, or 0 */
    const char *argument; /**< what it takes ("DIR"), or NULL for a flag */
    bool repeats;         /**< may be given more than once */
    const char *help;     /**< one line */
};

/** What was given. Opaque; texts are borrowed from argv. */
struct options;

/**
 * Parse @p argv (argv[0] is the command's name) by @p specs and the options every command has (--help, --quiet, --verbose).
 * NULL with a fault when usage is wrong: an unknown option (with the nearest one), a missing or unexpected argument, one given twice
 * that may not be.
 */
struct options *options_parse(const struct option_spec *specs, int argc, char **argv, struct faults *faults);
void options_free(struct options *options);

/** Whether the option was given. @p name must be in the table. */
bool options_given(const struct options *options, const char *name);
/** Its argument, the last one when repeated; NULL when not given. */
const char *options_text(const struct options *options, const char *name);
/** How often it was given, and the @p index-th argument. */
size_t options_count(const struct options *options, const char *name);
const char *options_at(const struct options *options, const char *name, size_t index);
/** All its arguments as an array of options_count() texts; NULL when there is none. Owned by options. */
const char *const *options_list(const struct options *options, const char *name);

/** What stands besides options. */
size_t options_argument_count(const struct options *options);
const char *options_argument(const struct options *options, size_t index);
/** All of them as an array; owned by options. */
const char *const *options_arguments(const struct options *options);

/** Options every command takes; ends as any table. */
const struct option_spec *options_common(void);

#endif
