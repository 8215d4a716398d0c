/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing: two streams, colour and progress on terminals alone.
 */
#include "console/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct terminal {
    bool quiet;
    int verbosity;
    bool colour_out, colour_error;
    bool progress;         /* standard error is a terminal */
    bool progress_shown;   /* a progress line stands there and must be cleared first */
    bool counting;         /* a progress was told of, and what follows belongs to it */
    size_t counted;        /* how much of it was done when it began */
    struct timespec began; /* monotonic */
    struct timespec drawn;
};

/** Milliseconds between two drawings of the progress line. */
#define PROGRESS_EVERY_MS 100

static const char *paint_sequence(enum paint paint)
{
    switch (paint) {
    case PAINT_BOLD:
        return "\033[1m";
    case PAINT_DIM:
        return "\033[2m";
    case PAINT_GREEN:
        return "\033[32m";
    case PAINT_YELLOW:
        return "\033[33m";
    case PAINT_RED:
        return "\033[31m";
    case PAINT_PLAIN:
        break;
    }
    return "";
}

struct terminal *terminal_new(bool quiet, int verbosity)
{
    struct terminal *terminal = calloc(1, sizeof(*terminal));
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool colour = (no_color == NULL || no_color[0] == 0) && (term == NULL || strcmp(term, "dumb") != 0);

    if (terminal != NULL) {
        terminal->quiet = quiet;
        terminal->verbosity = verbosity;
        terminal->colour_out = colour && isatty(STDOUT_FILENO) == 1;
        terminal->colour_error = colour && isatty(STDERR_FILENO) == 1;
        terminal->progress = !quiet && isatty(STDERR_FILENO) == 1;
    }
    return terminal;
}

void terminal_free(struct terminal *terminal)
{
    free(terminal);
}

bool terminal_is_quiet(const struct terminal *terminal)
{
    return terminal->quiet;
}

int terminal_verbosity(const struct terminal *terminal)
{
    return terminal->verbosity;
}

static void progress_clear(struct terminal *terminal)
{
    if (terminal->progress_shown) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
        terminal->progress_shown = false;
    }
}

void terminal_print(struct terminal *terminal, const char *format, ...)
{
    va_list values;

    progress_clear(terminal);
    va_start(values, format);
    (void)vprintf(format, values);
    va_end(values);
}

void terminal_paint(struct terminal *terminal, enum paint paint, const char *format, ...)
{
    bool colour = terminal->colour_out && paint != PAINT_PLAIN;
    va_list values;

    progress_clear(terminal);
    va_start(values, format);
    if (colour) {
        (void)fputs(paint_sequence(paint), stdout);
    }
    (void)vprintf(format, values);
    if (colour) {
        (void)fputs("\033[0m", stdout);
    }
    va_end(values);
}

void terminal_tell(struct terminal *terminal, const char *format, ...)
{
    va_list values;

    if (terminal->quiet) {
        return;
    }
    progress_clear(terminal);
    va_start(values, format);
    (void)vprintf(format, values);
    va_end(values);
}

void terminal_note(struct terminal *terminal, const char *format, ...)
{
    va_list values;

    if (terminal->quiet) {
        return;
    }
    progress_clear(terminal);
    va_start(values, format);
    (void)vfprintf(stderr, format, values);
    va_end(values);
    (void)fputc('\n', stderr);
}

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
    return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void terminal_progress(struct terminal *terminal, const char *label, size_t done, size_t total)
{
    struct timespec now;
    double elapsed, rate, left;

    if (!terminal->progress || total == 0) {
        return;
    }
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return;
    }
    if (done >= total) {
        progress_clear(terminal);
        terminal->counting = false;
        return;
    }
    if (done == 0 || !terminal->counting) {
        terminal->counting = true;
        terminal->counted = done;
        terminal->began = now;
        terminal->drawn = now;
        return;
    }
    if (seconds_since(&terminal->drawn, &now) * 1000 < PROGRESS_EVERY_MS) {
        return;
    }
    terminal->drawn = now;
    elapsed = seconds_since(&terminal->began, &now);
    rate = elapsed > 0 ? (double)(done - terminal->counted) / elapsed : 0;
    left = rate > 0 ? (double)(total - done) / rate : 0;
    (void)fprintf(stderr, "\r\033[K%s  %zu/%zu  %.*f/s  ", label, done, total, rate < 10 ? 1 : 0, rate);
    if (left < 120) {
        (void)fprintf(stderr, "%.0f s left", left);
    } else if (left < 7200) {
        (void)fprintf(stderr, "%.0f min left", left / 60);
    } else {
        (void)fprintf(stderr, "%.1f h left", left / 3600);
    }
    (void)fflush(stderr);
    terminal->progress_shown = true;
}

void terminal_faults(struct terminal *terminal, const struct faults *faults)
{
    size_t i;
    size_t kept_errors = 0;

    progress_clear(terminal);
    for (i = 0; i < faults_count(faults); i++) {
        bool warning = faults_severity(faults, i) == FAULT_WARNING;
        const char *colour = terminal->colour_error ? paint_sequence(warning ? PAINT_YELLOW : PAINT_RED) : "";
        const char *plain = terminal->colour_error ? "\033[0m" : "";

        kept_errors += warning ? 0 : 1;
        if (!warning || !terminal->quiet) {
            (void)fprintf(stderr, "%s%s%s%s\n", colour, warning ? "warning: " : "", plain,
                          faults_text(faults, i));
        }
    }
    if (kept_errors < faults_errors(faults)) {
        (void)fprintf(stderr, "and %zu more errors\n", faults_errors(faults) - kept_errors);
    }
}

int terminal_flush(struct terminal *terminal)
{
    progress_clear(terminal);
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : -1;
}
