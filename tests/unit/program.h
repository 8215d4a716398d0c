/* SPDX-License-Identifier: Apache-2.0 */
/* Other programs, run by a test for what they print. */
#ifndef MTLSKIT_TESTS_PROGRAM_H
#define MTLSKIT_TESTS_PROGRAM_H

#include <stdbool.h>

/** Whether @p name is in PATH. */
bool program_there(const char *name);
/** Run @p words, the last of which is NULL; gives what it printed to both outputs, to be freed. *status: how it ended (-1: by a signal); NULL: it must end with 0. */
char *program_output(const char *const *words, int *status);
/** Run the words apart by blanks in @p line, made as by printf; otherwise the same. */
char *program_line(int *status, const char *line, ...) __attribute__((format(printf, 2, 3)));

#endif
