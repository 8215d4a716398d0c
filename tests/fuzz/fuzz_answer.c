/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the child that parses, which hostile bytes may have taken over: either a whole one of well-formed parts, or a fault that
 * names the file and nothing taken.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "identity/answer.h"
#include "x509/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static void check(const struct answer *answer)
{
    struct certificate_view view;

    demand(answer->key == NULL || key_is_private(answer->key), "a key is private");
    demand(answer->certificates.count <= CERTIFICATE_LIST_MAX, "certificates are bounded");
    for (size_t i = 0; i < answer->certificates.count; i++) {
        demand(certificate_view_read(slice_of(&answer->certificates.items[i]), &view) == 0,
               "a certificate is one");
    }
    demand(answer->name.length <= ANSWER_NAME_MAX, "a name is bounded");
    demand(utf8_is_valid(slice_of(&answer->name)), "a name is UTF-8");
    demand(strlen(bytes_text(&answer->name)) == answer->name.length, "without a NUL");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct answer answer = {NULL, {NULL, 0}, BYTES_EMPTY};

    if (context != NULL && faults != NULL) {
        if (answer_read(context, (struct slice){data, size}, "f", &answer, faults) == 0) {
            demand(faults_errors(faults) == 0, "a good answer complains of nothing");
            check(&answer);
        } else {
            demand(faults_errors(faults) > 0, "a bad one does");
            demand(answer.key == NULL && answer.certificates.count == 0 && answer.name.length == 0,
                   "and nothing is taken of it");
        }
    }
    answer_free(&answer);
    faults_free(faults);
    context_free(context);
    return 0;
}
