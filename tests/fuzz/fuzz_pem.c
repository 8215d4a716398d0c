/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that should hold certificates, or a private key. Whatever is refused must be refused with a fault, and a certificate that was
 * taken must be taken again once written.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/context.h"
#include "base/fault.h"
#include "x509/certificate_list.h"
#include "x509/key.h"
#include "x509/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void read_list(struct slice content, struct faults *faults)
{
    struct certificate_list list = {NULL, 0};
    struct certificate_list again = {NULL, 0};
    struct bytes pem = BYTES_EMPTY;

    if (certificate_list_read(content, "input", &list, faults) != 0) {
        require(list.count == 0 && faults_errors(faults) != 0);
        return;
    }
    require(list.count != 0);
    for (size_t i = 0; i < list.count; i++) {
        require(pem_write(slice_of(&list.items[i]), "CERTIFICATE", &pem) == 0);
    }
    require(certificate_list_read(slice_of(&pem), "again", &again, faults) == 0 && again.count == list.count);
    for (size_t i = 0; i < list.count; i++) {
        require(slice_equal(slice_of(&list.items[i]), slice_of(&again.items[i])));
    }
    bytes_free(&pem);
    certificate_list_free(&list);
    certificate_list_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice content = {data, size};
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    size_t before;
    struct key *key;

    require(context != NULL && faults != NULL);
    read_list(content, faults);
    before = faults_errors(faults);
    key = key_read(context, content, NULL, "input", faults);
    require((key == NULL) == (faults_errors(faults) == before + 1));
    require(key == NULL || (key_is_private(key) && !key_is_encrypted(content)));
    key_free(key);
    faults_free(faults);
    context_free(context);
    return 0;
}
