/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, and looking at what is in it. */
#ifndef MTLSKIT_TESTS_SCRATCH_H
#define MTLSKIT_TESTS_SCRATCH_H

#include <stddef.h>
#include <sys/types.h>

/** The folder: made by scratch_start, removed with all in it by scratch_stop. */
extern char scratch_folder[64];
/** An open descriptor of it. */
extern int scratch_directory;

void scratch_start(void);
void scratch_stop(void);

/** Write a file below the folder. */
void scratch_write(const char *path, const char *text, mode_t mode);
/** Its whole text, to be freed; NULL when it is not there. */
char *scratch_text(const char *path);
/** Its permission bits; 0 when it is not there. Links are not followed. */
mode_t scratch_mode(const char *path);
/** How many names are in the folder @p path ("." for the top) that begin with @p prefix. */
size_t scratch_names(const char *path, const char *prefix);
/** How many of those are folders. */
size_t scratch_folders(const char *path, const char *prefix);
/** How many file descriptors this process has open. */
size_t scratch_descriptors(void);

#endif
