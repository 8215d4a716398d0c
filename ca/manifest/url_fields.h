/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The URLs of a profile, which go into certificates: where revocation lists, OCSP responders and the issuer's certificate are.
 */
#ifndef MTLSKIT_MANIFEST_URL_FIELDS_H
#define MTLSKIT_MANIFEST_URL_FIELDS_H

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/field.h"

/** field_read_fns; each replaces what its target, a struct profile, has. -1 only when memory is out. `crl_url:` may be a list. */
int url_fields_read_crl(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
int url_fields_read_ocsp(const struct node *node, const struct path *path, void *target,
                         struct faults *faults) MUST_USE;
int url_fields_read_ca_issuers(const struct node *node, const struct path *path, void *target,
                               struct faults *faults) MUST_USE;

#endif
