/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kept key: NAME.key of an entry as it lies in the PKI directory. What is wrong with it is said with what can be done: a certificate's key
 * may be made anew, an authority's never is unless that is asked for.
 */
#ifndef MTLSKIT_ISSUING_KEPT_KEY_H
#define MTLSKIT_ISSUING_KEPT_KEY_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/manifest.h"
#include "x509/key.h"

/** Read the file below @p directory (a descriptor). An empty file is a fault. Faults are at the entry. */
int kept_key_read(int directory, const struct entry *entry, struct bytes *content, struct faults *faults)
    MUST_USE;
/** The private key in @p content. NULL with a fault, whose place is the file alone. @p passphrase: NULL for none. */
struct key *kept_key_open(const struct context *context, const struct entry *entry, struct slice content,
                          const struct bytes *passphrase, struct faults *faults);

#endif
