/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The top of a manifest. Sections are only found: their entries need the defaults, the profiles and each other, and are read after that.
 */
#ifndef MTLSKIT_MANIFEST_TOP_H
#define MTLSKIT_MANIFEST_TOP_H

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/field.h"
#include "manifest/fixture.h"
#include "manifest/node.h"

/** What stands there; a node is NULL where it does not. */
struct top {
    const struct node *defaults, *profiles;
    const struct node *authorities, *certificates, *installs; /**< mappings of names to entries */
    char **id;                                                /**< where it goes, to be freed by the caller */
    struct fixture *fixture; /**< holds what was given elsewhere, or nothing */
};

/** Reads @p root. Complaints of what stands at the top are faults; -1 only when memory is out. */
int top_read(const struct node *root, struct top *top, struct faults *faults) MUST_USE;

#endif
