/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the manifest reader asks of a node or an entry. */
#include "manifest/reading.h"

const struct node *reading_value(const struct node *mapping, const char *key)
{
    const struct node *node = node_find(mapping, key);

    return node == NULL || node_is_null(node) ? NULL : node;
}

/** What a command's options ask for stands in no file. */
static bool is_written(const struct entry *entry)
{
    return entry->place.file == NULL || entry->place.file[0] != '\0';
}

struct path reading_entry_top(const struct entry *entry)
{
    return is_written(entry)
               ? (struct path){NULL, entry->kind == ENTRY_AUTHORITY ? "authorities" : "certificates", 0}
               : (struct path){NULL, NULL, PATH_NOTHING};
}

const char *reading_entry_section(const struct entry *entry)
{
    return !is_written(entry) ? "" : entry->kind == ENTRY_AUTHORITY ? "authorities." : "certificates.";
}
