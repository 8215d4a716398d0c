/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `extensions:` of a profile: any that has no field of its own, with its value as DER or as ASN.1 text.
 */
#ifndef MTLSKIT_MANIFEST_EXTENSION_FIELDS_H
#define MTLSKIT_MANIFEST_EXTENSION_FIELDS_H

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/field.h"

/** A field_read_fn; replaces the extensions of its target, a struct profile. -1 only when memory is out. */
int extension_fields_read(const struct node *node, const struct path *path, void *target,
                          struct faults *faults) MUST_USE;

#endif
