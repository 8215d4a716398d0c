/* SPDX-License-Identifier: Apache-2.0 */
/* P12 files: looked at without a passphrase, opened with "x", and judged by every reader's rules. */
#include <stdint.h>
#include <stdlib.h>

#include "x509/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct bundle_report *report)
{
    const char *reason = NULL;
    bool takes = false;

    for (size_t i = 0; bundle_reader_at(i, report, &takes, &reason) != NULL; i++) {
        if (takes != (reason == NULL)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct bytes passphrase = BYTES_EMPTY;
    struct slice p12 = {data, size};
    struct bundle_report report;

    if (context == NULL || faults == NULL || bytes_append_text(&passphrase, "x") != 0) {
        goto out;
    }
    if (bundle_peek(context, p12, "fuzz.p12", &report, faults) == 0) {
        judge(&report);
    } else if (faults_errors(faults) == 0) {
        abort();
    }
    bundle_report_free(&report);
    if (bundle_open(context, p12, &passphrase, "fuzz.p12", &report, faults) == 0) {
        judge(&report);
    } else if (faults_errors(faults) == 0) {
        abort();
    }
    bundle_report_free(&report);
out:
    bytes_free(&passphrase);
    faults_free(faults);
    context_free(context);
    return 0;
}
