/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a distribution keeps its anchors. For system/ alone.
 */
#ifndef MTLSKIT_SYSTEM_LAYOUT_H
#define MTLSKIT_SYSTEM_LAYOUT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Paths begin at the root; which one that is, the setting says. */
struct layout {
    const char
        *tool; /**< the program that makes the anchors count; that it is there shows the distribution */
    const char *folder;      /**< where the administrator's anchors are */
    const char *ending;      /**< of their names */
    bool marked;             /**< written as a trusted certificate of OpenSSL's, for servers alone */
    const char *vendor;      /**< folder of the anchors that come with the system, or NULL */
    const char *vendor_list; /**< which of them count: lines, "!" before those that do not */
    const char *links;       /**< folder that the tool fills, or NULL */
    const char *hooks;       /**< folder of programs that the tool runs, or NULL */
    const char *java_hook;   /**< one of them, which keeps what was removed unless it is told */
};

/** The layout of the machine whose root is @p root (NULL: "/"); NULL when it has none that is known. */
const struct layout *layout_find(const char *root);
/** @p path below @p root, replaced. -1 when memory is out. */
int layout_path(const char *root, const char *path, struct bytes *joined) MUST_USE;

#endif
