/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of an audit do alike: telling of findings, making room. */
#include "operations/auditing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int audit_tell(struct auditing *auditing, const char *id, bool problem, const char *subject,
               const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    struct audit_finding finding = {id, problem, subject, text};
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    auditing->totals->problems += problem;
    return auditing->observer->found(auditing->observer->state, &finding) == 0 ? 0 : -1;
}

int audit_grow(struct auditing *auditing, void **items, size_t count, size_t size)
{
    void *grown;

    /* room is made at every power of two */
    if ((count & (count - 1)) != 0) {
        return 0;
    }
    if (count > SIZE_MAX / 2 / size ||
        (grown = realloc(*items, (count == 0 ? 1 : count * 2) * size)) == NULL) {
        fault_memory(auditing->faults);
        return -1;
    }
    *items = grown;
    return 0;
}
