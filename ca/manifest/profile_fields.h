/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a profile's YAML, laid over a profile: what is written replaces, what is not stays as inherited.
 */
#ifndef MTLSKIT_MANIFEST_PROFILE_FIELDS_H
#define MTLSKIT_MANIFEST_PROFILE_FIELDS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "x509/profile.h"

/** What a profile of nothing starts from: key ec-p256, backdate 5 min, every kind of SAN allowed. The validity must be written. */
void profile_fields_start(struct profile *profile);
/**
 * Lay the mapping @p root over @p profile; with @p whole, check then that the whole makes sense. -1 only when memory is out.
 */
int profile_fields_read(const struct node *root, struct profile *profile, bool whole, struct faults *faults)
    MUST_USE;

#endif
