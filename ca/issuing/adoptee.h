/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adoptee: an existing authority's certificate that an entry takes in.
 */
#ifndef MTLSKIT_ISSUING_ADOPTEE_H
#define MTLSKIT_ISSUING_ADOPTEE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "manifest/manifest.h"

/** The certificate to adopt for @p entry: the first of its file, checked to be a CA, and neither fixture-marked nor under one that is. */
int adoptee_read(const struct entry *entry, struct bytes *der, struct faults *faults) MUST_USE;

/** Whether there is no file at @p path, which an entry names: it was moved away. */
bool adoptee_is_gone(const char *path);

/** Warn of an adopted authority whose key or hash is too weak for most readers. What cannot be read is told by others. */
void adoptee_warn(const struct entry *entry, struct faults *faults);

#endif
