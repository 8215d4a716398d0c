/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between a store and the process that keeps its database: what is read as an item, written again, is the same item. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nss/message.h"
#include "nss/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/** All there is, text by text. */
static void read_texts(struct inbound *inbound)
{
    while (!inbound->failed && inbound->rest.length > 0) {
        const char *text = inbound_text(inbound);

        require(text == NULL || (strlen(text) < inbound->octets.length && !inbound->failed));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct inbound inbound;
    struct message message;
    struct item item;

    memset(&inbound, 0, sizeof(inbound));
    if (inbound_begin((struct slice){data, size}, &inbound) != 0) {
        require(size == 0 || size > MESSAGE_MAX);
        return 0;
    }
    nss_item_read(&inbound, &item);
    if (inbound_finished(&inbound)) {
        message_begin(&message, (enum message_kind)inbound.kind);
        nss_item_write(&message, &item);
        require(!message.failed && message.octets.length == size + 4);
        require(memcmp(message.octets.data + 4, data, size) == 0);
        message_free(&message);
    }
    require(inbound_begin((struct slice){data, size}, &inbound) == 0);
    read_texts(&inbound);
    inbound_free(&inbound);
    return 0;
}
