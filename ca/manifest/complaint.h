/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Complaints about what has a place but no node of its own (a key, an entry as a whole), and the hint "did you mean".
 */
#ifndef MTLSKIT_MANIFEST_COMPLAINT_H
#define MTLSKIT_MANIFEST_COMPLAINT_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/field.h"

/** Longest hint made here. Longer ones are cut. */
#define COMPLAINT_HINT_MAX 240

/** Add an error at @p place with @p path rendered. @p hint may be NULL. */
void complaint_error(struct faults *faults, struct place place, const struct path *path, const char *hint,
                     const char *format, ...) PRINTF_LIKE(5, 6);
/** The same as a warning. */
void complaint_warning(struct faults *faults, struct place place, const struct path *path, const char *hint,
                       const char *format, ...) PRINTF_LIKE(5, 6);
/** Fill @p hint with "did you mean \"NEAREST\"?", or with @p otherwise when @p nearest is NULL. Gives @p hint back. */
const char *complaint_did_you_mean(char hint[COMPLAINT_HINT_MAX], const char *nearest, const char *otherwise);

#endif
