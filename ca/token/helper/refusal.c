/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals formatted. */
#include "token/helper/refusal.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct refusal *refusal, enum wire_refusal code, const char *format, ...)
{
    va_list values;

    refusal->code = code;
    va_start(values, format);
    if (vsnprintf(refusal->sentence, sizeof(refusal->sentence), format, values) < 0) {
        refusal->sentence[0] = 0;
    }
    va_end(values);
    return -1;
}
