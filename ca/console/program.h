/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program: a name and a table of commands. main() of each of ours is such a table and a call of program_run.
 */
#ifndef MTLSKIT_CONSOLE_PROGRAM_H
#define MTLSKIT_CONSOLE_PROGRAM_H

#include "console/command.h"

/** Most commands of a program. */
#define PROGRAM_COMMANDS_MAX 64

struct program {
    const char *name;
    const char *summary; /**< one line for --help */
    const char *version;
    const struct command *const *commands; /**< in the order --help lists them; ended by NULL */
    const char *examples;                  /**< lines for --help */
};

/**
 * Find the command that @p argv asks for, parse its options, run it and print its faults. OpenSSL's configuration file is not read: it
 * could load foreign code. The stack is wiped at the end. Answers an enum exit_status.
 */
int program_run(const struct program *program, int argc, char **argv);

#endif
