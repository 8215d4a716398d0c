/* SPDX-License-Identifier: Apache-2.0 */
/* Texts. */
#include "library/texts.h"

#include <stdlib.h>
#include <string.h>

#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/profile.h"

/* Room for one more, empty; NULL: no memory. */
static struct bytes *add(struct texts *texts)
{
    struct bytes *grown = realloc(texts->items, (texts->count + 1) * sizeof(*grown));

    if (grown == NULL) {
        return NULL;
    }
    texts->items = grown;
    grown = &texts->items[texts->count++];
    memset(grown, 0, sizeof(*grown));
    return grown;
}

int texts_add(struct texts *texts, const char *text)
{
    struct bytes *item = add(texts);

    return item != NULL ? bytes_append_text(item, text) : -1;
}

int texts_add_names(struct texts *texts, struct slice names, uint32_t *kinds)
{
    struct der_item name;

    while (der_read(&names, &name) == 1) {
        struct bytes *item = add(texts);
        enum general_name_kind kind = GENERAL_NAME_OTHER;

        if (item == NULL || general_name_format(name.whole, item) != 0) {
            return -1;
        }
        if (kinds != NULL) {
            *kinds |= profile_san_bit(
                (int)(general_name_kind_of(name.whole, &kind) == 0 ? kind : GENERAL_NAME_OTHER));
        }
    }
    return 0;
}

const char *texts_at(const struct texts *texts, size_t index)
{
    return index < texts->count ? bytes_text(&texts->items[index]) : NULL;
}

void texts_free(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        bytes_free(&texts->items[i]);
    }
    free(texts->items);
    memset(texts, 0, sizeof(*texts));
}
