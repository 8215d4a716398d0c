/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of the wire to the token's program: fields lie within the content, and written again they are the same octets. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "token/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice content = {data, size};
    struct bytes frame = BYTES_EMPTY;
    struct wire_message message;

    if (wire_read(content, &message) != 0) {
        return 0;
    }
    require(message.count <= WIRE_FIELDS_MAX);
    for (size_t i = 0; i < message.count; i++) {
        require(message.fields[i].data >= data &&
                message.fields[i].data + message.fields[i].length <= data + size);
    }
    require(wire_write(message.kind, message.fields, message.count, &frame) == 0);
    require(frame.length == WIRE_HEAD + size);
    require(slice_equal((struct slice){frame.data + WIRE_HEAD, size}, content));
    bytes_free(&frame);
    return 0;
}
