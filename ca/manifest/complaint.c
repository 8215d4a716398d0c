/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints about what has a place but no node of its own. */
#include "manifest/complaint.h"

#include <stdarg.h>
#include <stdio.h>

void complaint_error(struct faults *faults, struct place place, const struct path *path, const char *hint,
                     const char *format, ...)
{
    struct bytes rendered = BYTES_EMPTY;
    char sentence[FAULT_TEXT_MAX];
    va_list values;

    if (faults_full(faults)) {
        fault_error(faults, NULL, NULL, NULL, "%s", "only counted");
        return;
    }
    va_start(values, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    if (path_render(path, &rendered) != 0) {
        fault_memory(faults);
    } else {
        fault_error(faults, &place, bytes_text(&rendered), hint, "%s", sentence);
    }
    bytes_free(&rendered);
}

void complaint_warning(struct faults *faults, struct place place, const struct path *path, const char *hint,
                       const char *format, ...)
{
    struct bytes rendered = BYTES_EMPTY;
    char sentence[FAULT_TEXT_MAX];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    if (path_render(path, &rendered) != 0) {
        fault_memory(faults);
    } else {
        fault_warning(faults, &place, bytes_text(&rendered), hint, "%s", sentence);
    }
    bytes_free(&rendered);
}

const char *complaint_did_you_mean(char hint[COMPLAINT_HINT_MAX], const char *nearest, const char *otherwise)
{
    if (nearest != NULL) {
        (void)snprintf(hint, COMPLAINT_HINT_MAX, "did you mean \"%s\"?", nearest);
    } else {
        (void)snprintf(hint, COMPLAINT_HINT_MAX, "%s", otherwise);
    }
    return hint;
}
