/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retired keys: when an authority gets a new key, the old one stays as NAME.generation-ID.key, for its revocation lists go on.
 */
#ifndef MTLSKIT_ISSUING_RETIRED_KEY_H
#define MTLSKIT_ISSUING_RETIRED_KEY_H

#include "base/attributes.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"

/** Add the key of @p entry as it lies in @p directory to @p publisher's group under its other name; one that was moved away is none. */
int retired_key_keep(int directory, struct ledger *ledger, const struct entry *entry,
                     struct publisher *publisher, struct faults *faults) MUST_USE;

#endif
