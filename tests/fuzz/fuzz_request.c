/* SPDX-License-Identifier: Apache-2.0 */
/* A certification request from a stranger, read from DER or PEM, and its signature tried. What the view shows lies inside its octets. */
#include <stdint.h>
#include <stdlib.h>

#include "x509/part.h"
#include "x509/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice part, struct slice whole)
{
    if (part.length != 0 && (part.data < whole.data || part.length > whole.length ||
                             part.data + part.length > whole.data + whole.length)) {
        abort();
    }
}

/* Once more by a verifier that is new to the key, and by the same when it knows its curve: @p why stands. */
static void verify_again(const struct context *context, const struct request_view *view, const char *why)
{
    struct signature_verifier *verifier = signature_verifier_new(context);

    for (int i = 0; i < 2 && verifier != NULL; i++) {
        const char *again = NULL;

        if ((request_verify_next(verifier, view, &again) == 0) != (why == NULL) || again != why) {
            abort();
        }
    }
    signature_verifier_free(verifier);
}

static void look(const struct context *context, struct slice der)
{
    struct part_extension extension;
    struct request_view view;
    struct slice rest;
    const char *why = NULL;

    if (request_view_read(der, &view) != 0) {
        abort();
    }
    const struct slice parts[] = {view.whole,
                                  view.tbs,
                                  view.subject,
                                  view.spki,
                                  view.public_key,
                                  view.signature_algorithm,
                                  view.signature,
                                  view.attributes,
                                  view.extensions,
                                  view.subject_alternative_names,
                                  view.extended_key_usage};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        inside(parts[i], der);
    }
    rest = view.extensions;
    while (part_extension_read(&rest, &extension) == 1) {
        inside(extension.value, der);
    }
    if ((request_verify(context, &view, &why) == 0) != (why == NULL)) {
        abort();
    }
    verify_again(context, &view, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct request_view view;
    struct bytes der = BYTES_EMPTY;

    if (context != NULL && faults != NULL &&
        request_read((struct slice){data, size}, "fuzz", &der, &view, faults) == 0) {
        look(context, slice_of(&der));
    } else if (faults != NULL && faults_errors(faults) == 0) {
        abort();
    }
    bytes_free(&der);
    faults_free(faults);
    context_free(context);
    return 0;
}
