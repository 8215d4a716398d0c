/* SPDX-License-Identifier: Apache-2.0 */
/* What a list of faults tells, as one text. */
#include "told.h"

#include <criterion/criterion.h>

const char *told(const struct faults *faults, struct bytes *text)
{
    bytes_clear(text);
    for (size_t i = 0; i < faults_count(faults); i++) {
        cr_assert_eq(bytes_printf(text, "%s%s\n",
                                  faults_severity(faults, i) == FAULT_WARNING ? "warning: " : "",
                                  faults_text(faults, i)),
                     0);
    }
    return bytes_text(text);
}
