/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrases that the user keeps in the macOS keychain, as "generic passwords". Elsewhere there is no keychain.
 */
#ifndef MTLSKIT_BASE_KEYCHAIN_H
#define MTLSKIT_BASE_KEYCHAIN_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/**
 * Fetch the generic password of the label @p label into @p secret (replaced). The system may ask the user for leave.
 * @param place of complaints; may be NULL
 * -1 with a fault when there is none, when it is denied, or when this is not macOS.
 */
int keychain_fetch(const char *label, const struct place *place, struct bytes *secret, struct faults *faults)
    MUST_USE;

#endif
