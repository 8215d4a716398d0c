/* SPDX-License-Identifier: Apache-2.0 */
/* Places of tokens: what of one goes into a URI that is told is a URI again, names the same token, and nothing else of it. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "pkcs11/token_place.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = BYTES_EMPTY;
    struct faults *faults = faults_new();
    struct token_place place;
    struct token_place again;

    require(faults != NULL && bytes_append(&text, data, size) == 0);
    if (token_place_read(bytes_text(&text), &place, faults) == 0) {
        require(token_place_read(bytes_text(&place.chosen), &again, faults) == 0);
        require(slice_equal(slice_of(&again.uri.token), slice_of(&place.uri.token)));
        require(slice_equal(slice_of(&again.chosen), slice_of(&place.chosen)));
        require(again.uri.object.length + again.uri.id.length + again.uri.pin_source.length +
                    again.uri.module_path.length ==
                0);
        token_place_free(&again);
        token_place_free(&place);
    } else {
        require(faults_errors(faults) == 1);
    }
    faults_free(faults);
    bytes_free(&text);
    return 0;
}
