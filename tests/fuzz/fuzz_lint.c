/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate from a stranger, under itself as its own issuer, so that rules on chains and name constraints run as well. What is
 * found can be told, and is found again; what is not found is no rule's number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "x509/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice above[] = {{data, size}, {data, size}};
    const struct lint_question question = {{data, size}, above, 2, NULL};
    struct bytes detail = BYTES_EMPTY;
    struct lint_names names;
    struct lint_set found;
    struct lint_set again;

    if (lint_certificate(&question, &found) != 0) {
        if (lint_names_read(question.certificate, &names) == 0) {
            abort();
        }
        return 0;
    }
    if (lint_certificate(&question, &again) != 0 || memcmp(&found, &again, sizeof(found)) != 0 ||
        lint_names_read(question.certificate, &names) != 0) {
        abort();
    }
    for (size_t rule = 0; rule < LINT_RULES_MAX; rule++) {
        if (lint_set_has(&found, rule) &&
            (rule >= lint_count() || lint_tell(&question, rule, &detail) != 0 || detail.length > 4096)) {
            abort();
        }
        bytes_clear(&detail);
    }
    bytes_free(&detail);
    return 0;
}
