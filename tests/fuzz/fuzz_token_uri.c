/* SPDX-License-Identifier: Apache-2.0 */
/* Token URIs: what is taken obeys the rules, what is refused says why and leaves nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/token_uri.h"

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
    struct token_uri uri;
    const char *why = NULL;

    require(bytes_append(&text, data, size) == 0);
    if (token_uri_read(bytes_text(&text), &uri, &why) == 0) {
        require(why == NULL && token_uri_is(bytes_text(&text)));
        require(uri.module_path.length == 0 || uri.module_path.data[0] == '/');
        require(uri.pin_source.length == 0 || uri.pin_source.data[0] == '/');
        require(strlen(bytes_text(&uri.object)) == uri.object.length);
    } else {
        require(why != NULL);
        require(uri.object.data == NULL && uri.token.data == NULL && uri.id.data == NULL);
    }
    token_uri_free(&uri);
    bytes_free(&text);
    return 0;
}
