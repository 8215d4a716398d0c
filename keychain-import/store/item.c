/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of items.
 */
#include "store/item.h"

#include <string.h>

const char *item_kind_word(enum item_kind kind)
{
    switch (kind) {
    case ITEM_CERTIFICATE:
        return "certificate";
    case ITEM_KEY:
        return "key";
    case ITEM_TRUST:
        break;
    }
    return "trust";
}

const char *scope_word(enum scope scope)
{
    switch (scope) {
    case SCOPE_SERVER:
        return "server";
    case SCOPE_CLIENT:
        return "client";
    case SCOPE_ANY:
        return "any";
    case SCOPE_NONE:
        break;
    }
    return "none";
}

int scope_parse(const char *text, enum scope *scope)
{
    if (strcmp(text, "server") == 0) {
        *scope = SCOPE_SERVER;
    } else if (strcmp(text, "client") == 0) {
        *scope = SCOPE_CLIENT;
    } else {
        return -1;
    }
    return 0;
}

int extractable_parse(const char *text, enum extractable *extractable)
{
    static const char *const words[] = {"best", "false", "true"};
    size_t i = 0;

    while (i < sizeof(words) / sizeof(words[0]) && strcmp(text, words[i]) != 0) {
        i++;
    }
    if (i == sizeof(words) / sizeof(words[0])) {
        return -1;
    }
    *extractable = (enum extractable)i;
    return 0;
}
