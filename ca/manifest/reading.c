/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the manifest reader asks of a node or an entry. */
#include "manifest/reading.h"

const struct node *reading_value(const struct node *mapping, const char *key)
{
    const struct node *node = node_find(mapping, key);

    return node == NULL || node_is_null(node) ? NULL : node;
}

struct path reading_entry_top(const struct entry *entry)
{
    /* what a command's options ask for stands in no file */
    if (entry->place.file != NULL && entry->place.file[0] == '\0') {
        return (struct path){NULL, NULL, PATH_NOTHING};
    }
    return (struct path){NULL, entry->kind == ENTRY_AUTHORITY ? "authorities" : "certificates", 0};
}
