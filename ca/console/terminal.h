/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal: what a command prints goes through here. Results go to standard output, everything else to standard error.
 * Colour and progress only where the stream is a terminal and NO_COLOR is not set (no-color.org).
 */
#ifndef MTLSKIT_CONSOLE_TERMINAL_H
#define MTLSKIT_CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"

enum paint { PAINT_PLAIN, PAINT_BOLD, PAINT_DIM, PAINT_GREEN, PAINT_YELLOW, PAINT_RED };

/** Opaque. */
struct terminal;

/** @p quiet: results of --json and errors alone. NULL when memory is out. */
struct terminal *terminal_new(bool quiet, int verbosity);
void terminal_free(struct terminal *terminal);

bool terminal_is_quiet(const struct terminal *terminal);
/** How often -v was given. */
int terminal_verbosity(const struct terminal *terminal);

/** Print to standard output; the text must be safe (base/fault.h escapes, x509 formatters do). */
void terminal_print(struct terminal *terminal, const char *format, ...) PRINTF_LIKE(2, 3);
/** The same in a colour. */
void terminal_paint(struct terminal *terminal, enum paint paint, const char *format, ...) PRINTF_LIKE(3, 4);
/** Print to standard output unless quiet: progress of the story, not results. */
void terminal_tell(struct terminal *terminal, const char *format, ...) PRINTF_LIKE(2, 3);
/** Print a line to standard error, unless quiet. */
void terminal_note(struct terminal *terminal, const char *format, ...) PRINTF_LIKE(2, 3);
/** Draw or redraw "label  done/total  rate  time left" on standard error when that is a terminal. @p done == @p total ends and clears it. */
void terminal_progress(struct terminal *terminal, const char *label, size_t done, size_t total);
/** Print @p faults to standard error, one a line, warnings with "warning: " before them; none when quiet but errors. */
void terminal_faults(struct terminal *terminal, const struct faults *faults);
/** Flush; -1 when standard output could not be written (disk full, closed pipe). */
int terminal_flush(struct terminal *terminal) MUST_USE;

#endif
